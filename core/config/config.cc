#include "core/config/config.hh"

#include "core/base/file.hh"
#include "core/config/readers.hh"

namespace kwit {

namespace {

constexpr std::size_t max_file = 1U << 20;

template <typename Settings>
void read_section(
    config::Section& top,
    std::string_view key,
    void (*read)(config::Section, Settings&),
    Settings& settings
) {
    if (const toml_tree::Entry* const entry = top.table(key))
        read(
            config::Section(
                config::table_of(*entry), entry->line, std::string(key), top.problems()
            ),
            settings
        );
}

} // namespace

Result<Settings> parse_settings(std::string_view text, std::string_view file_name) {
    const toml_tree::Table table = TRY(toml_tree::read(text, file_name));
    Settings settings;
    config::Problems problems(file_name);
    config::Section top(table, 1, "", problems);
    read_section(top, "milter", config::read_milter, settings.milter);
    read_section(top, "archive", config::read_archive, settings.archive);
    read_section(top, "outbox", config::read_outbox, settings.outbox);
    read_section(top, "inspector", config::read_inspector, settings.inspector);
    read_section(top, "texts", config::read_texts, settings.texts);
    read_section(top, "log", config::read_log, settings.log);
    read_section(top, "trust", config::read_trust, settings.trust);
    read_section(top, "limits", config::read_limits, settings.limits);
    config::read_domains(top, settings.domains);
    config::read_policies(top, settings.policies);
    top.finish();
    if (!problems.empty())
        return fail(problems.error("docs/configuration.md describes every key and its bounds"));
    settings.flaws = problems.flaws();
    return settings;
}

Result<Settings> load_settings(const std::filesystem::path& path) {
    Result<std::string> text = read_whole(path, max_file);
    if (!text) {
        Error error = std::move(text).error();
        error.kind = Kind::misuse;
        error.remedy = "name the configuration with --config FILE or in $KWIT_CONFIG";
        return fail(std::move(error).in("reading the configuration"));
    }
    return parse_settings(*text, path.string());
}

} // namespace kwit
