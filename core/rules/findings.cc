#include "core/rules/findings.hh"

#include "core/base/text.hh"

#include <algorithm>
#include <vector>

namespace kwit::rules {

const FindingForm* form_of(const Finding& finding) {
    std::vector<std::string> names; // of a map, so in order
    for (const auto& [name, value] : finding.values)
        names.push_back(name);
    const std::string placeholders = join(names, " ");
    const auto* const row =
        std::find_if(finding_forms.begin(), finding_forms.end(), [&](const FindingForm& form) {
            return form.reason == finding.reason && form.detail == finding.detail &&
                   form.placeholders == placeholders;
        });
    return row == finding_forms.end() ? nullptr : row;
}

} // namespace kwit::rules
