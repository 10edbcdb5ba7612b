// A sender for benchmarks: mails in parallel over SMTP, as fast as they are taken, each unlike all
// others, and how long it took. Prints the seconds; a reply that was not expected ends it.
//
//   bench-load PORT TEMPLATE RECIPIENT CONNECTIONS MAILS MAILS_PER_CONNECTION EXPECTED [FIRST]
//
// EXPECTED is the code of the last reply of each mail (250; 550 when RCPT is refused). The template
// is a whole mail; 0000000000 in it, and in the first base64 line of a PDF (a comment of 57 bytes),
// becomes the number of the mail, counted from FIRST.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr std::string_view place = "0000000000";
constexpr std::size_t line_bytes = 57; // of which base64 makes a line of 76

std::string base64(std::string_view in) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i + 2 < in.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k)
            three = three << 8U | static_cast<unsigned char>(in[i + k]);
        for (const unsigned shift : {18U, 12U, 6U, 0U})
            out += alphabet[three >> shift & 63U];
    }
    return out;
}

/// The second line of every document of a benchmark: a comment with a number in it.
std::string numbered_line(std::string_view number) {
    std::string line = "%";
    line += number;
    line.resize(line_bytes - 1, '-');
    return line + '\n';
}

std::string digits(std::uint64_t number) {
    std::string text = std::to_string(number);
    return std::string(place.size() - text.size(), '0') + text;
}

/// A mail with numbered places, ready to be sent.
class Template {
public:
    explicit Template(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        text_ = text.str() + "\r\n.\r\n";
        if (!file || text_.size() < 10) throw std::runtime_error("no template at " + path);
        find(std::string(place), plain_);
        find(base64(numbered_line(place)), encoded_);
    }

    [[nodiscard]] std::string numbered(std::uint64_t number) const {
        std::string out = text_;
        const std::string plain = digits(number);
        const std::string encoded = base64(numbered_line(plain));
        for (const std::size_t at : plain_)
            out.replace(at, plain.size(), plain);
        for (const std::size_t at : encoded_)
            out.replace(at, encoded.size(), encoded);
        return out;
    }

private:
    void find(const std::string& what, std::vector<std::size_t>& out) const {
        for (auto at = text_.find(what); at != std::string::npos; at = text_.find(what, at + 1))
            out.push_back(at);
    }

    std::string text_{};
    std::vector<std::size_t> plain_{};
    std::vector<std::size_t> encoded_{};
};

class Session {
public:
    explicit Session(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in stranger{};
        stranger.sin_family = AF_INET;
        stranger.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
        sockaddr_in there = stranger;
        there.sin_port = htons(port);
        there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&stranger), sizeof stranger) != 0 ||
            ::connect(socket_, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0)
            throw std::runtime_error("cannot connect");
        expect(220);
        ask("EHLO client.example", 250);
    }

    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    ~Session() { ::close(socket_); }

    void ask(const std::string& line, int code) {
        send(line + "\r\n");
        expect(code);
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error("the server hung up");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void expect(int code) {
        std::string line;
        do
            line = read_line();
        while (line.size() > 3 && line[3] == '-');
        if (std::atoi(line.substr(0, 3).c_str()) != code)
            throw std::runtime_error("expected " + std::to_string(code) + ", got " + line);
    }

private:
    std::string read_line() {
        std::size_t end = 0;
        while ((end = buffer_.find('\n')) == std::string::npos) {
            std::array<char, 4096> bytes{};
            const auto got = ::recv(socket_, bytes.data(), bytes.size(), 0);
            if (got <= 0) throw std::runtime_error("the server hung up");
            buffer_.append(bytes.data(), static_cast<std::size_t>(got));
        }
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return line;
    }

    int socket_;
    std::string buffer_{};
};

struct Plan {
    std::uint16_t port = 0;
    std::string recipient{};
    std::uint64_t mails = 0;
    std::uint64_t per_connection = 1;
    int expected = 0;
    std::uint64_t first = 0;
};

void send_mail(Session& session, const Plan& plan, const std::string& mail) {
    session.ask("MAIL FROM:<rechnung@lieferant.example>", 250);
    session.ask("RCPT TO:<" + plan.recipient + ">", plan.expected == 550 ? 550 : 250);
    if (plan.expected == 550) return session.ask("RSET", 250);
    session.ask("DATA", 354);
    session.send(mail);
    session.expect(plan.expected);
}

/// Takes mails from the common count until there are none.
void work(const Plan& plan, const Template& mail, std::atomic<std::uint64_t>& next) {
    for (;;) {
        const std::uint64_t from = next.fetch_add(plan.per_connection);
        if (from >= plan.mails) return;
        Session session(plan.port);
        const std::uint64_t to = std::min(plan.mails, from + plan.per_connection);
        for (std::uint64_t number = from; number < to; ++number)
            send_mail(session, plan, mail.numbered(plan.first + number));
        session.ask("QUIT", 221);
    }
}

double run(const Plan& plan, const Template& mail, unsigned connections) {
    std::atomic<std::uint64_t> next = 0;
    std::atomic<bool> failed = false;
    const auto started = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < connections; ++i)
        threads.emplace_back([&] {
            try {
                work(plan, mail, next);
            } catch (const std::exception& error) {
                std::cerr << "bench-load: " << error.what() << "\n";
                failed = true;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    if (failed) throw std::runtime_error("not all mails were answered as expected");
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 8) {
        std::cerr << "usage: bench-load PORT TEMPLATE RECIPIENT CONNECTIONS MAILS "
                     "MAILS_PER_CONNECTION EXPECTED [FIRST]\n";
        return 2;
    }
    try {
        const Plan plan{
            .port = static_cast<std::uint16_t>(std::stoul(argv[1])),
            .recipient = argv[3],
            .mails = std::stoull(argv[5]),
            .per_connection = std::stoull(argv[6]),
            .expected = std::stoi(argv[7]),
            .first = argc > 8 ? std::stoull(argv[8]) : 0};
        const auto connections = static_cast<unsigned>(std::stoul(argv[4]));
        std::printf("%.6f\n", run(plan, Template(argv[2]), connections));
    } catch (const std::exception& error) {
        std::cerr << "bench-load: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
