#include "core/intake/unpacking.hh"

#include "core/base/sha256.hh"
#include "core/base/text.hh"
#include "core/mime/caps.hh"
#include "core/mime/charset.hh"
#include "core/mime/holder.hh"
#include "core/mime/magic.hh"
#include "core/mime/uuencode.hh"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <variant>

namespace kwit {

namespace {

constexpr std::size_t buffer_size = 65536;

/// So many bytes may come out of the smallest container: the ratio is no measure of small files.
constexpr std::uint64_t always_unpacked = 1ULL << 20;

/// The bytes of a member within the file that holds it.
struct Range {
    const File* file;
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
};

template <typename Take>
Result<void> each_piece(const Range& range, Take take) {
    std::vector<std::byte> buffer(buffer_size);
    for (std::uint64_t at = 0; at < range.size;) {
        const std::uint64_t most = std::min<std::uint64_t>(buffer.size(), range.size - at);
        const std::size_t count =
            TRY(range.file->read_at(range.begin + at, std::span(buffer).first(most)));
        if (count == 0)
            return fail(
                Kind::temporary, fmt::format("cannot read {}: it is cut off", range.file->name())
            );
        at += count;
        TRY(take(Bytes(buffer).first(count)));
    }
    return {};
}

/// see: gets every piece of the copy. What was read before may be other bytes by now: a child that
/// hostile bytes have taken over still has its output open.
template <typename See>
Result<TempFile> copy_of(const Range& range, const mime::MakeTemp& make_temp, See see) {
    TempFile file = TRY(make_temp());
    TRY(each_piece(range, [&file, &see](Bytes piece) {
        see(piece);
        return file.write(piece);
    }));
    return file;
}

Result<TempFile>
copy_with(const Digest& digest, const Range& range, const mime::MakeTemp& make_temp) {
    Sha256 hash;
    TempFile copy = TRY(copy_of(range, make_temp, [&hash](Bytes piece) { hash.update(piece); }));
    if (Digest(std::move(hash).finish()) != digest)
        return fail(
            Kind::temporary,
            fmt::format("{} changed while it was read", range.file->name()),
            "the mail is looked into anew when it is sent again"
        );
    return copy;
}

Result<std::string> head_of(const Range& range) {
    std::vector<std::byte> head(std::min<std::uint64_t>(range.size, mime::magic_head));
    const std::size_t count = TRY(range.file->read_at(range.begin, head));
    return std::string(as_text(Bytes(head).first(count)));
}

inspect::Look look_of(Holder holder) {
    if (holder == Holder::tnef) return inspect::Look::tnef;
    return holder == Holder::cms ? inspect::Look::cms : inspect::Look::zip;
}

bool is_smime_name(const std::string& name) {
    return name.empty() || same_word(name, "smime.p7m");
}

/// What the content of a CMS message is called: "rechnung.pdf" of "rechnung.pdf.p7m".
std::string name_inside(const std::string& name) {
    constexpr std::string_view ending = ".p7m";
    if (is_smime_name(name) || !lower(name).ends_with(ending)) return {};
    return name.substr(0, name.size() - ending.size());
}

/// A member without bytes.
PartFacts withheld_member(const std::string& name, Withheld why) {
    PartFacts part = mime::FileFacts(name).finish();
    part.digest.reset();
    part.format = Format::unknown;
    part.withheld = why;
    return part;
}

/// Opens the holders of one mail.
class Unpacking {
public:
    using Keep = std::function<bool(const PartFacts&)>;

    Unpacking(const Opener& opener, Keep keep)
        : opener_(opener), keep_(std::move(keep)), members_left_(opener.limits.members),
          unpacked_left_(opener.limits.unpacked) {}

    /// What is in the part, in order; number and path are not yet known. level: holders around what
    /// comes out.
    Result<std::vector<PartFacts>> open(PartFacts& part, const File& file, std::uint32_t level) {
        found_.clear();
        switch (part.holds) {
        case Holder::none:
            break;
        case Holder::mail:
            TRY(read_mail(part, {&file, 0, file.size()}, level));
            break;
        case Holder::uuencode:
            TRY(read_text(part, file));
            break;
        case Holder::zip:
        case Holder::tnef:
        case Holder::cms:
            TRY(unpack(part, file, level));
            break;
        }
        return std::exchange(found_, {});
    }

