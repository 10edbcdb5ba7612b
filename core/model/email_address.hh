// One mailbox address: the addr-spec of RFC 5322 §3.4.1 within the limits of RFC 5321 §4.5.3.1,
// with UTF-8 as RFC 6532 allows it. Comments, source routes and domain literals are not addresses
// to us.
#pragma once

#include "core/base/result.hh"

#include <string>
#include <string_view>

namespace kwit {

class EmailAddress {
public:
    static Result<EmailAddress> parse(std::string_view text);

    /// As it was written, a needlessly quoted one unquoted.
    [[nodiscard]] const std::string& local() const { return local_; }

    /// In lower case, as A-labels.
    [[nodiscard]] const std::string& domain() const { return domain_; }

    [[nodiscard]] std::string text() const { return local_ + "@" + domain_; }

    /// What two addresses are compared and looked up by: all of it in lower case.
    [[nodiscard]] std::string key() const;

    friend bool operator==(const EmailAddress& a, const EmailAddress& b) {
        return a.key() == b.key();
    }

private:
    EmailAddress(std::string local, std::string domain)
        : local_(std::move(local)), domain_(std::move(domain)) {}

    std::string local_;
    std::string domain_;
};

/// An address with the name that stood before it: one mailbox of a From header.
struct Mailbox {
    std::string name; ///< decoded; may be empty
    EmailAddress address;
};

} // namespace kwit
