#include "tests/unit/outbox/smtp_server.hh"

#include "core/base/text.hh"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <stdexcept>

namespace kwit::test {

namespace {

constexpr int tick_ms = 20;

bool readable(int fd) {
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, tick_ms) > 0;
}

} // namespace

class SmtpServer::Session {
public:
    Session(Fd socket, std::string stage, std::string answer, const std::stop_token& stop)
        : socket_(std::move(socket)), stage_(std::move(stage)), answer_(std::move(answer)),
          stop_(stop) {}

    /// The mail that was taken, if one was.
    std::optional<TakenMail> run() {
        bool going = reply("greeting", "220 test ESMTP");
        while (going) {
            const auto line = read_line();
            if (!line) break;
            going = obey(*line);
        }
        return taken_;
    }

private:
    bool obey(const std::string& line) {
        const std::string word = upper(line.substr(0, line.find(' ')));
        if (word == "QUIT") {
            reply(word, "221 2.0.0 Bye");
            return false;
        }
        if (word == "DATA") return reply(word, "354 go on") && (answered_ || data());
        if (word == "EHLO") mail_.helo = line.substr(line.find(' ') + 1);
        if (word == "MAIL") mail_.from = between(line);
        if (word == "RCPT") mail_.to = between(line);
        if (word == "EHLO") return reply(word, "250-test\r\n250-SIZE 0\r\n250 ENHANCEDSTATUSCODES");
        return reply(word, "250 2.1.0 Ok");
    }

    bool data() {
        if (stage_ == "body") {
            read_line();
            return false;
        }
        for (;;) {
            const auto line = read_line();
            if (!line) return false;
            if (*line == ".") break;
            mail_.data += (line->starts_with('.') ? line->substr(1) : *line) + "\r\n";
        }
        const bool going = reply("DOT", "250 2.0.0 Ok: queued as 4TEST1");
        if (going && !answered_) taken_ = mail_;
        return going;
    }

    /// False: hang up. answered_: the special answer was given.
    bool reply(const std::string& stage, const std::string& usual) {
        answered_ = upper(stage_) == upper(stage);
        if (!answered_) return say(usual);
        if (answer_ == "hang")
            while (!stop_.stop_requested() && !(readable(socket_.get()) && !read_line())) {
            }
        if (answer_ == "drop" || answer_ == "hang") return false;
        return say(answer_);
    }

    bool say(const std::string& text) {
        const std::string line = text + "\r\n";
        return ::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL) > 0;
    }

    std::optional<std::string> read_line() {
        for (;;) {
            const std::size_t end = buffer_.find("\r\n");
            if (end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 2);
                return line;
            }
            if (stop_.stop_requested()) return std::nullopt;
            if (!readable(socket_.get())) continue;
            std::array<char, 65536> chunk{};
            const ssize_t got = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
            if (got <= 0) return std::nullopt;
            buffer_.append(chunk.data(), static_cast<std::size_t>(got));
        }
    }

    static std::string between(const std::string& line) {
        const std::size_t open = line.find('<') + 1;
        return line.substr(open, line.find('>') - open);
    }

    Fd socket_;
    std::string stage_;
    std::string answer_;
    const std::stop_token& stop_;
    std::string buffer_;
    bool answered_ = false;
    TakenMail mail_{};
    std::optional<TakenMail> taken_{};
};

SmtpServer::SmtpServer(std::string stage, std::string answer)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), stage_(std::move(stage)),
      answer_(std::move(answer)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    auto* const generic = reinterpret_cast<sockaddr*>(&name);
    if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 8) != 0 ||
        ::getsockname(listener_.get(), generic, &size) != 0)
        throw std::runtime_error("cannot listen");
    port_ = ntohs(name.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

SmtpServer::~SmtpServer() = default;

std::string SmtpServer::url() const {
    return fmt::format("smtp://127.0.0.1:{}", port_);
}

std::vector<TakenMail> SmtpServer::taken() {
    const std::scoped_lock lock(mutex_);
    return taken_;
}

void SmtpServer::behave(std::string stage, std::string answer) {
    const std::scoped_lock lock(mutex_);
    stage_ = std::move(stage);
    answer_ = std::move(answer);
}

void SmtpServer::serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!readable(listener_.get())) continue;
        Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket) continue;
        ++connections_;
        std::unique_lock lock(mutex_);
        Session session(std::move(socket), stage_, answer_, stop);
        lock.unlock();
        const auto mail = session.run();
        lock.lock();
        if (mail) taken_.push_back(*mail);
    }
}

} // namespace kwit::test
