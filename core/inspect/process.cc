#include "core/inspect/process.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

namespace kwit::inspect {

namespace {

/// What it begins with: our socket as standard input, no other descriptor of ours, a session of its
/// own (what ends a terminal's programs is not for it), no signal blocked or ignored.
class SpawnSettings {
public:
    explicit SpawnSettings(int control) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, control, STDIN_FILENO);
        posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        posix_spawnattr_init(&attributes_);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        );
    }

    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
    SpawnSettings(SpawnSettings&&) = delete;
    SpawnSettings& operator=(SpawnSettings&&) = delete;

    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    int spawn(pid_t& pid, std::string program) {
        std::vector<std::string> variables = environment();
        std::vector<char*> envp;
        envp.reserve(variables.size() + 1);
        for (std::string& variable : variables)
            envp.push_back(variable.data());
        envp.push_back(nullptr);
        std::array<char*, 2> argv{program.data(), nullptr};
        return ::posix_spawn(&pid, argv[0], &actions_, &attributes_, argv.data(), envp.data());
    }

private:
    /// Nothing of ours but what sanitizers are told.
    static std::vector<std::string> environment() {
        std::vector<std::string> variables{"LC_ALL=C.UTF-8", "TZ=UTC"};
        for (const char* const name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
            if (const char* const value = std::getenv(name); value != nullptr)
                variables.push_back(fmt::format("{}={}", name, value));
        return variables;
    }

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

Error unreachable(std::string what, std::string remedy) {
    return {Kind::temporary, std::move(what), std::move(remedy), Cause::unreachable};
}

/// Its status once it has ended, waited for until then.
std::optional<int> wait_for(pid_t pid, Clock::time_point until) {
    constexpr auto step = std::chrono::milliseconds(2);
    for (;;) {
        int status = 0;
        const pid_t got = ::waitpid(pid, &status, WNOHANG);
        if (got == pid) return status;
        if (got == -1 && errno != EINTR) return -1; // not our child any more
        if (Clock::now() >= until) return std::nullopt;
        std::this_thread::sleep_for(step);
    }
}

std::string fate(int status) {
    if (WIFSIGNALED(status)) return fmt::format("was killed by signal {}", WTERMSIG(status));
    return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

constexpr auto grace = std::chrono::milliseconds(500);
constexpr const char* see_log =
    "what it said itself stands before this in the log of the service; try: kwit-inspector "
    "--self-test";

} // namespace

Result<Process> Process::start(const std::filesystem::path& program, Clock::time_point until) {
    Ends ends = TRY(make_ends());
    pid_t pid = 0;
    if (const int error = SpawnSettings(ends.theirs.get()).spawn(pid, program.string());
        error != 0) {
        Error trouble = system_error("start " + program.string(), error);
        trouble.cause = Cause::unreachable;
        return fail(std::move(trouble));
    }
    ends.theirs = Fd();
    Process process(pid, std::move(ends.ours));
    TRY(process.hear_hello(program, until));
    return process;
}

Result<void> Process::hear_hello(const std::filesystem::path& program, Clock::time_point until) {
    if (!TRY(wait_for_packet(control_.get(), until))) {
        kill();
        return fail(
            unreachable(fmt::format("{} does not say that it is ready", program.string()), see_log)
        );
    }
    auto packet = receive_packet(control_.get());
    const auto hello = packet && *packet ? decode_hello((*packet)->bytes)
                                         : Result<Hello>(fail(Kind::corrupt, "no hello"));
    if (hello && hello->speaks == protocol && hello->trouble.empty()) return {};
    if (hello && !hello->trouble.empty())
        return fail(unreachable(
            fmt::format("{} cannot work: {}", program.string(), hello->trouble),
            "try: kwit-inspector --self-test"
        ));
    if (packet && !*packet)
        return fail(unreachable(fmt::format("{} {}", program.string(), how_it_ended()), see_log));
    kill();
    return fail(unreachable(
        fmt::format("{} does not speak as this kwit does", program.string()),
        "install the kwit-inspector of the same version"
    ));
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), control_(std::move(other.control_)) {}

Process::~Process() {
    if (pid_ == 0) return;
    control_ = Fd();
    if (wait_for(pid_, Clock::now() + grace)) return;
    kill();
    wait_for(pid_, Clock::time_point::max());
}

Result<void> Process::ask(const Request& request, int answer, int document) const {
    const std::array descriptors = {answer, document};
    return send_packet(control_.get(), encode(request), descriptors);
}

void Process::kill() const {
    if (pid_ != 0) ::kill(pid_, SIGKILL);
}

std::string Process::how_it_ended() {
    if (pid_ == 0) return "has ended";
    const auto status = wait_for(pid_, Clock::now() + grace);
    if (!status) return "closed its socket";
    pid_ = 0;
    return fate(*status);
}

} // namespace kwit::inspect
