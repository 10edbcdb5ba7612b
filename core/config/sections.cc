// The tables that each have one place: [milter] to [limits].
#include "core/base/domain.hh"
#include "core/base/text.hh"
#include "core/config/forms.hh"
#include "core/config/readers.hh"
#include "core/config/syntax.hh"

#include <algorithm>
#include <system_error>
#include <vector>

namespace kwit::config {

namespace {

constexpr std::uint64_t kib = 1ULL << 10;
constexpr std::uint64_t mib = 1ULL << 20;
constexpr std::uint64_t gib = 1ULL << 30;
constexpr std::uint64_t tib = 1ULL << 40;
constexpr std::chrono::seconds longest_look{60};

bool is_program(std::string_view path) {
    std::error_code unknown; // what cannot be looked at cannot be run either
    return syntax::is_absolute(path) && std::filesystem::is_regular_file(path, unknown);
}

bool is_name(std::string_view text) {
    return syntax::is_token(text);
}

bool is_submit(std::string_view text) {
    constexpr std::string_view program = "sendmail:";
    if (text.starts_with(program)) return is_program(text.substr(program.size()));
    return syntax::is_smtp_url(text);
}

bool is_sink(std::string_view text) {
    constexpr std::string_view file = "file:";
    if (text.starts_with(file)) {
        text.remove_prefix(file.size());
        return syntax::is_absolute(text) && !text.ends_with('/');
    }
    return text == "stderr" || text == "syslog";
}

void read_path(
    Section& section,
    std::string_view key,
    std::filesystem::path& path,
    const Form<std::string>& form
) {
    std::string text;
    if (section.read(key, text, form)) path = text;
}

void read_count(Section& section, std::string_view key, std::uint64_t& value) {
    std::uint32_t count = 0;
    if (section.read(key, count, count_form(1, 100'000))) value = count;
}

void check_socket_host(Section& section, const MilterSettings& milter) {
    const auto socket = syntax::socket(milter.socket);
    if (!socket || socket->host.empty() || milter.allow_remote || syntax::is_loopback(socket->host))
        return;
    section.problem(
        "socket",
        fmt::format(
            "expected a host of this machine (127.0.0.1 or localhost), found \"{}\": who can "
            "connect can forge logins; set allow_remote = true if a firewall keeps all others out",
            socket->host
        )
    );
}

/// What a signature must cover; without From: it would say nothing about the author.
void read_signed_headers(Section& section, TrustSettings& trust) {
    const std::vector<std::string> words(signable_headers.begin(), signable_headers.end());
    if (!section.read_list("signed_headers", trust.signed_headers, word_form(words))) return;
    const auto& names = trust.signed_headers;
    if (std::find(names.begin(), names.end(), "from") == names.end())
        section.problem("signed_headers", "expected \"from\" among them, found it missing");
}

} // namespace

void read_milter(Section section, MilterSettings& milter) {
    using WhenEmpty = MilterSettings::WhenEmpty;
    const auto is_socket = [](std::string_view text) { return syntax::socket(text).has_value(); };
    section.read(
        "socket",
        milter.socket,
        text_form(
            fmt::format(
                R"("unix:/PATH" with a path of at most {} bytes, or "inet:PORT@HOST")",
                syntax::max_socket_path
            ),
            is_socket
        )
    );
    section.read("socket_mode", milter.socket_mode, mode_form());
    section.read("socket_group", milter.socket_group, text_form("the name of a group", is_name));
    section.read("user", milter.user, text_form("the name of a user", is_name));
    section.read("allow_remote", milter.allow_remote, truth_form());
    section.read(
        "when_empty",
        milter.when_empty,
        word_form<WhenEmpty>({{"discard", WhenEmpty::discard}, {"delrcpt", WhenEmpty::delrcpt}})
    );
    check_socket_host(section, milter);
    section.finish();
}

void read_archive(Section section, ArchiveSettings& archive) {
    read_path(section, "path", archive.path, text_form("an absolute path", syntax::is_absolute));
    section.read("min_free", archive.min_free, size_form(mib, 1024 * tib));
    section.read("keep_originals", archive.keep_originals, duration_or_forever_form());
    section.read("map_size", archive.map_size, size_form(mib, 64 * tib));
    section.finish();
}

void read_outbox(Section section, OutboxSettings& outbox) {
    section.read(
        "submit",
        outbox.submit,
        text_form(R"("smtp://HOST:PORT", or "sendmail:/PATH" of a program that exists)", is_submit)
    );
    section.read("retry_for", outbox.retry_for, duration_form());
    section.read("forward_max", outbox.forward_max, size_form(kib, gib));
    read_count(section, "notices_per_day", outbox.per_day.notices);
    read_count(section, "forwards_per_day", outbox.per_day.forwards);
    section.read("forward_bytes_per_day", outbox.per_day.forward_bytes, size_form(mib, 1024 * tib));
    section.finish();
}

void read_inspector(Section section, InspectorSettings& inspector) {
    read_path(
        section,
        "program",
        inspector.program,
        text_form("the absolute path of a program that exists", is_program)
    );
    section.read("timeout", inspector.timeout, duration_form(longest_look));
    section.read("cpu", inspector.cpu, duration_form(longest_look));
    section.read("memory", inspector.memory, size_form(96 * mib, 64 * gib));
    section.read("children", inspector.children, count_form(1, 64));
    // More processor time than time there is would never be used up.
    if (section.find("cpu") == nullptr)
        inspector.cpu = std::min(inspector.cpu, inspector.timeout);
    else if (inspector.cpu > inspector.timeout)
        section.problem(
            "cpu",
            fmt::format(
                "expected at most timeout, which is {}s, found {}s",
                inspector.timeout.count(),
                inspector.cpu.count()
            )
        );
    section.finish();
}

void read_texts(Section section, TextsSettings& texts) {
    read_path(
        section,
        "path",
        texts.path,
        text_form("the absolute path of a directory that exists", syntax::is_directory)
    );
    section.finish();
}

void read_log(Section section, LogSettings& log) {
    using Level = LogSettings::Level;
    section.read(
        "sink", log.sink, text_form("stderr, syslog or file:PATH with an absolute path", is_sink)
    );
    section.read(
        "level",
        log.level,
        word_form<Level>(
            {{"debug", Level::debug},
             {"info", Level::info},
             {"warning", Level::warning},
             {"error", Level::error}}
        )
    );
    section.finish();
}

void read_trust(Section section, TrustSettings& trust) {
    const auto read_id = [](std::string_view text) {
        return syntax::is_token(text) ? std::optional(lower(text)) : std::nullopt;
    };
    section.read_list(
        "authserv_ids",
        trust.authserv_ids,
        text_form(R"(the name of an authentication service like "mx.example.com")", read_id)
    );
    section.read("hops", trust.hops, count_form(0, 20));
    // Below a public suffix anybody can have a name.
    const auto read_sealer = [](std::string_view text) {
        auto domain = domain_key(text);
        return domain && registrable_domain(*domain) ? domain : std::nullopt;
    };
    section.read_list(
        "arc_sealers",
        trust.arc_sealers,
        text_form(R"(the domain of an ARC sealer like "lists.example.com")", read_sealer)
    );
    read_signed_headers(section, trust);
    section.finish();
}

namespace {

/// 0: no limit.
Form<std::uint32_t> mails_form() {
    return count_form(0, 10'000'000);
}

Form<std::uint64_t> bytes_form() {
    return size_form(0, 1024 * tib);
}

void read_rate(Section section, RateLimit& rate, const LimitSettings& limits) {
    section.read("mails_per_hour", rate.mails_per_hour, mails_form());
    section.read("mails_per_day", rate.mails_per_day, mails_form());
    section.read("bytes_per_hour", rate.bytes_per_hour, bytes_form());
    section.read("bytes_per_day", rate.bytes_per_day, bytes_form());
    for (const auto& [key, bytes] :
         {std::pair{"bytes_per_hour", rate.bytes_per_hour},
          std::pair{"bytes_per_day", rate.bytes_per_day}})
        if (bytes != 0 && bytes < limits.message)
            section.problem(
                key,
                "expected 0 (no limit) or at least [limits] message: a mail of that size would be "
                "put off for ever"
            );
    section.finish();
}

void read_rates(Section& section, LimitSettings& limits) {
    for (const auto& [name, rate] :
         {std::pair{"address", &limits.rates.address},
          std::pair{"sender", &limits.rates.sender},
          std::pair{"client", &limits.rates.client}})
        if (const toml_tree::Entry* const entry = section.table(name))
            read_rate(
                Section(table_of(*entry), entry->line, section.name_of(name), section.problems()),
                *rate,
                limits
            );
}

} // namespace

void read_limits(Section section, LimitSettings& limits) {
    section.read("message", limits.message, size_form(kib, gib));
    section.read("parts", limits.parts, count_form(1, 100'000));
    section.read("depth", limits.depth, count_form(1, 100));
    section.read("documents", limits.documents, count_form(1, 10'000));
    section.read("members", limits.members, count_form(1, 100'000));
    section.read("unpacked", limits.unpacked, size_form(mib, 64 * gib));
    section.read("ratio", limits.ratio, count_form(1, 100'000));
    section.read("headers", limits.headers, count_form(10, 100'000));
    section.read("header_bytes", limits.header_bytes, size_form(kib, 16 * mib));
    section.read("recipients", limits.recipients, count_form(1, 10'000));
    section.read("ends_at_once", limits.ends_at_once, count_form(1, 1000));
    section.read("min_memory", limits.min_memory, size_form(mib, 1024 * tib));
    read_rates(section, limits);
    section.finish();
}

} // namespace kwit::config
