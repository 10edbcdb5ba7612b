#include "core/intake/connection.hh"

#include "core/base/log.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

constexpr std::string_view size_parameter = "SIZE=";

/// The reverse-path without its brackets; "<>" is empty.
std::string without_brackets(std::string_view path) {
    if (path.size() >= 2 && path.front() == '<' && path.back() == '>')
        path = path.substr(1, path.size() - 2);
    return std::string(path);
}

std::optional<std::uint64_t> declared_size(const std::vector<std::string>& words) {
    for (const std::string& word : words)
        if (starts_with_word(word, size_parameter))
            return parse_number(word.substr(size_parameter.size()));
    return std::nullopt;
}

} // namespace

Connection::Connection(Intake& intake, std::shared_ptr<const Snapshot> snapshot)
    : intake_(intake), snapshot_(std::move(snapshot)) {}

void Connection::connected(const std::string& name, const std::string& address) {
    client_name_ = name;
    client_address_ = address;
}

void Connection::mail(
    const std::vector<std::string>& words,
    const std::string& login,
    const std::string& daemon,
    const ClientCertificate& certificate
) {
    broken_ = false;
    at_reentry_ = daemon == reentry_daemon;
    message_ = std::make_unique<Message>(
        intake_,
        snapshot_,
        Envelope{
            .sender = words.empty() ? std::string() : without_brackets(words.front()),
            .client_address = client_address_,
            .client_name = client_name_,
            .helo = helo_,
            .login = login,
            .certificate = certificate,
            .daemon_name = daemon,
            .removes_recipients = removes_recipients_,
            .declared_size = declared_size(words)}
    );
}

Answer Connection::out_of_order(std::string_view event) {
    log::complain(
        "",
        {.kind = Kind::temporary,
         .what = fmt::format("{} came out of order from {}: answering 451", event, client_address_),
         .remedy = "look whether the MTA speaks the milter protocol as it is configured"}
    );
    return Answer::refuse({.reason = Reason::archive_unavailable}, "en");
}

template <typename Step>
Answer Connection::step(std::string_view event, Step act) {
    if (!message_ || broken_) return out_of_order(event);
    Answer answer = act(*message_);
    // After a final answer of ours the MTA sends nothing more of this mail, not even an abort.
    const bool rcpt_refused = answer.what == Answer::What::refuse && event == "RCPT";
    if (answer.what != Answer::What::go_on && !rcpt_refused) message_.reset();
    // The client is our own MTA: refused for good, it would bounce the mail to somebody who may
    // never have written to us. So it keeps it, where people see it.
    if (answer.refusal) answer.refusal->for_now = at_reentry_;
    return answer;
}

Answer Connection::rcpt(const std::string& written, const std::string& parsed) {
    return step("RCPT", [&](Message& message) { return message.rcpt(written, parsed); });
}

Answer Connection::data(const std::string& queue_id) {
    return step("DATA", [&](Message& message) { return message.data(queue_id); });
}

void Connection::header(std::string_view name, std::string_view value) {
    if (!message_ || broken_) return; // the next event that has an answer says so
    if (keeps_leading_space_)
        message_->header(name, value);
    else
        message_->header(name, fmt::format(" {}", value));
}

Answer Connection::end_of_headers(const std::string& queue_id) {
    return step("the end of headers", [&](Message& message) {
        return message.end_of_headers(queue_id);
    });
}

Answer Connection::body(Bytes chunk) {
    return step("a piece of body", [&](Message& message) { return message.body(chunk); });
}

Answer Connection::end(const std::string& queue_id) {
    return step("the end of message", [&](Message& message) { return message.end(queue_id); });
}

} // namespace kwit
