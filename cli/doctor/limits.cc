// Sizes, times and copies: where Postfix and kwit must agree.
#include "cli/doctor/checks.hh"
#include "core/config/syntax.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit::cli::doctor {

namespace {

/// Base64 makes three bytes four and ends each line of 76 with two more; the text of a notice and
/// its headers come on top.
std::uint64_t as_attachment(std::uint64_t bytes) {
    constexpr std::uint64_t notice = 64ULL << 10;
    return bytes / 57 * 78 + 78 + notice;
}

class Look {
public:
    Look(const Facts& facts, Findings& findings)
        : facts_(facts), postfix_(facts.postfix), findings_(findings) {}

    void run() {
        message_size();
        forward_size();
        mailbox_size();
        copies();
        in_flow_delay();
        original_recipient();
    }

private:
    void add(std::string name, const std::string& parameter, std::string why, std::string remedy) {
        findings_.push_back(
            {.name = std::move(name),
             .severity = Severity::error,
             .where = where_is(postfix_, parameter),
             .why = std::move(why),
             .remedy = std::move(remedy)}
        );
    }

    /// The limit of a service; nothing when there is none.
    [[nodiscard]] std::optional<std::uint64_t> limit(const Service* service = nullptr) const {
        const auto number = number_in(postfix_.value("message_size_limit", service));
        return number && *number > 0 ? number : std::nullopt;
    }

    /// The largest notice that kwit makes: with an original attached.
    [[nodiscard]] std::uint64_t forwarded() const {
        const Settings& settings = facts_.settings;
        return as_attachment(std::min(settings.outbox.forward_max, settings.limits.message));
    }

    /// For what comes in, a little above our own limit so that people read our answer, and for what
    /// goes out.
    [[nodiscard]] std::uint64_t enough() const {
        const std::uint64_t message = facts_.settings.limits.message;
        return std::max(message + message / 5, forwarded());
    }

    void message_size() {
        const auto limit_here = limit();
        const std::uint64_t ours = facts_.settings.limits.message;
        if (!limit_here || *limit_here >= ours) return;
        add("message-size-limit",
            "message_size_limit",
            fmt::format(
                "Postfix refuses mails that kwit would take: limits.message is {} bytes", ours
            ),
            mend(postfix_, "message_size_limit", std::to_string(enough())));
    }

    void forward_size() {
        const Service* const listener = submit_listener(facts_);
        const auto limit_there = limit(listener);
        const std::uint64_t needed = forwarded();
        if (!limit_there || *limit_there >= needed) return;
        findings_.push_back(
            {.name = "forward-size-limit",
             .severity = Severity::error,
             .where = where_is(postfix_, "message_size_limit", listener),
             .why = fmt::format(
                 "a mail of outbox.forward_max ({} bytes) that kwit forwards has up to {} bytes "
                 "once "
                 "it is encoded: Postfix refuses it, and the notice dies",
                 facts_.settings.outbox.forward_max,
                 needed
             ),
             .remedy = mend(postfix_, "message_size_limit", std::to_string(enough()), listener)}
        );
    }

    /// local(8) and virtual(8) deliver nothing when their limit is the smaller one.
    void mailbox_size() {
        struct Case {
            const char* parameter;
            const char* used;
        };

        for (const Case& one :
             {Case{"mailbox_size_limit", "mydestination"},
              Case{"virtual_mailbox_limit", "virtual_mailbox_domains"}}) {
            const auto mailbox = number_in(postfix_.value(one.parameter));
            const auto message = limit();
            if (postfix_.value(one.used).empty() || !mailbox || *mailbox == 0) continue;
            if (message && *mailbox >= *message) continue;
            add("mailbox-size-limit",
                one.parameter,
                "it is smaller than message_size_limit: mailboxes of this machine get no mail at "
                "all, notices among it",
                mend(postfix_, one.parameter, "0"));
        }
    }

    void copies() {
        if (facts_.settings.milter.when_empty == MilterSettings::WhenEmpty::delrcpt) return;
        constexpr std::array parameters{"always_bcc", "recipient_bcc_maps", "sender_bcc_maps"};
        for (const char* const parameter : parameters) {
            if (postfix_.value(parameter).empty()) continue;
            add("copies-discarded",
                parameter,
                "a mail that kwit took whole is discarded with the copy that Postfix added",
                "kwit.toml, [milter]: when_empty = \"delrcpt\"");
        }
    }

    void in_flow_delay() {
        const auto delay = number_in(postfix_.value("in_flow_delay"));
        if (delay && *delay == 0) return;
        add("in-flow-delay",
            "in_flow_delay",
            "every mail that kwit takes or refuses uses up a token of Postfix for good: after "
            "about "
            "a hundred each further mail, ordinary mail too, waits this long",
            mend(postfix_, "in_flow_delay", "0"));
    }

    void original_recipient() {
        if (is_yes(postfix_.value("enable_original_recipient"))) return;
        add("original-recipient",
            "enable_original_recipient",
            "kwit takes its recipients out of mails to several, and Postfix does not find the ones "
            "that an alias led to",
            mend(postfix_, "enable_original_recipient", "yes"));
    }

    const Facts& facts_;
    const Postfix& postfix_;
    Findings& findings_;
};

} // namespace

void about_limits(const Facts& facts, Findings& findings) {
    Look(facts, findings).run();
}

} // namespace kwit::cli::doctor
