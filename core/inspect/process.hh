// A running kwit-inspector: the child process and the control socket to it.
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/inspect/channel.hh"
#include "core/inspect/wire.hh"

#include <sys/types.h>

#include <filesystem>
#include <span>
#include <string>

namespace kwit::inspect {

class Process {
public:
    /// Starts the program and hears its Hello before that time.
    static Result<Process> start(const std::filesystem::path& program, Clock::time_point until);

    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Closes the control socket, at which it ends with its children; kills it when it does not.
    ~Process();

    [[nodiscard]] bool is_gone() const { return is_closed(control_.get()); }

    /// For somebody who has seen another sign of its end: the kernel closes the descriptors of a
    /// process that dies one after the other, in an order of its own.
    [[nodiscard]] bool is_going() const;

    /// answer, document and (for what unpacks) output stay the caller's; from any thread.
    [[nodiscard]] Result<void> ask(const Request& request, std::span<const int> descriptors) const;

    /// It does not do what it should: ended at once.
    void kill() const;

    /// "kwit-inspector was killed by signal 9"; only when it is gone.
    std::string how_it_ended();

private:
    Process(pid_t pid, Fd control) : pid_(pid), control_(std::move(control)) {}

    Result<void> hear_hello(const std::filesystem::path& program, Clock::time_point until);

    pid_t pid_;
    Fd control_;
};

} // namespace kwit::inspect
