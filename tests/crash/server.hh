// The SMTP server of the unit tests in a process of its own, so that what is killed is not in its
// way.
#pragma once

#include "tests/unit/outbox/smtp_server.hh"

#include <string>
#include <vector>

namespace kwit::crash {

class Server {
public:
    Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] const std::string& url() const { return url_; }

    /// What was taken, when every session that was begun has ended.
    std::vector<test::TakenMail> taken();

private:
    int control_ = -1;
    int child_ = -1;
    std::string url_{};
};

} // namespace kwit::crash
