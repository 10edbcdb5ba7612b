#include "core/inspect/program.hh"

#include "core/inspect/installed.hh"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace kwit::inspect {

namespace {

using Path = std::filesystem::path;

constexpr std::string_view name = "kwit-inspector";

bool is_there(const Path& path) {
    std::error_code unknown; // what cannot be looked at cannot be run either
    return std::filesystem::is_regular_file(path, unknown);
}

Error not_there(const Path& path, std::string_view remedy) {
    return {
        Kind::temporary,
        fmt::format("there is no {} at {}", name, path.string()),
        std::string(remedy),
        Cause::unreachable};
}

Result<Path> named(const Path& path, std::string_view remedy) {
    if (!is_there(path)) return fail(not_there(path, remedy));
    return path;
}

/// The directory of the program that runs; empty when it is not known.
Path own_directory() {
    std::error_code unknown;
    return std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
}

} // namespace

Result<Path> find_program(const Path& configured) {
    if (!configured.empty()) return named(configured, "correct [inspector] program, or install it");
    if (const char* const wanted = std::getenv("KWIT_INSPECTOR"); wanted != nullptr)
        return named(wanted, "correct $KWIT_INSPECTOR, or take it away");
    const Path own = own_directory();
    const std::array places = {
        own / name, own.parent_path() / "inspector" / name, Path(installed_program)};
    for (const Path& place : places)
        if (place.is_absolute() && is_there(place)) return place;
    return fail(not_there(places.back(), "install it, or name it in [inspector] program"));
}

} // namespace kwit::inspect
