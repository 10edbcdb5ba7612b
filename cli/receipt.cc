#include "cli/commands.hh"
#include "cli/leftover.hh"
#include "cli/listing.hh"
#include "cli/parts.hh"
#include "cli/stored.hh"
#include "cli/values.hh"
#include "core/archive/receipts.hh"
#include "core/base/text.hh"
#include "core/config/texts.hh"
#include "core/model/email_address.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

struct ListReceipts {
    bool unresolved = false;
    std::string client;
    std::string address;
    std::string verdict;
    std::optional<std::string> since{};
    std::optional<std::string> until{};
    PageOptions page{};
};

Result<std::optional<Verdict>> parse_verdict(const std::string& text) {
    if (text.empty()) return std::optional<Verdict>();
    if (const auto verdict = verdict_named(text)) return verdict;
    return fail(
        Kind::misuse,
        fmt::format(R"("{}" is no verdict)", text),
        "a verdict is imported, partial, failed or refused"
    );
}

Result<ReceiptFilter> filter_of(const ListReceipts& options) {
    ReceiptFilter filter{.client = options.client, .address = options.address};
    if (options.unresolved) filter.resolution = Resolution::unresolved;
    filter.verdict = TRY(parse_verdict(options.verdict));
    filter.since = TRY(parse_when("--since", options.since));
    filter.until = TRY(parse_when("--until", options.until));
    return filter;
}

std::string reasons_of(const Receipt& receipt) {
    std::vector<std::string> codes;
    for (const Finding& finding : receipt.findings)
        codes.emplace_back(code_of(finding.reason));
    return join(codes, ", ");
}

std::vector<std::string> cells(const Receipt& receipt) {
    return {
        receipt.id,
        readable_time(receipt.received_at),
        std::string(name_of(receipt.verdict)),
        receipt.client,
        receipt.address,
        receipt.sender.empty() ? receipt.envelope_from : receipt.sender,
        std::to_string(receipt.documents.size()),
        is_unresolved(receipt) ? "open" : "",
        reasons_of(receipt),
        receipt.subject};
}

Result<Done> list(Context& context, const ListReceipts& options) {
    const ReceiptFilter filter = TRY(filter_of(options));
    const auto archive = TRY(open_archive(context, Access::read_only));
    Listing<Receipt> listing(
        context.out,
        {{"ID"},
         {"RECEIVED"},
         {"VERDICT"},
         {"CLIENT"},
         {"ADDRESS"},
         {"SENDER"},
         {"DOCS", Column::Align::right},
         {"STATE"},
         {"REASONS"},
         {"SUBJECT"}},
        cells
    );
    TRY(each_receipt(
        *archive,
        filter,
        options.page.page(),
        [&](const Receipt& receipt) -> Result<lmdb::Walk> { return listing.add(receipt); }
    ));
    listing.end();
    return Done::yes;
}

struct OneReceipt {
    std::string id;
};

Arguments one_receipt(OneReceipt& o) {
    return {{"ID", &o.id, "the receipt", Need::required}};
}

/// The language that the office writes in to senders of the address.
std::string locale_of(const Settings& settings, const Receipt& receipt) {
    const auto address = EmailAddress::parse(receipt.address);
    const DomainSettings* const domain = address ? settings.domain(address->domain()) : nullptr;
    return domain != nullptr ? domain->locale : "en";
}

Lines lines_of(const Receipt& receipt) {
    const std::string resolved =
        receipt.resolved_at
            ? fmt::format("{} by {}", readable_time(receipt.resolved_at), receipt.resolved_by)
            : std::string();
    const std::string removed =
        receipt.original_removed_at
            ? fmt::format(
                  "{}, as nothing more was to be done and keep_originals was over",
                  readable_time(receipt.original_removed_at)
              )
            : std::string();
    return {
        {"id", receipt.id},
        {"received", readable_time(receipt.received_at)},
        {"queue id", receipt.queue_id},
        {"address", receipt.address},
        {"client", receipt.client},
        {"sender", receipt.sender},
        {"envelope from", fmt::format("<{}>", receipt.envelope_from)},
        {"client address", receipt.client_address},
        {"authenticated by", receipt.authenticated_by},
        {"subject", receipt.subject},
        {"message id", receipt.message_id},
        {"size", readable_size(receipt.size)},
        {"verdict", std::string(name_of(receipt.verdict))},
        {"suggestion", receipt.suggestion},
        {"note", receipt.note},
        {"flags", join(receipt.flags, ", ")},
        {"documents", join(receipt.documents, ", ")},
        {"original", receipt.original},
        {"original removed", removed},
        {"resolved", resolved}};
}

