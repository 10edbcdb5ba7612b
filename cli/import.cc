#include "core/intake/import.hh"

#include "cli/commands.hh"
#include "cli/leftover.hh"
#include "cli/listing.hh"
#include "cli/values.hh"
#include "core/archive/receipts.hh"
#include "core/base/text.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace kwit::cli {

namespace {

struct Import {
    std::vector<std::string> files{};
    std::string client;
    std::string category;
    std::string period;
    std::optional<std::string> code{};
    std::optional<std::string> user{};
    std::string filename;
    std::string status = "filed";
    std::string receipt;
    std::vector<std::string> parts{};
    std::vector<std::string> force{};
    bool resolve = false;
};

// ── what is asked ────────────────────────────────────────────────────────────────────────────────

Result<void> check_sources(const Import& options) {
    if (options.receipt.empty() && (!options.parts.empty() || options.resolve))
        return fail(
            Kind::misuse, "--part and --resolve are about a mail", "say which with --receipt ID"
        );
    if (options.files.empty() && options.parts.empty())
        return fail(
            Kind::misuse, "nothing to import", "give a FILE, or --receipt ID with --part N"
        );
    if (!options.files.empty() && !options.parts.empty())
        return fail(
            Kind::misuse,
            "a document is made of a FILE or of a --part, not of both",
            "give them in two commands"
        );
    if (options.client.empty() && options.receipt.empty())
        return fail(Kind::misuse, "whose document is it", "give --client, see kwit client list");
    if (!options.filename.empty() && options.files.size() + options.parts.size() > 1)
        return fail(
            Kind::misuse, "--filename is for one document", "give them in several commands"
        );
    if (std::count(options.files.begin(), options.files.end(), "-") > 1)
        return fail(Kind::misuse, "standard input can be read once", R"(give "-" once)");
    return {};
}

Result<std::set<Reason>> forced_of(const Import& options) {
    std::set<Reason> forced;
    std::vector<std::string> known;
    for (const Reason reason : forcible_reasons())
        known.emplace_back(code_of(reason));
    for (const std::string& word : options.force) {
        const auto reason = reason_named(word);
        if (!reason || std::find(known.begin(), known.end(), word) == known.end())
            return fail(
                Kind::misuse,
                fmt::format(R"("{}" is no reason that can be overridden)", word),
                "these can: " + join(known, ", ")
            );
        forced.insert(*reason);
    }
    return forced;
}

Result<std::vector<std::uint32_t>> parts_of(const Import& options) {
    std::vector<std::uint32_t> parts;
    for (const std::string& text : options.parts) {
        const auto number = parse_number(text);
        if (!number || *number == 0 || *number > std::numeric_limits<std::uint32_t>::max())
            return fail(
                Kind::misuse,
                fmt::format(R"("{}" is no number of a part)", text),
                fmt::format("see kwit receipt show {}", options.receipt)
            );
        parts.push_back(static_cast<std::uint32_t>(*number));
    }
    return parts;
}

Result<ImportOrder> order_of(const Context& context, const Import& options) {
    TRY(check_sources(options));
    TRY(check_import_count(options.files.size() + options.parts.size(), context.settings.limits));
    const Period period = TRY(parse_period(options.period, context.settings, context.by.at));
    ImportOrder order{
        .client = options.client,
        .category = options.category,
        .period = period,
        .user = {.code = options.code, .user = options.user},
        .status = options.status,
        .resolve = options.resolve};
    order.forced = TRY(forced_of(options));
    if (!options.filename.empty()) order.filename = TRY(parse_filename(options.filename));
    return order;
}

// ── where the bytes are ──────────────────────────────────────────────────────────────────────────

struct Source {
    std::string name;
    Fd descriptor;
};

Error unreadable(const std::string& name, int errnum) {
    Error error = system_error("open " + name, errnum);
    error.kind = Kind::misuse;
    if (errnum == EACCES)
        error.remedy = fmt::format("hand it over as its owner: kwit import - … < {}", name);
    return error;
}

Result<Source> open_source(const std::string& name) {
    if (name == "-") return Source{.name = {}, .descriptor = Fd(::dup(STDIN_FILENO))};
    Fd descriptor(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor) return fail(unreadable(name, errno));

    struct stat status {};

    if (::fstat(descriptor.get(), &status) != 0) return fail(unreadable(name, errno));
    if (S_ISDIR(status.st_mode)) return fail(unreadable(name, EISDIR));
    return Source{.name = name, .descriptor = std::move(descriptor)};
}

/// Opened as the caller: the archive's owner may have no right to read them.
Result<std::vector<Source>> open_sources(const Import& options) {
    std::vector<Source> sources;
    for (const std::string& name : options.files) {
        Source source = TRY(open_source(name));
        sources.push_back(std::move(source));
    }
    return sources;
}

Result<std::vector<HandedOver>> take_all(
    const Context& context,
    const Archive& archive,
    const ImportOrder& order,
    const std::vector<Source>& sources,
    const std::vector<std::uint32_t>& parts,
    const inspect::Unpack& unpack
) {
    const Settings& settings = context.settings;
    std::vector<HandedOver> files;
    for (const Source& source : sources) {
        HandedOver file = TRY(take_file(archive, settings, source.descriptor.get(), source.name));
        files.push_back(std::move(file));
    }
    for (const std::uint32_t part : parts) {
        HandedOver file = TRY(take_part(archive, settings, *order.receipt, part, unpack));
        files.push_back(std::move(file));
    }
    return files;
}

// ── what is told ─────────────────────────────────────────────────────────────────────────────────

std::string value_of(const Finding& finding, const char* name) {
    const auto value = finding.values.find(name);
    return value == finding.values.end() ? std::string() : value->second;
}

/// What keeps a file out, for the person who holds it.
std::string why(const Finding& finding) {
    const std::string read = value_of(finding, "read");
    const std::string accepted = value_of(finding, "accepted");
    switch (finding.reason) {
    case Reason::no_document:
        return "it is empty";
    case Reason::type_mismatch:
        return fmt::format("it is called {}, and is {}", value_of(finding, "claimed"), read);
    case Reason::encoding_damaged:
        return "it arrived damaged";
    case Reason::mail_encrypted:
        return "it is encrypted";
    case Reason::pdf_encrypted:
        return "a password or a certificate is needed to open it";
    case Reason::pdf_damaged:
        return fmt::format("it is damaged ({})", value_of(finding, "said"));
    case Reason::pdf_active_content:
        return fmt::format("it contains active content ({})", value_of(finding, "found"));
    case Reason::uninspectable:
        return "it could not be looked into: that crashed, or took too much";
    default:
        return fmt::format("it is {}, and {} is taken", read, accepted);
    }
}

Error refusal(const std::vector<Imported::Refusal>& refusals) {
    Error error{.kind = Kind::refused, .what = {}, .remedy = {}};
    std::set<std::string> forces;
    const auto& forcible = forcible_reasons();
    for (const Imported::Refusal& refusal : refusals) {
        const Reason reason = refusal.finding.reason;
        if (!error.what.empty()) error.what += "\n";
        error.what +=
            fmt::format("{}: {}: {}", code_of(reason), refusal.name, why(refusal.finding));
        if (std::find(forcible.begin(), forcible.end(), reason) != forcible.end())
            forces.insert(fmt::format("--force {}", code_of(reason)));
    }
    if (!forces.empty())
        error.remedy = "to import it all the same, say which reason does not count: " +
                       join({forces.begin(), forces.end()}, " ");
    return error;
}

void tell(Printer& out, const HandKept& kept) {
    for (const HandFiled& filed : kept.filed)
        print_made(out, filed.document, filed.document.id);
    if (out.json()) return;
    for (const HandFiled& filed : kept.filed)
        if (filed.how == HandFiled::How::duplicate)
            out.line(fmt::format(
                "duplicate: {} has these bytes for the same client, category and period",
                filed.document.id
            ));
    const std::string summary = kept.receipt ? leftover_summary(*kept.receipt) : std::string();
    if (!summary.empty()) out.line(summary);
}

// ── the command ──────────────────────────────────────────────────────────────────────────────────

/// All that is asked, read as the caller.
struct Question {
    ImportOrder order;
    std::vector<std::uint32_t> parts;
    std::vector<Source> sources;
};

Result<Question> read_question(const Context& context, const Import& options) {
    ImportOrder order = TRY(order_of(context, options));
    auto parts = TRY(parts_of(options));
    auto sources = TRY(open_sources(options));
    return Question{std::move(order), std::move(parts), std::move(sources)};
}

Result<Imported> answer(const Context& context, const Import& options, Question question) {
    ImportOrder& order = question.order;
    const auto archive = TRY(open_existing_archive(context));
    if (!options.receipt.empty()) order.receipt = TRY(get_receipt(*archive, options.receipt));
    if (order.client.empty() && order.receipt) order.client = order.receipt->client;
    inspect::Pool pool;
    auto files =
        TRY(take_all(context, *archive, order, question.sources, question.parts, unpack_with(pool))
        );
    return import_by_hand(
        *archive, context.settings, inspect_with(pool), order, std::move(files), context.by
    );
}

Result<Done> import(Context& context, const Import& options) {
    Question question = TRY(read_question(context, options));
    const Imported imported = TRY(answer(context, options, std::move(question)));
    if (!imported.refusals.empty()) return fail(refusal(imported.refusals));
    tell(context.out, imported.kept);
    return Done::yes;
}

Arguments import_arguments(Import& o) {
    return {
        {"FILE", &o.files, R"(the document, or several; "-": standard input)"},
        {"--client CLIENT", &o.client, "whose books it belongs to (else the receipt's)"},
        {"--category CATEGORY", &o.category, "any text, at most 200 bytes", Need::required},
        {"--period YYYY-MM", &o.period, "the accounting month", Need::required},
        {"--code CODE", &o.code, "of a sender of the client"},
        {"--user EMAIL", &o.user, "the sender whose code it is"},
        {"--filename NAME", &o.filename, "what it is called (else as it was)"},
        {"--status STATUS", &o.status, "filed (the default) or annex"},
        {"--receipt ID", &o.receipt, "the mail that it came with"},
        {"--part N", &o.parts, "this part of that mail instead of a file; may be repeated"},
        {"--force REASON",
         &o.force,
         "a reason that shall not keep it out, such as part-not-accepted; may be repeated"},
        {"--resolve", &o.resolve, "the receipt is settled by this"}};
}

} // namespace

Commands import_commands() {
    return {
        command<Import>(
            "import",
            "Files documents by hand: files of yours, or parts of a mail that was kept. The "
            "formats "
            "are those that the client's import addresses take; --force names what shall not "
            "count. "
            "A document that is there already is not made twice. All that is given is filed, or "
            "nothing.",
            "kwit import --receipt 01JD5T3V9GQ4ZK8M2N7R6XW1AB --part 3 --category ER --period "
            "2026-11 --force part-not-accepted",
            import_arguments,
            import
        ),
    };
}

} // namespace kwit::cli
