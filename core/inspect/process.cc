#include "core/inspect/process.hh"

#include "core/base/spawn.hh"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>
#include <vector>

namespace kwit::inspect {

namespace {

/// Nothing of ours but what sanitizers are told. LD_BIND_NOW: a child finds the functions of its
/// libraries looked up already.
std::vector<std::string> environment() {
    std::vector<std::string> variables{"LC_ALL=C.UTF-8", "LD_BIND_NOW=1", "TZ=UTC"};
    for (const char* const name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
        if (const char* const value = std::getenv(name); value != nullptr)
            variables.push_back(fmt::format("{}={}", name, value));
    return variables;
}

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
    // What ends the programs of a terminal is not for it.
    Spawn spawn(Spawn::Leads::session);
    spawn.give(ends.theirs.get(), STDIN_FILENO);
    spawn.give_nothing(STDOUT_FILENO);
    const pid_t pid = TRY(spawn.start(program, {program.string()}, environment()));
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

Result<void> Process::ask(const Request& request, std::span<const int> descriptors) const {
    return send_packet(control_.get(), encode(request), descriptors);
}

bool Process::is_going() const {
    return is_closed(control_.get(), grace);
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
