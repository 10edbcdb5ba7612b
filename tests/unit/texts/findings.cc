#include "core/rules/findings.hh"

#include "core/base/encode.hh"
#include "core/base/text.hh"
#include "core/config/texts.hh"
#include "tests/unit/result.hh"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace kwit;

namespace {

std::string key_of(const rules::FindingForm& form) {
    std::string key(code_of(form.reason));
    if (!form.detail.empty()) key += "." + std::string(form.detail);
    return key;
}

Finding finding_of(const rules::FindingForm& form) {
    Finding finding{.reason = form.reason, .detail = std::string(form.detail)};
    if (form.placeholders.empty()) return finding;
    for (const std::string_view name : split(form.placeholders, ' '))
        finding.values[std::string(name)] = "<" + std::string(name) + ">";
    return finding;
}

std::string before_dot(const std::string& key) {
    return key.substr(0, key.find('.'));
}

} // namespace

TEST_SUITE("texts/findings") {

    TEST_CASE("every finding has its own sentence in every language, which quotes only what it has"
    ) {
        const Result<Texts> texts = Texts::load("");
        REQUIRE_GOOD(texts);
        for (const rules::FindingForm& form : rules::finding_forms) {
            const std::string key = key_of(form);
            const Finding finding = finding_of(form);
            for (const std::string& locale : Texts::locales()) {
                CAPTURE(locale);
                CAPTURE(key);
                CHECK(texts->has(locale, key));
                for (const std::string& name : texts->placeholders(locale, key)) {
                    CAPTURE(name);
                    CHECK(finding.values.contains(name));
                }
                const std::string sentence = texts->sentence(locale, finding);
                CHECK(sentence == texts->text(locale, key, finding.values));
                CHECK(sentence.find("{") == std::string::npos);
            }
        }
    }

    TEST_CASE("every key of a reason is one that can be asked for") {
        std::set<std::string> known;
        for (const rules::FindingForm& form : rules::finding_forms)
            known.insert(key_of(form));
        for (const Reason reason : all_reasons())
            known.emplace(code_of(reason));
        const Result<Texts> texts = Texts::load("");
        REQUIRE_GOOD(texts);
        for (const std::string& key : texts->keys("en")) {
            CAPTURE(key);
            if (reason_named(before_dot(key))) CHECK(known.contains(key));
        }
    }

    TEST_CASE("a sentence says what is wrong and what to do, and reads in ASCII too") {
        const Result<Texts> texts = Texts::load("");
        REQUIRE_GOOD(texts);
        for (const rules::FindingForm& form : rules::finding_forms) {
            for (const std::string& locale : Texts::locales()) {
                const std::string sentence = texts->sentence(locale, finding_of(form));
                CAPTURE(sentence);
                CHECK(sentence.find(';') != std::string::npos); // what is wrong; what to do
                CHECK(sentence.find('\n') == std::string::npos);
                CHECK(smtp_text(sentence).find('?') == std::string::npos);
            }
        }
    }
}
