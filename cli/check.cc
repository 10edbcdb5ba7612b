#include "cli/commands.hh"
#include "cli/parts.hh"
#include "cli/rehearsal.hh"
#include "cli/table.hh"
#include "core/archive/records.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace kwit::cli {

namespace {

struct Check {
    std::string message;
    std::vector<std::string> more{};
    std::string from;
    std::vector<std::string> to{};
    std::string login;
    std::string certificate;
    std::string client_address;
};

// ── what is asked ────────────────────────────────────────────────────────────────────────────────

/// $TMPDIR, unless it belongs to another user: the caller's own is not the archive owner's.
std::filesystem::path temporary_directory() {
    const char* const wanted = std::getenv("TMPDIR");
    const bool usable = wanted != nullptr && *wanted != '\0' &&
                        ::faccessat(AT_FDCWD, wanted, W_OK | X_OK, AT_EACCESS) == 0;
    return usable ? wanted : "/tmp";
}

Result<File> copy_message(const std::string& name) {
    const Fd source(name == "-" ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!source) return fail(system_error("open " + name, errno));
    TempFile copy = TRY(TempFile::create(temporary_directory()));
    std::array<std::byte, 64UL * 1024> buffer{};
    for (;;) {
        const ssize_t size = ::read(source.get(), buffer.data(), buffer.size());
        if (size == 0) return copy.reader();
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return fail(system_error("read " + name, errno));
        TRY(copy.write(Bytes(buffer).first(static_cast<std::size_t>(size))));
    }
}

/// The message in a file of ours: what is given may be a pipe.
Result<File> read_message(const std::string& name) {
    return copy_message(name).map_error([](Error error) {
        error.kind = Kind::misuse;
        return error;
    });
}

Result<EmailAddress> parse_address(const std::string& option, const std::string& text) {
    return EmailAddress::parse(text).map_error([&](Error error) {
        error.kind = Kind::misuse;
        return std::move(error).in(option);
    });
}

std::string without_brackets(const std::string& text) {
    const bool bracketed = text.size() >= 2 && text.front() == '<' && text.back() == '>';
    return bracketed ? text.substr(1, text.size() - 2) : text;
}

Result<Envelope> envelope_of(const Check& options) {
    Envelope envelope{
        .sender = without_brackets(options.from),
        .client_address = options.client_address,
        .login = options.login,
        .certificate = {.subject = options.certificate, .fingerprint = options.certificate}};
    if (!envelope.sender.empty()) TRY(parse_address("--from", envelope.sender));
    return envelope;
}

Result<std::vector<EmailAddress>> recipients_of(const Check& options) {
    std::vector<EmailAddress> recipients;
    for (const auto* list : {&options.to, &options.more})
        for (const std::string& text : *list)
            recipients.push_back(TRY(parse_address("--to", without_brackets(text))));
    return recipients;
}

// ── what is told ─────────────────────────────────────────────────────────────────────────────────

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json json_of(const RuleAnswer& answer) {
    return Json{
        {"rule", answer.rule},
        {"result", name_of(answer.result)},
        {"reason", answer.finding ? Json(code_of(answer.finding->reason)) : Json()},
        {"note", text_or_null(answer.note)}};
}

/// What the documents would be filed as, and who would be told.
void add_outcome(Json& object, const Outcome& outcome) {
    object["sender"] = text_or_null(outcome.sender);
    object["authenticated_by"] = text_or_null(outcome.authenticated_by);
    object["category"] = outcome.filing ? Json(outcome.filing->category) : Json();
    object["period"] = outcome.filing ? Json(outcome.filing->period.text()) : Json();
    object["suggestion"] = text_or_null(outcome.suggestion);
    object["flags"] = outcome.flags;
    object["notices"] = Json::array();
    for (const NoticePlan& notice : outcome.notices)
        object["notices"].push_back(Json{{"kind", name_of(notice.kind)}, {"to", notice.to}});
}

Json json_of(const Rehearsed& rehearsed, const Texts& texts) {
    Json object{
        {"address", rehearsed.address},
        {"verdict", rehearsed.verdict ? Json(name_of(*rehearsed.verdict)) : Json()},
        {"reasons", Json::array()},
        {"reply", rehearsed.reply ? Json(*rehearsed.reply) : Json()},
        {"parts", Json::array()},
        {"rules", Json::array()},
        {"explanations", Json::array()},
        {"client", text_or_null(rehearsed.client)},
        {"policy", text_or_null(rehearsed.policy)}};
    for (const Finding& finding : rehearsed.findings) {
        object["reasons"].push_back(code_of(finding.reason));
        object["explanations"].push_back(texts.sentence(rehearsed.locale, finding));
    }
    for (const PartRecord& part : rehearsed.parts)
        object["parts"].push_back(to_json(part));
    if (!rehearsed.outcome) return object;
    for (const RuleAnswer& answer : rehearsed.outcome->answers)
        object["rules"].push_back(json_of(answer));
    add_outcome(object, *rehearsed.outcome);
    return object;
}

void print_rules(Printer& out, const std::vector<RuleAnswer>& answers) {
    constexpr std::size_t widest = 120;
    Table table(
        out, {{"RULE"}, {"RESULT"}, {"REASON"}, {"NOTE", Column::Align::left, widest}}, "  "
    );
    for (const RuleAnswer& answer : answers)
        table.row(
            {answer.rule,
             std::string(name_of(answer.result)),
             answer.finding ? std::string(code_of(answer.finding->reason)) : std::string(),
             answer.note}
        );
    table.end();
}

Lines lines_of(const Outcome& outcome) {
    std::vector<std::string> notices;
    for (const NoticePlan& notice : outcome.notices)
        notices.push_back(fmt::format("{} to {}", name_of(notice.kind), notice.to));
    std::string filing;
    if (outcome.filing)
        filing = fmt::format("{} {}", outcome.filing->category, outcome.filing->period.text());
    return {
        {"sender", outcome.sender},
        {"authenticated", outcome.authenticated_by},
        {"filed as", filing},
        {"suggestion", outcome.suggestion},
        {"flags", join(outcome.flags, ", ")},
        {"notices", join(notices, ", ")}};
}

void print_text(Printer& out, const Rehearsed& rehearsed, const Texts& texts) {
    out.line(rehearsed.address);
    if (!rehearsed.reply) {
        out.line("  no import address: kwit leaves it to the MTA");
        return;
    }
    Lines lines{
        {"verdict",
         rehearsed.verdict ? std::string(name_of(*rehearsed.verdict)) : "none, to be tried again"},
        {"client", rehearsed.client},
        {"policy", rehearsed.policy}};
    for (const std::string_view line : split(*rehearsed.reply, '\n'))
        lines.emplace_back("reply", line);
    for (const Finding& finding : rehearsed.findings)
        lines.emplace_back(
            "reason",
            fmt::format(
                "{}: {}", code_of(finding.reason), texts.sentence(rehearsed.locale, finding)
            )
        );
    if (rehearsed.outcome) {
        const Lines more = lines_of(*rehearsed.outcome);
        lines.insert(lines.end(), more.begin(), more.end());
    }
    print_lines(out, lines, "  ");
    print_parts(out, rehearsed.parts);
    if (rehearsed.outcome) print_rules(out, rehearsed.outcome->answers);
}

// ── the command ──────────────────────────────────────────────────────────────────────────────────

Result<void> can_be_used(ArchiveDoor& door) {
    const auto archive = door.get();
    if (!archive) return fail(unusable(archive.error()));
    return {};
}

bool is_imported(const Rehearsed& rehearsed) {
    return rehearsed.verdict == Verdict::imported;
}

/// All that is asked, read as the caller: message and texts are perhaps not the archive owner's to
/// read.
struct Question {
    Envelope envelope;
    std::vector<EmailAddress> recipients;
    File mail;
    std::shared_ptr<const Snapshot> snapshot;
};

Result<Question> read_question(const Settings& settings, const Check& options) {
    Envelope envelope = TRY(envelope_of(options));
    auto recipients = TRY(recipients_of(options));
    File mail = TRY(read_message(options.message));
    Texts texts = TRY(Texts::load_for(settings));
    return Question{
        .envelope = std::move(envelope),
        .recipients = std::move(recipients),
        .mail = std::move(mail),
        .snapshot = std::make_shared<const Snapshot>(Snapshot{
            .settings = settings, .texts = std::move(texts)})};
}

Result<std::vector<Rehearsed>> answer(const Context& context, const Question& question) {
    TRY(take_owners_identity(context, Access::read_only));
    ArchiveDoor archive(context.settings.archive, Access::read_only);
    TRY(can_be_used(archive));
    Admission admission;
    inspect::Pool pool;
    Intake intake{
        .archive = archive,
        .admission = admission,
        .refusals = nullptr,
        .clock = [now = context.by.at] { return now; },
        .inspect = inspect_with(pool),
        .unpack = unpack_with(pool),
        .temporary = temporary_directory()};
    return rehearse(
        intake, question.snapshot, question.envelope, question.recipients, question.mail
    );
}

Result<Done> check(Context& context, const Check& options) {
    const Question question = TRY(read_question(context.settings, options));
    const auto all = TRY(answer(context, question));
    for (const Rehearsed& rehearsed : all) {
        if (context.out.json())
            context.out.object(json_of(rehearsed, question.snapshot->texts));
        else
            print_text(context.out, rehearsed, question.snapshot->texts);
    }
    return std::all_of(all.begin(), all.end(), is_imported) ? Done::yes : Done::no;
}

Arguments check_arguments(Check& o) {
    return {
        {"MESSAGE", &o.message, R"(the message as a file; "-": standard input)", Need::required},
        {"RECIPIENT", &o.more, "more recipients"},
        {"--from ADDRESS", &o.from, R"(the envelope sender; "": the null sender)", Need::required},
        {"--to ADDRESS", &o.to, "a recipient; may be repeated", Need::required},
        {"--login USER", &o.login, "as if the sender had logged in (SASL)"},
        {"--certificate NAME",
         &o.certificate,
         "as if the sender had shown a verified TLS client certificate of that name or "
         "fingerprint"},
        {"--client-address IP", &o.client_address, "the host that hands the mail over"}};
}

} // namespace

Commands check_commands() {
    return {
        command<Check>(
            "check",
            "Shows what kwit would do with a mail, and writes nothing. The SMTP reply, the verdict "
            "for "
            "each recipient, what becomes of each part, and every rule's answer, by the very code "
            "of "
            "the milter. The message is what the milter gets: without the Received: line of this "
            "host. Exit code 0 when all recipients would import it, else 1.",
            "kwit check mail.eml --from anna@kunde.example --to "
            "faktury+1543030448@in.example.com --login anna",
            check_arguments,
            check
        ),
    };
}

} // namespace kwit::cli
