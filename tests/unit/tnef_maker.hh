// Pieces of a winmail.dat ([MS-OXTNEF] §2.1.3).
#pragma once

#include "tests/unit/zip_maker.hh"

#include <cstdint>
#include <string>

namespace kwit::test {

/// With its checksum.
inline std::string attribute(unsigned level, std::uint32_t id, const std::string& value) {
    std::uint32_t sum = 0;
    for (const char c : value)
        sum += static_cast<unsigned char>(c);
    return little(level, 1) + little(id, 4) + little(value.size(), 4) + value +
           little(sum & 0xFFFFU, 2);
}

} // namespace kwit::test
