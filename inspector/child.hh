// A child: one document, one sandbox, one answer. It is forked for the document and ends with it,
// so no document meets what another one left behind.
#pragma once

#include "core/base/file.hh"
#include "core/inspect/wire.hh"
#include "inspector/sandbox.hh"

#include <functional>

namespace kwit::inspector {

/// What a child gets; -1: /dev/null. They stay the caller's.
struct Descriptors {
    int answer = -1;
    int document = -1;
    int output = -1;
};

/// Forks; the child puts its descriptors in order, enters the sandbox, runs `inside` and ends with
/// exit code 0, or with 1 when the sandbox cannot be entered. The child's process id.
Result<pid_t> fork_into(
    const Sandbox& sandbox,
    const Budget& budget,
    const Descriptors& descriptors,
    const std::function<void()>& inside
);

/// Looks into the document of a child that is in the sandbox, and says its Word.
void look(const inspect::Request& request, std::uint64_t size);

} // namespace kwit::inspector
