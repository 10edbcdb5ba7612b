#include "core/mime/returned.hh"

#include "core/base/text.hh"
#include "core/mime/content.hh"
#include "core/mime/decode.hh"
#include "core/mime/outline.hh"
#include "core/mime/split.hh"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace kwit::mime {

namespace {

struct Word {
    std::string_view word;
    DeliveryAction action;
};

constexpr std::array words = {
    Word{"failed", DeliveryAction::failed},
    Word{"delayed", DeliveryAction::delayed},
    Word{"delivered", DeliveryAction::delivered},
    Word{"relayed", DeliveryAction::delivered},
    Word{"expanded", DeliveryAction::delivered},
};

DeliveryAction action_named(std::string_view value) {
    const std::string_view word = trim(value.substr(0, value.find_first_of("(;")));
    const auto known = std::find_if(words.begin(), words.end(), [word](const Word& w) {
        return same_word(w.word, word);
    });
    return known == words.end() ? DeliveryAction::unclear : known->action;
}

/// The lines of a text with folded ones (RFC 5322 §2.2.3) put together.
std::vector<std::string> unfolded_lines(std::string_view text) {
    std::vector<std::string> lines;
    for (std::string_view line : split(text, '\n')) {
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        const bool fold = !line.empty() && is_blank(line.front()) && !lines.empty();
        if (fold)
            lines.back() += line;
        else
            lines.emplace_back(line);
    }
    return lines;
}

bool is_status(const Leaf& leaf) {
    return leaf.content.media_type == "message/delivery-status" ||
           leaf.content.media_type == "message/global-delivery-status";
}

/// RFC 8098, RFC 6533, RFC 5965.
bool is_other_report(const Leaf& leaf) {
    constexpr std::array<std::string_view, 3> types = {
        "message/disposition-notification",
        "message/global-disposition-notification",
        "message/feedback-report"};
    return std::find(types.begin(), types.end(), leaf.content.media_type) != types.end();
}

Result<std::string> beginning_of(const File& mail, const Leaf& leaf) {
    const std::uint64_t size = std::min<std::uint64_t>(leaf.end - leaf.begin, max_report);
    std::vector<std::byte> raw(size);
    const std::size_t got = TRY(mail.read_at(leaf.begin, raw));
    Decoder decoder(leaf.content.encoding);
    std::string text;
    decoder.feed(Bytes(raw).first(got), text);
    decoder.finish(text);
    return text;
}

} // namespace

std::string_view name_of(DeliveryAction action) {
    switch (action) {
    case DeliveryAction::failed:
        return "failed";
    case DeliveryAction::delayed:
        return "delayed";
    case DeliveryAction::delivered:
        return "delivered";
    case DeliveryAction::unclear:
        return "unclear";
    }
    return "unclear";
}

DeliveryAction read_delivery_status(std::string_view text) {
    constexpr std::string_view field = "action:";
    DeliveryAction worst = DeliveryAction::unclear;
    for (const std::string& line : unfolded_lines(text))
        if (starts_with_word(line, field))
            worst = std::min(worst, action_named(std::string_view(line).substr(field.size())));
    return worst;
}

Result<std::optional<DeliveryAction>>
read_delivery_report(const File& mail, const LimitSettings& limits) {
    using Found = std::optional<DeliveryAction>;
    const SplitMail head = TRY(split_mail(mail, limits));
    if (read_content(head.fields).media_type != "multipart/report") return Found();
    const Outline outline = TRY(read_outline(mail, limits));
    const auto& leaves = outline.leaves;
    const auto status = std::find_if(leaves.begin(), leaves.end(), is_status);
    if (status == leaves.end()) {
        const bool other = std::any_of(leaves.begin(), leaves.end(), is_other_report);
        return other ? Found() : Found(DeliveryAction::unclear);
    }
    return Found(read_delivery_status(TRY(beginning_of(mail, *status))));
}

bool names_failed_recipients(std::span<const HeaderField> fields) {
    return find_field(fields, "x-failed-recipients") != nullptr;
}

} // namespace kwit::mime
