// Notices about a client that is nobody, for `kwit notice preview`: what an office sees of its own
// texts, name and logo before anybody gets a mail.
#pragma once

#include "core/archive/letters.hh"
#include "core/base/result.hh"
#include "core/config/texts.hh"
#include "core/model/settings.hh"
#include "core/outbox/facts.hh"

#include <string>
#include <string_view>
#include <vector>

namespace kwit::outbox {

/// What a preview can show: "confirmation", "correction"…
std::vector<std::string> sample_kinds();

struct SampleOrder {
    std::string kind;
    std::string locale; ///< empty: the domain's
    std::string domain; ///< empty: the first one
};

/// `misuse` for a kind, locale or domain that there is none of.
Result<NoticeFacts>
sample(const SampleOrder& order, const Settings& settings, const Texts& texts, Time time);

/// The mail that a sample of a failure has attached.
std::string sample_original(const NoticeFacts& facts);

/// The letter that says to a notification address that notices reach it.
Letter test_letter(
    const Client& client, const std::string& to, const DomainSettings& domain, const Texts& texts
);

} // namespace kwit::outbox