    std::map<Digest, TempFile>& files() { return files_; }

    std::vector<Limit>& over() { return over_; }

    std::vector<std::string>& ambiguities() { return ambiguities_; }

    /// Parts of the mails that were read before.
    std::uint64_t parts = 0;

private:
    Result<void> read_mail(PartFacts& part, Range range, std::uint32_t level);
    Result<void> read_text(PartFacts& part, const File& file);
    Result<void> unpack(PartFacts& part, const File& file, std::uint32_t level);
    Result<void>
    take_members(PartFacts& part, const inspect::Unpacked& unpacked, std::uint32_t level);
    Result<void> take_file(const std::string& name, const Range& range);
    void keep(const PartFacts& part, TempFile file);

    const Opener& opener_;
    Keep keep_;
    std::uint32_t members_left_;
    std::uint64_t unpacked_left_;
    std::vector<PartFacts> found_{};
    std::map<Digest, TempFile> files_{};
    std::vector<Limit> over_{};
    std::vector<std::string> ambiguities_{};
};

void Unpacking::keep(const PartFacts& part, TempFile file) {
    files_.try_emplace(*part.digest, std::move(file));
}

// ── mails ────────────────────────────────────────────────────────────────────────────────────────

/// Behind the line "From …" that an mbox puts before a mail.
Result<Range> without_mbox_line(Range range) {
    const std::string head = TRY(head_of(range));
    if (!head.starts_with("From ") && !head.starts_with(">From ")) return range;
    const std::size_t line = std::min(head.size(), head.find('\n') + 1);
    return Range{range.file, range.begin + line, range.size - line};
}

Result<void> Unpacking::read_mail(PartFacts& part, Range range, std::uint32_t level) {
    LimitSettings limits = opener_.limits;
    limits.depth -= std::min(limits.depth, level);
    limits.parts -= static_cast<std::uint32_t>(std::min<std::uint64_t>(limits.parts, parts));
    range = TRY(without_mbox_line(range));
    mime::Caps caps(limits);
    const TempFile copy =
        TRY(copy_of(range, opener_.make_temp, [&caps](Bytes piece) { caps.feed(piece); }));
    over_ = caps.over();
    if (!over_.empty()) return {};
    const File mail = TRY(copy.reader());
    auto read = TRY(mime::examine(mail, limits, opener_.wanted, opener_.make_temp, opener_.kept));
    over_ = std::move(read.facts.over);
    ambiguities_ = std::move(read.facts.ambiguities);
    parts += read.facts.parts.size();
    for (PartFacts& inner : read.facts.parts) {
        inner.begin = inner.end = 0; // of another file
        const auto file = read.files.find(*inner.digest);
        if (file != read.files.end() && keep_(inner)) keep(inner, std::move(file->second));
        if (file != read.files.end()) read.files.erase(file);
        found_.push_back(std::move(inner));
    }
    part.opening = Opening{.state = Opening::State::opened};
    return {};
}

// ── files ────────────────────────────────────────────────────────────────────────────────────────

Result<void> Unpacking::take_file(const std::string& name, const Range& range) {
    mime::FileFacts facts(name);
    TRY(each_piece(range, [&facts](Bytes piece) -> Result<void> {
        facts.take(piece);
        return {};
    }));
    PartFacts part = std::move(facts).finish();
    if (keep_(part)) {
        TempFile copy = TRY(copy_with(*part.digest, range, opener_.make_temp));
        keep(part, std::move(copy));
    }
    found_.push_back(std::move(part));
    return {};
}

/// Decodes the files of a text into one file, one after the other, as far as the budgets go.
class TextFiles {
public:
    struct One {
        std::string name{};
        std::uint64_t size = 0;
        bool whole = false;
    };

    TextFiles(TempFile output, std::uint32_t members, std::uint64_t bytes)
        : output_(std::move(output)), members_(members), bytes_(bytes) {}

