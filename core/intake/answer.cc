#include "core/intake/answer.hh"

namespace kwit {

Finding finding_of(const Error& error) {
    const bool full = error.cause == Cause::storage_full;
    return {.reason = full ? Reason::storage_full : Reason::archive_unavailable};
}

} // namespace kwit
