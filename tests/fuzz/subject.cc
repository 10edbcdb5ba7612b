// The subject tag: what was read reads the same when it is written in its plain form, and a
// suggested subject is one that would be taken.
#include "core/rules/subject.hh"

#include "core/base/text.hh"
#include "core/rules/categories.hh"
#include "tests/fuzz/input.hh"

namespace kwit::fuzz {

namespace {

RecipientFacts recipient_with(std::string_view code) {
    RecipientFacts recipient;
    recipient.policy.categories = {"FK", "FZ", "FS", "INNE", "ÄÖ"};
    recipient.timezone = "Europe/Warsaw";
    recipient.sender =
        Sender{.client = "10023", .email = "anna@kunde.example", .code = std::string(code)};
    return recipient;
}

void run(std::string_view subject) {
    const SubjectReading reading = rules::read_subject(subject);
    HOLDS(is_utf8(reading.note) || !is_utf8(subject));
    if (const auto code = rules::code_read(reading)) HOLDS(!code->empty());
    if (reading.tags.size() == 1) {
        const auto& [category, month, year, code] = reading.tags.front();
        HOLDS(!category.empty() && !month.empty() && !year.empty() && !code.empty());
        const SubjectReading again =
            rules::read_subject("[" + category + "] " + month + "/" + year + " (" + code + ")");
        HOLDS(again.tags == reading.tags);
        HOLDS(again.note.empty());
    }
    const RecipientFacts recipient = recipient_with("932498");
    const Time now = parse_rfc3339("2026-11-21T10:00:00Z").value();
    const std::string better = rules::suggest_subject(reading, recipient, now);
    HOLDS(is_utf8(better));
    const SubjectReading suggested = rules::read_subject(better);
    if (reading.category && rules::category_named(recipient.policy, *reading.category))
        HOLDS(suggested.tags.size() == 1);
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kwit::fuzz::run(kwit::fuzz::text_of(data, size));
    return 0;
}
