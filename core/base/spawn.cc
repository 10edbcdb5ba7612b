#include "core/base/spawn.hh"

#include "core/base/file.hh"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace kwit {

namespace {

/// As C wants them; good while the words are.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

Spawn::Spawn(Leads leads) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    const auto leading = leads == Leads::session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(
        &attributes_, static_cast<short>(leading | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    );
}

Spawn::~Spawn() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
}

void Spawn::give(int ours, int theirs) {
    posix_spawn_file_actions_adddup2(&actions_, ours, theirs);
}

void Spawn::give_nothing(int theirs) {
    posix_spawn_file_actions_addopen(&actions_, theirs, "/dev/null", O_RDWR, 0);
}

Result<pid_t> Spawn::start(
    const std::filesystem::path& program,
    std::vector<std::string> arguments,
    std::vector<std::string> environment
) {
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    pid_t pid = 0;
    const int error = ::posix_spawn(
        &pid,
        program.c_str(),
        &actions_,
        &attributes_,
        pointers_to(arguments).data(),
        pointers_to(environment).data()
    );
    if (error == 0) return pid;
    Error trouble = system_error("start " + program.string(), error);
    trouble.cause = Cause::unreachable;
    return fail(std::move(trouble));
}

std::vector<std::string> our_environment() {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable)
        variables.emplace_back(*variable);
    return variables;
}

} // namespace kwit
