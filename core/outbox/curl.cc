// SMTP submission (RFC 5321). The door to libcurl.
//
// What libcurl leaves to its user, measured with 7.88:
// - a read callback that gives 0 bytes ends DATA as if the mail were whole, whatever INFILESIZE
//   said: the octets are counted, and anything short of all aborts the transfer;
// - dots are doubled only after CRLF: Wire gives canonical CRLF alone;
// - one of several refused recipients gives up the whole transaction: there is only one;
// - its error codes do not tell a refused recipient from a broken line: the reply code does;
// - it says QUIT in whatever state and waits for the answer as for any other: once what became of
//   the mail is known, the socket is shut, so that this ends at once.
#include "core/base/text.hh"
#include "core/outbox/transports.hh"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <memory>
#include <optional>
#include <vector>

namespace kwit::outbox {

namespace {

constexpr std::size_t max_reply = 1000; // of a reply line that is kept

struct FreeHandle {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

using Handle = std::unique_ptr<CURL, FreeHandle>;
using List = std::unique_ptr<curl_slist, FreeList>;
using Clock = std::chrono::steady_clock;

/// What one transfer has come to. libcurl's callbacks get a pointer to it.
struct Transfer {
    Wire& wire;
    const Timeouts& timeouts;
    const std::stop_token& stop;
    std::uint64_t given = 0;       ///< octets that libcurl has taken
    std::optional<Error> broken{}; ///< the mail could not be read
    std::string reply{};           ///< the last line of the server
    std::string refusal{};         ///< the last line of 400 or more
    std::optional<Clock::time_point> stopping{};
    std::vector<curl_socket_t> sockets{}; ///< open ones: IPv6 and IPv4 may be tried at once

    void hang_up() {
        for (const curl_socket_t socket : sockets)
            ::shutdown(socket, SHUT_RDWR);
    }

