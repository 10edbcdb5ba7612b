#include "cli/doctor/process.hh"

#include "core/base/file.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace kwit::cli::doctor {

namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
    Fd read;
    Fd write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(system_error("make a pipe", errno));
    return Pipe{.read = Fd(ends[0]), .write = Fd(ends[1])};
}

/// A program that runs; killed and waited for when this goes before it ended.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid) {}

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&&) = delete;
    Child& operator=(Child&&) = delete;

    ~Child() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        wait();
    }

    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR)
            continue;
        pid_ = 0;
        constexpr int by_signal = 128;
        return WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
    }

private:
    pid_t pid_;
};

/// Where Postfix's programs are, also for users whose $PATH does not say so.
std::string found(const std::string& program) {
    const std::string there = "/usr/sbin/" + program;
    return program.find('/') == std::string::npos && ::access(there.c_str(), X_OK) == 0 ? there
                                                                                        : program;
}

Result<pid_t> start(const std::vector<std::string>& words, const Pipe& out, const Pipe& err) {
    std::vector<std::string> copies = words; // posix_spawn's prototype wants char*
    std::vector<char*> arguments;
    arguments.reserve(copies.size() + 1);
    for (std::string& word : copies)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.write.get(), STDERR_FILENO);
    pid_t pid = 0;
    const int code = posix_spawnp(
        &pid, found(words.front()).c_str(), &actions, nullptr, arguments.data(), environ
    );
    posix_spawn_file_actions_destroy(&actions);
    if (code == 0) return pid;
    return fail(
        Kind::misuse,
        fmt::format("cannot run {}: {}", words.front(), std::strerror(code)),
        fmt::format("{} comes with Postfix: apt install postfix", words.front())
    );
}

/// One piece of a stream; false at its end.
Result<bool> take_piece(const Fd& fd, std::string& text, const std::string& program) {
    std::array<char, 65536> buffer{};
    const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) return true;
    if (size < 0) return fail(system_error("read what " + program + " says", errno));
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > max_said)
        return fail(Kind::misuse, fmt::format("{} says more than {} bytes", program, max_said));
    return size > 0;
}

/// A stream of the program, and what it said so far.
struct Stream {
    const Fd& fd;
    std::string& text;
    bool open = true;
};

/// Waits until a stream has something to say.
Result<void>
await(std::array<pollfd, 2>& wanted, Clock::time_point deadline, const std::string& program) {
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        const int ready =
            left <= 0 ? 0 : ::poll(wanted.data(), wanted.size(), static_cast<int>(left));
        if (ready > 0) return {};
        if (ready == 0) return fail(Kind::misuse, program + " does not end");
        if (errno != EINTR) return fail(system_error("wait for " + program, errno));
    }
}

pollfd wanted_of(const Stream& stream) {
    return {.fd = stream.open ? stream.fd.get() : -1, .events = POLLIN, .revents = 0};
}

Result<void> take(const pollfd& ready, Stream& stream, const std::string& program) {
    if (ready.revents == 0) return {};
    stream.open = TRY(take_piece(stream.fd, stream.text, program));
    return {};
}

/// Takes what the program says until it has closed both streams.
Result<void>
listen(Stream out, Stream err, Clock::time_point deadline, const std::string& program) {
    while (out.open || err.open) {
        std::array<pollfd, 2> wanted{wanted_of(out), wanted_of(err)};
        TRY(await(wanted, deadline, program));
        TRY(take(wanted[0], out, program));
        TRY(take(wanted[1], err, program));
    }
    return {};
}

} // namespace

Result<Said>
run_program(const std::vector<std::string>& words, std::chrono::milliseconds patience) {
    Pipe out = TRY(make_pipe());
    Pipe err = TRY(make_pipe());
    Child child(TRY(start(words, out, err)));
    out.write = Fd();
    err.write = Fd();
    Said said;
    TRY(listen(
        {.fd = out.read, .text = said.out},
        {.fd = err.read, .text = said.err},
        Clock::now() + patience,
        words.front()
    ));
    said.code = child.wait();
    return said;
}

} // namespace kwit::cli::doctor
