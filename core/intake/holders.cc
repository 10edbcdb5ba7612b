#include "core/intake/holders.hh"

#include "core/base/text.hh"
#include "core/intake/mbox.hh"
#include "core/intake/text_files.hh"
#include "core/mime/caps.hh"
#include "core/mime/charset.hh"
#include "core/mime/holder.hh"

#include <algorithm>
#include <optional>
#include <string_view>
#include <variant>

namespace kwit {

namespace {

/// So many bytes may come out of the smallest container: the ratio is no measure of small files.
constexpr std::uint64_t always_unpacked = 1ULL << 20;

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

std::string name_of(const inspect::Member& member) {
    if (member.charset.empty()) return member.name;
    return mime::to_utf8(member.name, member.charset).text;
}

template <typename Value>
void append(std::vector<Value>& to, const std::vector<Value>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

} // namespace

Result<std::vector<PartFacts>>
Unpacking::open(PartFacts& part, const File& file, std::uint32_t level) {
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

/// A content has one file only.
bool Unpacking::wants(const PartFacts& part) {
    return !files_.contains(*part.digest) && !have_.contains(*part.digest) && keep_(part);
}

void Unpacking::keep(const PartFacts& part, TempFile file) {
    files_.try_emplace(*part.digest, std::move(file));
}

// ── mails ────────────────────────────────────────────────────────────────────────────────────────

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

} // namespace kwit
