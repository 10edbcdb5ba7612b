// What becomes of one part, in words, and parts that several tests of documents start from.
#pragma once

#include "core/rules/documents.hh"
#include "tests/unit/rules/world.hh"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace kwit::rules::parts {

/// "filed", "refused part-not-accepted/heic", "duplicate of 2".
inline std::string shown(const PartOutcome& part) {
    std::string out(name_of(part.disposition));
    if (part.finding) out += " " + test::reasons_of({*part.finding});
    if (part.same_as) out += " of " + std::to_string(*part.same_as);
    return out;
}

inline std::string judged(const PartFacts& part, const Policy& policy) {
    const auto outcomes = judge_parts(std::vector{part}, policy);
    REQUIRE(outcomes.size() == 1);
    CHECK(outcomes.front().number == part.number);
    if (outcomes.front().finding && outcomes.front().finding->reason != Reason::mail_encrypted)
        CHECK(outcomes.front().finding->values.count("name") == 1);
    return shown(outcomes.front());
}

/// An image as programs put it into an HTML mail.
inline PartFacts embedded(Format format, std::uint64_t size) {
    PartFacts part = test::file_part(3, "logo", std::string(media_type_of(format)), format);
    part.place = Place::related;
    part.presentation = Presentation::inline_;
    part.referenced = true;
    part.size = size;
    part.width = 120;
    part.height = 40;
    return part;
}

inline PartFacts nameless(PartFacts part) {
    part.name.clear();
    part.presentation = Presentation::unstated;
    return part;
}

} // namespace kwit::rules::parts
