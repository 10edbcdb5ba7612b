// Identity: tells the same mail sent twice from two mails. SHA-256 over what the sender made (From,
// To, Subject, Date, Message-ID, MIME-Version, Content-*, body) and none of what the way added
// (trace and result headers). docs/format.md has the bytes.
#pragma once

#include "core/base/sha256.hh"
#include "core/mime/header.hh"
#include "core/model/digest.hh"

#include <span>
#include <string_view>

namespace kwit {

class Identity {
public:
    /// A Message-ID that contains the queue id was made by this MTA, which made the Date then too:
    /// a new one at each try, so both are left out.
    Identity(std::span<const mime::HeaderField> fields, std::string_view queue_id);

    void body(Bytes chunk) { hash_.update(chunk); }

    Digest finish() && { return Digest(std::move(hash_).finish()); }

private:
    Sha256 hash_;
};

} // namespace kwit
