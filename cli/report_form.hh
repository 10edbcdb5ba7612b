// A report in its three forms: aligned tables for people, one JSON object, one flat CSV table.
#pragma once

#include "cli/print.hh"
#include "core/archive/report.hh"
#include "core/base/json_fwd.hh"
#include "core/model/settings.hh"

#include <string>

namespace kwit::cli {

/// "kwit report 2026-11-14 to 2026-11-21: in.example.com"
std::string title_of(const Report& report, const Settings& settings);

/// For people: of long lists the largest, and how many more there are.
void print_report(Printer& out, const Report& report, const Settings& settings);

Json to_json(const Report& report);

/// Lines "section,name,measure,value" with a header; everything that to_json() has.
void print_csv(Printer& out, const Report& report);

} // namespace kwit::cli
