// Aligned columns for people. Rows stream: the widths are those of the first rows, so that a
// listing of any length needs little memory; a longer cell further down pushes its row out.
#pragma once

#include "cli/print.hh"

#include <cstddef>
#include <string>
#include <vector>

namespace kwit::cli {

struct Column {
    enum class Align { left, right };

    std::string title;
    Align align = Align::left;
    std::size_t max = 60; ///< columns of a terminal; more is cut with "…"
};

class Table {
public:
    /// The printer must outlive the table.
    Table(Printer& out, std::vector<Column> columns, std::string indent = "")
        : out_(out), columns_(std::move(columns)), indent_(std::move(indent)) {}

    /// One cell a column; every cell is encoded for a terminal. An empty one is shown as "-".
    void row(std::vector<std::string> cells);

    /// Prints what waits; nothing at all when there was no row.
    void end();

private:
    void measure(const std::vector<std::string>& cells);
    void print(const std::vector<std::string>& cells);
    void print_waiting();

    Printer& out_;
    std::vector<Column> columns_;
    std::string indent_;
    std::vector<std::size_t> widths_{};
    std::vector<std::vector<std::string>> waiting_{};
    bool titled_ = false;
};

} // namespace kwit::cli
