#include "tests/fuzz/input.hh"

namespace kwit::fuzz {

TempFile file_of(std::string_view bytes) {
    auto file = TempFile::create("/dev/shm");
    HOLDS(file && file->write(as_bytes(bytes)));
    return *std::move(file);
}

} // namespace kwit::fuzz
