#include "core/archive/recipe.hh"

#include "core/base/base64.hh"
#include "core/base/sha256.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kwit {

namespace {

/// Lines longer than a line of a mail may be are nobody's (RFC 5322 §2.1.1).
constexpr std::size_t max_line = 998;

constexpr std::uint64_t buffer_size = 65536;

constexpr std::string_view line_end = "\r\n";

constexpr std::string_view first_line = "kwit recipe 1";

/// Its lines name each piece of a mail: far more than any mail has.
constexpr std::uint64_t max_head = 4UL << 20U;

/// Reads a stretch of a file in pieces of one size, but for the last.
class Pieces {
public:
    Pieces(const File& file, std::uint64_t begin, std::uint64_t end, std::size_t piece)
        : file_(file), at_(begin), end_(end), buffer_(piece) {}

    /// Empty at the end. Lives until the next call.
    Result<Bytes> next() {
        const std::uint64_t most = std::min<std::uint64_t>(buffer_.size(), end_ - at_);
        const auto place = std::span(buffer_).first(most);
        const std::size_t got = TRY(file_.read_at(at_, place));
        if (got < most)
            return fail(
                Kind::temporary,
                fmt::format(
                    "cannot read {}: it ends at {} of {} bytes", file_.name(), at_ + got, end_
                )
            );
        at_ += got;
        return Bytes(place);
    }

private:
    const File& file_;
    std::uint64_t at_;
    std::uint64_t end_;
    std::vector<std::byte> buffer_;
};

/// Bytes of a document that make whole lines, about as many as a buffer holds.
std::size_t bytes_of_lines(std::uint32_t line) {
    const std::size_t in_line = std::size_t{line} / 4 * 3;
    return in_line * std::max<std::size_t>(1, buffer_size / in_line);
}

/// Hands out the document encoded in lines; CRLF stands between them, not behind the last.
Result<void> encode_lines(const File& content, std::uint32_t line, const ByteSink& sink) {
    Pieces pieces(content, 0, content.size(), bytes_of_lines(line));
    std::string characters;
    std::string lines;
    for (bool first = true;; first = false) {
        const Bytes bytes = TRY(pieces.next());
        if (bytes.empty()) return {};
        characters.clear();
        append_base64(bytes, characters);
        lines.clear();
        for (std::size_t at = 0; at < characters.size(); at += line) {
            if (!first || at > 0) lines += line_end;
            lines.append(characters, at, line);
        }
        TRY(sink(as_bytes(lines)));
    }
}

Result<void>
hand_out(const File& file, std::uint64_t begin, std::uint64_t end, const ByteSink& sink) {
    Pieces pieces(file, begin, end, buffer_size);
    for (;;) {
        const Bytes bytes = TRY(pieces.next());
        if (bytes.empty()) return {};
        TRY(sink(bytes));
    }
}

Result<void> encode_as(const File& content, std::uint32_t line, const ByteSink& sink) {
    return line == 0 ? hand_out(content, 0, content.size(), sink)
                     : encode_lines(content, line, sink);
}

std::uint64_t encoded_size(std::uint64_t size, std::uint32_t line) {
    if (line == 0) return size;
    const std::uint64_t characters = base64_length(size);
    const std::uint64_t lines = (characters + line - 1) / line;
    return characters + (lines - 1) * line_end.size();
}

/// How long the lines of the stretch are, if they are base64: those of the first one. Nothing when
/// that cannot be.
Result<std::optional<std::uint32_t>> line_of(const File& mail, const Stretch& stretch) {
    Pieces pieces(mail, stretch.begin, stretch.end, max_line + line_end.size());
    const std::string_view head = as_text(TRY(pieces.next()));
    const std::size_t end = std::min(head.find(line_end), head.size());
    if (end == 0 || end > max_line || end % 4 != 0) return std::optional<std::uint32_t>();
    return std::optional(static_cast<std::uint32_t>(end));
}

/// Whether the document, encoded so, is what the stretch begins with; it fits.
Result<bool>
encodes_to(const File& mail, const Stretch& stretch, const File& content, std::uint32_t line) {
    std::uint64_t at = stretch.begin;
    bool same = true;
    std::vector<std::byte> came;
    const auto compare = [&](Bytes made) -> Result<void> {
        if (!same) return {};
        came.resize(made.size());
        const std::size_t got = TRY(mail.read_at(at, came));
        at += got;
        same = got == made.size() && std::equal(made.begin(), made.end(), came.begin());
        return {};
    };
    TRY(encode_as(content, line, compare));
    return same;
}

bool fits(const Stretch& stretch, const File& content, std::uint32_t line) {
    return encoded_size(content.size(), line) <= stretch.end - stretch.begin;
}

/// How the document was encoded; nothing when it does not encode back.
Result<std::optional<Encoded>>
encoding_of(const File& mail, const Stretch& stretch, const File& content, Compare compare) {
    Encoded encoded{.object = stretch.object, .size = content.size()};
    if (encoded.size == 0) return std::optional<Encoded>();
    encoded.line = TRY(line_of(mail, stretch)).value_or(0);
    for (const std::uint32_t line : {encoded.line, std::uint32_t{0}}) {
        if (!fits(stretch, content, line)) continue;
        encoded.line = line;
        if (compare == Compare::never || TRY(encodes_to(mail, stretch, content, line)))
            return std::optional(encoded);
    }
    return std::optional<Encoded>();
}

void add_literal(std::uint64_t size, Recipe& recipe) {
    if (size > 0) recipe.pieces.emplace_back(Literal{size});
}

std::uint64_t size_in_mail(const RecipePiece& piece) {
    if (const auto* const literal = std::get_if<Literal>(&piece)) return literal->size;
    const auto& encoded = std::get<Encoded>(piece);
    return encoded_size(encoded.size, encoded.line);
}

// ── the lines of a recipe ────────────────────────────────────────────────────────────────────────

std::string line_for(const RecipePiece& piece) {
    if (const auto* const literal = std::get_if<Literal>(&piece))
        return fmt::format("bytes {}\n", literal->size);
    const auto& [object, size, line] = std::get<Encoded>(piece);
    if (line == 0) return fmt::format("object {} {}\n", object.hex(), size);
    return fmt::format("base64 {} {} {}\n", object.hex(), size, line);
}

std::string head_of(const Recipe& recipe) {
    std::string head = fmt::format("{}\nmail {} {}\n", first_line, recipe.mail.hex(), recipe.size);
    for (const RecipePiece& piece : recipe.pieces)
        head += line_for(piece);
    return head + '\n';
}

/// The words of a line behind the first, which has to be this one, when there are so many.
std::optional<std::vector<std::string_view>>
words_of(std::string_view line, std::string_view first, std::size_t count) {
    std::vector<std::string_view> words = split(line, ' ');
    if (words.size() != count + 1 || words.front() != first) return std::nullopt;
    words.erase(words.begin());
    return words;
}

std::optional<RecipePiece>
encoded_of(std::string_view object, std::string_view size, std::optional<std::uint64_t> line) {
    const auto digest = Digest::parse(object);
    const auto bytes = parse_number(size);
    if (!digest || !bytes || *bytes == 0 || !line || *line > max_line || *line % 4 != 0)
        return std::nullopt;
    return Encoded{*digest, *bytes, static_cast<std::uint32_t>(*line)};
}

std::optional<RecipePiece> piece_of(std::string_view line) {
    if (const auto words = words_of(line, "bytes", 1)) {
        const auto size = parse_number(words->front());
        return size ? std::optional<RecipePiece>(Literal{*size}) : std::nullopt;
    }
    if (const auto words = words_of(line, "object", 2))
        return encoded_of(words->at(0), words->at(1), 0);
    if (const auto words = words_of(line, "base64", 3))
        return encoded_of(words->at(0), words->at(1), parse_number(words->at(2)));
    return std::nullopt;
}

std::optional<Recipe> recipe_of(std::string_view head) {
    const std::vector<std::string_view> lines = split(head, '\n');
    if (lines.size() < 2 || lines[0] != first_line) return std::nullopt;
    const auto words = words_of(lines[1], "mail", 2);
    if (!words) return std::nullopt;
    const auto mail = Digest::parse(words->at(0));
    const auto size = parse_number(words->at(1));
    if (!mail || !size) return std::nullopt;
    Recipe recipe{*mail, *size};
    for (std::size_t i = 2; i < lines.size(); ++i) {
        const auto piece = piece_of(lines[i]);
        if (!piece) return std::nullopt;
        recipe.pieces.push_back(*piece);
    }
    return recipe;
}

/// A recipe and where its bytes begin in its file.
struct OpenRecipe {
    Recipe recipe;
    std::uint64_t literals = 0;
};

/// Whether its lines and its bytes are of one recipe: none cut short, nothing behind them.
bool is_whole(const OpenRecipe& open, std::uint64_t file_size) {
    std::uint64_t literals = 0;
    for (const RecipePiece& piece : open.recipe.pieces) {
        const auto* const literal = std::get_if<Literal>(&piece);
        if (literal == nullptr) continue;
        if (literal->size > file_size) return false;
        literals += literal->size;
    }
    return open.literals + literals == file_size;
}

Result<OpenRecipe> parse(const File& file) {
    std::string head(std::min(file.size(), max_head), '\0');
    const auto place = std::as_writable_bytes(std::span(head.data(), head.size()));
    head.resize(TRY(file.read_at(0, place)));
    const std::size_t end = head.find("\n\n");
    auto recipe = recipe_of(std::string_view(head).substr(0, end));
    if (end != std::string::npos && recipe) {
        OpenRecipe open{*std::move(recipe), end + 2};
        if (is_whole(open, file.size())) return open;
    }
    return fail(
        Kind::corrupt,
        fmt::format("{} is no recipe of a mail, or is damaged", file.name()),
        "run kwit verify and restore what it names from a backup"
    );
}

Result<void> encode_object(const Encoded& encoded, const OpenObject& open, const ByteSink& sink) {
    const File content = TRY(open(encoded.object));
    if (content.size() == encoded.size) return encode_as(content, encoded.line, sink);
    return fail(
        Kind::corrupt,
        fmt::format(
            "object {} has {} bytes, a mail was made of {}",
            encoded.object.hex(),
            content.size(),
            encoded.size
        ),
        "restore the object from a backup"
    );
}

} // namespace

