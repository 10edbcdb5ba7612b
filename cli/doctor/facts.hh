// What Postfix and the machine are set to, as values: the checks of `kwit doctor` know nothing
// else, so they can be tested without either. cli/doctor/read.cc gathers them.
#pragma once

#include "core/model/settings.hh"

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kwit::cli::doctor {

using Values = std::map<std::string, std::string, std::less<>>;

/// A service of master.cf.
struct Service {
    std::string name{}; ///< "smtp", "127.0.0.1:10026"
    std::string type{}; ///< inet, unix, pass
    bool chroot = false;
    std::string command{}; ///< "smtpd"
    Values options{};      ///< its -o, expanded

    /// "smtp/inet", as postconf names it.
    [[nodiscard]] std::string label() const { return name + "/" + type; }
};

/// Asks a lookup table ("regexp:/etc/postfix/header_checks") for a key; nothing when it is not
/// there.
using Lookup =
    std::function<std::optional<std::string>(const std::string& table, const std::string& key)>;

/// A directory or socket on the way to kwit's socket.
struct Step {
    std::filesystem::path path{};
    mode_t mode = 0;
    uid_t uid = 0;
    gid_t gid = 0;
    bool there = true;
};

/// The user that smtpd runs as.
struct Account {
    std::string name{};
    uid_t uid = 0;
    std::set<gid_t> groups{};
};

struct Postfix {
    std::filesystem::path directory = "/etc/postfix";
    bool is_default = true; ///< commands need no -c
    Values main{};          ///< every parameter, expanded
    std::vector<Service> services{};
    Lookup lookup{};
    Account owner{};
    std::vector<Step> way{}; ///< from / to the socket

    /// As a service sees it: its own, else that of main.cf; empty when neither knows it.
    [[nodiscard]] std::string
    value(const std::string& parameter, const Service* service = nullptr) const;
};

/// Of kwit's own side.
struct Own {
    std::optional<std::string> silent{}; ///< why nobody answers on the socket
    std::optional<std::pair<std::string, std::string>>
        archive{}; ///< why it cannot be used, and the remedy
    std::optional<std::pair<std::string, std::string>>
        inspector{};                     ///< why it cannot be started, and the remedy
    std::optional<std::uint64_t> free{}; ///< bytes where the archive lies
};

struct Facts {
    const Settings& settings;
    Postfix postfix{};
    Own own{};
};

enum class Severity {
    warning,
    error, ///< mail can be lost or misjudged
};

struct Finding {
    std::string name; ///< stable: "in-flow-delay"
    Severity severity = Severity::error;
    std::string where;  ///< "main.cf: in_flow_delay = 1s"
    std::string why;    ///< what happens
    std::string remedy; ///< a command, or the line that mends it
};

using Findings = std::vector<Finding>;

/// What is wrong with Postfix, in the order of a mail's way. Pure but for Postfix::lookup.
Findings examine(const Facts& facts);

/// What is wrong with kwit's own side.
void about_ourselves(const Facts& facts, Findings& findings);

} // namespace kwit::cli::doctor
