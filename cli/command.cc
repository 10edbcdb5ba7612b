#include "cli/command.hh"

#include "cli/commands.hh"

#include <iterator>

namespace kwit::cli {

namespace {

void append(Commands& all, Commands some) {
    all.insert(
        all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end())
    );
}

} // namespace

Commands all_commands() {
    Commands all;
    append(all, client_commands());
    append(all, notify_commands());
    append(all, notice_commands());
    append(all, sender_commands());
    append(all, address_commands());
    append(all, check_commands());
    append(all, receipt_commands());
    append(all, document_commands());
    append(all, part_commands());
    append(all, import_commands());
    append(all, outbox_commands());
    append(all, report_commands());
    append(all, inspect_commands());
    append(all, verify_commands());
    append(all, sweep_commands());
    append(all, backup_commands());
    append(all, journal_commands());
    append(all, doctor_commands());
    return all;
}

Arguments with_page(Arguments arguments, PageOptions& page) {
    arguments.push_back({"--newest", &page.newest, "newest first (a listing is oldest first)"});
    arguments.push_back({"--limit N", &page.limit, "no more than N"});
    return arguments;
}

Arguments no_arguments(NoOptions&) {
    return {};
}

} // namespace kwit::cli
