// The commands by their first word; each function stands in the file of that name.
#pragma once

#include "cli/command.hh"

namespace kwit::cli {

Commands client_commands();
Commands notice_commands();
Commands notify_commands();
Commands sender_commands();
Commands address_commands();
Commands check_commands();
Commands receipt_commands();
Commands document_commands();
Commands part_commands();
Commands import_commands();
Commands outbox_commands();
Commands report_commands();
Commands inspect_commands();
Commands verify_commands();
Commands sweep_commands();
Commands backup_commands();
Commands journal_commands();
Commands doctor_commands();

} // namespace kwit::cli
