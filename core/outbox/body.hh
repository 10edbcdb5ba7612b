// The words of a notice: its subject and its text in the language of the client.
#pragma once

#include "core/config/texts.hh"
#include "core/model/settings.hh"
#include "core/outbox/content.hh"
#include "core/outbox/facts.hh"
#include "core/outbox/guide.hh"

#include <optional>
#include <string>
#include <string_view>

namespace kwit::outbox {

/// What a notice is worded with. Refers to its arguments.
class Voice {
public:
    Voice(
        const NoticeFacts& facts,
        const DomainSettings& domain,
        const Settings& settings,
        const Texts& texts
    );

    /// One line of UTF-8, as people read it.
    [[nodiscard]] std::string subject() const;

    /// attached: the original goes with the notice.
    enum class Original { none, attached, too_large, gone };
    [[nodiscard]] Content content(Original original) const;

    [[nodiscard]] const std::string& locale() const { return locale_; }

    /// Items of a part list; what is beyond is counted.
    static constexpr std::size_t max_items = 200;

private:
    using Values = Texts::Values;

    [[nodiscard]] std::string say(std::string_view key, const Values& values = {}) const;
    [[nodiscard]] std::string sentence(const Finding& finding) const;
    [[nodiscard]] std::string variant() const;
    [[nodiscard]] std::string mail_subject(std::size_t max) const;
    [[nodiscard]] Values values(std::size_t max_subject) const;
    [[nodiscard]] std::string what() const;
    [[nodiscard]] std::string label_of(const std::string& category) const;
    [[nodiscard]] std::string category_line(const std::string& category) const;

    [[nodiscard]] Lines about() const;
    void add_reasons(Content& content) const;
    [[nodiscard]] Items items() const;
    [[nodiscard]] std::string holder(const PartRecord& part) const;
    [[nodiscard]] Item item(std::size_t number, const PartRecord& part) const;
    [[nodiscard]] std::string why(const PartRecord& part) const;
    [[nodiscard]] std::string note(const std::string& flag) const;
    void add_notes(Content& content) const;
    [[nodiscard]] Choices corrected() const;
    [[nodiscard]] Choice choice(const std::string& subject) const;
    void add_guidelines(Content& content) const;
    [[nodiscard]] std::string by_hand(Original original) const;

    const NoticeFacts& facts_;
    const DomainSettings& domain_;
    const Texts& texts_;
    std::string locale_;
    std::optional<Guide> guide_{}; // nothing: the address or its policy is gone
};

} // namespace kwit::outbox