    Result<void> read(const File& text) {
        return mime::read_uuencoded(
            text,
            {.begin = [this](std::string_view name) -> Result<void> {
                 all_.push_back({.name = std::string(name)});
                 return {};
             },
             .take = [this](std::string_view bytes) { return take(bytes); },
             .end = [this](bool whole) -> Result<void> {
                 all_.back().whole = whole;
                 return {};
             }}
        );
    }

    [[nodiscard]] Opening opening() const {
        if (all_.size() > members_) return {.state = Opening::State::over_members};
        if (size_ > bytes_) return {.state = Opening::State::over_unpacked};
        return {.state = Opening::State::opened};
    }

    [[nodiscard]] const std::vector<One>& all() const { return all_; }

    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[nodiscard]] Result<File> bytes() const { return output_.reader(); }

private:
    Result<void> take(std::string_view bytes) {
        size_ += bytes.size();
        all_.back().size += bytes.size();
        if (opening().state != Opening::State::opened) return {};
        return output_.write(as_bytes(bytes));
    }

    TempFile output_;
    std::uint32_t members_;
    std::uint64_t bytes_;
    std::vector<One> all_{};
    std::uint64_t size_ = 0;
};

Result<void> Unpacking::read_text(PartFacts& part, const File& file) {
    TempFile output = TRY(opener_.make_temp());
    TextFiles files(std::move(output), members_left_, unpacked_left_);
    TRY(files.read(file));
    part.opening = files.opening();
    if (part.opening->state != Opening::State::opened) return {};
    members_left_ -= static_cast<std::uint32_t>(files.all().size());
    unpacked_left_ -= files.size();
    const File bytes = TRY(files.bytes());
    std::uint64_t at = 0;
    for (const TextFiles::One& one : files.all()) {
        if (one.whole)
            TRY(take_file(one.name, {&bytes, at, one.size}));
        else
            found_.push_back(withheld_member(one.name, Withheld::damaged));
        at += one.size;
    }
    return {};
}

// ── containers ───────────────────────────────────────────────────────────────────────────────────

std::string name_of(const inspect::Member& member) {
    if (member.charset.empty()) return member.name;
    return mime::to_utf8(member.name, member.charset).text;
}

Result<void> Unpacking::unpack(PartFacts& part, const File& file, std::uint32_t level) {
    const std::uint64_t by_ratio = std::max(always_unpacked, opener_.limits.ratio * file.size());
    const inspect::UnpackOrder order{
        .look = look_of(part.holds),
        .members = members_left_,
        .bytes = std::min(unpacked_left_, by_ratio),
        .make_output = opener_.make_temp};
    auto answer = TRY(opener_.inspection.unpack(order, file, *part.digest));
    if (std::holds_alternative<inspect::Uninspectable>(answer)) {
        part.uninspectable = true;
        return {};
    }
    const auto& unpacked = std::get<inspect::Unpacked>(answer);
    part.opening = unpacked.opening;
    if (part.opening->state == Opening::State::over_unpacked && by_ratio < unpacked_left_)
        part.opening->state = Opening::State::over_ratio;
    if (part.opening->state != Opening::State::opened) return {};
    members_left_ -= static_cast<std::uint32_t>(unpacked.members.size());
    for (const inspect::Member& member : unpacked.members)
        unpacked_left_ -= member.size;
    return take_members(part, unpacked, level);
}

Result<void>
Unpacking::take_members(PartFacts& part, const inspect::Unpacked& unpacked, std::uint32_t level) {
    const File output = TRY(unpacked.output->reader());
    for (const inspect::Member& member : unpacked.members) {
        const Range range{&output, member.offset, member.size};
        if (member.withheld) {
            found_.push_back(withheld_member(name_of(member), *member.withheld));
            continue;
        }
        if (part.holds != Holder::cms) {
            TRY(take_file(name_of(member), range));
            continue;
        }
        // S/MIME signs an entity: the rest of the mail.
        const std::string head = TRY(head_of(range));
        const bool entity = is_smime_name(part.name) && mime::reads_as_mail(head);
        if (entity)
            TRY(read_mail(part, range, level));
        else
            TRY(take_file(name_inside(part.name), range));
    }
    return {};
}

// ── the whole mail ───────────────────────────────────────────────────────────────────────────────

/// For a mail: what somebody may file, and holders, each no more than a mail may have documents,
/// and one.
class Wanted {
public:
    explicit Wanted(const Opener& opener) : opener_(opener) {}

