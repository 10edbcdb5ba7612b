#include "core/intake/answer.hh"

namespace kwit {

Finding finding_of(const Error& error) {
    switch (error.cause) {
    case Cause::storage_full:
        return {.reason = Reason::storage_full};
    case Cause::overloaded:
        return {.reason = Reason::busy};
    case Cause::rate_limited:
        return {.reason = Reason::rate_limited};
    case Cause::unreachable: // of all that mail needs only the inspector is a program
        return {.reason = Reason::inspector_unavailable};
    case Cause::restart_needed:
    case Cause::other:
        break;
    }
    return {.reason = Reason::archive_unavailable};
}

Finding too_large(const LimitSettings& limits) {
    return {
        .reason = Reason::message_too_large, .values = {{"limit", std::to_string(limits.message)}}};
}

} // namespace kwit
