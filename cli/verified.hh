// What was verified, for people and for programs.
#pragma once

#include "cli/print.hh"
#include "core/archive/verify.hh"

#include <cstddef>
#include <optional>

namespace kwit::cli {

/// Files that no row names: in an archive each is worth a look, in a backup most are old.
enum class Unreferenced { listed, counted };

void print_verified(Printer& out, const VerifyReport& report, Unreferenced unreferenced);

/// Each fault on a line of its own.
void print_faults(Printer& out, const std::vector<Fault>& faults);

/// The threads of --jobs, else one for each processor; `misuse` for a number that makes no sense.
Result<unsigned> parse_jobs(const std::optional<std::size_t>& jobs);

} // namespace kwit::cli
