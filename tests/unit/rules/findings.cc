#include "core/rules/findings.hh"

#include "core/base/text.hh"
#include "tests/unit/rules/world.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace kwit::rules {

namespace {

using test::World;

void open_badly(World& world, Opening::State state) {
    world.body.parts.back().holds = Holder::zip;
    world.body.parts.back().opening = Opening{.state = state};
}

/// A mail for each sentence that the rules can owe: together they make every row of the table.
using Spoil = void (*)(World&);

constexpr std::array spoils = {
    Spoil{[](World& w) {
        w.header.from.mailboxes = {test::mailbox("forwarding-noreply@google.com")};
        w.header.results = {test::dkim_pass("google.com")};
        w.body.parts.pop_back(); // with a document it is no question
    }},
    Spoil{[](World& w) { w.header.over = {Limit::headers}; }},
    Spoil{[](World& w) { w.header.over = {Limit::header_bytes}; }},
    Spoil{[](World& w) { w.header.over = {Limit::address_header}; }},
    Spoil{[](World& w) { w.header.ambiguities = {"duplicate-content-type"}; }},
    Spoil{[](World& w) { w.header.from = {}; }},
    Spoil{[](World& w) { w.header.from.count = 2; }},
    Spoil{[](World& w) { w.header.from.mailboxes.push_back(test::mailbox("x@a.example")); }},
    Spoil{[](World& w) { w.header.from.problem = "group"; }},
    Spoil{[](World& w) { w.header.results.clear(); }},
    Spoil{[](World& w) { w.recipient.sender.reset(); }},
    Spoil{[](World& w) { w.set_subject(""); }},
    Spoil{[](World& w) { w.set_subject("[FZ] 11/2024 (932498) [FZ] 11/2024 (932498)"); }},
    Spoil{[](World& w) { w.set_subject("11/2024 (932498)"); }},
    Spoil{[](World& w) { w.set_subject("[FZ] (932498)"); }},
    Spoil{[](World& w) { w.set_subject("[FZ] 11/2024"); }},
    Spoil{[](World& w) { w.set_subject("(932498)"); }},
    Spoil{[](World& w) { w.set_subject("11/2024"); }},
    Spoil{[](World& w) { w.set_subject("[FZ]"); }},
    Spoil{[](World& w) { w.set_subject("faktura"); }},
    Spoil{[](World& w) { w.set_subject("[FZ] (932498) 11/2024"); }},
    Spoil{[](World& w) { w.set_subject("[RECHNUNG] 11/2024 (932498)"); }},
    Spoil{[](World& w) { w.set_subject("[FX] 11/2024 (932498)"); }},
    Spoil{[](World& w) { w.set_subject("[FZ] 13/2024 (932498)"); }},
    Spoil{[](World& w) { w.set_subject("[FZ] 11/1999 (932498)"); }},
    Spoil{[](World& w) { w.set_subject("[FZ] 11/24 (932498)"); }},
    Spoil{[](World& w) { w.set_subject("[FZ] 11/2024 (932499)"); }},
    Spoil{[](World& w) { w.body.over = {Limit::message}; }},
    Spoil{[](World& w) { w.body.over = {Limit::parts}; }},
    Spoil{[](World& w) { w.body.over = {Limit::depth}; }},
    Spoil{[](World& w) { w.limits.documents = 0; }},
    Spoil{[](World& w) { w.body.parts.pop_back(); }},
    Spoil{[](World& w) { w.body.parts.back().format = Format::gif; }},
    Spoil{[](World& w) { w.body.parts.back().format = Format::heic; }},
    Spoil{[](World& w) { w.body.parts.back().format = Format::html; }},
    Spoil{[](World& w) { w.body.parts.back() = test::file_part(2, "a", "a/b", Format::office); }},
    Spoil{[](World& w) { w.body.parts.back() = test::file_part(2, "a", "a/b", Format::zip); }},
    Spoil{[](World& w) { w.body.parts.back() = test::file_part(2, "a", "a/b", Format::tnef); }},
    Spoil{[](World& w) { w.body.parts.back() = test::file_part(2, "a", "a/b", Format::unknown); }},
    Spoil{[](World& w) { w.body.parts.back().nested_mail = true; }},
    Spoil{[](World& w) { w.body.parts.back().damage = {Damage::base64_junk}; }},
    Spoil{[](World& w) { w.body.parts.back().damage = {Damage::quoted_printable}; }},
    Spoil{[](World& w) { w.body.parts.back().damage = {Damage::encoding_unknown}; }},
    Spoil{[](World& w) { w.body.parts.back().damage = {Damage::truncated}; }},
    Spoil{
        [](World& w) { w.body.parts.back().pdf = PdfFacts{.state = PdfFacts::State::encrypted}; }},
    Spoil{[](World& w) {
        w.body.parts.back().pdf = PdfFacts{.state = PdfFacts::State::damaged, .said = "it is"};
    }},
    Spoil{[](World& w) {
        w.recipient.policy.active_content = ActiveContent::refuse;
        w.body.parts.back().pdf = PdfFacts{.pages = 1, .active = {"launch"}};
    }},
    Spoil{[](World& w) { w.body.parts.back().uninspectable = true; }},
    Spoil{[](World& w) { w.recipient.policy.annex = {"faktura*"}; }},
    Spoil{[](World& w) {
        w.body.parts.back().format = Format::xml;
        w.body.parts.back().xml = XmlFacts{.state = XmlFacts::State::dtd};
    }},
    Spoil{[](World& w) {
        w.body.parts.back().format = Format::xml;
        w.body.parts.back().xml = XmlFacts{.state = XmlFacts::State::damaged, .said = "it is"};
    }},
    Spoil{[](World& w) {
        w.body.parts.back() = test::file_part(2, "", "application/pgp-encrypted", Format::text);
    }},
    Spoil{[](World& w) {
        w.body.parts.back() = test::file_part(2, "", "application/pkcs7-mime", Format::unknown);
    }},
    Spoil{[](World& w) { w.body.parts.back().withheld = Withheld::method; }},
    Spoil{[](World& w) { w.body.parts.back().withheld = Withheld::link; }},
    Spoil{[](World& w) { w.body.parts.back().withheld = Withheld::encrypted; }},
    Spoil{[](World& w) { w.body.parts.back().withheld = Withheld::damaged; }},
    Spoil{[](World& w) { open_badly(w, Opening::State::encrypted); }},
    Spoil{[](World& w) { open_badly(w, Opening::State::damaged); }},
    Spoil{[](World& w) { open_badly(w, Opening::State::over_members); }},
    Spoil{[](World& w) { open_badly(w, Opening::State::over_unpacked); }},
    Spoil{[](World& w) { open_badly(w, Opening::State::over_ratio); }},
};

} // namespace

