#include "core/archive/recipe.hh"

#include "core/base/base64.hh"
#include "core/base/json.hh"
#include "core/base/sha256.hh"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kwit {

namespace {

/// Lines longer than a line of a mail may be are nobody's (RFC 5322 §2.1.1).
constexpr std::size_t max_line = 998;

constexpr std::uint64_t buffer_size = 65536;

constexpr std::string_view line_end = "\r\n";

/// Reads a file in pieces of one size, but for the last.
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
    const std::size_t in_line = line / 4 * 3;
    return in_line * std::max<std::size_t>(1, buffer_size / in_line);
}

/// Hands out the document encoded in lines; CRLF stands between them, not behind the last.
Result<void> encode_lines(
    const File& content, std::uint32_t line, const std::function<Result<void>(Bytes)>& sink
) {
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

Result<void> hand_out(const File& content, const std::function<Result<void>(Bytes)>& sink) {
    Pieces pieces(content, 0, content.size(), buffer_size);
    for (;;) {
        const Bytes bytes = TRY(pieces.next());
        if (bytes.empty()) return {};
        TRY(sink(bytes));
    }
}

Result<void>
encode_as(const File& content, std::uint32_t line, const std::function<Result<void>(Bytes)>& sink) {
    return line == 0 ? hand_out(content, sink) : encode_lines(content, line, sink);
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

/// Whether the document, encoded so, is what the stretch begins with.
Result<bool> encodes_to(const File& mail, const Stretch& stretch, std::uint32_t line) {
    std::uint64_t at = stretch.begin;
    if (stretch.end - stretch.begin < encoded_size(stretch.content->size(), line)) return false;
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
    TRY(encode_as(*stretch.content, line, compare));
    return same;
}

/// How the document was encoded; nothing when it does not encode back.
Result<std::optional<Encoded>> encoding_of(const File& mail, const Stretch& stretch) {
    Encoded encoded{.object = stretch.document, .size = stretch.content->size()};
    if (encoded.size == 0) return std::optional<Encoded>();
    const auto line = TRY(line_of(mail, stretch));
    if (line && TRY(encodes_to(mail, stretch, *line))) {
        encoded.line = *line;
        return std::optional(encoded);
    }
    if (TRY(encodes_to(mail, stretch, 0))) return std::optional(encoded);
    return std::optional<Encoded>();
}

/// Adds the bytes of the mail as they are; whether there is room for them.
Result<bool> add_bytes(
    const File& mail, std::uint64_t begin, std::uint64_t end, std::uint64_t& room, Recipe& recipe
) {
    if (end - begin > room) return false;
    room -= end - begin;
    if (begin == end) return true;
    std::string bytes(end - begin, '\0');
    const std::size_t got =
        TRY(mail.read_at(begin, std::as_writable_bytes(std::span(bytes.data(), bytes.size()))));
    if (got < bytes.size())
        return fail(Kind::temporary, "cannot read " + mail.name() + ": it is shorter than it was");
    recipe.pieces.emplace_back(std::move(bytes));
    return true;
}

Error damaged(const std::string& name) {
    return {
        Kind::corrupt,
        fmt::format("the recipe of {} is damaged", name),
        "run kwit verify and restore the index from a backup"};
}

std::optional<RecipePiece> piece_of(const Json& json) {
    if (json.is_binary()) return std::string(as_text(std::as_bytes(std::span(json.get_binary()))));
    if (!json.is_object() || !json.contains("sha256") || !json.contains("size") ||
        !json.contains("line"))
        return std::nullopt;
    const Json& sha256 = json["sha256"];
    const Json& size = json["size"];
    const Json& line = json["line"];
    if (!sha256.is_string() || !size.is_number_unsigned() || !line.is_number_unsigned())
        return std::nullopt;
    const auto digest = Digest::parse(sha256.get<std::string>());
    const auto length = line.get<std::uint64_t>();
    if (!digest || length > max_line || length % 4 != 0) return std::nullopt;
    return Encoded{*digest, size.get<std::uint64_t>(), static_cast<std::uint32_t>(length)};
}

Json json_of(const RecipePiece& piece) {
    if (const auto* const bytes = std::get_if<std::string>(&piece))
        return Json::binary({bytes->begin(), bytes->end()});
    const auto& encoded = std::get<Encoded>(piece);
    return {{"sha256", encoded.object.hex()}, {"size", encoded.size}, {"line", encoded.line}};
}

} // namespace

Result<std::optional<Recipe>> find_recipe(const File& mail, std::span<const Stretch> stretches) {
    Recipe recipe{.size = mail.size()};
    std::uint64_t room = std::min(max_recipe_bytes, mail.size() / 2);
    std::uint64_t at = 0;
    for (const Stretch& stretch : stretches) {
        const auto encoded = TRY(encoding_of(mail, stretch));
        if (!encoded) continue;
        if (!TRY(add_bytes(mail, at, stretch.begin, room, recipe))) return std::optional<Recipe>();
        recipe.pieces.emplace_back(*encoded);
        at = stretch.begin + encoded_size(encoded->size, encoded->line);
    }
    if (at == 0 || !TRY(add_bytes(mail, at, mail.size(), room, recipe)))
        return std::optional<Recipe>();
    return std::optional(std::move(recipe));
}

Result<void> rebuild(
    const Recipe& recipe,
    const Digest& mail,
    const OpenObject& open,
    const std::function<Result<void>(Bytes)>& sink
) {
    Sha256 hash;
    const auto take = [&](Bytes bytes) {
        hash.update(bytes);
        return sink(bytes);
    };
    for (const RecipePiece& piece : recipe.pieces) {
        if (const auto* const bytes = std::get_if<std::string>(&piece)) {
            TRY(take(as_bytes(*bytes)));
            continue;
        }
        const auto& encoded = std::get<Encoded>(piece);
        const File content = TRY(open(encoded.object));
        if (content.size() != encoded.size)
            return fail(
                Kind::corrupt,
                fmt::format(
                    "object {} has {} bytes, mail {} was made of {}",
                    encoded.object.hex(),
                    content.size(),
                    mail.hex(),
                    encoded.size
                ),
                "restore the object from a backup"
            );
        TRY(encode_as(content, encoded.line, take));
    }
    if (Digest(std::move(hash).finish()) == mail) return {};
    return fail(
        Kind::corrupt,
        fmt::format("what the recipe of mail {} makes has another SHA-256", mail.hex()),
        "run kwit verify and restore what it names from a backup"
    );
}

std::vector<Digest> objects_of(const Recipe& recipe) {
    std::vector<Digest> objects;
    for (const RecipePiece& piece : recipe.pieces)
        if (const auto* const encoded = std::get_if<Encoded>(&piece))
            objects.push_back(encoded->object);
    return objects;
}

std::string encode(const Recipe& recipe) {
    Json pieces = Json::array();
    for (const RecipePiece& piece : recipe.pieces)
        pieces.push_back(json_of(piece));
    return to_cbor({{"size", recipe.size}, {"pieces", std::move(pieces)}});
}

Result<Recipe> decode_recipe(std::string_view bytes, const std::string& name) {
    const auto map = from_cbor(bytes);
    if (!map || !map->is_object() || !map->contains("size") || !map->contains("pieces"))
        return fail(damaged(name));
    const Json& size = (*map)["size"];
    const Json& pieces = (*map)["pieces"];
    if (!size.is_number_unsigned() || !pieces.is_array()) return fail(damaged(name));
    Recipe recipe{.size = size.get<std::uint64_t>()};
    for (const Json& json : pieces) {
        auto piece = piece_of(json);
        if (!piece) return fail(damaged(name));
        recipe.pieces.push_back(std::move(*piece));
    }
    return recipe;
}

} // namespace kwit
