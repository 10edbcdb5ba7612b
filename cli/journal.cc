#include "core/archive/journal.hh"

#include "cli/commands.hh"
#include "cli/table.hh"
#include "cli/values.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

/// A member of an entry as text, whatever it holds.
std::string text_of(const Json& entry, const char* name) {
    const auto member = entry.find(name);
    if (member == entry.end() || member->is_null()) return {};
    return member->is_string() ? member->get<std::string>() : json_line(*member);
}

std::vector<std::string> cells(const Json& entry) {
    const std::string at = text_of(entry, "at");
    const auto time = parse_rfc3339(at);
    return {
        text_of(entry, "n"),
        time ? readable_time(time) : at,
        text_of(entry, "by"),
        text_of(entry, "what"),
        text_of(entry, "about")};
}

Result<Done> list(Context& context, const PageOptions& options) {
    constexpr std::size_t widest = 120;
    const auto archive = TRY(open_archive(context, Access::read_only));
    Table table(
        context.out,
        {{"N", Column::Align::right},
         {"AT"},
         {"BY"},
         {"WHAT"},
         {"ABOUT", Column::Align::left, widest}}
    );
    const auto entries = TRY(list_journal(*archive, options.page()));
    for (const Json& entry : entries) {
        if (context.out.ended()) break;
        if (context.out.json())
            context.out.object(entry);
        else
            table.row(cells(entry));
    }
    table.end();
    return Done::yes;
}

void print_head(Printer& out, const JournalHead& head) {
    if (out.json())
        out.object(Json{{"n", head.n}, {"sha256", head.sha256}});
    else
        out.line(fmt::format("{} {}", head.n, head.sha256));
}

Result<Done> head(Context& context, const NoOptions&) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const JournalHead last = TRY(journal_head(*archive));
    print_head(context.out, last);
    return Done::yes;
}

Result<Done> check(Context& context, const NoOptions&) {
    const auto archive = TRY(open_archive(context, Access::read_only, Reading::in_order));
    const JournalCheck found = TRY(verify_journal(*archive));
    if (context.out.json()) {
        context.out.object(Json{
            {"entries", found.entries},
            {"n", found.head.n},
            {"sha256", found.head.sha256},
            {"faults", found.faults}});
    } else {
        for (const std::string& fault : found.faults)
            context.out.line(fault);
        context.out.line(fmt::format(
            "{} entries, head {} {}: {}",
            found.entries,
            found.head.n,
            found.head.sha256,
            found.faults.empty() ? "the chain is whole" : "the chain is broken"
        ));
    }
    return found.faults.empty() ? Done::yes : Done::no;
}

} // namespace

Commands journal_commands() {
    return {
        command<PageOptions>(
            "journal list",
            "Lists every change that was ever made: when, by whom, what.",
            "kwit journal list --newest --limit 20",
            [](PageOptions& o) { return with_page({}, o); },
            list
        ),
        command<NoOptions>(
            "journal verify",
            "Follows the chain of the journal: no entry was altered, taken out or put in.",
            "kwit journal verify",
            no_arguments,
            check
        ),
        command<NoOptions>(
            "journal head",
            "Prints number and SHA-256 of the last entry. Whoever keeps them elsewhere can prove "
            "later that nothing before was altered.",
            "kwit journal head",
            no_arguments,
            head
        ),
    };
}

} // namespace kwit::cli