void print_notices(Printer& out, const std::vector<NoticeRecord>& notices) {
    Table table(out, {{"NOTICE"}, {"TO"}, {"STATE"}, {"AT"}, {"QUEUE ID"}, {"OUTBOX"}}, "  ");
    for (const NoticeRecord& notice : notices)
        table.row(
            {std::string(name_of(notice.kind)),
             notice.to,
             notice.state,
             readable_time(notice.at),
             notice.queue_id,
             notice.outbox}
        );
    table.end();
}

Result<Done> show(Context& context, const OneReceipt& options) {
    // The texts first: as the archive's owner they may be out of reach.
    const Texts texts = TRY(Texts::load_for(context.settings));
    const auto archive = TRY(open_archive(context, Access::read_only));
    const Receipt receipt = TRY(get_receipt(*archive, options.id));
    if (context.out.json()) {
        context.out.object(to_json(receipt));
        return Done::yes;
    }
    print_lines(context.out, lines_of(receipt));
    const std::string locale = locale_of(context.settings, receipt);
    for (const Finding& finding : receipt.findings)
        context.out.line(
            fmt::format("{}: {}", code_of(finding.reason), texts.sentence(locale, finding))
        );
    print_parts(context.out, receipt.parts);
    print_notices(context.out, receipt.notices);
    const auto leftover = TRY(leftover_lines(*archive, context.settings, receipt));
    for (const std::string& line : leftover)
        context.out.line(line);
    return Done::yes;
}

Result<Done> original(Context& context, const OneReceipt& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const Receipt receipt = TRY(get_receipt(*archive, options.id));
    const Digest digest = TRY(original_of(receipt));
    TRY(print_original(context, *archive, digest));
    return Done::yes;
}

Result<Done> resolve(Context& context, const OneReceipt& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(resolve_receipt(*archive, options.id, context.by));
    const Receipt receipt = TRY(get_receipt(*archive, options.id));
    print_made(context.out, receipt, receipt.id);
    return Done::yes;
}

Arguments list_arguments(ListReceipts& o) {
    return with_page(
        {{"--unresolved", &o.unresolved, "only what somebody still has to do something about"},
         {"--client CLIENT", &o.client, "of this client alone"},
         {"--address ADDRESS", &o.address, "of this import address alone"},
         {"--verdict VERDICT", &o.verdict, "imported, partial, failed or refused"},
         {"--since TIME", &o.since, R"(from then on: 2026-11-21, "2026-11-21 10:30" or UTC)"},
         {"--until TIME", &o.until, "before then"}},
        o.page
    );
}

} // namespace

Commands receipt_commands() {
    return {
        command<ListReceipts>(
            "receipt list",
            "Lists what came in: a receipt for each mail and import address.",
            "kwit receipt list --unresolved --newest --limit 20",
            list_arguments,
            list
        ),
        command<OneReceipt>(
            "receipt show",
            "Shows a receipt: the verdict, its reasons, and what became of every part.",
            "kwit receipt show 01JD5T3V9GQ4ZK8M2N7R6XW1AB",
            one_receipt,
            show
        ),
        command<OneReceipt>(
            "receipt original",
            "Writes the mail to standard output, byte for byte as it came.",
            "kwit receipt original 01JD5T3V9GQ4ZK8M2N7R6XW1AB > mail.eml",
            one_receipt,
            original
        ),
        command<OneReceipt>(
            "receipt resolve",
            "Says that a person has settled what was wrong.",
            "kwit receipt resolve 01JD5T3V9GQ4ZK8M2N7R6XW1AB",
            one_receipt,
            resolve
        ),
    };
}

} // namespace kwit::cli
