// How documents are to be sent to an import address, in words: what a correction and a card tell.
#pragma once

#include "core/config/texts.hh"
#include "core/model/policy.hh"
#include "core/model/settings.hh"
#include "core/outbox/content.hh"

#include <string>
#include <string_view>
#include <vector>

namespace kwit::outbox {

/// Refers to policy and texts.
class Guide {
public:
    Guide(const Policy& policy, const Texts& texts, std::string_view locale)
        : policy_(policy), texts_(texts), locale_(locale) {}

    /// What is told beside the policy; what is empty is left out.
    struct About {
        std::string example{}; ///< a subject that would do; not for route "address"
        std::string code{};    ///< of the one who reads it
        std::string sender{};  ///< the address that it is read at
    };

    [[nodiscard]] Lines lines(const About& about) const;

    /// The same as plain text.
    [[nodiscard]] std::string text(const About& about) const;

    /// What the category is called; empty for one that nobody gave a label.
    [[nodiscard]] std::string label_of(const std::string& category) const;

    /// "FK (cost invoice)"
    [[nodiscard]] std::string labelled(const std::string& category) const;

    /// "PDF, JPEG"
    [[nodiscard]] std::string formats() const;

private:
    [[nodiscard]] std::string tell(std::string_view key, const Texts::Values& values = {}) const;
    void add_subject_form(std::vector<std::string>& lines, const About& about) const;

    const Policy& policy_;
    const Texts& texts_;
    std::string locale_;
};

/// The last words of a mail: where answers to it go.
std::string farewell(const DomainSettings& domain, const Texts& texts, std::string_view locale);

} // namespace kwit::outbox
