// The output of a command: text for people, or JSON Lines for programs.
//
// What is written waits in memory until there is enough of it. When nobody reads any more (a closed
// pipe) the rest is dropped without a word; any other trouble is kept and told by finish().
#pragma once

#include "core/base/bytes.hh"
#include "core/base/json_fwd.hh"
#include "core/base/result.hh"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwit::cli {

enum class Form { text, json };

class Printer {
public:
    /// The descriptor stays the caller's.
    Printer(int descriptor, Form form) : descriptor_(descriptor), form_(form) {}

    /// Text for people that goes nowhere else: what is printed is added to it at once.
    explicit Printer(std::string& into) : into_(&into) {}

    [[nodiscard]] bool json() const { return form_ == Form::json; }

    /// One object on a line of its own.
    void object(const Json& object);

    /// One line for people; whatever the text holds, it is safe on a terminal.
    void line(std::string_view text);

    /// Bytes as they are.
    void raw(Bytes bytes);

    /// Nobody reads any more, or it cannot be written: going on would be in vain.
    [[nodiscard]] bool ended() const { return closed_ || trouble_; }

    [[nodiscard]] bool is_terminal() const;

    /// Writes what waits; the first trouble there was.
    Result<void> finish();

private:
    void add(std::string_view bytes);
    void write(std::string_view bytes);

    int descriptor_ = -1;
    Form form_ = Form::text;
    std::string* into_ = nullptr;
    std::string waiting_;
    std::optional<Error> trouble_;
    bool closed_ = false;
};

/// One record for people: a line for each value that is not empty, aligned.
using Lines = std::vector<std::pair<std::string, std::string>>;
void print_lines(Printer& out, const Lines& lines, std::string_view indent = "");

/// Columns that a text takes on a terminal, after it was encoded.
std::size_t display_width(std::string_view text);

} // namespace kwit::cli
