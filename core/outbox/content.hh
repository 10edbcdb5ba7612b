// What a mail says, before it is plain text or HTML: blocks of words that both are made of, so that
// they cannot differ. Foreign words have passed one_line(); each form encodes them for itself.
#pragma once

#include "core/model/verdict.hh"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kwit::outbox {

/// How much something asks for attention; shown in HTML alone.
enum class Tone : std::uint8_t { plain, good, doubtful, bad, muted };

Tone tone_of(Verdict verdict);

struct Paragraph {
    std::string text{};
    Tone tone = Tone::plain;
};

/// One thing a line, such as "Company: Kunde (10023)", under an intro where there is one.
struct Lines {
    std::string intro{};
    std::vector<std::string> lines{};
};

/// One row of a table: an attachment, or what a digest tells of.
struct Item {
    std::string line{}; ///< all of the row but what is below, as plain text
    std::string number{};
    std::string name{};
    std::string aside{}; ///< its size
    std::string outcome{};
    Tone tone = Tone::plain;
    std::vector<std::string> below{};
};

struct Items {
    std::string intro{};
    std::string name_title{};
    std::string outcome_title{};
    std::vector<Item> items{};
    std::string more{}; ///< what is not listed; empty: nothing
};

/// A subject that would do, with a link that begins a mail with it.
struct Choice {
    std::string line{};      ///< with the subject, as plain text
    std::string link_line{}; ///< with the link, as plain text
    std::string subject{};
    std::string label{}; ///< empty: none
    std::string link{};  ///< mailto:
};

struct Choices {
    std::vector<std::string> intro{}; ///< lines
    std::string button{};             ///< what the links are called
    std::vector<Choice> choices{};
};

using Block = std::variant<Paragraph, Lines, Items, Choices>;
using Content = std::vector<Block>;

/// Blocks with an empty line between them; lines end in LF. Empty blocks are left out.
std::string plain_text(const Content& content);

/// Words of a text that was worded elsewhere: what is between empty lines is a block.
Content content_of(std::string_view text);

} // namespace kwit::outbox
