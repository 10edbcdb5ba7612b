// Where mail comes in: kwit is the last milter of every listener that strangers or clients reach,
// and what Postfix does while kwit is away.
#include "cli/doctor/checks.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli::doctor {

namespace {

/// The list with kwit at its end, named and set as it should be.
std::string
corrected(const Facts& facts, const Service& service, const std::vector<Milter>& milters) {
    std::string list;
    for (const Milter& milter : milters)
        if (place_of(milter, service, facts.postfix) != kwit_socket(facts.settings))
            list += milter.text + ", ";
    return list + kwit_entry(facts, service);
}

/// One listener, looked at.
class Look {
public:
    Look(const Facts& facts, const Service& service, Findings& findings)
        : facts_(facts), postfix_(facts.postfix), service_(service), findings_(findings),
          milters_(parse_milters(facts.postfix.value("smtpd_milters", &service))),
          at_(std::find_if(milters_.begin(), milters_.end(), [&](const Milter& milter) {
              return place_of(milter, service_, postfix_) == kwit_socket(facts_.settings);
          })) {}

    void run() {
        if (at_ == milters_.end()) return missing();
        position();
        default_action();
        protocol();
        macros();
    }

private:
    void add(std::string name, const std::string& parameter, std::string why, std::string remedy) {
        findings_.push_back(
            {.name = std::move(name),
             .severity = Severity::error,
             .where = fmt::format(
                 "{} (listener {})", where_is(postfix_, parameter, &service_), service_.label()
             ),
             .why = std::move(why),
             .remedy = std::move(remedy)}
        );
    }

    [[nodiscard]] std::string corrected_list() const {
        return mend(postfix_, "smtpd_milters", corrected(facts_, service_, milters_), &service_);
    }

    void missing() {
        // Meant, but looked for in the wrong place: the chroot was forgotten, or there is none.
        Service other = service_;
        other.chroot = !service_.chroot;
        const auto meant =
            std::find_if(milters_.begin(), milters_.end(), [&](const Milter& milter) {
                return place_of(milter, other, postfix_) == kwit_socket(facts_.settings);
            });
        if (meant != milters_.end()) return misplaced(*meant);
        add("kwit-not-in-milters",
            "smtpd_milters",
            "mail that comes in here is not seen by kwit: it is not refused in time, a login is "
            "forgotten, and it comes to kwit by the re-entry only",
            corrected_list());
    }

    void misplaced(const Milter& meant) {
        const std::string queue = postfix_.value("queue_directory");
        const bool inside = kwit_socket(facts_.settings).starts_with("unix:" + queue + "/");
        std::vector<Milter> others;
        std::copy_if(
            milters_.begin(),
            milters_.end(),
            std::back_inserter(others),
            [&](const Milter& m) { return &m != &meant; }
        );
        add("socket-not-reached",
            "smtpd_milters",
            fmt::format(
                "smtpd runs {} and looks for the socket at {}, but kwit makes it at {}: all mail "
                "here waits",
                service_.chroot ? "inside the chroot " + queue : "without a chroot",
                place_of(meant, service_, postfix_),
                facts_.settings.milter.socket
            ),
            service_.chroot && !inside
                ? fmt::format("kwit.toml, [milter]: socket = \"unix:{}/kwit/kwit.sock\"", queue)
                : mend(postfix_, "smtpd_milters", corrected(facts_, service_, others), &service_));
    }

    void position() {
        if (std::next(at_) == milters_.end()) return;
        add("kwit-not-last-milter",
            "smtpd_milters",
            fmt::format(
                "what kwit has filed can still be refused by {}; and results that it writes come "
                "too late for kwit",
                std::next(at_)->endpoint
            ),
            corrected_list());
    }

    void default_action() {
        const auto own = at_->options.find("default_action");
        const bool is_own = own != at_->options.end();
        const std::string action =
            is_own ? own->second : postfix_.value("milter_default_action", &service_);
        if (action == "tempfail") return;
        add("milter-default-action",
            is_own ? "smtpd_milters" : "milter_default_action",
            fmt::format(
                "while kwit is away the action is {}: {}",
                action,
                action == "reject" ? "senders are refused for good"
                                   : "documents go past kwit, unfiled"
            ),
            is_own ? corrected_list()
                   : mend(postfix_, "milter_default_action", "tempfail", &service_));
    }

    void protocol() {
        const auto own = at_->options.find("protocol");
        const bool is_own = own != at_->options.end();
        const std::string version =
            is_own ? own->second : postfix_.value("milter_protocol", &service_);
        constexpr std::uint64_t wanted = 6;
        const auto number = number_in(version);
        if (number && *number >= wanted) return;
        add("milter-protocol",
            is_own ? "smtpd_milters" : "milter_protocol",
            "before version 6 kwit cannot ask for the login of a sender, and header lines lose "
            "their first blank: signed mails are judged wrongly",
            is_own ? corrected_list() : mend(postfix_, "milter_protocol", "6", &service_));
    }

    void macros() {
        for (const char* const name :
             {"milter_data_macros", "milter_end_of_header_macros", "milter_end_of_data_macros"}) {
            const auto words = elements(postfix_.value(name, &service_));
            if (std::any_of(words.begin(), words.end(), [](const std::string& word) {
                    return word == "i" || word == "{i}";
                }))
                return;
        }
        add("milter-macros",
            "milter_end_of_data_macros",
            "kwit does not learn the queue id: receipts and log lines have none, and a mail that "
            "is "
            "sent again after a lost answer may be filed twice",
            mend(postfix_, "milter_end_of_data_macros", "i", &service_));
    }

