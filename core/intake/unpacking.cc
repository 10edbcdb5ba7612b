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

using Files = std::map<Digest, TempFile>;

/// Opens the holders of one mail.
class Unpacking {
public:
    using Keep = std::function<bool(const PartFacts&)>;

    /// have: contents that need no second file.
    Unpacking(const Opener& opener, const Files& have, Keep keep)
        : opener_(opener), have_(have), keep_(std::move(keep)),
          members_left_(opener.limits.members), unpacked_left_(opener.limits.unpacked) {}

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

    Files& files() { return files_; }

    /// Of all that was opened so far.
    [[nodiscard]] const std::vector<Limit>& over() const { return over_; }

    [[nodiscard]] const std::vector<std::string>& ambiguities() const { return ambiguities_; }

    /// Parts of the mails that were read before.
    std::uint64_t parts = 0;

private:
    Result<void> read_mail(PartFacts& part, const Range& file, std::uint32_t level);
    void adopt(mime::Examined read);
    Result<void> read_text(PartFacts& part, const File& file);
    Result<void> unpack(PartFacts& part, const File& file, std::uint32_t level);
    Result<void>
    take_members(PartFacts& part, const inspect::Unpacked& unpacked, std::uint32_t level);
    Result<void> take_signed(PartFacts& part, const Range& content, std::uint32_t level);
    Result<void> take_file(const std::string& name, const Range& range);
    bool affords(PartFacts& part, std::uint64_t size, std::uint32_t level);
    bool wants(const PartFacts& part);
    void keep(const PartFacts& part, TempFile file);

    const Opener& opener_;
    const Files& have_;
    Keep keep_;
    std::uint32_t members_left_;
    std::uint64_t unpacked_left_;
    std::vector<PartFacts> found_{};
    Files files_{};
    std::vector<Limit> over_{};
    std::vector<std::string> ambiguities_{};
};

/// A content has one file only.
bool Unpacking::wants(const PartFacts& part) {
    return !files_.contains(*part.digest) && !have_.contains(*part.digest) && keep_(part);
}

void Unpacking::keep(const PartFacts& part, TempFile file) {
    files_.try_emplace(*part.digest, std::move(file));
}

// ── mails ────────────────────────────────────────────────────────────────────────────────────────

constexpr std::string_view mbox_line = "From ";

bool begins_as_mbox(std::string_view head) {
    return head.starts_with(mbox_line) || head.starts_with(">From ");
}

Range behind_first_line(const Range& range, std::string_view head) {
    const std::size_t line = std::min(head.size(), head.find('\n') + 1);
    return {range.file, range.begin + line, range.size - line};
}

/// The beginnings of lines "From …" behind an empty line, and what stands there.
class MboxLines {
public:
    static constexpr std::size_t most = 100;

    void feed(std::string_view text) {
        for (const char c : text) {
            ++at_;
            if (c == '\n') {
                if (line_ == mbox_line && empty_before_ && found_.size() <= most)
                    found_.push_back(begin_);
                empty_before_ = line_.empty();
                line_.clear();
                begin_ = at_;
            } else if (c != '\r' && line_.size() < mbox_line.size()) {
                line_ += c;
            }
        }
    }

    [[nodiscard]] const std::vector<std::uint64_t>& found() const { return found_; }

private:
    std::uint64_t at_ = 0;
    std::uint64_t begin_ = 0; // of the line at hand
    std::string line_{};      // its first characters
    bool empty_before_ = false;
    std::vector<std::uint64_t> found_{};
};

/// Whether a mailbox of several mails stands there: its second one would be text of the first.
Result<bool> holds_more_mails(const Range& mail) {
    MboxLines lines;
    TRY(each_piece(mail, [&lines](Bytes piece) -> Result<void> {
        lines.feed(as_text(piece));
        return {};
    }));
    if (lines.found().size() > MboxLines::most) return true; // in a letter there are few
    for (const std::uint64_t at : lines.found()) {
        const std::string head = TRY(head_of({mail.file, mail.begin + at, mail.size - at}));
        if (mime::reads_as_mail(head)) return true;
    }
    return false;
}