Result<std::optional<Recipe>> find_recipe(
    const File& mail,
    const Digest& digest,
    std::span<const Stretch> stretches,
    const OpenObject& open,
    Compare compare
) {
    Recipe recipe{.mail = digest, .size = mail.size()};
    std::uint64_t at = 0;
    std::uint64_t saved = 0;
    for (const Stretch& stretch : stretches) {
        const File content = TRY(open(stretch.object));
        const auto encoded = TRY(encoding_of(mail, stretch, content, compare));
        if (!encoded) continue;
        add_literal(stretch.begin - at, recipe);
        recipe.pieces.emplace_back(*encoded);
        saved += size_in_mail(*encoded);
        at = stretch.begin + size_in_mail(*encoded);
    }
    add_literal(mail.size() - at, recipe);
    if (saved < head_of(recipe).size() + least_saving) return std::optional<Recipe>();
    return std::optional(std::move(recipe));
}

Result<void> write_recipe(const Recipe& recipe, const File& mail, const ByteSink& sink) {
    TRY(sink(as_bytes(head_of(recipe))));
    std::uint64_t at = 0;
    for (const RecipePiece& piece : recipe.pieces) {
        const std::uint64_t end = at + size_in_mail(piece);
        if (std::holds_alternative<Literal>(piece)) TRY(hand_out(mail, at, end, sink));
        at = end;
    }
    return {};
}

