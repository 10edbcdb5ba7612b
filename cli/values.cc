#include "cli/values.hh"

#include "core/base/text.hh"
#include "core/config/syntax.hh"
#include "core/mime/filename.hh"
#include "core/rules/period.hh"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace kwit::cli {

namespace {

/// A time of this machine's zone in one of strptime's forms; nothing when the text is not that, or
/// names a day or an hour that does not exist.
std::optional<Time> parse_local(const std::string& text, const char* form) {
    std::tm fields{};
    const char* const end = ::strptime(text.c_str(), form, &fields);
    if (end == nullptr || *end != '\0') return std::nullopt;
    const std::tm wanted = fields;
    fields.tm_isdst = -1;
    const std::time_t seconds = std::mktime(&fields);
    if (seconds == -1 || fields.tm_mday != wanted.tm_mday) return std::nullopt;
    return Time(std::chrono::seconds(seconds));
}

} // namespace

Result<Time> parse_when(const std::string& option, const std::string& text) {
    if (const auto time = parse_rfc3339(text)) return *time;
    for (const char* form : {"%Y-%m-%d", "%Y-%m-%d %H:%M"})
        if (const auto time = parse_local(text, form)) return *time;
    return fail(
        Kind::misuse,
        fmt::format(R"("{}" of {} is no time)", text, option),
        R"(write 2026-11-21, "2026-11-21 10:30" (both in local time) or 2026-11-21T10:30:00Z)"
    );
}

Result<std::optional<Time>>
parse_when(const std::string& option, const std::optional<std::string>& text) {
    if (!text) return std::optional<Time>();
    const Time time = TRY(parse_when(option, *text));
    return std::optional<Time>(time);
}

Result<Time> parse_since(const std::string& option, const std::string& text, Time now) {
    if (const auto ago = syntax::duration(text)) return now - *ago;
    auto time = parse_when(option, text);
    if (time) return time;
    return fail(
        Kind::misuse,
        time.error().what,
        R"(write 2026-11-21, "2026-11-21 10:30", or how long ago: 30d, 12h)"
    );
}

Result<double> parse_share(const std::string& option, const std::string& text) {
    const auto wrong = [&] {
        return fail(
            Kind::misuse,
            fmt::format(R"("{}" of {} is no share)", text, option),
            "write it in percent, over 0% and at most 100%: 1% or 0.5%"
        );
    };
    constexpr std::string_view allowed = "0123456789.";
    const std::string number = text.substr(0, text.find('%'));
    if (text != number + "%" || number.empty() || number.size() > 10) return wrong();
    if (number.find_first_not_of(allowed) != std::string::npos) return wrong();
    char* end = nullptr;
    const double percent = std::strtod(number.c_str(), &end);
    if (*end != '\0' || percent <= 0 || percent > 100) return wrong();
    return percent / 100;
}

Result<Period> parse_period(const std::string& text, const Settings& settings, Time now) {
    const Period period = TRY(Period::parse(text));
    const std::string zone = settings.domains.empty() ? "UTC" : settings.domains.front().timezone;
    const int last = rules::last_year(now, zone);
    if (period.year() >= rules::first_year && period.year() <= last) return period;
    return fail(
        Kind::refused,
        fmt::format("period-invalid: the year of {} is not taken", text),
        fmt::format("a year is from {} to {}", rules::first_year, last)
    );
}

Result<std::string> parse_filename(const std::string& text) {
    std::string name = mime::clean_filename(text);
    if (!name.empty()) return name;
    return fail(
        Kind::misuse,
        fmt::format(R"("{}" of --filename is no file name)", text),
        R"(give it without a directory, for example "invoice 17.pdf")"
    );
}

std::string readable_size(std::uint64_t bytes) {
    constexpr double step = 1024;
    if (bytes < 1024) return fmt::format("{} B", bytes);
    auto value = static_cast<double>(bytes);
    constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
    for (const char* unit : units) {
        value /= step;
        // 1023.96 would be shown as "1024.0".
        if (value < step - 0.05) return fmt::format("{:.1f} {}", value, unit);
    }
    return fmt::format("{:.1f} {}", value, units.back());
}

std::string readable_time(const std::optional<Time>& time) {
    return time ? local_text(*time) : std::string();
}

} // namespace kwit::cli
