// The records that the office keeps: clients, who may send for them, and the addresses they send
// to.
#pragma once

#include "core/base/time.hh"
#include "core/model/alignment.hh"
#include "core/model/email_address.hh"

#include <optional>
#include <string>
#include <vector>

namespace kwit {

/// The company whose books are kept.
struct Client {
    std::string id; ///< chosen by the office: 1 to 64 of letters, digits, "-", "_", "."
    std::string name;
    std::string locale{}; ///< of notices to it; empty: the domain's
    std::vector<std::string>
        notify{}; ///< notification addresses, as written; compared by EmailAddress::key()
    std::vector<std::string> digest{}; ///< EmailAddress::key() of those that want one mail a day
    Time created_at{};
};

/// A registered person, or everybody of a domain: one address, one code, one client.
struct Sender {
    std::string client;
    std::string email; ///< EmailAddress::key(), or "@" and a domain: all of its addresses
    std::string
        code; ///< at most 16 of letters, digits, "-"; unique in the installation, never used again
    std::string name{};
    std::string login{}; ///< the SASL login that stands for this sender; empty: only one equal to
                         ///< the address
    std::string certificate{}; ///< subject or fingerprint of the verified TLS client certificate
                               ///< that stands for this sender; empty: none
    std::optional<Alignment> alignment{}; ///< nothing: the intake domain's
    bool arc = false;                     ///< what a trusted ARC sealer found counts
    std::string via{};    ///< the domain of a forwarder that vouches for this sender; empty: none
    std::string secret{}; ///< digest_of_secret() of the one that stands in the address this
                          ///< sender writes to; empty: none
    std::string old_secret{}; ///< the same of the one before it, which counts until:
    std::optional<Time> old_secret_until{};
    Time created_at{};
};

/// An address documents are sent to.
struct ImportAddress {
    std::string address; ///< EmailAddress::key(): "faktury+1543030448@in.example.com"
    std::string client;
    std::string policy;
    std::string symbol{};    ///< booking symbol: the category of documents of route "address"
    std::string extension{}; ///< the last part of an open address, chosen by hand
    std::string label{};
    bool enabled = true;
    std::string disabled_reason{};    ///< told to who writes to it meanwhile; empty: none was given
    std::optional<Time> expires_at{}; ///< of a replaced one the end of its grace
    std::string replaced_by{};        ///< the address that a rotation put in its place; empty: none
    Time created_at{};
};

} // namespace kwit
