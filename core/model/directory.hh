// The records that the office keeps: clients, who may send for them, and the addresses they send
// to.
#pragma once

#include "core/base/time.hh"
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
    Time created_at{};
};

/// A registered person: one address, one code, one client.
struct Sender {
    std::string client;
    std::string email; ///< EmailAddress::key()
    std::string
        code; ///< at most 16 of letters, digits, "-"; unique in the installation, never used again
    std::string name{};
    std::string login{}; ///< the SASL login that stands for this sender; empty: only one equal to
                         ///< the address
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
