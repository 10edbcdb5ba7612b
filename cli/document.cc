#include "cli/commands.hh"
#include "cli/listing.hh"
#include "cli/stored.hh"
#include "cli/values.hh"
#include "core/archive/document_change.hh"
#include "core/archive/documents.hh"
#include "core/base/text.hh"
#include "core/model/period.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli {

namespace {

struct ListDocuments {
    std::string client;
    std::string period;
    std::string category;
    std::string address;
    std::string receipt;
    std::string status;
    std::optional<std::string> since{};
    std::optional<std::string> until{};
    PageOptions page{};
};

Result<DocumentFilter> filter_of(const ListDocuments& options) {
    DocumentFilter filter{
        .client = options.client,
        .category = options.category,
        .address = options.address,
        .receipt = options.receipt,
        .status = options.status};
    if (!options.period.empty()) filter.period = TRY(Period::parse(options.period)).text();
    filter.since = TRY(parse_when("--since", options.since));
    filter.until = TRY(parse_when("--until", options.until));
    return filter;
}

std::vector<std::string> cells(const Document& document) {
    return {
        document.id,
        readable_time(document.received_at),
        document.client,
        document.category,
        document.period,
        document.sender,
        readable_size(document.size),
        document.status,
        document.filename};
}

Result<Done> list(Context& context, const ListDocuments& options) {
    const DocumentFilter filter = TRY(filter_of(options));
    const auto archive = TRY(open_archive(context, Access::read_only));
    Listing<Document> listing(
        context.out,
        {{"ID"},
         {"RECEIVED"},
         {"CLIENT"},
         {"CATEGORY"},
         {"PERIOD"},
         {"SENDER"},
         {"SIZE", Column::Align::right},
         {"STATUS"},
         {"FILE NAME"}},
        cells
    );
    TRY(each_document(
        *archive,
        filter,
        options.page.page(),
        [&](const Document& document) -> Result<lmdb::Walk> { return listing.add(document); }
    ));
    listing.end();
    return Done::yes;
}

struct OneDocument {
    std::string id;
};

Arguments one_document(OneDocument& o) {
    return {{"ID", &o.id, "the document", Need::required}};
}

/// "factur-x.xml (factur-x)", "notes.txt".
std::vector<std::string> embedded_files(const Document& document) {
    std::vector<std::string> files;
    for (const EmbeddedFile& file : document.embedded)
        files.push_back(
            file.kind.empty() ? file.name : fmt::format("{} ({})", file.name, file.kind)
        );
    return files;
}

Result<Done> show(Context& context, const OneDocument& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const Document document = TRY(get_document(*archive, options.id));
    if (context.out.json()) {
        context.out.object(to_json(document));
        return Done::yes;
    }
    print_lines(
        context.out,
        {{"id", document.id},
         {"receipt", document.receipt},
         {"received", readable_time(document.received_at)},
         {"client", document.client},
         {"address", document.address},
         {"category", document.category},
         {"period", document.period},
         {"code", document.code},
         {"user", document.user},
         {"sender", document.sender},
         {"file name", document.filename},
         {"type", document.media_type},
         {"size", readable_size(document.size)},
         {"sha256", document.sha256},
         {"status", document.status},
         {"pages", document.pages == 0 ? std::string() : std::to_string(document.pages)},
         {"title", document.title},
         {"e-invoice", document.kind},
         {"flags", join(document.flags, ", ")},
         {"active", join(document.active, ", ")},
         {"embedded", join(embedded_files(document), ", ")}}
    );
    return Done::yes;
}

Result<Done> get(Context& context, const OneDocument& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const Document document = TRY(get_document(*archive, options.id));
    const Digest digest = TRY(Digest::parse(document.sha256));
    TRY(print_object(context, *archive, digest));
    return Done::yes;
}

struct SetDocuments {
    std::vector<std::string> ids{};
    DocumentChange change{};
};

bool is_empty(const DocumentChange& change) {
    const auto fields = {
        &change.client,
        &change.category,
        &change.period,
        &change.code,
        &change.user,
        &change.sender,
        &change.address,
        &change.filename,
        &change.status};
    return std::none_of(fields.begin(), fields.end(), [](const auto* field) {
        return field->has_value();
    });
}

/// The change with its values in the form that records hold.
Result<DocumentChange> change_of(const Context& context, const SetDocuments& options) {
    DocumentChange change = options.change;
    if (is_empty(change))
        return fail(
            Kind::misuse,
            "nothing to set",
            "give --client, --category, --period, --code, --user, --sender, --address, --filename "
            "or --status"
        );
    if (change.period) {
        const Period period = TRY(parse_period(*change.period, context.settings, context.by.at));
        change.period = period.text();
    }
    if (change.filename) change.filename = TRY(parse_filename(*change.filename));
    return change;
}

Result<Done> set(Context& context, const SetDocuments& options) {
    const DocumentChange change = TRY(change_of(context, options));
    const auto archive = TRY(open_existing_archive(context));
    const auto all = TRY(set_documents(*archive, options.ids, change, context.by));
    for (const DocumentSet& one : all)
        print_made(context.out, one.document, one.document.id);
    if (context.out.json()) return Done::yes;
    for (const DocumentSet& one : all)
        if (one.changed == Changed::no)
            context.out.line("nothing differs in " + one.document.id + ": nothing was written");
    return Done::yes;
}

Arguments set_arguments(SetDocuments& o) {
    DocumentChange& change = o.change;
    return {
        {"ID", &o.ids, "the document, or several", Need::required},
        {"--client CLIENT", &change.client, "whose books it belongs to"},
        {"--category CATEGORY", &change.category, "any text, at most 200 bytes"},
        {"--period YYYY-MM", &change.period, "the accounting month"},
        {"--code CODE", &change.code, R"(of a sender of the client; "": none)"},
        {"--user EMAIL", &change.user, R"(the sender whose code it is; "": none)"},
        {"--sender EMAIL", &change.sender, R"(who mailed it; "": nobody)"},
        {"--address ADDRESS", &change.address, R"(an import address of the client; "": none)"},
        {"--filename NAME", &change.filename, "what it is called"},
        {"--status STATUS", &change.status, "filed or annex"}};
}

Arguments list_arguments(ListDocuments& o) {
    return with_page(
        {{"--client CLIENT", &o.client, "of this client alone"},
         {"--period YYYY-MM", &o.period, "of this accounting month alone"},
         {"--category CATEGORY", &o.category, "of this category alone"},
         {"--address ADDRESS", &o.address, "of this import address alone"},
         {"--receipt ID", &o.receipt, "of this mail alone"},
         {"--status STATUS", &o.status, "filed or annex"},
         {"--since TIME", &o.since, R"(from then on: 2026-11-21, "2026-11-21 10:30" or UTC)"},
         {"--until TIME", &o.until, "before then"}},
        o.page
    );
}

} // namespace

Commands document_commands() {
    return {
        command<ListDocuments>(
            "document list",
            "Lists the documents that were filed.",
            "kwit document list --client 10023 --period 2026-11",
            list_arguments,
            list
        ),
        command<OneDocument>(
            "document show",
            "Shows the parameters of a document.",
            "kwit document show 01JD5T3V9GQ4ZK8M2N7R6XW1AB",
            one_document,
            show
        ),
        command<OneDocument>(
            "document get",
            "Writes the document itself to standard output.",
            "kwit document get 01JD5T3V9GQ4ZK8M2N7R6XW1AB > invoice.pdf",
            one_document,
            get
        ),
        command<SetDocuments>(
            "document set",
            "Changes the parameters of documents, all that are named or none. What was there "
            "before "
            "stands in the journal. The bytes, the time they came and the mail they came with "
            "stay.",
            "kwit document set 01JD5T3V9GQ4ZK8M2N7R6XW1AB --category FK --period 2026-10",
            set_arguments,
            set
        ),
    };
}

} // namespace kwit::cli
