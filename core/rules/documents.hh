// What becomes of each part of a mail. A part is judged by its content; its name and declared type
// only tell what it claims to be. Nothing is left out: every part gets a disposition.
#pragma once

#include "core/model/facts.hh"
#include "core/model/policy.hh"
#include "core/model/verdict.hh"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace kwit::rules {

/// A picture that an HTML text shows, or that stands inline, is a decoration when it is smaller
/// than this (bytes), and so are both its sides (pixels): a till receipt that was photographed is
/// narrow, but long.
constexpr std::uint64_t decoration_limit = 60ULL * 1024;
constexpr std::uint32_t decoration_side = 600;

/// One outcome a part, in order. Filed parts and annexes have no encoding damage and are no
/// repetition of another part of the mail (Disposition::duplicate). A content that comes under the
/// name of a document and under that of an annex is a document. decorations: what the office wants
/// ignored, with what came out of it.
std::vector<PartOutcome> judge_parts(
    std::span<const PartFacts> parts, const Policy& policy, const std::set<Digest>& decorations = {}
);

/// The same for one file that a person hands over as a document, whatever place a mail would give
/// it; nothing: it is taken. before: the part in front of it, when it came in a mail.
std::optional<Finding>
judge_file(const PartFacts& file, const PartFacts* before, const Policy& policy);

/// Whether what is inside of it decides what becomes of it: a PDF, and XML where invoices are
/// taken.
bool is_looked_into(const PartFacts& part, const Policy& policy);

/// What is worth saying of a document that is filed: "repaired", "owner-password",
/// "active-content".
Flags flags_of(const PartFacts& part, const Policy& policy);

/// "PDF, JPEG": the formats of a policy for people.
std::string accepted_formats(const Policy& policy);

} // namespace kwit::rules
