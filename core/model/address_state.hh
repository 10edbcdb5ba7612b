// Whether an import address takes mail, in one word.
#pragma once

#include "core/model/directory.hh"

#include <cstdint>
#include <string_view>

namespace kwit {

enum class AddressState : std::uint8_t {
    enabled,
    replaced, ///< taken until its grace is over
    disabled,
    expired,
};

inline AddressState state_of(const ImportAddress& address, Time time) {
    if (!address.enabled) return AddressState::disabled;
    if (address.expires_at && *address.expires_at <= time) return AddressState::expired;
    return address.replaced_by.empty() ? AddressState::enabled : AddressState::replaced;
}

constexpr std::string_view name_of(AddressState state) {
    switch (state) {
    case AddressState::enabled:
        return "enabled";
    case AddressState::replaced:
        return "replaced";
    case AddressState::disabled:
        return "disabled";
    case AddressState::expired:
        return "expired";
    }
    return "enabled";
}

} // namespace kwit
