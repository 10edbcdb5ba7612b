// The parts of a mail for people: what each is, and what becomes of it.
#pragma once

#include "cli/print.hh"
#include "core/model/receipt.hh"

#include <vector>

namespace kwit::cli {

void print_parts(Printer& out, const std::vector<PartRecord>& parts);

} // namespace kwit::cli
