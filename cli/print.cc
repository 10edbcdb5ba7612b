#include "cli/print.hh"

#include "core/base/encode.hh"
#include "core/base/file.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cwchar>

namespace kwit::cli {

namespace {

constexpr std::size_t enough = 64UL * 1024;

} // namespace

void Printer::object(const Json& object) {
    add(json_line(object));
    add("\n");
}

void Printer::line(std::string_view text) {
    add(terminal_text(text));
    add("\n");
}

void Printer::raw(Bytes bytes) {
    add(as_text(bytes));
}

bool Printer::is_terminal() const {
    return ::isatty(descriptor_) == 1;
}

void Printer::add(std::string_view bytes) {
    if (into_ != nullptr) {
        *into_ += bytes;
        return;
    }
    if (ended()) return;
    waiting_ += bytes;
    if (waiting_.size() < enough) return;
    write(waiting_);
    waiting_.clear();
}

void Printer::write(std::string_view bytes) {
    while (!bytes.empty() && !ended()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EPIPE) {
            closed_ = true;
        } else if (errno != EINTR) {
            trouble_ = system_error("write to standard output", errno);
        }
    }
}

Result<void> Printer::finish() {
    write(waiting_);
    waiting_.clear();
    if (trouble_) return fail(*trouble_);
    return {};
}

void print_lines(Printer& out, const Lines& lines, std::string_view indent) {
    std::size_t width = 0;
    for (const auto& [name, value] : lines)
        if (!value.empty()) width = std::max(width, name.size());
    for (const auto& [name, value] : lines)
        if (!value.empty()) out.line(fmt::format("{}{:<{}}  {}", indent, name, width, value));
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    each_code_point(text, [&](char32_t c) {
        const int columns = ::wcwidth(static_cast<wchar_t>(c));
        width += columns < 0 ? 1 : static_cast<std::size_t>(columns);
    });
    return width;
}

} // namespace kwit::cli
