#include "core/base/base64.hh"

#include <openssl/evp.h>

#include <algorithm>

namespace kwit {

void append_base64(Bytes bytes, std::string& out) {
    // OpenSSL counts in int, and writes a NUL behind what it encodes.
    constexpr std::size_t at_once = std::size_t{3} << 20U;
    while (!bytes.empty()) {
        const Bytes piece = bytes.first(std::min(bytes.size(), at_once));
        const std::size_t begin = out.size();
        out.resize(begin + base64_length(piece.size()) + 1);
        // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL speaks unsigned char.
        EVP_EncodeBlock(
            reinterpret_cast<unsigned char*>(out.data() + begin),
            reinterpret_cast<const unsigned char*>(piece.data()),
            static_cast<int>(piece.size())
        );
        // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
        out.pop_back();
        bytes = bytes.subspan(piece.size());
    }
}

} // namespace kwit
