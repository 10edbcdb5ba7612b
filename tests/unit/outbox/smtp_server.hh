// A small SMTP server on a port of its own, in a thread: it takes mails or does what it is told at
// one stage, and keeps what it was given.
#pragma once

#include "core/base/file.hh"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kwit::test {

struct TakenMail {
    std::string helo;
    std::string from; ///< as it stood between < and >
    std::string to;
    std::string data; ///< without the dots that were doubled, with CRLF
};

class SmtpServer {
public:
    /// A stage is the word that begins a command, "greeting", or "dot". What happens there: a reply
    /// line, or "drop" to hang up, or "hang" to say nothing more. "body": hang up inside of DATA.
    explicit SmtpServer(std::string stage = {}, std::string answer = {});
    SmtpServer(const SmtpServer&) = delete;
    SmtpServer& operator=(const SmtpServer&) = delete;
    ~SmtpServer();

    [[nodiscard]] std::string url() const;

    /// What was taken with 250 after the dot.
    std::vector<TakenMail> taken();

    [[nodiscard]] std::size_t connections() const { return connections_; }

    /// Another behaviour from the next connection on.
    void behave(std::string stage, std::string answer);

private:
    class Session;

    void serve(const std::stop_token& stop);

    Fd listener_;
    int port_ = 0;
    std::mutex mutex_;
    std::string stage_;  // guarded
    std::string answer_; // guarded
    std::vector<TakenMail> taken_;
    std::atomic<std::size_t> connections_ = 0;
    std::jthread thread_; // the last member: it is stopped first
};

} // namespace kwit::test
