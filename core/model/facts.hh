// What is so about a mail: the only thing rules know. Facts are read, never judged: a damaged
// encoding or a structure that can be read in two ways is a fact too. Made by core/mime from bytes,
// and by core/intake from the directory.
#pragma once

#include "core/base/time.hh"
#include "core/model/alignment.hh"
#include "core/model/digest.hh"
#include "core/model/directory.hh"
#include "core/model/email_address.hh"
#include "core/model/envelope.hh"
#include "core/model/format.hh"
#include "core/model/pdf_facts.hh"
#include "core/model/policy.hh"
#include "core/model/xml_facts.hh"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kwit {

/// A limit of the configuration that a mail went over.
enum class Limit : std::uint8_t {
    message,
    parts,
    depth,
    documents,
    headers,
    header_bytes,
    address_header
};

struct SubjectFacts {
    unsigned count = 0;           ///< of Subject headers
    std::string text{};           ///< of the first one: unfolded, encoded words decoded, UTF-8
    bool unknown_charset = false; ///< some of it was read as Latin-1 for want of its charset
    bool damaged = false;         ///< an encoded word or raw bytes could not be decoded cleanly
};

struct FromFacts {
    unsigned count = 0; ///< of From headers
    std::vector<Mailbox> mailboxes{};
    std::string problem{}; ///< why it is not plainly mailboxes ("group", "source-route",
                           ///< "syntax"…); empty: none
    std::string text{};    ///< of the first one, unfolded, for showing
};

struct DateFacts {
    unsigned count = 0; ///< of Date headers
    std::optional<Time>
        time{}; ///< nothing when absent or unreadable (RFC 5322 §3.3 and obsolete §4.3 are read)
};

/// One property of a result: "header.d" = "kunde.example".
struct ResultProperty {
    std::string name; ///< ptype.property in lower case
    std::string value;
};

/// One method's result of an Authentication-Results header.
struct MethodResult {
    std::string method; ///< "dkim", lower case
    std::string result; ///< "pass", lower case
    std::vector<ResultProperty> properties{};
};

/// An Authentication-Results header that the grammar of RFC 8601 §2.2 reads whole; others do not
/// exist for us.
struct AuthenticationResults {
    std::string authserv_id;     ///< lower case
    unsigned received_above = 0; ///< Received headers above it: each is one hop nearer to us
    std::vector<MethodResult> methods{};
};

/// One that it does not.
struct UnreadableResults {
    std::string authserv_id; ///< lower case; empty: not even who wrote it can be read
    unsigned received_above = 0;
};

/// What a DKIM-Signature (RFC 6376 §3.5) or an ARC-Message-Signature (RFC 8617 §4.1.2) says it
/// signs; whether it is right is the verifier's to say.
struct SignatureFacts {
    bool readable = false;                ///< the rest is empty when it is not
    std::string domain{};                 ///< d=, as domain_key()
    std::string selector{};               ///< s=, in lower case
    std::string signature{};              ///< b= without white space
    bool whole_body = false;              ///< no l=
    std::vector<std::string> uncovered{}; ///< of signable_headers: in the mail, but not in h=
};

/// The newest set of an ARC chain (RFC 8617 §4.2).
struct ArcSet {
    std::string sealer;                             ///< d= of its ARC-Seal, as domain_key()
    std::optional<AuthenticationResults> results{}; ///< its ARC-Authentication-Results
    std::optional<SignatureFacts> message{};        ///< its ARC-Message-Signature
};

/// Marks of a mail that no person sent, or that went to a list (RFC 3834, RFC 2369, RFC 5230).
struct AutomaticFacts {
    bool auto_submitted = false; ///< Auto-Submitted other than "no"
    bool bulk = false;           ///< Precedence: bulk, list or junk
    bool list = false;           ///< any List-* header
    bool suppressed = false;     ///< X-Auto-Response-Suppress
    bool report = false;         ///< Content-Type multipart/report
    bool own_notice = false;     ///< one of ours that comes back, or a machine's answer to one
};

struct HeaderFacts {
    SubjectFacts subject{};
    FromFacts from{};
    DateFacts date{};
    std::string message_id{}; ///< of the first Message-ID, with its <>; empty: none
    std::vector<std::string>
        answers{}; ///< ids with their <> of In-Reply-To and References, the newest 50
    AutomaticFacts automatic{};
    std::vector<AuthenticationResults> results{};
    std::vector<UnreadableResults> unreadable_results{};
    std::vector<SignatureFacts> signatures{}; ///< one for each DKIM-Signature
    std::optional<ArcSet> arc{};              ///< nothing when there is none that is plainly one
    std::vector<std::string> ambiguities{};   ///< names of two-way readings: "duplicate-subject",
                                              ///< "duplicate-content-type"…
    std::vector<Limit> over{};
};

/// What the sender wrote in Content-Disposition.
enum class Presentation : std::uint8_t { unstated, inline_, attachment };

/// Where a part stands in the mail's structure.
enum class Place : std::uint8_t {
    body, ///< text/plain or text/html as the mail's text: the first text, or an alternative of it
    related,   ///< a member of multipart/related other than its root
    signature, ///< the second part of multipart/signed, or a detached signature by its type
    other,
};

