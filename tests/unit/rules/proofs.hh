// Proofs of a mail: results that the border wrote, signatures, and what is made of them.
#pragma once

#include "core/rules/sender.hh"
#include "tests/unit/rules/world.hh"

#include <string>
#include <utility>
#include <vector>

namespace kwit::test {

using Methods = std::vector<MethodResult>;

inline rules::Proven proven_in(const test::World& world) {
    return rules::proof_of(
        world.header.from.mailboxes.front().address,
        world.header,
        world.envelope,
        world.recipient,
        world.trust
    );
}

/// What proves Anna's mail; empty: nothing.
inline std::string proof_with(const test::World& world) {
    const rules::Proven proven = proven_in(world);
    return proven.proof ? proven.proof->method : "";
}

inline test::World found_by_border(Methods methods) {
    test::World world;
    world.header.results = {{.authserv_id = "mx.example.com", .methods = std::move(methods)}};
    return world;
}

inline std::string proof_by(Methods methods) {
    return proof_with(found_by_border(std::move(methods)));
}

inline MethodResult passed(std::string method, std::vector<ResultProperty> properties) {
    return {std::move(method), "pass", std::move(properties)};
}

inline const MethodResult anna_dkim = passed("dkim", {{"header.d", "kunde.example"}});
inline const MethodResult anna_dmarc = passed("dmarc", {{"header.from", "kunde.example"}});
inline const MethodResult anna_spf = passed("spf", {{"smtp.mailfrom", "anna@kunde.example"}});

/// A signature of all that matters.
inline SignatureFacts signed_by(std::string domain) {
    return {
        .readable = true,
        .domain = std::move(domain),
        .selector = "s1",
        .signature = "AbCdEf0123456789",
        .whole_body = true};
}

inline SignatureFacts with_length(SignatureFacts signature) {
    signature.whole_body = false;
    return signature;
}

inline SignatureFacts without(SignatureFacts signature, std::vector<std::string> headers) {
    signature.uncovered = std::move(headers);
    return signature;
}

} // namespace kwit::test
