// What holds other files: attached mails and uuencoded texts as they are read here, containers as a
// child of the inspector could answer that hostile bytes have taken over, as far as the pool would
// believe it. The limits are small, so that the inputs reach them.
#include "core/intake/unpacking.hh"

#include "core/base/text.hh"
#include "core/mime/caps.hh"
#include "tests/fuzz/input.hh"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwit::fuzz {

namespace {

LimitSettings small_limits() {
    LimitSettings limits;
    limits.parts = 12;
    limits.depth = 4;
    limits.documents = 5;
    limits.headers = 20;
    limits.header_bytes = 4096;
    limits.members = 6;
    limits.unpacked = 6000;
    limits.ratio = 2;
    return limits;
}

const std::set<Format> wanted = {Format::pdf, Format::xml};

const mime::MakeTemp make_temp = [] { return TempFile::create("/dev/shm"); };

std::string whole(const File& file) {
    std::string text(file.size(), '\0');
    HOLDS(file.read_at(0, std::as_writable_bytes(std::span(text))));
    return text;
}

inspect::Member member_of(std::string_view name, Choices& choices) {
    constexpr std::array charsets = {"", "CP437", "CP1250", "UTF-16LE", "CP99999", "nobody's"};
    inspect::Member member{.name = std::string(name), .charset = charsets.at(choices.below(6))};
    if (choices.below(5) == 0) member.withheld = static_cast<Withheld>(choices.below(4));
    return member;
}

/// The container read as names and contents between zero bytes, within the order.
Result<inspect::UnpackedOrNot> unpack(
    const InspectorSettings& /*settings*/,
    const inspect::UnpackOrder& order,
    const File& container,
    const Digest& /*digest*/
) {
    const std::string all = whole(container);
    std::string_view text = all;
    Choices choices(text);
    const std::size_t fate = choices.below(16);
    if (fate == 0) return inspect::UnpackedOrNot(inspect::Uninspectable{"it crashed"});
    inspect::Unpacked out;
    if (fate < 3)
        out.opening.state = fate == 1 ? Opening::State::encrypted : Opening::State::damaged;
    if (out.opening.state != Opening::State::opened) return inspect::UnpackedOrNot(std::move(out));
    out.output = TRY(order.make_output());
    std::uint64_t end = 0;
    for (const std::string_view field : split(text, '\0')) {
        inspect::Member member = member_of(field.substr(0, 20), choices);
        const std::string_view content = member.withheld ? "" : field;
        member.offset = end;
        member.size = content.size();
        if (end + content.size() > order.bytes || out.members.size() >= order.members) {
            const bool bytes = end + content.size() > order.bytes;
            out.opening.state =
                bytes ? Opening::State::over_unpacked : Opening::State::over_members;
            out.members.clear();
            return inspect::UnpackedOrNot(std::move(out));
        }
        TRY(out.output->write(as_bytes(content)));
        end += content.size();
        out.members.push_back(std::move(member));
    }
    out.spent_members = static_cast<std::uint32_t>(out.members.size());
    out.spent_bytes = end;
    return inspect::UnpackedOrNot(std::move(out));
}

/// Numbers count up, holders stand before what came out of them, and the way there is the path.
void check_numbers(const std::vector<PartFacts>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const PartFacts& part = parts[i];
        HOLDS(part.number == i + 1);
        if (part.in == 0) continue;
        HOLDS(part.in < part.number && part.begin == 0 && part.end == 0);
        const PartFacts& holder = parts[part.in - 1];
        HOLDS(part.path.starts_with(holder.path + " > "));
        HOLDS(holder.holds != Holder::none && holder.opening);
        HOLDS(part.digest.has_value() != part.withheld.has_value());
    }
}

void check_files(const mime::Examined& mail) {
    for (const auto& entry : mail.files)
        HOLDS(std::any_of(
            mail.facts.parts.begin(),
            mail.facts.parts.end(),
            [&entry](const PartFacts& part) {
                return part.digest == entry.first && part.size == entry.second.size();
            }
        ));
}

/// Of what went over a limit nothing was opened further, and no more came out than may.
void check_budgets(const mime::Examined& mail, const LimitSettings& limits) {
    std::uint64_t members = 0;
    std::uint64_t opened = 0;
    for (const PartFacts& part : mail.facts.parts) {
        const bool by_budget = part.in != 0 &&
                               mail.facts.parts[part.in - 1].holds != Holder::mail &&
                               mail.facts.parts[part.in - 1].holds != Holder::cms;
        members += by_budget ? 1 : 0;
        opened += part.opening ? 1 : 0;
    }
    HOLDS(members <= limits.members && opened <= limits.documents);
}

/// The way to the last part is found again, and leads to the same bytes.
void check_take_out(const Opener& opener, const File& mail, const mime::Examined& found) {
    const auto& parts = found.facts.parts;
    if (parts.empty() || parts.back().in == 0 || !parts.back().digest) return;
    std::vector<std::string> way;
    std::uint32_t at = parts.back().number;
    for (; parts[at - 1].in != 0; at = parts[at - 1].in)
        way.insert(way.begin(), parts[at - 1].digest->hex());
    auto leaf = mime::extract(mail, opener.limits, at, make_temp);
    HOLDS(leaf && leaf->has_value());
    Opener all = opener;
    all.kept = mime::Kept::everything;
    const auto taken = take_out(all, *std::move(*leaf), way);
    HOLDS(taken && taken->has_value());
    HOLDS((*taken)->facts.digest == parts.back().digest);
    HOLDS((*taken)->file.size() == parts.back().size);
}

/// The input is a mail, or a file attached to one.
std::string mail_of(std::string_view text) {
    constexpr std::array types = {
        "application/octet-stream; name=x.zip",
        "application/ms-tnef",
        "application/pkcs7-mime; name=smime.p7m",
        "message/rfc822"};
    constexpr std::array beginnings = {
        "PK\3\4", "\x78\x9F\x3E\x22", "\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02", ""};
    Choices choices(text);
    const std::size_t kind = choices.below(8);
    if (kind >= types.size()) return std::string(text);
    return std::string("From: a@b.example\r\nContent-Type: ") + types.at(kind) +
           "\r\nContent-Transfer-Encoding: binary\r\n\r\n" + beginnings.at(kind) +
           std::string(text);
}

void run(std::string_view text) {
    const LimitSettings limits = small_limits();
    const std::string mail = mail_of(text);
    mime::Caps caps(limits);
    caps.feed(as_bytes(mail));
    if (!caps.over().empty()) return;
    const TempFile temp = file_of(mail);
    const auto file = temp.reader();
    HOLDS(file);
    auto found = mime::examine(*file, limits, wanted, make_temp, mime::Kept::holders);
    HOLDS(found);
    const InspectorSettings settings;
    const inspect::Inspect nobody;
    const Inspection inspection(settings, nobody, unpack);
    const Opener opener{limits, wanted, make_temp, inspection};
    HOLDS(open_holders(opener, *found));
    check_numbers(found->facts.parts);
    check_files(*found);
    check_budgets(*found, limits);
    if (found->facts.over.empty() && found->facts.ambiguities.empty())
        check_take_out(opener, *file, *found);
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kwit::fuzz::run(kwit::fuzz::text_of(data, size));
    return 0;
}
