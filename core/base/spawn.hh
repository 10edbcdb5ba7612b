// Starting another program: without a shell, without our descriptors, and so that neither our
// signals nor those of our terminal reach it unasked.
#pragma once

#include "core/base/result.hh"

#include <spawn.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace kwit {

/// How a program begins: no signal blocked or ignored, and of descriptors the standard ones alone.
class Spawn {
public:
    /// What it leads: signals to the whole of it reach its own children, too.
    enum class Leads {
        group,
        session, ///< it has no terminal either
    };

    explicit Spawn(Leads leads);
    Spawn(const Spawn&) = delete;
    Spawn(Spawn&&) = delete;
    Spawn& operator=(const Spawn&) = delete;
    Spawn& operator=(Spawn&&) = delete;
    ~Spawn();

    /// One of its standard descriptors is ours; those that are not given stay as they are.
    void give(int ours, int theirs);
    void give_nothing(int theirs);

    /// Its id; whoever calls takes its end in. `unreachable` when it cannot be started.
    [[nodiscard]] Result<pid_t> start(
        const std::filesystem::path& program,
        std::vector<std::string> arguments,
        std::vector<std::string> environment
    );

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// Our own environment, for a program that works as we do.
std::vector<std::string> our_environment();

} // namespace kwit
