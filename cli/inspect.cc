#include "core/archive/inspect.hh"

#include "cli/commands.hh"
#include "cli/table.hh"
#include "cli/values.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"

namespace kwit::cli {

namespace {

struct Inspect {
    std::string table;
    std::vector<std::string> key{};
    bool raw = false;
    PageOptions page{};
};

Result<void> print_tables(Printer& out, const Archive& archive) {
    Table table(
        out, {{"TABLE"}, {"ENTRIES", Column::Align::right}, {"SIZE", Column::Align::right}}
    );
    const auto tables = TRY(inspect_tables(archive));
    for (const TableInfo& info : tables) {
        if (out.json())
            out.object(Json{{"table", info.name}, {"entries", info.entries}, {"bytes", info.bytes}}
            );
        else
            table.row({info.name, std::to_string(info.entries), readable_size(info.bytes)});
    }
    table.end();
    return {};
}

Result<void> print_keys(Printer& out, const Archive& archive, const Inspect& options) {
    constexpr std::size_t longest_key = 1024; // whole ones, so that they can be copied
    Table table(out, {{"KEY", Column::Align::left, longest_key}, {"SIZE", Column::Align::right}});
    const auto keys = TRY(inspect_keys(archive, options.table, options.page.page()));
    for (const KeyInfo& info : keys) {
        if (out.ended()) break;
        if (out.json())
            out.object(Json{{"key", info.key}, {"bytes", info.bytes}});
        else
            table.row({info.key, readable_size(info.bytes)});
    }
    table.end();
    return {};
}

void print_raw(Printer& out, const RawRecord& record) {
    if (out.json()) {
        out.object(Json{{"key", to_hex(record.key)}, {"value", to_hex(record.value)}});
        return;
    }
    out.line(to_hex(record.key));
    out.line(to_hex(record.value));
}

Result<void> print_record(Printer& out, const Archive& archive, const Inspect& options) {
    const RawRecord record = TRY(inspect_record(archive, options.table, join(options.key, " ")));
    if (options.raw) {
        print_raw(out, record);
        return {};
    }
    const Json value = TRY(readable_value(record));
    if (out.json()) {
        out.object(value);
        return {};
    }
    constexpr int indent = 2;
    const std::string text = value.dump(indent, ' ', false, Json::error_handler_t::replace);
    for (const std::string_view line : split(text, '\n'))
        out.line(line);
    return {};
}

Result<void> look(Printer& out, const Archive& archive, const Inspect& options) {
    if (options.table.empty()) return print_tables(out, archive);
    if (options.key.empty()) return print_keys(out, archive, options);
    return print_record(out, archive, options);
}

Result<Done> inspect(Context& context, const Inspect& options) {
    if (options.raw && options.key.empty())
        return fail(Kind::misuse, "--raw is for one record", "name a table and a key");
    const auto archive = TRY(open_archive(context, Access::read_only));
    TRY(look(context.out, *archive, options));
    return Done::yes;
}

} // namespace

Commands inspect_commands() {
    return {
        command<Inspect>(
            "inspect",
            "Looks into the index as it lies on disk, also while the milter runs. Shows all tables "
            "with "
            "counts and sizes, the keys of one table, or one record.",
            "kwit inspect senders anna@kunde.example 10023",
            [](Inspect& o) {
                return with_page(
                    {{"TABLE", &o.table, "the table; without one: all tables"},
                     {"KEY", &o.key, "the key as the listing of the table shows it"},
                     {"--raw", &o.raw, "the key and the value as stored, in hexadecimal digits"}},
                    o.page
                );
            },
            inspect
        ),
    };
}

} // namespace kwit::cli
