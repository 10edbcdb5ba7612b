// What kwit and kwit-inspector say to each other. Each message is one CBOR map in one packet of a
// SOCK_SEQPACKET socket pair, and never longer than max_message.
//
// There are two kinds of conversation. On the control socket the inspector says Hello once; from
// then on kwit sends Requests, each with two descriptors: a socket of its own for the answer, and
// the document, opened for reading. On the socket of a request come Words, in this order: Started
// or NotNow from the inspector; what the child that looked into the document has to say; Ended from
// the inspector when that child is gone. Closing it calls the child off; end of file on the control
// socket ends the inspector with all its children.
//
// What unpacks gets a third descriptor for what comes out: one file with the members one after the
// other. Its child says a Member for each as soon as that is written, and Opened at the end.
//
// A child has read hostile bytes, so its words are foreign: decode() holds them to the limits
// below, and what is not within them is no answer.
#pragma once

#include "core/base/result.hh"
#include "core/model/facts.hh"
#include "core/model/pdf_facts.hh"
#include "core/model/xml_facts.hh"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace kwit::inspect {

inline constexpr std::size_t max_message = 64UL * 1024;
inline constexpr std::uint32_t protocol = 3;

// Limits of what a child may say; each inspector keeps to them by cutting.
inline constexpr std::size_t max_text = 300;    ///< bytes of any text
inline constexpr std::size_t max_embedded = 50; ///< files named; more are counted nowhere
inline constexpr std::size_t max_active = 16;   ///< words
inline constexpr std::uint32_t max_pages = 1'000'000;
inline constexpr std::size_t max_member_name = 1024; ///< bytes

/// The inspector's first message. trouble: why it cannot work (nothing else follows); empty: it
/// can.
struct Hello {
    std::uint32_t speaks = protocol;
    std::string trouble{};
    friend bool operator==(const Hello&, const Hello&) = default;
};

enum class Look : std::uint8_t { pdf, xml, zip, tnef, cms };

/// Whether files come out of it: its request has a third descriptor.
constexpr bool unpacks(Look look) {
    return look != Look::pdf && look != Look::xml;
}

struct Request {
    Look look = Look::pdf;
    std::uint32_t cpu_seconds = 0; ///< of processor time
    std::uint64_t memory = 0;      ///< bytes of address space
    std::uint32_t members = 0;     ///< of a container: so many files may come out of it
    std::uint64_t unpacked = 0;    ///< of a container: so many bytes in its output
    friend bool operator==(const Request&, const Request&) = default;
};

/// A child was made.
struct Started {
    friend bool operator==(const Started&, const Started&) = default;
};

/// Nothing about the document: no child could be made, or the document not be read.
struct NotNow {
    std::string why{};
    friend bool operator==(const NotNow&, const NotNow&) = default;
};

/// The child gives up: memory ran out, or a library has a bug.
struct GaveUp {
    std::string why{};
    friend bool operator==(const GaveUp&, const GaveUp&) = default;
};

/// How the child ended.
struct Ended {
    enum class How : std::uint8_t { exited, killed };
    How how = How::exited;
    int number = 0; ///< exit code or signal
    friend bool operator==(const Ended&, const Ended&) = default;
};

/// One file out of a container. Members stand in the output in the order in which they are said,
/// without gaps.
struct Member {
    std::string name{};    ///< as the container has it: any bytes, cut to max_member_name
    std::string charset{}; ///< of the name, as iconv calls it; empty: UTF-8
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::optional<Withheld> withheld{}; ///< then there are no bytes
    friend bool operator==(const Member&, const Member&) = default;
};

/// The last word about a container; of the budgets that it may be over it names members and
/// unpacked bytes.
struct Opened {
    Opening opening{};
    // What came out whether or not it is of use to anybody: it counts against the budgets.
    std::uint32_t members = 0;
    std::uint64_t unpacked = 0; ///< bytes
    friend bool operator==(const Opened&, const Opened&) = default;
};

using Word = std::variant<Started, NotNow, GaveUp, Ended, PdfFacts, XmlFacts, Member, Opened>;

std::string encode(const Hello& hello);
std::string encode(const Request& request);
std::string encode(const Word& word);

/// `corrupt` when the bytes are no such message within the limits.
Result<Hello> decode_hello(std::string_view bytes);
Result<Request> decode_request(std::string_view bytes);
Result<Word> decode_word(std::string_view bytes);

} // namespace kwit::inspect
