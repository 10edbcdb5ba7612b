#include "core/intake/story.hh"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace kwit {

namespace {

std::string reasons_of(const Receipt& receipt) {
    std::vector<std::string_view> codes;
    for (const Finding& finding : receipt.findings)
        if (std::find(codes.begin(), codes.end(), code_of(finding.reason)) == codes.end())
            codes.push_back(code_of(finding.reason));
    return fmt::format("{}", fmt::join(codes, ", "));
}

} // namespace

std::string story_of(const Receipt& receipt) {
    const auto filed =
        std::count_if(receipt.parts.begin(), receipt.parts.end(), [](const PartRecord& part) {
            return becomes_document(part.disposition);
        });
    std::string story = fmt::format(
        "{} at {} for client {}", name_of(receipt.verdict), receipt.address, receipt.client
    );
    if (receipt.verdict != Verdict::refused)
        story += fmt::format(": {} of {} parts filed", filed, receipt.parts.size());
    if (!receipt.findings.empty()) story += "; " + reasons_of(receipt);
    const std::string& proof = receipt.authenticated_by;
    return story + fmt::format(
                       " (from {}, {}, envelope <{}>)",
                       receipt.sender.empty() ? "nobody clear" : receipt.sender,
                       proof.empty() ? "not authenticated" : "authenticated by " + proof,
                       receipt.envelope_from
                   );
}

} // namespace kwit