enum class Damage : std::uint8_t {
    base64_junk, ///< characters outside the alphabet, or data after padding that is not base64
    base64_incomplete, ///< a group without all its characters
    quoted_printable,  ///< an escape that is none
    encoding_unknown, ///< a Content-Transfer-Encoding nobody knows: the bytes are taken as they are
    truncated,        ///< the multipart ended before its close delimiter
};

/// What a part is that holds other files, by its content and, where that does not tell, its type.
enum class Holder : std::uint8_t {
    none,
    mail,     ///< an attached mail, whatever it was declared as
    zip,      ///< no office document
    tnef,     ///< winmail.dat
    cms,      ///< S/MIME around content (RFC 8551): signed, or encrypted
    uuencode, ///< a text with files between "begin" and "end" lines
};

/// What came of opening a part that holds others.
struct Opening {
    enum class State : std::uint8_t {
        opened,    ///< what was in it are parts of their own
        encrypted, ///< all of it
        damaged,
        over_members, ///< budgets of [limits]
        over_unpacked,
        over_ratio,
    };

    State state = State::opened;
    std::string said{}; ///< damaged: what the reader said of it, in English
    friend bool operator==(const Opening&, const Opening&) = default;
};

/// Why the bytes of a member of a container are not there.
enum class Withheld : std::uint8_t {
    encrypted,
    method, ///< packed in a way nobody here reads
    damaged,
    link, ///< the name of another file, and no file
};

/// One leaf of the mail, decoded, or one member of a container in it.
struct PartFacts {
    std::uint32_t number = 0; ///< counts leaves from 1, and what came out of them behind those
    /// The part that it came out of; 0: a leaf of the mail itself. Only such a leaf has its bytes
    /// at a place in the mail.
    std::uint32_t in = 0;
    std::string path{};       ///< for people: "mail > re.zip > faktura.pdf"
    std::string name{};       ///< the file name cleaned for showing; empty: none was given
    std::string raw_name{};   ///< the name decoded but not cleaned; differs from name only where
                              ///< cleaning changed something
    std::string media_type{}; ///< declared, lower case; text/plain when undeclared (RFC 2045 §5.2)
    Presentation presentation = Presentation::unstated;
    Place place = Place::other;
    bool referenced = false;        ///< an HTML text of the mail refers to it by cid:
    bool nested_mail = false;       ///< declared as message/*
    std::uint64_t begin = 0;        ///< of its content in the mail, encoded as it came
    std::uint64_t end = 0;          ///< one past it
    std::uint64_t size = 0;         ///< decoded bytes
    std::optional<Digest> digest{}; ///< of the decoded bytes
    Format format = Format::unknown;
    std::vector<Damage> damage{};
    Holder holds = Holder::none;
    std::optional<Opening> opening{};   ///< of a part that holds others, where it was tried
    std::optional<Withheld> withheld{}; ///< of a member without bytes: size 0, no digest
    std::uint32_t width = 0;            ///< of a picture, pixels; 0: not known
    std::uint32_t height = 0;
    std::optional<PdfFacts> pdf{}; ///< of a PDF that was looked into
    std::optional<XmlFacts> xml{}; ///< of an XML file that was looked into
    bool uninspectable = false;    ///< looking into it made the inspector crash, or took too much
};

struct BodyFacts {
    std::vector<PartFacts> parts{};
    std::vector<std::string> ambiguities{};
    std::vector<Limit> over{}; ///< with anything here parts is what was read until then
};

/// The subject tag as it stands, before anybody asks whether its values exist. See
/// core/rules/subject.hh.
struct SubjectReading {
    struct Tag {
        std::string category{};
        std::string month{}; ///< digits as read
        std::string year{};
        std::string code{};
        friend bool operator==(const Tag&, const Tag&) = default;
    };

    std::vector<Tag> tags{};               ///< whole ones: exactly one is wanted
    std::optional<std::string> category{}; ///< what could be read when no tag is whole
    std::optional<std::string> month{};
    std::optional<std::string> year{};
    std::optional<std::string> code{};
    std::optional<std::string>
        word{};         ///< the bare word where no category stands: FZ of "FZ 11/2024 (932498)"
    std::string note{}; ///< the rest of the subject beside the one tag
};

/// Whose secret stands in the address that was written to ("docs+NUMBER.SECRET@").
enum class SecretInAddress : std::uint8_t {
    none,
    wrong, ///< not the author's, or not any more
    right, ///< the author's
};

/// What the directory knows about one import recipient.
struct RecipientFacts {
    ImportAddress address;
    Client client;
    Policy policy;
    std::string locale;             ///< of texts: the client's, else the domain's
    std::string timezone;           ///< of the domain
    SubjectReading subject{};       ///< of route "subject"
    std::optional<Sender> sender{}; ///< the From: address, else its domain, as registered for this
                                    ///< client
    std::optional<Sender> user{};   ///< whose code the subject names, if of this client
    bool login_is_sender =
        false; ///< the SASL login equals the From: address or is registered for it
    bool certificate_is_sender = false; ///< the client certificate is registered for it
    SecretInAddress secret = SecretInAddress::none;
    Alignment alignment = Alignment::relaxed; ///< the sender's, else the domain's
    std::set<Digest> decorations{}; ///< of parts that the office wants ignored for this client
};

} // namespace kwit
