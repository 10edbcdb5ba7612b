#include "core/intake/identity.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <array>

namespace kwit {

namespace {

bool is_of_the_sender(std::string_view name) {
    constexpr std::array names = {"from", "to", "subject", "date", "message-id", "mime-version"};
    return starts_with_word(name, "content-") ||
           std::any_of(names.begin(), names.end(), [&](const char* ours) {
               return same_word(name, ours);
           });
}

bool is_made_here(std::span<const mime::HeaderField> fields, std::string_view queue_id) {
    return !queue_id.empty() &&
           std::any_of(fields.begin(), fields.end(), [&](const mime::HeaderField& field) {
               return same_word(field.name, "message-id") &&
                      field.value.find(queue_id) != std::string::npos;
           });
}

} // namespace

Identity::Identity(std::span<const mime::HeaderField> fields, std::string_view queue_id) {
    const bool made_here = is_made_here(fields, queue_id);
    for (const mime::HeaderField& field : fields) {
        if (!is_of_the_sender(field.name)) continue;
        if (made_here && (same_word(field.name, "message-id") || same_word(field.name, "date")))
            continue;
        hash_.update(lower(field.name));
        hash_.update(":");
        hash_.update(trim(mime::unfold(field.value)));
        hash_.update("\n");
    }
    hash_.update("\n");
}

} // namespace kwit
