// For LD_PRELOAD: ends the real kwit-milter by SIGKILL at a call that a file names.
//
// KWIT_CRASH_FILE is the file; while it is not there nothing happens. It holds "CALL N SIDE", such
// as "link 1 after": the first link from then on, when it has been made.

#include "tests/crash/calls.hh"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

std::atomic<std::size_t> seen = 0;

void look(std::string_view call, std::string_view /*target*/, kwit::crash::Side side) {
    const char* const name = std::getenv("KWIT_CRASH_FILE");
    std::ifstream file(name == nullptr ? "" : name);
    std::string wanted;
    std::size_t number = 0;
    std::string where;
    if (!(file >> wanted >> number >> where) || call != wanted) return;
    const bool before = side == kwit::crash::Side::before;
    if (before) ++seen;
    if (seen >= number && before == (where == "before")) kwit::crash::die();
}

[[gnu::constructor]] void begin() {
    kwit::crash::on_call(look);
}

} // namespace
