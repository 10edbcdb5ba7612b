#include "core/model/settings.hh"

#include <algorithm>

namespace kwit {

const DomainSettings* Settings::domain(const std::string& name) const {
    const auto found =
        std::find_if(domains.begin(), domains.end(), [&](const DomainSettings& domain) {
            return domain.name == name;
        });
    return found == domains.end() ? nullptr : &*found;
}

} // namespace kwit