template <typename Value>
void append(std::vector<Value>& to, const std::vector<Value>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

/// What is attached to the mail itself is no more than the mail; further down each level has all
/// of its bytes again.
bool Unpacking::affords(PartFacts& part, std::uint64_t size, std::uint32_t level) {
    if (level <= 1) return true;
    if (size > unpacked_left_ || size > opener_.limits.message) {
        part.opening = Opening{.state = Opening::State::over_unpacked};
        return false;
    }
    unpacked_left_ -= size;
    return true;
}

/// The mail in a file that an mbox may have been; nothing when that holds more of them.
Result<std::optional<Range>> the_one_mail(const Range& file) {
    const std::string head = TRY(head_of(file));
    if (!begins_as_mbox(head)) return std::optional(file);
    const Range mail = behind_first_line(file, head);
    const bool more = TRY(holds_more_mails(mail));
    return more ? std::optional<Range>() : std::optional(mail);
}

/// The parts of a mail that was read become parts of the whole.
void Unpacking::adopt(mime::Examined read) {
    append(over_, read.facts.over);
    append(ambiguities_, read.facts.ambiguities);
    parts += read.facts.parts.size();
    for (PartFacts& inner : read.facts.parts) {
        inner.begin = inner.end = 0; // of another file
        auto file = read.files.extract(*inner.digest);
        if (!file.empty() && wants(inner)) keep(inner, std::move(file.mapped()));
        found_.push_back(std::move(inner));
    }
}

Result<void> Unpacking::read_mail(PartFacts& part, const Range& file, std::uint32_t level) {
    if (!affords(part, file.size, level)) return {};
    const auto range = TRY(the_one_mail(file));
    if (!range) {
        part.opening = Opening{.state = Opening::State::damaged, .said = "it holds several mails"};
        return {};
    }
    LimitSettings limits = opener_.limits;
    limits.depth -= std::min(limits.depth, level);
    limits.parts -= static_cast<std::uint32_t>(std::min<std::uint64_t>(limits.parts, parts));
    mime::Caps caps(limits);
    const TempFile copy =
        TRY(copy_of(*range, opener_.make_temp, [&caps](Bytes piece) { caps.feed(piece); }));
    append(over_, caps.over());
    if (!caps.over().empty()) return {};
    const File mail = TRY(copy.reader());
    adopt(TRY(mime::examine(mail, limits, opener_.wanted, opener_.make_temp, opener_.kept)));
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
    if (wants(part)) {
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
            {.begin = [this](std::string_view name) -> Result<bool> {
                 ++count_;
                 if (is_over()) return false;
                 all_.push_back({.name = std::string(name)});
                 return true;
             },
             .take = [this](std::string_view bytes) { return take(bytes); },
             .end = [this](bool whole) -> Result<bool> {
                 all_.back().whole = whole;
                 return true;
             }}
        );
    }

    [[nodiscard]] Opening opening() const {
        if (count_ > members_) return {.state = Opening::State::over_members};
        if (size_ > bytes_) return {.state = Opening::State::over_unpacked};
        return {.state = Opening::State::opened};
    }

    [[nodiscard]] const std::vector<One>& all() const { return all_; }

    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[nodiscard]] Result<File> bytes() const { return output_.reader(); }

private:
    [[nodiscard]] bool is_over() const { return count_ > members_ || size_ > bytes_; }

    Result<bool> take(std::string_view bytes) {
        size_ += bytes.size();
        all_.back().size += bytes.size();
        if (is_over()) return false;
        TRY(output_.write(as_bytes(bytes)));
        return true;
    }

    TempFile output_;
    std::uint32_t members_;
    std::uint64_t bytes_;
    std::vector<One> all_{};
    std::uint64_t count_ = 0; // one more than all_ where that is too many
    std::uint64_t size_ = 0;
};

Result<void> Unpacking::read_text(PartFacts& part, const File& file) {
    TempFile output = TRY(opener_.make_temp());
    TextFiles files(std::move(output), members_left_, unpacked_left_);
    TRY(files.read(file));
    part.opening = files.opening();
    members_left_ -= static_cast<std::uint32_t>(files.all().size());
    unpacked_left_ -= std::min(unpacked_left_, files.size());
    if (part.opening->state != Opening::State::opened) return {};
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
    members_left_ -= unpacked.spent_members;
    unpacked_left_ -= unpacked.spent_bytes;
    part.opening = unpacked.opening;
    if (part.opening->state == Opening::State::over_unpacked && order.bytes == by_ratio)
        part.opening->state = Opening::State::over_ratio;
    if (part.opening->state != Opening::State::opened) return {};
    return take_members(part, unpacked, level);
}

/// S/MIME signs an entity, which is the rest of the mail; other programs sign files.
Result<void> Unpacking::take_signed(PartFacts& part, const Range& content, std::uint32_t level) {
    const std::string head = TRY(head_of(content));
    if (is_smime_name(part.name) && mime::reads_as_mail(head))
        return read_mail(part, content, level);
    return take_file(name_inside(part.name), content);
}

Result<void>
Unpacking::take_members(PartFacts& part, const inspect::Unpacked& unpacked, std::uint32_t level) {
    const File output = TRY(unpacked.output->reader());
    for (const inspect::Member& member : unpacked.members) {
        const Range range{&output, member.offset, member.size};
        if (member.withheld)
            found_.push_back(withheld_member(name_of(member), *member.withheld));
        else if (part.holds == Holder::cms)
            TRY(take_signed(part, range, level));
        else
            TRY(take_file(name_of(member), range));
    }
    return {};
}

// ── the whole mail ───────────────────────────────────────────────────────────────────────────────

