// Who talks to us and for whom: what the MTA says about one mail besides its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

/// A TLS client certificate that the MTA has verified, in the MTA's words.
struct ClientCertificate {
    std::string subject{};     ///< Postfix: the common name; Sendmail: the distinguished name
    std::string fingerprint{}; ///< empty where the MTA does not tell it (Postfix)
};

struct Envelope {
    std::string sender{};         ///< reverse-path without <>; empty is the null sender
    std::string client_address{}; ///< "192.0.2.1"; empty when unknown
    std::string client_name{};    ///< as the MTA verified it, or "unknown"
    std::string helo{};
    std::string login{}; ///< SASL login ({auth_authen}); empty: none
    ClientCertificate certificate{};
    std::string daemon_name{}; ///< {daemon_name}; "kwit-reentry" marks the listener of the re-entry
    /// Whether the MTA lets recipients be taken out of a mail that the others are to get.
    bool removes_recipients = true;
    std::string queue_id{};
    std::optional<std::uint64_t> declared_size{}; ///< SIZE= of MAIL (RFC 1870)
};

/// The name that the example configuration gives the re-entry listener (milter_macro_daemon_name).
constexpr const char* reentry_daemon = "kwit-reentry";

} // namespace kwit
