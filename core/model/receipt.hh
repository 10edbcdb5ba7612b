// The records of what came in. Field names are those of `--json` and of the stored CBOR maps.
#pragma once

#include "core/base/time.hh"
#include "core/model/pdf_facts.hh"
#include "core/model/verdict.hh"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

/// What became of one part of the mail; beside PartFacts it names the document that was made of it.
struct PartRecord {
    std::uint32_t number = 0;
    std::uint32_t in = 0; ///< of the part it came out of; 0: a leaf of the mail itself
    std::string path{};
    std::string name{};
    std::string raw_name{};
    std::string media_type{};
    std::uint64_t size = 0;
    std::string sha256{};
    Disposition disposition = Disposition::ignored;
    std::string reason{};   ///< code_of() the finding; empty: none
    std::string document{}; ///< id; empty: none
};

/// A mail we owe or sent because of the receipt.
struct NoticeRecord {
    NoticeKind kind{};
    std::string to{};
    std::string state{}; ///< queued, sent, bounced, dead, dropped
    std::optional<Time> at{};
    std::string queue_id{};
    std::string outbox{}; ///< id of its outbox row
};

/// The record of one mail for one import address.
struct Receipt {
    std::string id{}; ///< ULID; empty until it is committed
    Time received_at{};
    std::string queue_id{};
    std::string address{};
    std::string client{};
    std::string sender{};        ///< the From: address; empty: ambiguous
    std::string envelope_from{}; ///< empty: the null sender
    std::string client_address{};
    std::string authenticated_by{};
    std::string subject{};
    std::string message_id{};
    Verdict verdict = Verdict::failed;
    std::vector<Finding> findings{}; ///< "reasons" in listings are their codes
    std::vector<PartRecord> parts{};
    std::vector<std::string> documents{}; ///< ids
    std::vector<NoticeRecord> notices{};
    std::string original{}; ///< SHA-256 of the mail as it came; empty: not kept (refused)
    std::optional<Time> original_removed_at{}; ///< by a sweep, as nobody needed it any more
    std::uint64_t size = 0;                    ///< of the mail in bytes
    std::string suggestion{};
    std::string note{};
    Flags flags{};
    std::optional<Time> resolved_at{};
    std::string resolved_by{};
};

/// One stored file with its parameters.
struct Document {
    std::string id{}; ///< ULID
    std::string receipt{};
    std::string client{};
    std::string address{};
    std::string category{};
    std::string period{}; ///< Period::text()
    std::string code{};
    std::string user{};
    std::string sender{};
    std::string sha256{};
    std::uint64_t size = 0;
    std::string media_type{}; ///< of its content
    std::string filename{};   ///< cleaned; never empty
    Time received_at{};
    std::string status = "filed"; ///< filed, annex
    // As the inspector read it; all but kind of a PDF, of an XML invoice only what is said so:
    std::uint32_t inspected = 0; ///< by which way of reading (core/intake/inside.hh); 0: not
    std::uint32_t pages = 0;
    std::string title{}; ///< of an XML invoice: its number
    std::string kind{};  ///< of an XML invoice: "ubl", "cii", "ksef"; else empty
    Flags flags{};       ///< "repaired", "owner-password", "active-content"…
    std::vector<std::string> active{};
    std::vector<EmbeddedFile> embedded{};
};

/// A mail we owe: a row of the outbox holds facts, from which the mail is rendered the same at
/// every try.
struct OutboxRow {
    std::string id{}; ///< ULID
    NoticeKind kind{};
    std::string to{};
    std::string state = "queued"; ///< queued, dead, dropped
    std::uint32_t attempts = 0;
    std::optional<Time> next_attempt{};
    std::string receipt{};    ///< id; empty: a letter
    std::string last_error{}; ///< of the last attempt
    Time created_at{};
    std::optional<Time> retried_at{}; ///< when a person wanted it tried again; nothing: never
    Held held = Held::no;             ///< until next_attempt
    // Of a letter (is_letter(kind)), which has no receipt that it could be rendered from:
    std::string client{};  ///< that it is about; may be empty
    std::string domain{};  ///< the intake domain it is sent for; empty: the first one
    std::string subject{}; ///< one line
    std::string text{};    ///< lines end in LF
    std::string html{};    ///< the same as HTML, without what is around it; empty: made of the text
    std::string locale{};  ///< of its words; empty: the domain's
    std::vector<std::string> receipts{}; ///< of digest and summary: the receipts they tell of
    bool to_sender = false;              ///< of summary: its notices were replies to a sender
};

/// Whether a person still has to do something about it: not all was filed, or somebody who had to
/// be told was not reached.
inline bool is_unresolved(const Receipt& receipt) {
    const bool unreached =
        std::any_of(receipt.notices.begin(), receipt.notices.end(), [](const NoticeRecord& notice) {
            return notice.state == "bounced" || notice.state == "dead";
        });
    const bool unfiled = receipt.verdict == Verdict::failed || receipt.verdict == Verdict::partial;
    return (unfiled || unreached) && !receipt.resolved_at;
}

} // namespace kwit
