#include "core/mime/split.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace kwit::mime {

namespace {

constexpr std::size_t buffer_size = 16384;

/// Where the name of a header field ends, white space before the colon included; nothing when the
/// line is no header field. Postfix takes "From :" for "From:" as well.
std::optional<std::size_t> colon_of(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view name = line.substr(0, colon);
    while (!name.empty() && is_blank(name.back()))
        name.remove_suffix(1);
    return is_field_name(name) ? std::optional(colon) : std::nullopt;
}

std::string_view without_line_end(std::string_view line) {
    if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

/// Takes lines until the header block ends.
class Splitter {
public:
    explicit Splitter(const LimitSettings& limits) : limits_(limits) {}

    /// A line with its line end, at an offset; false when the block is over.
    bool line(std::string_view line, std::uint64_t offset) {
        const std::string_view text = without_line_end(line);
        mail_.body = offset;
        if (text.empty()) {
            mail_.body += line.size();
            return false;
        }
        if (is_blank(text.front()) && !mail_.fields.empty()) {
            fold(line);
        } else {
            const auto colon = is_blank(text.front()) ? std::nullopt : colon_of(text);
            if (!colon) return false;
            begin(line, *colon);
        }
        bytes_ += line.size();
        mail_.body = offset + line.size();
        return mail_.fields.size() <= limits_.headers && bytes_ <= limits_.header_bytes;
    }

    SplitMail finish() && {
        for (HeaderField& field : mail_.fields)
            field.value.resize(without_line_end(field.value).size());
        return std::move(mail_);
    }

private:
    void begin(std::string_view line, std::size_t colon) {
        mail_.fields.push_back(
            {std::string(trim(line.substr(0, colon))), std::string(line.substr(colon + 1))}
        );
    }

    void fold(std::string_view line) { mail_.fields.back().value += line; }

    LimitSettings limits_;
    SplitMail mail_{};
    std::uint64_t bytes_ = 0;
};

} // namespace

Result<SplitMail> split_mail(const File& file, const LimitSettings& limits) {
    Splitter splitter(limits);
    std::array<std::byte, buffer_size> buffer{};
    std::string held;         // a line whose end is not here yet
    std::uint64_t offset = 0; // of held
    for (bool more = true; more;) {
        const std::size_t count = TRY(file.read_at(offset + held.size(), buffer));
        held += as_text(Bytes(buffer).first(count));
        const bool last = count == 0;
        std::size_t at = 0;
        while (more && at < held.size()) {
            const std::size_t end = held.find('\n', at);
            const bool too_long = held.size() - at > limits.header_bytes;
            if (end == std::string::npos && !last && !too_long) break;
            const std::size_t next = end == std::string::npos ? held.size() : end + 1;
            more = splitter.line(std::string_view(held).substr(at, next - at), offset + at);
            at = next;
        }
        offset += at;
        held.erase(0, at);
        more = more && !last;
    }
    return std::move(splitter).finish();
}

} // namespace kwit::mime
