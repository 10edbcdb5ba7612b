// One letter instead of many notices: the digest that somebody wants once a day, and the summary of
// what is beyond the number of notices that one recipient gets in a day.
//
// Each notice is a row with its subject, its receipt, its files and what is wrong with it; an
// original does not go with it, the receipt says how to get it.
#pragma once

#include "core/archive/letters.hh"
#include "core/config/texts.hh"
#include "core/model/settings.hh"
#include "core/outbox/facts.hh"

#include <vector>

namespace kwit::outbox {

/// Notices that one letter tells of; more go into the next one. So many fit into a letter whatever
/// they say.
constexpr std::size_t max_together = 200;

/// The facts are not empty, and all of rows with one recipient, reason and intake domain.
Letter letter_together(
    const std::vector<NoticeFacts>& notices, const Settings& settings, const Texts& texts
);

/// The intake domain that a notice is sent for.
std::string domain_of_notice(const NoticeFacts& facts);

} // namespace kwit::outbox
