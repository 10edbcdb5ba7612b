#include "cli/leftover.hh"

#include "cli/context.hh"
#include "core/archive/by_hand.hh"
#include "core/archive/directory.hh"
#include "core/archive/documents.hh"
#include "core/archive/originals.hh"
#include "core/archive/receipts.hh"
#include "core/base/text.hh"
#include "core/intake/import.hh"
#include "core/model/email_address.hh"
#include "core/rules/period.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli {

namespace {

/// Parameters that are likely right; words in capitals stand for what nobody knows.
struct Guess {
    std::string category = "CATEGORY";
    std::string period = "YYYY-MM";
    std::string code{};
};

std::string timezone_of(const Settings& settings, const Receipt& receipt) {
    const auto address = EmailAddress::parse(receipt.address);
    const DomainSettings* const domain = address ? settings.domain(address->domain()) : nullptr;
    return domain != nullptr ? domain->timezone : "UTC";
}

/// As other documents of the mail; else as the address would have it; else the sender's code.
Result<Guess> guess(const Archive& archive, const Settings& settings, const Receipt& receipt) {
    if (!receipt.documents.empty()) {
        const auto document = TRY(find_document(archive, receipt.documents.front()));
        if (document) return Guess{document->category, document->period, document->code};
    }
    const auto address = TRY(find_address(archive, receipt.address));
    if (address && !address->symbol.empty()) {
        const Period period = rules::period_at(receipt.received_at, timezone_of(settings, receipt));
        return Guess{address->symbol, period.text()};
    }
    Guess guess;
    const auto sender = TRY(find_sender(archive, receipt.client, receipt.sender));
    if (sender) guess.code = sender->code;
    return guess;
}

Result<bool> is_kept(const Archive& archive, const Receipt& receipt) {
    const auto digest = original_of(receipt);
    if (!digest) return false;
    const auto size = TRY(original_size(archive, *digest));
    return size.has_value();
}

/// " --force REASON" where a person has to say so.
std::string force_of(const PartRecord& part) {
    const auto reason = reason_named(part.reason);
    const auto& forcible = forcible_reasons();
    const bool needed =
        reason && std::find(forcible.begin(), forcible.end(), *reason) != forcible.end();
    return needed ? fmt::format(" --force {}", part.reason) : std::string();
}

std::string
command_for(const Receipt& receipt, const PartRecord& part, const Guess& guess, bool kept) {
    const std::string source = kept ? fmt::format("--receipt {} --part {}", receipt.id, part.number)
                                    : fmt::format("FILE --receipt {}", receipt.id);
    const std::string code =
        guess.code.empty() ? std::string() : " --code " + shell_word(guess.code);
    return fmt::format(
        "kwit import {} --client {} --category {} --period {}{}{}",
        source,
        shell_word(receipt.client),
        shell_word(guess.category),
        guess.period,
        code,
        force_of(part)
    );
}

std::vector<PartRecord> unfiled_of(const Receipt& receipt) {
    std::vector<PartRecord> unfiled;
    std::copy_if(
        receipt.parts.begin(), receipt.parts.end(), std::back_inserter(unfiled), is_unfiled
    );
    return unfiled;
}

} // namespace

Result<std::vector<std::string>>
leftover_lines(const Archive& archive, const Settings& settings, const Receipt& receipt) {
    std::vector<std::string> lines;
    if (!is_unresolved(receipt)) return lines;
    const std::vector<PartRecord> unfiled = unfiled_of(receipt);
    const Guess likely = TRY(guess(archive, settings, receipt));
    const bool kept = TRY(is_kept(archive, receipt));
    if (!unfiled.empty()) lines.emplace_back("to file by hand what was not:");
    for (std::size_t i = 0; i < std::min(unfiled.size(), max_leftover_lines); ++i)
        lines.push_back("  " + command_for(receipt, unfiled[i], likely, kept));
    if (unfiled.size() > max_leftover_lines)
        lines.push_back(fmt::format("  and {} more", unfiled.size() - max_leftover_lines));
    lines.emplace_back("to say that all is settled:");
    lines.push_back(fmt::format("  kwit receipt resolve {}", receipt.id));
    return lines;
}

std::string leftover_summary(const Receipt& receipt) {
    std::vector<std::string> left;
    for (const PartRecord& part : unfiled_of(receipt))
        left.push_back(std::to_string(part.number));
    if (receipt.resolved_at) return fmt::format("receipt {} is resolved", receipt.id);
    if (!is_unresolved(receipt)) return {};
    if (!left.empty())
        return fmt::format(
            "not filed: part {} of receipt {}, see kwit receipt show {}",
            join(left, ", "),
            receipt.id,
            receipt.id
        );
    return fmt::format(
        "all of receipt {} is filed; when it is settled: kwit receipt resolve {}",
        receipt.id,
        receipt.id
    );
}

} // namespace kwit::cli
