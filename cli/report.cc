#include "core/archive/report.hh"

#include "cli/commands.hh"
#include "cli/report_form.hh"
#include "cli/values.hh"
#include "core/archive/letters.hh"
#include "core/archive/outbox.hh"
#include "core/archive/records.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "core/outbox/html.hh"
#include "core/outbox/notice.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

constexpr std::chrono::days usual_period{7};

struct ReportOptions {
    std::optional<std::string> since{};
    std::optional<std::string> until{};
    std::string client;
    std::string format;
    std::string mail_to;
};

/// The domain whose zone dates are in, and which a mailed report is sent for.
const DomainSettings& first_domain(const Settings& settings) {
    static const DomainSettings none{};
    return settings.domains.empty() ? none : settings.domains.front();
}

/// Midnight in the zone, so many days before the day of the time.
Time midnight_before(Time time, std::chrono::days days, const std::string& zone) {
    constexpr std::size_t date_size = 10;
    const std::string date = local_text(time - days, zone).substr(0, date_size);
    return parse_local(date, zone).value_or(time - days);
}

Result<Time>
moment(const char* option, const std::string& text, const std::string& zone, Time now) {
    if (text == "today") return midnight_before(now, {}, zone);
    if (const auto time = parse_rfc3339(text)) return *time;
    if (const auto time = parse_local(text, zone)) return *time;
    return fail(
        Kind::misuse,
        fmt::format(R"("{}" of {} is no time)", text, option),
        fmt::format(
            R"(write 2026-11-21, "2026-11-21 10:30" (both in {}), 2026-11-21T10:30:00Z or today)",
            zone
        )
    );
}

Result<ReportScope> scope_of(const Context& context, const ReportOptions& options) {
    const std::string& zone = first_domain(context.settings).timezone;
    ReportScope scope{
        .until = context.by.at, .now = context.by.at, .client = options.client, .timezone = zone};
    if (options.until) scope.until = TRY(moment("--until", *options.until, zone, scope.now));
    scope.since = midnight_before(scope.until, usual_period, zone);
    if (options.since) scope.since = TRY(moment("--since", *options.since, zone, scope.now));
    if (scope.since < scope.until) return scope;
    return fail(
        Kind::misuse,
        fmt::format(
            "the period ends ({}) before it begins ({})",
            local_text(scope.until, zone),
            local_text(scope.since, zone)
        ),
        "give --since an earlier time, or --until a later one"
    );
}

enum class Shape { text, json, csv };

Result<Shape> shape_of(const Context& context, const ReportOptions& options) {
    const bool json = context.out.json();
    if (options.format.empty()) return json ? Shape::json : Shape::text;
    if (options.format == "json") return Shape::json;
    if (options.format != "text" && options.format != "csv")
        return fail(
            Kind::misuse,
            fmt::format(R"(a report has no format "{}")", options.format),
            "the formats are text, json, csv"
        );
    if (json)
        return fail(
            Kind::misuse,
            fmt::format("--json and --format {} contradict", options.format),
            "give one"
        );
    return options.format == "csv" ? Shape::csv : Shape::text;
}

Result<void> check_mail(const Context& context, const ReportOptions& options) {
    if (options.mail_to.empty()) return {};
    if (!options.format.empty() && options.format != "text")
        return fail(
            Kind::misuse,
            fmt::format("--mail-to mails the report as text, not as {}", options.format),
            "leave --format out"
        );
    return outbox::check_recipient(options.mail_to, context.settings).map_error([](Error&& error) {
        error.kind = Kind::misuse;
        return std::move(error);
    });
}

std::string text_of(const Report& report, const Settings& settings) {
    std::string text;
    Printer out(text);
    print_report(out, report, settings);
    return text;
}

Result<Done> mail(Context& context, Archive& archive, const Report& report, const std::string& to) {
    const std::string text = text_of(report, context.settings);
    const auto ids = TRY(queue_letters(
        archive,
        {{.kind = NoticeKind::report,
          .to = to,
          .client = report.scope.client,
          .domain = first_domain(context.settings).name,
          .subject = title_of(report, context.settings),
          .text = text,
          .html = outbox::html_of_columns(text)}},
        context.by
    ));
    const std::string& id = ids.front();
    const auto row = TRY(find_outbox(archive, id));
    if (context.out.json() && row)
        context.out.object(to_json(*row));
    else
        context.out.line(id);
    return Done::yes;
}

Result<Done> run(Context& context, const ReportOptions& options) {
    const Shape shape = TRY(shape_of(context, options));
    const ReportScope scope = TRY(scope_of(context, options));
    TRY(check_mail(context, options));
    const bool mails = !options.mail_to.empty();
    const auto archive = TRY(open_archive(context, mails ? Access::read_write : Access::read_only));
    const Report report = TRY(make_report(*archive, scope));
    if (mails) return mail(context, *archive, report, options.mail_to);
    switch (shape) {
    case Shape::text:
        print_report(context.out, report, context.settings);
        break;
    case Shape::json:
        context.out.object(to_json(report));
        break;
    case Shape::csv:
        print_csv(context.out, report);
        break;
    }
    return Done::yes;
}

} // namespace

Commands report_commands() {
    return {command<ReportOptions>(
        "report",
        "Tells what came in and what was refused in a period, and how archive and outbox stand. "
        "Refusals at RCPT are counted by day in UTC.",
        "kwit report --since 2026-11-01 --until 2026-12-01 --mail-to boss@example.com",
        [](ReportOptions& o) -> Arguments {
            return {
                {"--since TIME",
                 &o.since,
                 R"(from then on: 2026-11-21 or "2026-11-21 10:30" in the zone of the (first) )"
                 "domain, or UTC like 2026-11-21T10:30:00Z (else seven days before the end)"},
                {"--until TIME", &o.until, "before then (else now); today: before last midnight"},
                {"--client CLIENT", &o.client, "of this client alone"},
                {"--format FORMAT", &o.format, "text, json or csv"},
                {"--mail-to EMAIL",
                 &o.mail_to,
                 "mail the text there instead of printing it; prints the id in the outbox"}};
        },
        run
    )};
}

} // namespace kwit::cli
