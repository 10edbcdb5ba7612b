#include "tests/crash/server.hh"

#include "core/base/json.hh"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <stdexcept>

namespace kwit::crash {

namespace {

void say(int fd, const std::string& text) {
    const std::uint64_t size = text.size();
    std::string whole(reinterpret_cast<const char*>(&size), sizeof size);
    whole += text;
    for (std::size_t done = 0; done < whole.size();) {
        const ssize_t wrote = ::write(fd, whole.data() + done, whole.size() - done);
        if (wrote <= 0) ::_exit(3);
        done += static_cast<std::size_t>(wrote);
    }
}

std::string read_exactly(int fd, std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t done = 0; done < size;) {
        const ssize_t got = ::read(fd, text.data() + done, size - done);
        if (got <= 0) throw std::runtime_error("the server is gone");
        done += static_cast<std::size_t>(got);
    }
    return text;
}

std::string hear(int fd) {
    std::uint64_t size = 0;
    const std::string head = read_exactly(fd, sizeof size);
    std::copy(head.begin(), head.end(), reinterpret_cast<char*>(&size));
    return read_exactly(fd, size);
}

/// Sessions are served one after the other: once it greets us, all before have ended.
void wait_for_turn(const std::string& url) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    char greeting = 0;
    if (::connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0 ||
        ::read(fd, &greeting, 1) != 1)
        throw std::runtime_error("the server does not greet");
    ::close(fd);
}

[[noreturn]] void serve(int control) {
    test::SmtpServer server;
    say(control, server.url());
    char ask = 0;
    while (::read(control, &ask, 1) == 1) {
        Json mails = Json::array();
        for (const test::TakenMail& mail : server.taken())
            mails.push_back({{"from", mail.from}, {"to", mail.to}, {"data", mail.data}});
        say(control, json_line(mails));
    }
    ::_exit(0);
}

} // namespace

Server::Server() {
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
        throw std::runtime_error("cannot make a socket pair");
    child_ = ::fork();
    if (child_ == 0) {
        ::close(sockets[0]);
        serve(sockets[1]);
    }
    ::close(sockets[1]);
    control_ = sockets[0];
    url_ = hear(control_);
}

Server::~Server() {
    ::close(control_);
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
}

std::vector<test::TakenMail> Server::taken() {
    wait_for_turn(url_);
    if (::write(control_, "t", 1) != 1) throw std::runtime_error("the server is gone");
    std::vector<test::TakenMail> mails;
    for (const Json& mail : Json::parse(hear(control_)))
        mails.push_back({.helo = {}, .from = mail["from"], .to = mail["to"], .data = mail["data"]});
    return mails;
}

} // namespace kwit::crash
