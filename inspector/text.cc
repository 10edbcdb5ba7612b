#include "inspector/text.hh"

#include "core/base/code_points.hh"
#include "core/base/text.hh"
#include "core/inspect/wire.hh"

namespace kwit::inspector {

std::string clean_text(std::string_view text) {
    std::string clean;
    for (std::size_t at = 0; at < text.size() && clean.size() < inspect::max_text;) {
        const char32_t c = next_code_point(text, at);
        append_utf8(clean, is_control(c) || is_bidi_control(c) ? U' ' : c);
    }
    return std::string(trim(cut_utf8(clean, inspect::max_text)));
}

} // namespace kwit::inspector
