#include "cli/table.hh"

#include "core/base/encode.hh"
#include "core/base/text.hh"

#include <algorithm>

namespace kwit::cli {

namespace {

constexpr std::size_t measured_rows = 500;

/// At most max columns of the text, which is encoded already.
std::string cut(std::string text, std::size_t max) {
    if (display_width(text) <= max) return text;
    std::size_t end = 0;
    for (std::size_t next = 0; next < text.size();) {
        next_code_point(text, next);
        if (display_width(std::string_view(text).substr(0, next)) >= max) break;
        end = next;
    }
    return text.substr(0, end) + "…";
}

} // namespace

void Table::row(std::vector<std::string> cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        std::string& cell = cells[i];
        // Encoding only lengthens, so no more of a long cell is looked at than could be shown.
        constexpr std::size_t bytes_of_a_column = 8;
        const std::size_t max = columns_.at(i).max;
        const auto head = cut_utf8(cell, (max + 1) * bytes_of_a_column);
        cell = cell.empty() ? "-" : cut(terminal_text(head), max);
    }
    if (titled_) return print(cells);
    waiting_.push_back(std::move(cells));
    if (waiting_.size() >= measured_rows) print_waiting();
}

void Table::end() {
    if (!titled_ && !waiting_.empty()) print_waiting();
}

void Table::measure(const std::vector<std::string>& cells) {
    widths_.resize(columns_.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
        widths_.at(i) = std::max(widths_.at(i), display_width(cells[i]));
}

void Table::print_waiting() {
    std::vector<std::string> titles;
    for (const Column& column : columns_)
        titles.push_back(column.title);
    measure(titles);
    for (const auto& cells : waiting_)
        measure(cells);
    print(titles);
    titled_ = true;
    for (const auto& cells : waiting_)
        print(cells);
    waiting_.clear();
}

void Table::print(const std::vector<std::string>& cells) {
    std::string text = indent_;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::size_t width = display_width(cells[i]);
        const std::string padding(widths_.at(i) > width ? widths_.at(i) - width : 0, ' ');
        const bool right = columns_.at(i).align == Column::Align::right;
        const bool last = i + 1 == cells.size();
        if (i > 0) text += "  ";
        if (right) text += padding;
        text += cells[i];
        if (!right && !last) text += padding;
    }
    out_.line(text);
}

} // namespace kwit::cli
