#include "tests/crash/run.hh"

#include "core/base/log.hh"
#include "tests/crash/calls.hh"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace kwit::crash {

namespace {

constexpr unsigned patience = 60; // seconds
constexpr char good = '+';
constexpr char bad = '-';

void say(int fd, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
        if (wrote < 0) ::_exit(3);
        done += static_cast<std::size_t>(wrote);
    }
}

[[noreturn]] void be_child(int fd, const std::function<std::string()>& work) {
    ::alarm(patience);
    skip_syncs();
    std::string said;
    try {
        const auto quiet = log::set_up({.sink = "file:/dev/null"});
        said = quiet ? good + work() : bad + quiet.error().what;
    } catch (const std::exception& problem) {
        said = bad + std::string(problem.what());
    } catch (...) {
        said = bad + std::string("an exception of an unknown kind");
    }
    say(fd, said);
    // No destructor of the parent's things runs here.
    ::_exit(0);
}

std::string hear(int fd) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

std::filesystem::path place_for_folders() {
    const std::filesystem::path memory = "/dev/shm";
    return ::access(memory.c_str(), W_OK | X_OK) == 0 ? memory
                                                      : std::filesystem::temp_directory_path();
}

} // namespace

Folder::Folder() {
    std::string pattern = (place_for_folders() / "kwit-crash-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
}

Folder::~Folder() {
    std::error_code ignored; // a test's rubbish is no failure of the test
    std::filesystem::remove_all(path_, ignored);
}

Ended in_child(const std::function<std::string()>& work) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("cannot make a pipe");
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot fork");
    if (child == 0) {
        ::close(pipe[0]);
        be_child(pipe[1], work);
    }
    ::close(pipe[1]);
    Ended ended;
    ended.said = hear(pipe[0]);
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ended.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (WIFSIGNALED(status))
        ended.fault = std::string("ended by ") + ::strsignal(WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        ended.fault = "ended with " + std::to_string(WEXITSTATUS(status));
    else if (!ended.said.empty() && ended.said.front() == bad)
        ended.fault = ended.said.substr(1);
    if (!ended.said.empty()) ended.said.erase(0, 1);
    return ended;
}

} // namespace kwit::crash
