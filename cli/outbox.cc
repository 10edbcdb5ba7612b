#include "core/archive/outbox.hh"

#include "cli/commands.hh"
#include "cli/listing.hh"
#include "cli/values.hh"
#include "core/base/text.hh"

namespace kwit::cli {

namespace {

/// "queued (digest)" while it waits for others.
std::string state_of(const OutboxRow& row) {
    if (row.held == Held::no) return row.state;
    return row.state + " (" + std::string(name_of(row.held)) + ")";
}

std::vector<std::string> cells(const OutboxRow& row) {
    return {
        row.id,
        std::string(name_of(row.kind)),
        row.to,
        state_of(row),
        std::to_string(row.attempts),
        readable_time(row.next_attempt),
        row.receipt,
        row.last_error};
}

Result<Done> list(Context& context, const PageOptions& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    Listing<OutboxRow> listing(
        context.out,
        {{"ID"},
         {"KIND"},
         {"TO"},
         {"STATE"},
         {"TRIES", Column::Align::right},
         {"NEXT TRY"},
         {"RECEIPT"},
         {"LAST ERROR"}},
        cells
    );
    TRY(each_outbox(*archive, options.page(), [&](const OutboxRow& row) -> Result<lmdb::Walk> {
        return listing.add(row);
    }));
    listing.end();
    return Done::yes;
}

struct OneRow {
    std::string id;
};

Arguments one_row(OneRow& o) {
    return {{"ID", &o.id, "the mail we owe", Need::required}};
}

/// What a letter says; the text of a notice is made of its receipt when it is sent.
void print_text(Printer& out, std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.empty()) return;
    out.line("");
    for (const std::string_view line : split(text, '\n'))
        out.line(line);
}

Result<Done> show(Context& context, const OneRow& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const OutboxRow row = TRY(get_outbox(*archive, options.id));
    if (context.out.json()) {
        context.out.object(to_json(row));
        return Done::yes;
    }
    print_lines(
        context.out,
        {{"id", row.id},
         {"kind", std::string(name_of(row.kind))},
         {"to", row.to},
         {"state", state_of(row)},
         {"tries", std::to_string(row.attempts)},
         {"next try", readable_time(row.next_attempt)},
         {"last error", row.last_error},
         {"receipt", row.receipt.empty() ? join(row.receipts, ", ") : row.receipt},
         {"client", row.client},
         {"domain", row.domain},
         {"since", readable_time(row.created_at)},
         {"subject", row.subject}}
    );
    print_text(context.out, row.text);
    return Done::yes;
}

Result<Done> retry(Context& context, const OneRow& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(retry_outbox(*archive, options.id, context.by));
    const OutboxRow row = TRY(get_outbox(*archive, options.id));
    print_made(context.out, row, row.id);
    return Done::yes;
}

Result<Done> drop(Context& context, const OneRow& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(drop_outbox(*archive, options.id, context.by));
    return Done::yes;
}

} // namespace

Commands outbox_commands() {
    return {
        command<PageOptions>(
            "outbox list",
            "Lists the mails that kwit owes and that Postfix has not taken yet.",
            "kwit outbox list",
            [](PageOptions& o) { return with_page({}, o); },
            list
        ),
        command<OneRow>(
            "outbox show",
            "Shows a mail that kwit owes; of a letter (card, report, digest…) all that it says.",
            "kwit outbox show 01JD5T3V9GQ4ZK8M2N7R6XW1AB",
            one_row,
            show
        ),
        command<OneRow>(
            "outbox retry",
            "Lets a mail be tried again now, also one that was given up.",
            "kwit outbox retry 01JD5T3V9GQ4ZK8M2N7R6XW1AB",
            one_row,
            retry
        ),
        command<OneRow>(
            "outbox drop",
            "Gives a mail up for good; its receipt (of a letter the journal) says so.",
            "kwit outbox drop 01JD5T3V9GQ4ZK8M2N7R6XW1AB",
            one_row,
            drop
        ),
    };
}

} // namespace kwit::cli
