#include "core/intake/origin.hh"

#include "core/base/text.hh"
#include "core/model/email_address.hh"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kwit {

namespace {

constexpr std::string_view nowhere = "?";
constexpr std::string_view mapped_prefix = "::ffff:"; // IPv4 in IPv6

/// The address with the bits behind the network's cleared; nothing for what is none of the family.
template <std::size_t Bytes>
std::string masked(int family, const std::string& text, std::size_t network_bytes) {
    std::array<unsigned char, Bytes> bits{};
    if (::inet_pton(family, text.c_str(), bits.data()) != 1) return {};
    std::fill(bits.begin() + static_cast<std::ptrdiff_t>(network_bytes), bits.end(), '\0');
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (::inet_ntop(family, bits.data(), out.data(), out.size()) == nullptr) return {};
    return fmt::format("{}/{}", out.data(), network_bytes * 8);
}

} // namespace

std::string network_of(const std::string& client_address) {
    constexpr std::size_t ipv4_network = 3;
    constexpr std::size_t ipv6_network = 6;
    const bool is_mapped = starts_with_word(client_address, mapped_prefix);
    const std::string ipv4 =
        is_mapped ? client_address.substr(mapped_prefix.size()) : client_address;
    std::string network = masked<4>(AF_INET, ipv4, ipv4_network);
    if (network.empty()) network = masked<16>(AF_INET6, client_address, ipv6_network);
    return network.empty() ? std::string(nowhere) : network;
}

std::string sender_domain_of(std::string_view envelope_sender) {
    if (envelope_sender.empty()) return "<>";
    const auto address = EmailAddress::parse(envelope_sender);
    return address ? address->domain() : std::string(nowhere);
}

} // namespace kwit
