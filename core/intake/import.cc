#include "core/intake/import.hh"

#include "core/archive/directory.hh"
#include "core/archive/objects.hh"
#include "core/archive/originals.hh"
#include "core/archive/receipts.hh"
#include "core/base/text.hh"
#include "core/intake/inside.hh"
#include "core/intake/inspection.hh"
#include "core/intake/unpacking.hh"
#include "core/rules/documents.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

namespace kwit {

namespace {

constexpr std::size_t piece = 64UL * 1024;

// ── what the bytes are called ────────────────────────────────────────────────────────────────────

struct NamedType {
    std::string_view ending;
    std::string_view media_type;
};

/// Office documents look alike by their content (a ZIP, or OLE2): the name tells them apart.
constexpr std::array office_types = {
    NamedType{".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    NamedType{".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    NamedType{".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    NamedType{".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    NamedType{".odt", "application/vnd.oasis.opendocument.text"},
    NamedType{".odp", "application/vnd.oasis.opendocument.presentation"},
    NamedType{".xls", "application/vnd.ms-excel"},
    NamedType{".doc", "application/msword"},
    NamedType{".ppt", "application/vnd.ms-powerpoint"},
};

/// By the content as far as it tells. What a sender declared is believed only of types that no
/// program runs or shows as a page.
std::string media_type_of(const PartFacts& facts) {
    if (facts.nested_mail) return "message/rfc822";
    const std::string_view by_content = kwit::media_type_of(facts.format);
    if (by_content != kwit::media_type_of(Format::unknown)) return std::string(by_content);
    if (facts.format == Format::executable) return std::string(by_content);
    const std::string& declared = facts.media_type;
    if (declared.starts_with("application/vnd.") || declared == "application/msword")
        return declared;
    const std::string name = lower(facts.name);
    for (const NamedType& type : office_types)
        if (facts.format == Format::office && name.ends_with(type.ending))
            return std::string(type.media_type);
    return std::string(by_content);
}

std::string name_of(const HandedOver& file, const ImportOrder& order) {
    if (!order.filename.empty()) return order.filename;
    if (!file.facts.name.empty()) return file.facts.name;
    return fmt::format("document-{}.{}", file.facts.number, kwit::name_of(file.facts.format));
}

// ── what the rules say ───────────────────────────────────────────────────────────────────────────

void add_formats(const Settings& settings, const ImportAddress& address, Policy& policy) {
    const auto found = settings.policies.find(address.policy);
    if (found == settings.policies.end()) return;
    // What one address of several refuses is not taken unasked.
    policy.active_content = std::max(policy.active_content, found->second.active_content);
    for (const Format format : found->second.formats)
        if (std::find(policy.formats.begin(), policy.formats.end(), format) == policy.formats.end())
            policy.formats.push_back(format);
}

/// What is taken: what the import address takes; without one what any address of the client takes;
/// for a client without addresses what any policy takes.
Result<Policy>
policy_of(const Archive& archive, const Settings& settings, const ImportOrder& order) {
    Policy policy{.name = "by hand", .active_content = ActiveContent::ignore};
    if (order.receipt) {
        const auto address = TRY(find_address(archive, order.receipt->address));
        if (address) add_formats(settings, *address, policy);
    }
    if (!policy.formats.empty()) return policy;
    const auto addresses = TRY(list_addresses(archive, {.client = order.client}));
    for (const ImportAddress& address : addresses)
        add_formats(settings, address, policy);
    if (!policy.formats.empty()) return policy;
    for (const auto& [name, known] : settings.policies)
        add_formats(settings, {.address = {}, .client = {}, .policy = name}, policy);
    return policy;
}

std::optional<Finding> judge(const HandedOver& file, const Policy& policy) {
    const PartFacts before{.media_type = file.before};
    return rules::judge_file(file.facts, file.before.empty() ? nullptr : &before, policy);
}

// ── from files to drafts ─────────────────────────────────────────────────────────────────────────

HandDraft draft_of(const HandedOver& file, const ImportOrder& order, const Policy& policy) {
    HandDraft draft;
    draft.part = file.part;
    draft.user = order.user;
    draft.document.client = order.client;
    draft.document.category = order.category;
    draft.document.period = order.period.text();
    draft.document.sha256 = file.facts.digest->hex();
    draft.document.size = file.facts.size;
    draft.document.media_type = media_type_of(file.facts);
    draft.document.filename = name_of(file, order);
    draft.document.status = order.status;
    note_inside(file.facts, policy, draft.document);
    if (order.forced.contains(Reason::duplicate_refused)) draft.twin = Twin::allow;
    return draft;
}

Error no_part(const Receipt& receipt, std::uint32_t number) {
    return {
        Kind::refused,
        fmt::format("receipt {} has no part {}", receipt.id, number),
        fmt::format("see kwit receipt show {}", receipt.id)};
}

const PartRecord* part_numbered(const Receipt& receipt, std::uint32_t number) {
    const auto part =
        std::find_if(receipt.parts.begin(), receipt.parts.end(), [&](const PartRecord& candidate) {
            return candidate.number == number;
        });
    return part == receipt.parts.end() ? nullptr : &*part;
}

Error not_the_part(const Receipt& receipt, std::uint32_t number) {
    return {
        Kind::corrupt,
        fmt::format(
            "part {} in the mail of receipt {} is not the one that came in", number, receipt.id
        ),
        "run kwit verify"};
}

Error not_readable(const Receipt& receipt, const PartRecord& part) {
    return {
        Kind::refused,
        fmt::format(
            "part {} of receipt {} could not be read ({})", part.number, receipt.id, part.path
        ),
        fmt::format("take out the part it came in, {}, and open it by hand", part.in)};
}

Error too_long(const std::string& name, const LimitSettings& limits) {
    return {
        Kind::refused,
        fmt::format("message-too-large: {} is longer than {} bytes", name, limits.message),
        "raise message in the [limits] section of the configuration"};
}

/// 0 at the end.
Result<std::size_t>
read_some(int descriptor, std::span<std::byte> buffer, const std::string& name) {
    ssize_t size = 0;
    do
        size = ::read(descriptor, buffer.data(), buffer.size());
    while (size < 0 && errno == EINTR);
    if (size < 0) return fail(system_error("read " + name, errno));
    return static_cast<std::size_t>(size);
}

Result<File> mail_of(const Archive& archive, const Receipt& receipt) {
    const std::string by_file =
        fmt::format("give the document as a file: kwit import FILE --receipt {}", receipt.id);
    auto digest = original_of(receipt);
    if (!digest) {
        Error error = std::move(digest).error();
        error.remedy = by_file;
        return fail(std::move(error));
    }
    const auto size = TRY(original_size(archive, *digest));
    if (size) return open_original(archive, *digest);
    return fail(
        Kind::corrupt,
        fmt::format("the mail of receipt {} is missing, object {}", receipt.id, digest->hex()),
        "restore the object from a backup, or " + by_file
    );
}

/// What is inside of those that are looked into.
Result<void> look_inside(
    std::vector<HandedOver>& files,
    const InspectorSettings& settings,
    const inspect::Inspect& inspect,
    const ImportOrder& order,
    const Policy& policy
) {
    if (!inspect) return {};
    Inspection inspection(settings, inspect);
    for (HandedOver& file : files) {
        if (!rules::is_looked_into(file.facts, policy)) continue;
        const auto looked = inspection.look_into(file.file, file.facts);
        if (!looked && !order.forced.contains(Reason::uninspectable)) return fail(looked.error());
    }
    return {};
}

/// The drafts of the files; those that the rules keep out are refusals.
std::vector<HandDraft> drafts_of(
    const std::vector<HandedOver>& files,
    const ImportOrder& order,
    const Policy& policy,
    std::vector<Imported::Refusal>& refusals
) {
    std::vector<HandDraft> drafts;
    drafts.reserve(files.size());
    for (const HandedOver& file : files) {
        HandDraft draft = draft_of(file, order, policy);
        const auto finding = judge(file, policy);
        if (finding && order.forced.contains(finding->reason))
            draft.overrode.push_back(finding->reason);
        else if (finding)
            refusals.push_back({draft.document.filename, *finding});
        drafts.push_back(std::move(draft));
    }
    return drafts;
}

} // namespace

const std::vector<Reason>& forcible_reasons() {
    static const std::vector<Reason> all = {
        Reason::part_not_accepted,
        Reason::type_mismatch,
        Reason::encoding_damaged,
        Reason::mail_encrypted,
        Reason::pdf_encrypted,
        Reason::pdf_damaged,
        Reason::pdf_active_content,
        Reason::uninspectable,
        Reason::duplicate_refused};
    return all;
}

Result<HandedOver>
take_file(const Archive& archive, const Settings& settings, int descriptor, std::string_view name) {
    const LimitSettings& limits = settings.limits;
    const std::string shown(name.empty() ? "standard input" : name);
    TRY(check_space(archive, settings.archive.min_free));
    TempFile file = TRY(temp_file(archive));
    mime::FileFacts facts(name);
    std::vector<std::byte> buffer(piece);
    for (std::size_t size = piece; size > 0;) {
        size = TRY(read_some(descriptor, buffer, shown));
        const Bytes bytes = Bytes(buffer).first(size);
        TRY(file.write(bytes));
        facts.take(bytes);
        if (file.size() > limits.message) return fail(too_long(shown, limits));
    }
    return HandedOver{.facts = std::move(facts).finish(), .file = std::move(file)};
}

namespace {

/// The part, what it came out of, and so on to the leaf, which stands first. Empty when one of them
/// is not among the parts.
std::vector<const PartRecord*> way_to(const Receipt& receipt, const PartRecord& part) {
    std::vector<const PartRecord*> way = {&part};
    while (way.front()->in != 0) {
        const PartRecord* const around = part_numbered(receipt, way.front()->in);
        // What holds a part has a smaller number, so there is an end.
        if (around == nullptr || around->number >= way.front()->number) return {};
        way.insert(way.begin(), around);
    }
    return way;
}

/// The leaf of the mail, or what is deep in it.
Result<std::optional<mime::Extracted>> extract_along(
    const std::vector<const PartRecord*>& way,
    const File& mail,
    const Settings& settings,
    const mime::MakeTemp& make_temp,
    const inspect::Unpack& unpack
) {
    auto leaf = TRY(mime::extract(mail, settings.limits, way.front()->number, make_temp));
    if (!leaf || leaf->facts.digest->hex() != way.front()->sha256 || way.size() == 1) return leaf;
    std::vector<std::string> digests;
    for (const PartRecord* const part : std::span(way).subspan(1))
        digests.push_back(part->sha256);
    const inspect::Inspect nobody;
    const Inspection inspection(settings.inspector, nobody, unpack);
    const std::set<Format> none;
    const Opener opener{settings.limits, none, make_temp, inspection, mime::Kept::everything};
    return take_out(opener, std::move(*leaf), digests);
}

} // namespace

Result<HandedOver> take_part(
    const Archive& archive,
    const Settings& settings,
    const Receipt& receipt,
    std::uint32_t part,
    const inspect::Unpack& unpack
) {
    const PartRecord* const record = part_numbered(receipt, part);
    if (record == nullptr) return fail(no_part(receipt, part));
    if (record->sha256.empty()) return fail(not_readable(receipt, *record));
    TRY(check_space(archive, settings.archive.min_free));
    const File mail = TRY(mail_of(archive, receipt));
    const auto way = way_to(receipt, *record);
    if (way.empty()) return fail(not_the_part(receipt, part));
    auto found = TRY(extract_along(
        way, mail, settings, [&] { return temp_file(archive); }, unpack
    ));
    if (!found || found->facts.digest->hex() != record->sha256)
        return fail(not_the_part(receipt, part));
    const PartRecord* const before = part > 1 ? part_numbered(receipt, part - 1) : nullptr;
    const bool beside = before != nullptr && before->in == record->in;
    return HandedOver{
        .facts = std::move(found->facts),
        .file = std::move(found->file),
        .part = part,
        .before = beside ? before->media_type : std::string()};
}

Result<void> check_import_count(std::size_t count, const LimitSettings& limits) {
    if (count <= limits.documents) return {};
    return fail(
        Kind::misuse,
        fmt::format("{} documents in one import, the limit is {}", count, limits.documents),
        "import them in several commands, or raise documents in the [limits] section"
    );
}

namespace {

Result<void> publish_all(const Archive& archive, std::vector<HandedOver>& files) {
    for (HandedOver& file : files)
        TRY(publish_object(archive, std::move(file.file), *file.facts.digest));
    return {};
}

} // namespace

Result<Imported> import_by_hand(
    Archive& archive,
    const Settings& settings,
    const inspect::Inspect& inspect,
    const ImportOrder& order,
    std::vector<HandedOver> files,
    const By& by
) {
    TRY(check_import_count(files.size(), settings.limits));
    TRY(get_client(archive, order.client));
    const Policy policy = TRY(policy_of(archive, settings, order));
    const auto known = [&archive](const Digest& digest) { return known_inside(archive, digest); };
    TRY(look_inside(files, settings.inspector, known_first(known, inspect), order, policy));
    Imported imported;
    HandCommit commit{
        .drafts = drafts_of(files, order, policy, imported.refusals),
        .receipt = order.receipt ? order.receipt->id : std::string(),
        .resolve = order.resolve,
        .by = by};
    if (!imported.refusals.empty()) return imported;
    TRY(publish_all(archive, files));
    imported.kept = TRY(file_by_hand(archive, commit));
    return imported;
}

} // namespace kwit
