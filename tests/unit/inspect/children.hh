// The processes that a process has started.
#pragma once

#include <sys/types.h>

#include <fstream>
#include <string>
#include <vector>

namespace kwit::test {

/// Those of its main thread that run, or were not waited for yet.
inline std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    const std::string pid = std::to_string(parent);
    std::ifstream list("/proc/" + pid + "/task/" + pid + "/children");
    for (pid_t child = 0; list >> child;)
        found.push_back(child);
    return found;
}

} // namespace kwit::test