/// For a mail: what somebody may file, and holders, of both no more contents than a mail may have
/// documents, and one; such a mail is over a limit.
class Wanted {
public:
    explicit Wanted(const Opener& opener) : opener_(opener) {}

    bool operator()(const PartFacts& part) {
        const std::uint64_t most = opener_.limits.documents;
        if (part.holds != Holder::none) return holders_++ <= most;
        if (part.place == Place::body || !opener_.wanted.contains(part.format)) return false;
        return counts_[part.format]++ <= most;
    }

private:
    const Opener& opener_;
    std::uint64_t holders_ = 0;
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

bool may_open(const Opener& opener, Holder holder) {
    switch (holder) {
    case Holder::none:
        return false;
    case Holder::mail:
    case Holder::uuencode:
        return opener.opens_mails;
    case Holder::zip:
    case Holder::tnef:
    case Holder::cms:
        return opener.inspection.can_unpack();
    }
    return false;
}

/// What is not opened is judged as any other file.
void leave_closed(const Opener& opener, std::vector<PartFacts>& parts) {
    for (PartFacts& part : parts)
        if (!may_open(opener, part.holds)) part.holds = Holder::none;
}

/// Of a holder whose equals are open too nobody needs the file any more: many of them, each as
/// large as what it holds, would fill the disk.
void let_go(const Digest& digest, mime::Examined& mail) {
    const auto& parts = mail.facts.parts;
    const bool done = std::all_of(parts.begin(), parts.end(), [&digest](const PartFacts& part) {
        return part.digest != digest || part.opening;
    });
    if (done) mail.files.erase(digest);
}

/// One holder; its parts go behind all others.
Result<void> open_one(
    Unpacking& unpacking, mime::Examined& mail, std::vector<std::uint32_t>& levels, std::size_t at
) {
    const Digest digest = *mail.facts.parts[at].digest;
    const auto file = mail.files.find(digest);
    if (file == mail.files.end()) {
        mail.facts.over.push_back(Limit::documents); // there are more than get a file
        return {};
    }
    const File bytes = TRY(file->second.reader());
    auto found = TRY(unpacking.open(mail.facts.parts[at], bytes, levels[at] + 1));
    mail.files.merge(unpacking.files());
    unpacking.files().clear();
    mail.facts.over = unpacking.over();
    mail.facts.ambiguities = unpacking.ambiguities();
    for (PartFacts& part : found) {
        add_to(mail.facts.parts, at, std::move(part));
        levels.push_back(levels[at] + 1);
    }
    let_go(digest, mail);
    return {};
}

} // namespace

Result<void> open_holders(const Opener& opener, mime::Examined& mail) {
    BodyFacts& facts = mail.facts;
    leave_closed(opener, facts.parts);
    Unpacking unpacking(opener, mail.files, Wanted(opener));
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
        leave_closed(opener, facts.parts);
    }
    return {};
}

namespace {

/// Why what was found when the mail came is not found now; empty: it is not known.
std::string_view obstacle(const PartFacts& holder, const Unpacking& unpacking) {
    if (holder.uninspectable) return "kwit-inspector could not read it";
    if (!unpacking.over().empty()) return "it is over one of [limits]";
    if (!unpacking.ambiguities().empty()) return "it can be read in two ways";
    if (!holder.opening) return {};
    switch (holder.opening->state) {
    case Opening::State::over_members:
        return "it holds more than [limits] members";
    case Opening::State::over_unpacked:
        return "it holds more than [limits] unpacked";
    case Opening::State::over_ratio:
        return "it holds more than [limits] ratio allows";
    default:
        return {};
    }
}

} // namespace

Result<std::optional<mime::Extracted>>
take_out(const Opener& opener, mime::Extracted leaf, std::span<const std::string> path) {
    mime::Extracted at = std::move(leaf);
    std::uint32_t level = 0;
    const Files nothing;
    for (const std::string& digest : path) {
        const auto is_next = [&digest](const PartFacts& part) {
            return part.digest && part.digest->hex() == digest;
        };
        Unpacking unpacking(opener, nothing, is_next);
        const File bytes = TRY(at.file.reader());
        auto found = TRY(unpacking.open(at.facts, bytes, ++level));
        if (const auto why = obstacle(at.facts, unpacking); !why.empty())
            return fail(
                Kind::refused,
                fmt::format("what holds the part cannot be opened any more: {}", why),
                "where [limits] are lower than when the mail came, raise them; or take out the "
                "part around it and open that by hand"
            );
        const auto next = std::find_if(found.begin(), found.end(), is_next);
        if (next == found.end()) return std::optional<mime::Extracted>();
        auto file = unpacking.files().find(*next->digest);
        if (file == unpacking.files().end()) return std::optional<mime::Extracted>();
        at = mime::Extracted{std::move(*next), std::move(file->second)};
    }
    return std::optional(std::move(at));
}

} // namespace kwit
