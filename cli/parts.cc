#include "cli/parts.hh"

#include "cli/table.hh"
#include "cli/values.hh"

namespace kwit::cli {

namespace {

constexpr std::size_t brief_digest = 12; // enough for `kwit part ignore`

/// What came out of another part is shown with what it came out of.
std::string shown_name(const PartRecord& part) {
    constexpr std::string_view mail = "mail > ";
    if (part.in == 0) return part.name;
    return part.path.starts_with(mail) ? part.path.substr(mail.size()) : part.path;
}

} // namespace

void print_parts(Printer& out, const std::vector<PartRecord>& parts) {
    Table table(
        out,
        {{"PART", Column::Align::right},
         {"BECAME"},
         {"REASON"},
         {"TYPE"},
         {"SIZE", Column::Align::right},
         {"SHA-256"},
         {"NAME"},
         {"DOCUMENT"}},
        "  "
    );
    for (const PartRecord& part : parts)
        table.row(
            {std::to_string(part.number),
             std::string(name_of(part.disposition)),
             part.reason,
             part.media_type,
             readable_size(part.size),
             part.sha256.substr(0, brief_digest),
             shown_name(part),
             part.document}
        );
    table.end();
}

} // namespace kwit::cli