    const Facts& facts_;
    const Postfix& postfix_;
    const Service& service_;
    Findings& findings_;
    std::vector<Milter> milters_;
    std::vector<Milter>::const_iterator at_;
};

void about_daemon_name(const Postfix& postfix, const Service& service, Findings& findings) {
    if (postfix.value("milter_macro_daemon_name", &service) != "kwit-reentry") return;
    findings.push_back(
        {.name = "daemon-name-of-reentry",
         .severity = Severity::error,
         .where = where_is(postfix, "milter_macro_daemon_name", &service),
         .why = "kwit takes this listener for the re-entry and believes Authentication-Results one "
                "hop further down, where a stranger can have written them",
         .remedy = mend(postfix, "milter_macro_daemon_name", "$myhostname", &service)}
    );
}

void about_milter_maps(const Postfix& postfix, const Service& service, Findings& findings) {
    const std::string maps = postfix.value("smtpd_milter_maps", &service);
    if (maps.empty()) return;
    findings.push_back(
        {.name = "milter-maps",
         .severity = Severity::warning,
         .where = where_is(postfix, "smtpd_milter_maps", &service),
         .why = "clients that this table names get its milters instead of smtpd_milters; those "
                "without kwit come to it by the re-entry only",
         .remedy = "end each list of the table with kwit's milter"}
    );
}

void about_newlines(const Postfix& postfix, const Service& service, Findings& findings) {
    const std::string value = postfix.value("smtpd_forbid_bare_newline", &service);
    if (!value.empty() && !same_word(value, "no")) return;
    findings.push_back(
        {.name = "bare-newline",
         .severity = Severity::error,
         .where = where_is(postfix, "smtpd_forbid_bare_newline", &service),
         .why = "a stranger can smuggle in a second mail that passes the sender check of the first "
                "(CVE-2023-51764)",
         .remedy =
             value.empty()
                 ? "bring Postfix up to date: this one does not know smtpd_forbid_bare_newline"
                 : mend(postfix, "smtpd_forbid_bare_newline", "normalize", &service)}
    );
}

/// A listener that others than this machine's programs reach; behind postscreen it has type pass.
bool takes_mail_from_others(const Service& service) {
    return service.command == "smtpd" && (service.type == "inet" || service.type == "pass") &&
           !is_loopback(service);
}

bool may(const Step& step, const Account& who, unsigned bits) {
    if (who.uid == step.uid) return ((step.mode >> 6U) & bits) == bits;
    if (who.groups.contains(step.gid)) return ((step.mode >> 3U) & bits) == bits;
    return (step.mode & bits) == bits;
}

/// What lets Postfix through a step on the way to the socket.
std::string way_in(const std::vector<Step>& way, std::size_t at, const Postfix& postfix) {
    const std::string path = way[at].path.string();
    if (at + 1 == way.size())
        return R"(kwit.toml, [milter]: socket_group = "postfix", socket_mode = "0660")";
    if (at + 2 == way.size()) return fmt::format("chgrp postfix {0} && chmod 2750 {0}", path);
    return fmt::format(
        "chmod o+x {}, or put the socket into {}/kwit ([milter] socket)",
        path,
        postfix.value("queue_directory")
    );
}

} // namespace

void about_listener(const Facts& facts, const Service& service, Findings& findings) {
    Look(facts, service, findings).run();
}

void about_listeners(const Facts& facts, Findings& findings) {
    bool any = false;
    for (const Service& service : facts.postfix.services) {
        if (!takes_mail_from_others(service)) continue;
        if (&service == submit_listener(facts)) continue; // submit.cc has its own word
        any = true;
        about_listener(facts, service, findings);
        about_daemon_name(facts.postfix, service, findings);
        about_milter_maps(facts.postfix, service, findings);
        about_newlines(facts.postfix, service, findings);
    }
    if (any) return;
    findings.push_back(
        {.name = "no-listener",
         .severity = Severity::warning,
         .where = "master.cf",
         .why = "no smtpd listens but on loopback: no mail comes in from other hosts",
         .remedy = "smtp inet n - y - - smtpd"}
    );
}

void about_socket(const Facts& facts, Findings& findings) {
    constexpr unsigned search = 1;
    constexpr unsigned write = 2;
    const Postfix& postfix = facts.postfix;
    const auto& way = postfix.way;
    for (std::size_t i = 0; i < way.size(); ++i) {
        const Step& step = way[i];
        const bool last = i + 1 == way.size();
        // Whether somebody listens is told by about_ourselves().
        if (!step.there || may(step, postfix.owner, last ? write : search)) continue;
        findings.push_back(
            {.name = "socket-rights",
             .severity = Severity::error,
             .where = fmt::format("{} (mode {:04o})", step.path.string(), step.mode & 07777U),
             .why = fmt::format(
                 "user {}, as whom smtpd runs, may not {} it: all mail waits",
                 postfix.owner.name,
                 last ? "connect to" : "go through"
             ),
             .remedy = way_in(way, i, postfix)}
        );
    }
}

} // namespace kwit::cli::doctor
