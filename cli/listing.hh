// A listing of records: a table for people, or an object a line.
#pragma once

#include "cli/command.hh"
#include "cli/table.hh"
#include "core/archive/archive.hh"
#include "core/archive/records.hh"
#include "core/base/json.hh"

#include <string>
#include <vector>

namespace kwit::cli {

template <typename Record>
class Listing {
public:
    using Cells = std::vector<std::string> (*)(const Record&);

    Listing(Printer& out, std::vector<Column> columns, Cells cells)
        : out_(out), table_(out, std::move(columns)), cells_(cells) {}

    /// stop: nobody reads any more.
    lmdb::Walk add(const Record& record) {
        if (out_.json())
            out_.object(to_json(record));
        else
            table_.row(cells_(record));
        return out_.ended() ? lmdb::Walk::stop : lmdb::Walk::on;
    }

    void end() { table_.end(); }

private:
    Printer& out_;
    Table table_;
    Cells cells_;
};

/// All of a short list.
template <typename Record>
void print_list(
    Printer& out,
    std::vector<Column> columns,
    typename Listing<Record>::Cells cells,
    const std::vector<Record>& records
) {
    Listing<Record> listing(out, std::move(columns), cells);
    for (const Record& record : records)
        if (listing.add(record) == lmdb::Walk::stop) break;
    listing.end();
}

/// What a command made: its id or address alone on the first line, or the whole record.
template <typename Record>
void print_made(Printer& out, const Record& record, const std::string& id) {
    if (out.json())
        out.object(to_json(record));
    else
        out.line(id);
}

inline void print_unchanged(Printer& out, Changed changed) {
    if (changed == Changed::no && !out.json()) out.line("nothing differs: nothing was written");
}

/// The same of a record that was to be changed; says so when nothing differed.
template <typename Record>
void print_set(Printer& out, const Record& record, const std::string& id, Changed changed) {
    print_made(out, record, id);
    print_unchanged(out, changed);
}

} // namespace kwit::cli