TEST_SUITE("rules/findings") {
    TEST_CASE("the rules make every finding of the table, and no other") {
        std::set<const FindingForm*> made;
        for (const Spoil& spoil : spoils) {
            World world;
            spoil(world);
            const Outcome outcome = world.judge();
            CAPTURE(&spoil - spoils.data());
            REQUIRE(outcome.findings.size() == 1);
            const FindingForm* const form = form_of(outcome.findings.front());
            REQUIRE(form != nullptr);
            CHECK_MESSAGE(made.insert(form).second, "made twice: ", form->detail);
        }
        for (const FindingForm& form : finding_forms) {
            CAPTURE(code_of(form.reason));
            CAPTURE(form.detail);
            CHECK(made.contains(&form) == (form.maker == Maker::rules));
        }
    }

    TEST_CASE("each row stands once, its placeholders in order") {
        std::set<std::string> keys;
        for (const FindingForm& form : finding_forms) {
            const std::string key =
                std::string(code_of(form.reason)) + "/" + std::string(form.detail);
            CAPTURE(key);
            CHECK(keys.insert(key).second);
            const auto names = split(form.placeholders, ' ');
            CHECK(std::is_sorted(names.begin(), names.end()));
            CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
        }
    }

    TEST_CASE("a finding that lacks a placeholder, or has one more, is no row") {
        Finding finding{.reason = Reason::sender_not_authenticated, .values = {{"from", "a"}}};
        REQUIRE(form_of(finding) != nullptr);
        CHECK(form_of(finding)->reason == Reason::sender_not_authenticated);
        finding.values.emplace("read", "x");
        CHECK(form_of(finding) == nullptr);
        finding.values.clear();
        CHECK(form_of(finding) == nullptr);
        CHECK(form_of({.reason = Reason::period_closed}) == nullptr);
    }
}

} // namespace kwit::rules
