// Category codes of a policy, compared as people mean them: without regard to case.
#pragma once

#include "core/model/policy.hh"

#include <string>
#include <string_view>
#include <vector>

namespace kwit::rules {

/// The policy's own spelling of a category, or null when it has none of that name.
const std::string* category_named(const Policy& policy, std::string_view read);

/// The policy's categories that are one letter away from what was read: one other, one more, one
/// less, or two that changed places.
std::vector<std::string> categories_near(const Policy& policy, std::string_view read);

} // namespace kwit::rules
