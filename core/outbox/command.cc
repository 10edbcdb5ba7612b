// Submission through a sendmail command: no shell, one recipient, the mail on its standard input.
//
// Its input is a socket and not a pipe, so that a command that ends early gives EPIPE and no
// signal. It is fed and listened to at once, so neither side waits for the other. A mail that
// cannot be given whole is never ended: the command and its children are killed first.
#include "core/base/file.hh"
#include "core/base/spawn.hh"
#include "core/base/text.hh"
#include "core/outbox/plain.hh"
#include "core/outbox/transports.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <vector>

namespace kwit::outbox {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_said = 1000; // of what the command says, its end is kept
constexpr std::size_t block = 65536;

struct Ends {
    Fd ours;
    Fd theirs;
};

Result<Ends> make_ends() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail(system_error("make a socket", errno));
    return Ends{Fd(ends[0]), Fd(ends[1])};
}

/// A running command; leaving the scope kills it with its children and takes its end in.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid) {}

    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child& operator=(Child&&) = delete;

    ~Child() {
        if (pid_ == 0) return;
        ::kill(-pid_, SIGKILL);
        wait(0);
    }

    /// Its status once it has ended.
    std::optional<int> ended() { return pid_ == 0 ? std::nullopt : wait(WNOHANG); }

private:
    std::optional<int> wait(int flags) {
        int status = 0;
        pid_t got = 0;
        do
            got = ::waitpid(pid_, &status, flags);
        while (got == -1 && errno == EINTR);
        if (got == 0) return std::nullopt;
        pid_ = 0;
        return got == -1 ? -1 : status;
    }

    pid_t pid_;
};

/// Feeds the command and listens to it until both sides are closed, or time is over.
class Talk {
public:
    Talk(Wire& wire, const Timeouts& timeouts, const std::stop_token& stop, Fd input, Fd output)
        : wire_(wire), timeouts_(timeouts), stop_(stop), input_(std::move(input)),
          output_(std::move(output)) {}

    /// An error: it must be killed.
    Result<void> run() {
        while (output_ || input_) {
            TRY(check_time());
            TRY(refill());
            TRY(exchange());
        }
        return {};
    }

    /// The end of what it said.
    [[nodiscard]] std::string said() const { return std::string(trim(said_)); }

    /// Whether it ended before it had read all.
    [[nodiscard]] bool given_up() const { return given_up_; }

    Result<void> check_time() {
        const Clock::time_point time = Clock::now();
        if (stop_.stop_requested() && input_)
            return fail(Kind::temporary, "stopped before the mail was out");
        if (stop_.stop_requested() && !stopping_) stopping_ = time;
        const bool late = time - moved_ > timeouts_.stall || time - begun_ > timeouts_.whole ||
                          (stopping_ && time - *stopping_ > timeouts_.grace);
        if (late) return fail(Kind::temporary, "the command took too long and was ended");
        return {};
    }

private:
    /// More of the mail, with LF line ends as commands expect them. Wire holds no bare CR.
    Result<void> refill() {
        if (!input_ || sent_ < chunk_.size()) return {};
        chunk_.resize(block);
        const std::size_t got = TRY(wire_.read(std::as_writable_bytes(std::span(chunk_))));
        chunk_.resize(got);
        std::erase(chunk_, '\r');
        sent_ = 0;
        if (got == 0) input_ = Fd(); // all of it is out: this is its end
        return {};
    }

    Result<void> exchange() {
        constexpr int tick_ms = 200;
        std::array<pollfd, 2> fds{
            pollfd{output_.get(), POLLIN, 0},
            pollfd{input_ && sent_ < chunk_.size() ? input_.get() : -1, POLLOUT, 0}};
        if (::poll(fds.data(), fds.size(), tick_ms) < 0 && errno != EINTR)
            return fail(system_error("wait for the command", errno));
        if (fds[0].revents != 0) listen();
        if (fds[1].revents != 0) feed();
        return {};
    }

    void listen() {
        std::array<char, 4096> buffer{};
        const ssize_t got = ::recv(output_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) {
            output_ = Fd();
            return;
        }
        moved_ = Clock::now();
        said_.append(buffer.data(), static_cast<std::size_t>(got));
        if (said_.size() > max_said) said_.erase(0, said_.size() - max_said);
    }

    void feed() {
        const ssize_t put = ::send(
            input_.get(), chunk_.data() + sent_, chunk_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL
        );
        if (put >= 0) {
            sent_ += static_cast<std::size_t>(put);
            moved_ = Clock::now();
        } else if (errno != EAGAIN && errno != EINTR) {
            given_up_ = true; // it reads no more: its exit status says why
            input_ = Fd();
        }
    }

    Wire& wire_;
    const Timeouts& timeouts_;
    const std::stop_token& stop_;
    Fd input_;
    Fd output_;
    std::string chunk_;
    std::size_t sent_ = 0;
    std::string said_;
    bool given_up_ = false;
    Clock::time_point begun_ = Clock::now();
    Clock::time_point moved_ = begun_;
    std::optional<Clock::time_point> stopping_;
};

/// The statuses that say that this mail will never be taken (sysexits.h).
bool is_for_good(int status) {
    return status == EX_USAGE || status == EX_DATAERR || status == EX_NOUSER || status == EX_NOHOST;
}

std::string how_it_ended(int status) {
    if (WIFSIGNALED(status)) return fmt::format("was killed by signal {}", WTERMSIG(status));
    return fmt::format("ended with status {}", WEXITSTATUS(status));
}

Result<Submitted> judge(int status, const std::string& program, const Talk& talk) {
    const std::string said = one_line(talk.said(), max_said);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !talk.given_up())
        return Submitted{.reply = said};
    const bool for_good = WIFEXITED(status) && is_for_good(WEXITSTATUS(status));
    const std::string why = WIFEXITED(status) && WEXITSTATUS(status) == 0
                                ? "did not read the whole mail"
                                : how_it_ended(status);
    return fail(
        for_good ? Kind::refused : Kind::temporary,
        fmt::format("{} {}{}{}", program, why, said.empty() ? "" : ": ", said)
    );
}

/// It has closed its output; its end is a moment away.
Result<int> wait_for_end(Child& child, Talk& talk) {
    constexpr std::chrono::milliseconds tick(10);
    for (;;) {
        if (const auto status = child.ended()) return *status;
        TRY(talk.check_time());
        ::poll(nullptr, 0, static_cast<int>(tick.count()));
    }
}

} // namespace

Result<Submitted> submit_command(
    const std::string& program,
    const Notice& notice,
    Wire& wire,
    const Timeouts& timeouts,
    const std::stop_token& stop
) {
    Ends input = TRY(make_ends());
    Ends output = TRY(make_ends());
    Spawn spawn(Spawn::Leads::group);
    spawn.give(input.theirs.get(), STDIN_FILENO);
    spawn.give(output.theirs.get(), STDOUT_FILENO);
    spawn.give(output.theirs.get(), STDERR_FILENO);
    const pid_t pid = TRY(spawn.start(
        program, {program, "-i", "-f", notice.sender, "--", notice.to}, our_environment()
    ));
    input.theirs = Fd();
    output.theirs = Fd();
    // The child is the last to be made, so that it is dead before its input ends.
    Talk talk(wire, timeouts, stop, std::move(input.ours), std::move(output.ours));
    Child child(pid);
    TRY(talk.run());
    const int status = TRY(wait_for_end(child, talk));
    return judge(status, program, talk);
}

} // namespace kwit::outbox
