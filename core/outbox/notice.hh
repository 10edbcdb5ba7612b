// A notice: one mail we owe, rendered from facts, settings and texts alone. The same arguments give
// the same bytes, so that a mail that is tried twice is known by its Message-ID (RFC 5322 §3.6.4).
//
// Headers follow RFC 3834 (automatic answers): null envelope sender towards senders, a sender that
// names the outbox row towards notification addresses, so that what comes back finds its receipt,
// or the receipts that a digest or summary tells of; another letter comes back to the people of
// reply_to.
// Everything is 7-bit; foreign text has passed the encoder of its sink.
#pragma once

#include "core/config/texts.hh"
#include "core/model/digest.hh"
#include "core/model/settings.hh"
#include "core/outbox/facts.hh"

#include <memory>
#include <optional>
#include <string>

namespace kwit::outbox {

struct Notice {
    std::string id{};                   ///< of the outbox row
    std::string sender{};               ///< of the envelope; empty: the null sender
    std::string to{};                   ///< the one recipient
    std::string helo{};                 ///< the intake domain
    std::string queue_id{};             ///< of the mail it is about, for the log
    std::string headers{};              ///< lines with CRLF; without MIME-Version and Content-*
    std::string subject{};              ///< as people read it
    std::string text{};                 ///< UTF-8, lines end in LF
    std::string html{};                 ///< the same as a page; lines end in LF
    std::shared_ptr<const Logo> logo{}; ///< that the page shows; null: none
    std::string content_id{};           ///< of the logo, without brackets
    std::string status{}; ///< message/delivery-status (RFC 3464) with LF; empty: no report
    std::optional<Digest> attach{}; ///< the original that goes with it
};

/// `refused` for somebody that no mail of ours may or can be sent to, as below.
Result<void> check_recipient(const std::string& to, const Settings& settings);

/// `refused` when it must not or cannot be sent at all: to an address of an intake domain (a loop),
/// to what is no address, or to one that needs SMTPUTF8.
Result<Notice> render(const NoticeFacts& facts, const Settings& settings, const Texts& texts);

/// The page with the logo inside of it: a browser has no mail to take it from.
std::string page_for_browser(const Notice& notice);

} // namespace kwit::outbox
