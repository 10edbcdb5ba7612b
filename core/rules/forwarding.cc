#include "core/rules/forwarding.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <array>
#include <string>

namespace kwit::rules {

namespace {

/// Gmail has a sender for this alone, whatever the language of its subject.
constexpr std::string_view gmail = "forwarding-noreply@google.com";

/// Outlook.com and Microsoft's account pages have none: it takes a mailbox that no user can have,
/// and a subject about forwarding.
constexpr std::string_view microsoft = "microsoft.com";
constexpr std::array<std::string_view, 4> mailboxes_of_users = {
    "outlook.com", "hotmail.com", "live.com", "office365.com"};
constexpr std::array<std::string_view, 4> machines = {
    "no-reply", "noreply", "postmaster", "account-security-noreply"};
constexpr std::array<std::string_view, 4> about_forwarding = {
    "forward", "weiterleit", "przekier", "przekaz"};

template <typename List>
bool is_in(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_of_microsoft(const std::string& domain) {
    const bool is_below = domain.size() > microsoft.size() && domain.ends_with(microsoft) &&
                          domain[domain.size() - microsoft.size() - 1] == '.';
    return domain == microsoft || is_below || is_in(mailboxes_of_users, domain);
}

bool is_about_forwarding(std::string_view subject) {
    const std::string read = lower(subject);
    return std::any_of(
        about_forwarding.begin(),
        about_forwarding.end(),
        [&](std::string_view word) { return read.find(word) != std::string::npos; }
    );
}

} // namespace

std::string_view asks_to_forward(const EmailAddress& author, std::string_view subject) {
    if (author.key() == gmail) return "Gmail";
    const bool is_microsoft = is_of_microsoft(author.domain()) &&
                              is_in(machines, lower(author.local())) &&
                              is_about_forwarding(subject);
    return is_microsoft ? "Outlook.com" : "";
}

} // namespace kwit::rules
