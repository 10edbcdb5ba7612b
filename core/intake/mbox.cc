#include "core/intake/mbox.hh"

#include "core/base/text.hh"
#include "core/mime/holder.hh"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

namespace {

constexpr std::string_view mbox_line = "From ";

bool begins_as_mbox(std::string_view head) {
    return head.starts_with(mbox_line) || head.starts_with(">From ");
}

Range behind_first_line(const Range& range, std::string_view head) {
    const std::size_t line = std::min(head.size(), head.find('\n') + 1);
    return {range.file, range.begin + line, range.size - line};
}

/// The beginnings of lines "From …" behind an empty line, and what stands there.
class MboxLines {
public:
    static constexpr std::size_t most = 100;

    void feed(std::string_view text) {
        for (const char c : text) {
            ++at_;
            if (c == '\n') {
                if (line_ == mbox_line && empty_before_ && found_.size() <= most)
                    found_.push_back(begin_);
                empty_before_ = line_.empty();
                line_.clear();
                begin_ = at_;
            } else if (c != '\r' && line_.size() < mbox_line.size()) {
                line_ += c;
            }
        }
    }

    [[nodiscard]] const std::vector<std::uint64_t>& found() const { return found_; }

private:
    std::uint64_t at_ = 0;
    std::uint64_t begin_ = 0; // of the line at hand
    std::string line_{};      // its first characters
    bool empty_before_ = false;
    std::vector<std::uint64_t> found_{};
};

/// Whether a mailbox of several mails stands there: its second one would be text of the first.
Result<bool> holds_more_mails(const Range& mail) {
    MboxLines lines;
    TRY(each_piece(mail, [&lines](Bytes piece) -> Result<void> {
        lines.feed(as_text(piece));
        return {};
    }));
    if (lines.found().size() > MboxLines::most) return true; // in a letter there are few
    for (const std::uint64_t at : lines.found()) {
        const std::string head = TRY(head_of({mail.file, mail.begin + at, mail.size - at}));
        if (mime::reads_as_mail(head)) return true;
    }
    return false;
}

} // namespace

Result<std::optional<Range>> the_one_mail(const Range& file) {
    const std::string head = TRY(head_of(file));
    if (!begins_as_mbox(head)) return std::optional(file);
    const Range mail = behind_first_line(file, head);
    const bool more = TRY(holds_more_mails(mail));
    return more ? std::optional<Range>() : std::optional(mail);
}

} // namespace kwit