    [[nodiscard]] bool is_out() const { return given == wire.size(); }
};

/// No exception may cross libcurl: whatever happens, the transfer is broken off.
template <typename Step, typename Failed>
Failed guarded(Transfer& transfer, Step step, Failed failed) noexcept {
    try {
        return step();
    } catch (const std::exception&) {
        transfer.broken = Error{Kind::temporary, "cannot read the mail", ""};
        return failed;
    }
}

std::size_t give(char* buffer, std::size_t size, std::size_t count, void* user) {
    Transfer& transfer = *static_cast<Transfer*>(user);
    const auto step = [&]() -> std::size_t {
        const auto room = std::as_writable_bytes(std::span(buffer, size * count));
        auto got = transfer.wire.read(room);
        if (!got) {
            transfer.broken = std::move(got).error();
            transfer.hang_up();
            return CURL_READFUNC_ABORT;
        }
        transfer.given += *got;
        if (*got == 0 && !transfer.is_out()) {
            transfer.broken = Error{Kind::corrupt, "the mail ended before its size", ""};
            transfer.hang_up();
            return CURL_READFUNC_ABORT;
        }
        return *got;
    };
    return guarded(transfer, step, std::size_t{CURL_READFUNC_ABORT});
}

/// Each line of the server, with its line end.
std::size_t hear(char* buffer, std::size_t size, std::size_t count, void* user) {
    Transfer& transfer = *static_cast<Transfer*>(user);
    const std::size_t length = size * count;
    const auto step = [&]() -> std::size_t {
        const std::string_view line = trim(std::string_view(buffer, length)).substr(0, max_reply);
        if (line.empty()) return length;
        transfer.reply = line;
        if (line.front() == '4' || line.front() == '5') transfer.refusal = line;
        // The answer to the dot is the last that matters.
        if (transfer.is_out() && line.starts_with("250 ")) transfer.hang_up();
        return length;
    };
    return guarded(transfer, step, std::size_t{0});
}

/// Called about once a second at least. A stop breaks off a mail that is not out yet; for the
/// answer to one that is, a little is waited, lest it be sent twice.
int look(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    constexpr int abort = 1;
    Transfer& transfer = *static_cast<Transfer*>(user);
    if (!transfer.stop.stop_requested()) return 0;
    if (!transfer.stopping) transfer.stopping = Clock::now();
    const bool waited = Clock::now() - *transfer.stopping > transfer.timeouts.grace;
    if (transfer.is_out() && !waited) return 0;
    transfer.hang_up();
    return abort;
}

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
    Transfer& transfer = *static_cast<Transfer*>(user);
    const auto step = [&]() -> curl_socket_t {
        transfer.sockets.reserve(transfer.sockets.size() + 1);
        const curl_socket_t socket =
            ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
        if (socket >= 0) transfer.sockets.push_back(socket);
        return socket;
    };
    return guarded(transfer, step, curl_socket_t{CURL_SOCKET_BAD});
}

int close_socket(void* user, curl_socket_t socket) {
    std::erase(static_cast<Transfer*>(user)->sockets, socket);
    return ::close(socket);
}

bool start_library() {
    static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return started;
}

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libcurl's own way.
    curl_easy_setopt(handle, option, value);
}

long seconds(std::chrono::seconds duration) {
    return static_cast<long>(duration.count());
}

void set_mail(
    CURL* handle, const std::string& url, const Notice& notice, curl_slist* to, Transfer& transfer
) {
    set(handle, CURLOPT_URL, fmt::format("{}/{}", url, notice.helo).c_str());
    set(handle, CURLOPT_PROTOCOLS_STR, "smtp");
    set(handle, CURLOPT_PROXY, ""); // whatever the environment says
    set(handle, CURLOPT_MAIL_FROM, notice.sender.c_str());
    set(handle, CURLOPT_MAIL_RCPT, to);
    set(handle, CURLOPT_UPLOAD, 1L);
    set(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(transfer.wire.size()));
    set(handle, CURLOPT_READFUNCTION, &give);
    set(handle, CURLOPT_READDATA, &transfer);
    set(handle, CURLOPT_HEADERFUNCTION, &hear);
    set(handle, CURLOPT_HEADERDATA, &transfer);
}

void set_sockets(CURL* handle, Transfer& transfer) {
    set(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(handle, CURLOPT_OPENSOCKETDATA, &transfer);
    set(handle, CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
    set(handle, CURLOPT_CLOSESOCKETDATA, &transfer);
}

void set_limits(CURL* handle, Transfer& transfer) {
    const Timeouts& timeouts = transfer.timeouts;
    set(handle, CURLOPT_NOSIGNAL, 1L); // there are other threads
    set(handle, CURLOPT_CONNECTTIMEOUT, seconds(timeouts.connect));
    set(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds(timeouts.stall));
    set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(handle, CURLOPT_LOW_SPEED_TIME, seconds(timeouts.stall));
    set(handle, CURLOPT_TIMEOUT, seconds(timeouts.whole));
    set(handle, CURLOPT_NOPROGRESS, 0L);
    set(handle, CURLOPT_XFERINFOFUNCTION, &look);
    set(handle, CURLOPT_XFERINFODATA, &transfer);
}

/// The server that greets with a refusal, or takes no HELO, refuses everything, not this mail.
bool is_about_server(CURLcode code, const Transfer& transfer) {
    const bool greeting = code == CURLE_WEIRD_SERVER_REPLY && transfer.given == 0;
    return transfer.reply.empty() || greeting || code == CURLE_REMOTE_ACCESS_DENIED;
}

Error error_of(CURLcode code, long reply_code, const std::string& url, const Transfer& transfer) {
    constexpr long permanent = 500;
    if (transfer.broken) return *transfer.broken;
    const std::string said =
        transfer.refusal.empty() ? std::string(curl_easy_strerror(code)) : transfer.refusal;
    const std::string what = fmt::format("{} did not take the mail: {}", url, said);
    if (is_about_server(code, transfer))
        return {
            Kind::temporary,
            what,
            "see that the mail server listens there, or correct [outbox] submit",
            Cause::unreachable};
    const bool for_good = reply_code >= permanent && !transfer.refusal.empty();
    return {for_good ? Kind::refused : Kind::temporary, what};
}

/// "250 2.0.0 Ok: queued as 4XyZ12" of Postfix, "250 2.0.0 4AL1Ncd7 Message accepted" of Sendmail.
std::string queue_id_of(std::string_view reply) {
    constexpr std::string_view mark = "queued as ";
    const std::size_t at = reply.find(mark);
    if (at != std::string_view::npos) {
        const std::string_view rest = reply.substr(at + mark.size());
        return std::string(rest.substr(
            0,
            rest.find_first_not_of(
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
            )
        ));
    }
    const auto words = split(reply, ' ');
    constexpr std::size_t sendmail_words = 5;
    if (words.size() == sendmail_words && words[3] == "Message" && words[4].starts_with("accepted"))
        return std::string(words[2]);
    return {};
}

} // namespace

Result<Submitted> submit_smtp(
    const std::string& url,
    const Notice& notice,
    Wire& wire,
    const Timeouts& timeouts,
    const std::stop_token& stop
) {
    // Made before the handle, whose end may still close sockets and hear answers.
    Transfer transfer{.wire = wire, .timeouts = timeouts, .stop = stop};
    const Handle handle(start_library() ? curl_easy_init() : nullptr);
    const List to(curl_slist_append(nullptr, notice.to.c_str()));
    if (!handle || !to) return fail(Kind::temporary, "cannot start libcurl");
    set_mail(handle.get(), url, notice, to.get(), transfer);
    set_sockets(handle.get(), transfer);
    set_limits(handle.get(), transfer);
    const CURLcode code = curl_easy_perform(handle.get());
    long reply_code = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libcurl's own way.
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &reply_code);
    constexpr long taken = 250;
    if (code == CURLE_OK && reply_code == taken && transfer.is_out())
        return Submitted{.queue_id = queue_id_of(transfer.reply), .reply = transfer.reply};
    return fail(error_of(code, reply_code, url, transfer));
}

} // namespace kwit::outbox