Result<Recipe> read_recipe(const File& file) {
    OpenRecipe open = TRY(parse(file));
    return std::move(open.recipe);
}

Result<void>
rebuild(const File& file, const Digest& mail, const OpenObject& open, const ByteSink& sink) {
    const OpenRecipe found = TRY(parse(file));
    Sha256 hash;
    const auto take = [&](Bytes bytes) {
        hash.update(bytes);
        return sink ? sink(bytes) : Result<void>();
    };
    std::uint64_t at = found.literals;
    for (const RecipePiece& piece : found.recipe.pieces) {
        if (const auto* const encoded = std::get_if<Encoded>(&piece)) {
            TRY(encode_object(*encoded, open, take));
            continue;
        }
        const std::uint64_t size = std::get<Literal>(piece).size;
        TRY(hand_out(file, at, at + size, take));
        at += size;
    }
    if (Digest(std::move(hash).finish()) == mail) return {};
    return fail(
        Kind::corrupt,
        fmt::format("what {} makes is not mail {}", file.name(), mail.hex()),
        "run kwit verify and restore what it names from a backup"
    );
}

std::vector<Digest> objects_of(const Recipe& recipe) {
    std::vector<Digest> objects;
    for (const RecipePiece& piece : recipe.pieces) {
        const auto* const encoded = std::get_if<Encoded>(&piece);
        if (encoded == nullptr) continue;
        const auto known = std::find(objects.begin(), objects.end(), encoded->object);
        if (known == objects.end()) objects.push_back(encoded->object);
    }
    return objects;
}

} // namespace kwit
