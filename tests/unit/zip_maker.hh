// ZIP files made for a test, as they should be and as they should not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kwit::test {

inline std::string little(std::uint64_t number, unsigned bytes) {
    std::string out;
    for (; bytes > 0; --bytes, number >>= 8U)
        out += static_cast<char>(number & 0xFFU);
    return out;
}

/// CRC-32 as ZIP has it.
inline std::uint32_t crc_of(const std::string& bytes) {
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

struct Entry {
    std::string name;
    std::string content{};
    unsigned flags = 0;
    unsigned method = 0;
    std::uint32_t wrong = 0;      // in its sum
    std::uint32_t attributes = 0; // as Unix has them
    bool dos_directory = false;   // packed by DOS, which says that it is one
};

inline std::string zip_of(const std::vector<Entry>& entries) {
    std::string out;
    std::string directory;
    for (const Entry& entry : entries) {
        const std::string both =
            little(entry.flags, 2) + little(entry.method, 2) + little(0x210000, 4) +
            little(crc_of(entry.content) ^ entry.wrong, 4) + little(entry.content.size(), 4) +
            little(entry.content.size(), 4) + little(entry.name.size(), 2) + little(0, 2);
        const std::uint64_t outside = std::uint64_t{entry.attributes} << 16U;
        directory += "PK\1\2" + little(entry.dos_directory ? 0x0014U : 0x0314U, 2) + little(20, 2) +
                     both + little(0, 6) + little(outside | (entry.dos_directory ? 0x10U : 0U), 4) +
                     little(out.size(), 4) + entry.name;
        out += "PK\3\4" + little(20, 2) + both + entry.name + entry.content;
    }
    const std::string end = "PK\5\6" + little(0, 4) + little(entries.size(), 2) +
                            little(entries.size(), 2) + little(directory.size(), 4) +
                            little(out.size(), 4) + little(0, 2);
    return out + directory + end;
}

} // namespace kwit::test
