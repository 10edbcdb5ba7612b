#include "cli/doctor/read.hh"

#include "cli/doctor/checks.hh"
#include "cli/doctor/process.hh"
#include "core/base/identity.hh"
#include "core/base/text.hh"

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>

#include <algorithm>

namespace kwit::cli::doctor {

namespace {

Result<std::string> ask(const std::vector<std::string>& words) {
    const Said said = TRY(run_program(words));
    if (said.code == 0) return said.out;
    return fail(
        Kind::misuse,
        fmt::format("{}: {}", join(words, " "), trim(said.err)),
        "name the directory of main.cf: kwit doctor --postfix DIRECTORY"
    );
}

Result<std::filesystem::path> default_directory() {
    return std::filesystem::path(trim(TRY(ask({"postconf", "-d", "-h", "config_directory"}))));
}

/// Asks postmap once for each key.
class Tables {
public:
    Tables(std::filesystem::path directory, std::shared_ptr<Troubles> troubles)
        : directory_(std::move(directory)), troubles_(std::move(troubles)) {}

    std::optional<std::string> operator()(const std::string& table, const std::string& key) {
        const auto known = answers_.find({table, key});
        if (known != answers_.end()) return known->second;
        return answers_[{table, key}] = ask_postmap(table, key);
    }

private:
    std::optional<std::string> ask_postmap(const std::string& table, const std::string& key) {
        const auto said = run_program({"postmap", "-c", directory_.string(), "-q", key, table});
        if (!said) {
            (*troubles_)[table] = said.error().what;
            return std::nullopt;
        }
        if (said->code == 0) {
            const std::string_view answer = said->out;
            return std::string(answer.substr(0, answer.find('\n')));
        }
        // "Not there" is said without a word.
        for (const std::string_view line : split(said->err, '\n'))
            if (line.find("fatal:") != std::string_view::npos ||
                line.find("error:") != std::string_view::npos)
                (*troubles_)[table] = line;
        return std::nullopt;
    }

    std::filesystem::path directory_;
    std::shared_ptr<Troubles> troubles_;
    std::map<std::pair<std::string, std::string>, std::optional<std::string>> answers_;
};

Result<Account> read_account(const std::string& name) {
    const UserId user = TRY(find_user(name));
    constexpr int most = 1024;
    std::vector<gid_t> groups(most);
    int count = most;
    if (getgrouplist(name.c_str(), user.gid, groups.data(), &count) < 0) count = most;
    return Account{
        .name = name, .uid = user.uid, .groups = {groups.begin(), groups.begin() + count}};
}

Step look_at(const std::filesystem::path& path) {
    struct stat status {};

    if (::stat(path.c_str(), &status) != 0) return {.path = path, .there = false};
    return {.path = path, .mode = status.st_mode, .uid = status.st_uid, .gid = status.st_gid};
}

/// The directories that smtpd goes through, and the socket; from the chroot on where that is one.
std::vector<Step> read_way(const Postfix& postfix, const Settings& settings) {
    constexpr std::string_view prefix = "unix:";
    const std::string socket = kwit_socket(settings);
    if (!socket.starts_with(prefix)) return {};
    const std::filesystem::path path = socket.substr(prefix.size());
    const bool chroot =
        std::any_of(postfix.services.begin(), postfix.services.end(), [](const Service& service) {
            return service.command == "smtpd" && service.chroot;
        });
    const std::string queue = postfix.value("queue_directory");
    std::vector<Step> way;
    std::filesystem::path at;
    for (const auto& name : path) {
        at /= name;
        if (!chroot || at.string().starts_with(queue)) way.push_back(look_at(at));
    }
    return way;
}

} // namespace

Values parse_values(std::string_view text) {
    Values values;
    for (const std::string_view line : split(text, '\n')) {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        values[std::string(trim(line.substr(0, equals)))] = trim(line.substr(equals + 1));
    }
    return values;
}

std::vector<Service>
parse_services(std::string_view lines, std::string_view options, bool unwritten) {
    constexpr std::size_t columns = 8;
    std::vector<Service> services;
    for (const std::string_view line : split(lines, '\n')) {
        const auto words = elements(line);
        if (words.size() < columns) continue;
        services.push_back(
            {.name = words[0],
             .type = words[1],
             .chroot = words[4] == "y" || (words[4] == "-" && unwritten),
             .command = words[7]}
        );
    }
    for (const auto& [name, value] : parse_values(options)) {
        const auto slash = name.rfind('/');
        const std::string label = name.substr(0, slash);
        for (Service& service : services)
            if (slash != std::string::npos && service.label() == label)
                service.options[name.substr(slash + 1)] = value;
    }
    return services;
}

Result<Postfix> read_postfix(
    const std::filesystem::path& directory,
    const Settings& settings,
    const std::shared_ptr<Troubles>& troubles
) {
    const std::filesystem::path standard = TRY(default_directory());
    Postfix postfix;
    postfix.directory = directory.empty() ? standard : std::filesystem::absolute(directory);
    postfix.is_default = postfix.directory == standard;
    const std::string at = postfix.directory.string();
    postfix.main = parse_values(TRY(ask({"postconf", "-c", at, "-x"})));
    const std::string lines = TRY(ask({"postconf", "-c", at, "-M"}));
    const std::string options = TRY(ask({"postconf", "-c", at, "-xP"}));
    const bool old = number_in(postfix.value("compatibility_level")).value_or(0) == 0;
    postfix.services = parse_services(lines, options, old);
    postfix.lookup = Tables(postfix.directory, troubles);
    postfix.owner = TRY(read_account(postfix.value("mail_owner")));
    postfix.way = read_way(postfix, settings);
    return postfix;
}

} // namespace kwit::cli::doctor
