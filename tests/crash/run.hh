// Processes of a test: what may die, dies in a child.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace kwit::crash {

/// Which crash points are tried: each; with sanitizers, which take ten times as long, each fourth,
/// as what they look for does not depend on where kwit dies.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::size_t points_step = 4;
#else
constexpr std::size_t points_step = 1;
#endif
#else
constexpr std::size_t points_step = 1;
#endif

/// A directory of the test's own, gone with it; in memory where that is possible, as thousands are
/// made and nothing of them is to outlive anything.
class Folder {
public:
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

struct Ended {
    std::string said{};  ///< what the function returned
    std::string fault{}; ///< how it ended otherwise: an exception, a signal; empty: it returned
    bool killed = false; ///< by SIGKILL
};

/// Runs the function in a process of its own, without real syncs and with its log in nobody's way.
/// One that takes longer than a minute is ended (SIGALRM).
Ended in_child(const std::function<std::string()>& work);

} // namespace kwit::crash
