#include "inspector/self_test.hh"

#include "inspector/child.hh"
#include "inspector/sanitized.hh"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace kwit::inspector {

namespace {

struct Way {
    std::string_view name;
    void (*go)();
    int signal = SIGSYS;
    bool with_sanitizer = false; ///< whether a sanitizer's build is closed there, too
};

void open_file() {
    ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

void write_file() {
    ::open("/tmp/kwit-inspector-self-test", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

void make_socket() {
    ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

void run_program() {
    std::array<char, 10> program{"/bin/true"};
    std::array<char*, 2> arguments{program.data(), nullptr};
    ::execv(program.data(), arguments.data());
}

void fork_process() {
    if (::fork() == 0) ::_exit(0);
}

void kill_parent() {
    ::kill(::getppid(), 0);
}

void map_program() {
    [[maybe_unused]] void* const mapped = ::mmap(
        nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
    );
}

void write_into_document() {
    [[maybe_unused]] const auto written = ::pwrite(document_descriptor, "x", 1, 0);
}

void write_too_much() {
    std::array<char, 4096> piece{};
    for (off_t at = 0; at < 1'000'000; at += piece.size())
        if (::pwrite(output_descriptor, piece.data(), piece.size(), at) < 0) return;
}

void turn_for_ever() {
    for (volatile bool on = true; on;)
        ;
}

constexpr std::array ways = {
    Way{"open", open_file},
    Way{"write", write_file},
    Way{"socket", make_socket, SIGSYS, true},
    Way{"exec", run_program, SIGSYS, true},
    Way{"fork", fork_process},
    Way{"kill", kill_parent},
    Way{"map", map_program},
    Way{"document", write_into_document},
    Way{"output", write_too_much, SIGXFSZ, true},
    Way{"cpu", turn_for_ever, SIGXCPU, true},
};

/// What became of the child, in words.
std::string fate(int status) {
    if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
    return fmt::format("NOT killed, it ended with exit code {}", WEXITSTATUS(status));
}

bool try_way(const Sandbox& sandbox, const Way& way) {
    const Budget budget{.cpu_seconds = 1, .memory = 256ULL << 20, .output = 64ULL << 10};
    const Fd output(::memfd_create("output", MFD_CLOEXEC));
    const Descriptors descriptors{.document = output.get(), .output = output.get()};
    const auto child = fork_into(sandbox, budget, descriptors, way.go);
    int status = 0;
    if (!child || ::waitpid(*child, &status, 0) != *child) {
        fmt::print("{}: no child to try it\n", way.name);
        return false;
    }
    fmt::print("{}: {}\n", way.name, fate(status));
    return WIFSIGNALED(status) && WTERMSIG(status) == way.signal;
}

} // namespace

bool self_test(const Sandbox& sandbox, std::string_view name) {
    bool held = true;
    bool tried = false;
    for (const Way& way : ways) {
        if (!name.empty() && name != way.name) continue;
        tried = true;
        if (sanitized && !way.with_sanitizer)
            fmt::print("{}: not closed in the build of a sanitizer\n", way.name);
        else
            held = try_way(sandbox, way) && held;
        std::fflush(stdout); // or a child would say it again
    }
    return held && tried;
}

} // namespace kwit::inspector
