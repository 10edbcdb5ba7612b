// The HTML form of a mail, for mail programs: tables, styles inside the elements, a dark dress for
// those that ask for one, and nothing that is fetched from anywhere: the one picture there may be,
// the office's logo, travels with the mail (RFC 2392).
//
// Every word passes html_text(): here is the sink.
#pragma once

#include "core/model/settings.hh"
#include "core/outbox/content.hh"

#include <string>
#include <string_view>

namespace kwit::outbox {

/// What stands around the words.
struct Frame {
    std::string locale{};
    std::string title{};
    std::string office{};
    std::string signature{};
    const Logo* logo = nullptr;
    std::string content_id{}; ///< of the logo, without brackets
};

/// The words alone: what a letter keeps.
std::string html_of(const Content& content);

/// The same for text whose columns stand below each other.
std::string html_of_columns(std::string_view text);

/// How the page refers to the logo: 'src="cid:…"'.
std::string logo_reference(std::string_view content_id);

/// A whole page around the words; lines end in LF.
std::string html_page(const Frame& frame, std::string_view words);

} // namespace kwit::outbox
