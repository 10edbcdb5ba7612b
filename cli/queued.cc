#include "cli/queued.hh"

#include "core/archive/outbox.hh"
#include "core/archive/records.hh"
#include "core/base/json.hh"

namespace kwit::cli {

Result<void>
print_queued(Printer& out, const Archive& archive, const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
        if (!out.json()) {
            out.line(id);
            continue;
        }
        const auto row = TRY(find_outbox(archive, id));
        if (row) out.object(to_json(*row)); // else it was sent in this very moment
    }
    return {};
}

} // namespace kwit::cli