    bool operator()(const PartFacts& part) {
        if (part.holds != Holder::none) return true; // counted when it is opened
        if (part.place == Place::body || !opener_.wanted.contains(part.format)) return false;
        return counts_[part.format]++ <= opener_.limits.documents;
    }

private:
    const Opener& opener_;
    std::map<Format, std::uint64_t> counts_{};
};

bool may_be_opened(const PartFacts& part) {
    return part.holds != Holder::none && part.damage.empty() && !part.withheld && part.digest;
}

void add_to(std::vector<PartFacts>& parts, std::size_t holder, PartFacts part) {
    part.number = static_cast<std::uint32_t>(parts.size() + 1);
    part.in = parts[holder].number;
    const std::string shown = part.name.empty() ? fmt::format("part {}", part.number) : part.name;
    part.path = parts[holder].path + " > " + shown;
    parts.push_back(std::move(part));
}

/// What a reader without the inspector leaves: it is judged as any other file.
void leave_containers(std::vector<PartFacts>& parts) {
    for (PartFacts& part : parts)
        if (part.holds == Holder::zip || part.holds == Holder::tnef || part.holds == Holder::cms)
            part.holds = Holder::none;
}

/// One holder; its parts go behind all others.
Result<void> open_one(
    Unpacking& unpacking, mime::Examined& mail, std::vector<std::uint32_t>& levels, std::size_t at
) {
    const auto file = mail.files.find(*mail.facts.parts[at].digest);
    if (file == mail.files.end()) {
        mail.facts.over.push_back(Limit::documents); // there are more than get a file
        return {};
    }
    const File bytes = TRY(file->second.reader());
    auto found = TRY(unpacking.open(mail.facts.parts[at], bytes, levels[at] + 1));
    mail.files.merge(unpacking.files());
    mail.facts.over = unpacking.over();
    mail.facts.ambiguities = unpacking.ambiguities();
    for (PartFacts& part : found) {
        add_to(mail.facts.parts, at, std::move(part));
        levels.push_back(levels[at] + 1);
    }
    return {};
}

} // namespace

Result<void> open_holders(const Opener& opener, mime::Examined& mail) {
    BodyFacts& facts = mail.facts;
    if (!opener.inspection.can_unpack()) leave_containers(facts.parts);
    Unpacking unpacking(opener, Wanted(opener));
    unpacking.parts = facts.parts.size();
    std::vector<std::uint32_t> levels(facts.parts.size(), 0);
    std::uint64_t opened = 0;
    for (std::size_t at = 0; at < facts.parts.size(); ++at) {
        if (!facts.over.empty() || !facts.ambiguities.empty()) return {};
        if (!may_be_opened(facts.parts[at])) continue;
        if (levels[at] >= opener.limits.depth)
            facts.over.push_back(Limit::depth);
        else if (++opened > opener.limits.documents)
            facts.over.push_back(Limit::documents);
        else
            TRY(open_one(unpacking, mail, levels, at));
        if (!opener.inspection.can_unpack()) leave_containers(facts.parts);
    }
    return {};
}

Result<std::optional<mime::Extracted>>
take_out(const Opener& opener, mime::Extracted leaf, std::span<const std::string> path) {
    mime::Extracted at = std::move(leaf);
    std::uint32_t level = 0;
    for (const std::string& digest : path) {
        const auto is_next = [&digest](const PartFacts& part) {
            return part.digest && part.digest->hex() == digest;
        };
        Unpacking unpacking(opener, is_next);
        const File bytes = TRY(at.file.reader());
        auto found = TRY(unpacking.open(at.facts, bytes, ++level));
        const auto next = std::find_if(found.begin(), found.end(), is_next);
        if (next == found.end()) return std::optional<mime::Extracted>();
        auto file = unpacking.files().find(*next->digest);
        if (file == unpacking.files().end()) return std::optional<mime::Extracted>();
        at = mime::Extracted{std::move(*next), std::move(file->second)};
    }
    return std::optional(std::move(at));
}

} // namespace kwit
