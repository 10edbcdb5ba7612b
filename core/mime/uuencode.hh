// Files in texts between lines "begin MODE NAME" and "end" (POSIX uuencode, the historical
// algorithm), read strictly: a file that breaks off or has a line that is none of its is not whole.
// Memory does not grow with the text.
#pragma once

#include "core/base/bytes.hh"
#include "core/base/file.hh"
#include "core/base/result.hh"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kwit::mime {

/// Follows a text line by line.
class UuLines {
public:
    enum class Event : std::uint8_t {
        none,
        began,  ///< a file, name() is its; the line is its first one, bytes() are in it
        data,   ///< bytes() of the file
        ended,  ///< all of it was there
        broken, ///< the file is over, and not whole
    };

    /// Without its line end.
    Event line(std::string_view line);

    /// The text is over: `broken` when it ended inside a file.
    Event finish();

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    enum class State : std::uint8_t { text, promised, inside, closing };

    Event text_line(std::string_view line);
    Event broken_by(std::string_view line);
    bool decode(std::string_view line);
    [[nodiscard]] bool may_be_short(std::string_view line, std::size_t missing) const;

    State state_ = State::text;
    bool blanks_ = false;    // a zero was written as a blank
    bool backticks_ = false; // a zero was written as a backtick
    std::string name_{};
    std::string bytes_{};
};

/// Sees whether there is a file in a text that streams by, cut anywhere.
class UuScanner {
public:
    void feed(std::string_view text);

    /// The text is over.
    void finish();

    [[nodiscard]] bool found() const { return found_; }

private:
    void end_line();

    UuLines lines_{};
    std::string held_{}; // the beginning of the line at hand
    bool found_ = false;
};

/// What is done with each file; the calls come in this order. False: no more is wanted, and the
/// reading ends.
struct UuSink {
    std::function<Result<bool>(std::string_view name)> begin;
    std::function<Result<bool>(std::string_view bytes)> take;
    std::function<Result<bool>(bool whole)> end;
};

Result<void> read_uuencoded(const File& text, const UuSink& sink);

} // namespace kwit::mime
