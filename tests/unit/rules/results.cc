#include "core/rules/results.hh"

#include "tests/unit/rules/proofs.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

using namespace test;

TEST_SUITE("rules/results") {
    TEST_CASE("a passing result proves the author when it is aligned with the From: domain") {
        struct Case {
            std::string_view label;
            Methods methods;
            std::string_view proof;
        };

        const ResultProperty from_spf{"smtp.mailfrom", "anna@kunde.example"};
        for (const Case& c : {
                 Case{
                     "opendkim",
                     {{"dkim",
                       "pass",
                       {{"header.d", "kunde.example"},
                        {"header.i", "@kunde.example"},
                        {"header.a", "rsa-sha256"}}}},
                     "dkim"},
                 Case{
                     "opendmarc", {{"dmarc", "pass", {{"header.from", "kunde.example"}}}}, "dmarc"},
                 Case{
                     "rspamd: DMARC is named",
                     {{"spf", "pass", {from_spf}},
                      {"dmarc", "pass", {{"header.from", "kunde.example"}}},
                      {"dkim", "pass", {{"header.d", "kunde.example"}}}},
                     "dmarc"},
                 Case{"none", {}, ""},
                 Case{
                     "relaxed alignment",
                     {{"dkim", "pass", {{"header.d", "mail.kunde.example"}}}},
                     "dkim"},
                 Case{
                     "only header.i", {{"dkim", "pass", {{"header.i", "@kunde.example"}}}}, "dkim"},
                 Case{
                     "header.i with a local part",
                     {{"dkim", "pass", {{"header.i", "anna@kunde.example"}}}},
                     "dkim"},
                 Case{
                     "header.d decides over header.i",
                     {{"dkim",
                       "pass",
                       {{"header.i", "@kunde.example"}, {"header.d", "provider.example"}}}},
                     ""},
                 Case{
                     "header.d twice",
                     {{"dkim",
                       "pass",
                       {{"header.d", "kunde.example"},
                        {"header.d", "attack.example"},
                        {"header.i", "@kunde.example"}}}},
                     ""},
                 Case{
                     "not aligned",
                     {{"dkim", "pass", {{"header.d", "provider.example"}}},
                      {"spf", "pass", {{"smtp.mailfrom", "bounce.provider.example"}}}},
                     ""},
                 Case{
                     "one passing signature is enough",
                     {{"dkim", "fail", {{"header.d", "kunde.example"}}},
                      {"dkim", "pass", {{"header.d", "kunde.example"}}}},
                     "dkim"},
                 Case{"failed", {{"dkim", "fail", {{"header.d", "kunde.example"}}}}, ""},
                 Case{
                     "soft results",
                     {{"spf", "softfail", {from_spf}},
                      {"dmarc", "none", {{"header.from", "kunde.example"}}}},
                     ""},
                 Case{"SPF alone", {{"spf", "pass", {from_spf}}}, ""},
                 Case{"another method", {{"arc", "pass", {{"header.d", "kunde.example"}}}}, ""},
                 Case{"no property", {{"dkim", "pass", {}}, {"dmarc", "pass", {}}}, ""},
                 Case{
                     "DMARC of a subdomain of the author's",
                     {{"dmarc", "pass", {{"header.from", "sub.kunde.example"}}}},
                     ""},
                 Case{
                     "DMARC of another domain",
                     {{"dmarc", "pass", {{"header.from", "attack.example"}}}},
                     ""},
             }) {
            CAPTURE(c.label);
            CHECK(proof_by(c.methods) == c.proof);
        }
    }

    TEST_CASE("a value that is not cleanly a domain is aligned with nothing") {
        for (const std::string& value : {
                 std::string("kunde.example(.attack.example"),
                 std::string("kunde.example'a.attack.example"),
                 std::string("\"kunde.example\""),
                 std::string("kunde.example\0.attack.example", 29),
                 std::string("kunde.example "),
                 std::string(".kunde.example"),
                 std::string("kunde.example."),
                 std::string("kunde..example"),
                 std::string(""),
                 std::string("@"),
                 std::string("(any@kunde.example"),
                 std::string("<@kunde.example,@any.example:anna@kunde.example>"),
             }) {
            CAPTURE(value);
            CHECK(proof_by({{"dkim", "pass", {{"header.d", value}}}}).empty());
            CHECK(proof_by({{"dkim", "pass", {{"header.i", value}}}}).empty());
            CHECK(proof_by({{"dmarc", "pass", {{"header.from", value}}}}).empty());
            CHECK(proof_by({{"spf", "pass", {{"smtp.mailfrom", value}}}}).empty());
        }
    }

    TEST_CASE("relaxed alignment is that of registrable domains") {
        const auto fit = [](std::string_view one, std::string_view other) {
            return aligned(one, other, Alignment::relaxed);
        };
        CHECK(fit("kunde.example", "KUNDE.example"));
        CHECK(fit("a.kunde.example", "b.c.kunde.example"));
        CHECK(fit("m\u00FCller.example", "mail.xn--mller-kva.example"));
        CHECK(fit("localhost", "localhost"));
        CHECK_FALSE(fit("kunde.example", "example"));
        CHECK_FALSE(fit("co.uk", "kunde.co.uk"));
        CHECK_FALSE(fit("one.co.uk", "two.co.uk"));
        CHECK_FALSE(fit("one.github.io", "two.github.io"));
        CHECK_FALSE(fit("notkunde.example", "kunde.example"));
        CHECK_FALSE(fit("kunde.example.attack.test", "kunde.example"));
        CHECK_FALSE(fit("kund\u0435.example", "kunde.example")); // a Cyrillic letter
        CHECK_FALSE(fit("", ""));
    }

    TEST_CASE("strict alignment is that of the very domain") {
        const auto fit = [](std::string_view one, std::string_view other) {
            return aligned(one, other, Alignment::strict);
        };
        CHECK(fit("kunde.example", "KUNDE.example"));
        CHECK(fit("m\u00FCller.example", "xn--mller-kva.example"));
        CHECK_FALSE(fit("mail.kunde.example", "kunde.example"));
        CHECK_FALSE(fit("kunde.example", "mail.kunde.example"));
        CHECK_FALSE(fit("", ""));
    }

    TEST_CASE("strict alignment of a sender holds for every result") {
        struct Case {
            std::string_view label;
            Methods methods;
            std::string_view relaxed;
            std::string_view strict;
        };

        const MethodResult of_mail = passed("dkim", {{"header.d", "mail.kunde.example"}});
        for (const Case& c : {
                 Case{"the very domain", {anna_dkim}, "dkim", "dkim"},
                 Case{"a subdomain", {of_mail}, "dkim", ""},
                 Case{"DMARC that rests on a subdomain", {anna_dmarc, of_mail}, "dmarc", ""},
                 Case{
                     "DMARC that rests on the very domain",
                     {anna_dmarc, anna_dkim},
                     "dmarc",
                     "dmarc"},
                 Case{"DMARC of which nobody says what it rests on", {anna_dmarc}, "dmarc", ""},
             }) {
            CAPTURE(c.label);
            test::World world = found_by_border(c.methods);
            CHECK(proof_with(world) == c.relaxed);
            world.recipient.alignment = Alignment::strict;
            CHECK(proof_with(world) == c.strict);
        }
    }

    TEST_CASE("a trusted DMARC failure beats every pass") {
        const MethodResult failed{"dmarc", "fail", {{"header.from", "kunde.example"}}};
        test::World world = found_by_border({anna_dkim, failed, anna_dmarc, anna_spf});
        world.recipient.policy.spf_suffices = true;
        CHECK(proof_with(world).empty());
        CHECK(proven_in(world).doubts == std::vector<std::string>{"dmarc fail"});
        for (const char* word : {"none", "permerror", "temperror"}) {
            CAPTURE(word);
            CHECK(
                proof_by({{"dmarc", word, {{"header.from", "kunde.example"}}}, anna_dkim}) == "dkim"
            );
        }
        // Of another host it is nothing.
        world.header.results = {
            {.authserv_id = "mx.example.com", .methods = {anna_dkim}},
            {.authserv_id = "mx.attack.example", .methods = {failed}}};
        CHECK(proof_with(world) == "dkim");
    }

    TEST_CASE("SPF alone is no proof unless the policy says so") {
        struct Case {
            std::string_view label;
            Methods methods;
            std::string_view without;
            std::string_view with;
        };

        const MethodResult no_dkim{"dkim", "none", {}};
        const MethodResult broken{"dkim", "fail", {{"header.d", "kunde.example"}}};
        for (const Case& c : {
                 Case{"SPF", {anna_spf}, "", "spf"},
                 Case{
                     "SPF names the domain",
                     {passed("spf", {{"smtp.mailfrom", "kunde.example"}})},
                     "",
                     "spf"},
                 Case{
                     "SPF with an empty local part",
                     {passed("spf", {{"smtp.mailfrom", "@kunde.example"}})},
                     "",
                     "spf"},
                 Case{"DMARC that rests on SPF", {anna_dmarc, anna_spf}, "", "dmarc"},
                 Case{"no signature", {no_dkim, anna_dmarc, anna_spf}, "", "dmarc"},
                 Case{"a broken signature", {broken, anna_dmarc, anna_spf}, "", "dmarc"},
                 Case{"no signature, and SPF is not told", {no_dkim, anna_dmarc}, "", ""},
                 Case{"with DKIM it is not asked", {anna_dkim, anna_spf}, "dkim", "dkim"},
                 Case{"of HELO", {passed("spf", {{"smtp.helo", "kunde.example"}})}, "", ""},
                 Case{
                     "of two senders",
                     {passed(
                         "spf",
                         {{"smtp.mailfrom", "anna@kunde.example"},
                          {"smtp.mailfrom", "x@attack.example"}}
                     )},
                     "",
                     ""},
                 Case{
                     "of a subdomain that is not the envelope's",
                     {passed("spf", {{"smtp.mailfrom", "x@sub.kunde.example"}})},
                     "",
                     ""},
             }) {
            CAPTURE(c.label);
            test::World world = found_by_border(c.methods);
            CHECK(proof_with(world) == c.without);
            world.recipient.policy.spf_suffices = true;
            CHECK(proof_with(world) == c.with);
        }
        CHECK(
            proven_in(found_by_border({anna_spf})).doubts ==
            std::vector<std::string>{"spf pass for kunde.example does not suffice for this policy"}
        );
    }

    TEST_CASE("a signature counts as far as it covers what makes the meaning of the mail") {
        struct Case {
            std::string_view label;
            std::vector<ResultProperty>
                found; ///< what the border says of the signature that passed
            std::vector<SignatureFacts> signatures;
            bool counts;
        };

        const SignatureFacts good = signed_by("kunde.example");
        SignatureFacts other = with_length(good);
        other.selector = "s2";
        other.signature = "ZyXwVu9876543210";
        const ResultProperty d{"header.d", "kunde.example"};
        for (const Case& c : {
                 Case{"all is covered", {d}, {good}, true},
                 Case{"no signature to see", {d}, {}, true},
                 Case{"l=", {d}, {with_length(good)}, false},
                 Case{"From", {d}, {without(good, {"from"})}, false},
                 Case{"Subject", {d}, {without(good, {"subject"})}, false},
                 Case{"Date", {d}, {without(good, {"date"})}, false},
                 Case{"Content-Type", {d}, {without(good, {"content-type"})}, false},
                 Case{
                     "other headers do not matter",
                     {d},
                     {without(good, {"to", "message-id"})},
                     true},
                 Case{"cannot be read", {d}, {SignatureFacts{}}, false},
                 Case{"only one of somebody else", {d}, {signed_by("provider.example")}, false},
                 Case{
                     "a bad one of somebody else",
                     {d},
                     {good, with_length(signed_by("provider.example"))},
                     true},
                 Case{"two may be meant", {d}, {good, other}, false},
                 Case{"told apart by selector", {d, {"header.s", "S1"}}, {good, other}, true},
                 Case{"and the bad one passed", {d, {"header.s", "s2"}}, {good, other}, false},
                 Case{"told apart by b=", {d, {"header.b", "AbCdEf01"}}, {other, good}, true},
                 Case{"the bad one by b=", {d, {"header.b", "ZyXwVu98"}}, {other, good}, false},
                 Case{"b= of none", {d, {"header.b", "QQQQQQQQ"}}, {good}, false},
                 Case{
                     "header.i of a subdomain",
                     {{"header.i", "anna@mail.kunde.example"}},
                     {with_length(good)},
                     false},
                 Case{"header.i", {{"header.i", "@kunde.example"}}, {good}, true},
             }) {
            CAPTURE(c.label);
            test::World world = found_by_border({passed("dkim", c.found)});
            world.header.signatures = c.signatures;
            CHECK(proof_with(world) == (c.counts ? "dkim" : ""));
            CHECK(proven_in(world).doubts.empty() == c.counts);
            world.header.results.front().methods.push_back(anna_dmarc);
            CHECK(proof_with(world) == (c.counts ? "dmarc" : ""));
        }
    }

    TEST_CASE("DMARC alone is believed unless a signature in the mail may be what it rests on") {
        struct Case {
            std::string_view label;
            std::vector<SignatureFacts> signatures;
            bool counts;
        };

        const SignatureFacts good = signed_by("kunde.example");
        for (const Case& c : {
                 Case{"nothing to see", {}, true},
                 Case{"a good one", {good}, true},
                 Case{"one of two is bad", {good, with_length(good)}, false},
                 Case{
                     "of a subdomain",
                     {without(signed_by("mail.kunde.example"), {"subject"})},
                     false},
                 Case{"cannot be read", {good, SignatureFacts{}}, false},
                 Case{"a bad one of somebody else", {with_length(signed_by("x.example"))}, true},
             }) {
            CAPTURE(c.label);
            test::World world = found_by_border({anna_dmarc});
            world.header.signatures = c.signatures;
            CHECK(proof_with(world) == (c.counts ? "dmarc" : ""));
        }
    }

    TEST_CASE("the office says which headers a signature must cover") {
        test::World world = found_by_border({anna_dkim});
        world.header.signatures = {without(signed_by("kunde.example"), {"content-type", "to"})};
        CHECK(
            proven_in(world).doubts ==
            std::vector<std::string>{
                "dkim pass for kunde.example does not count: its signature does "
                "not cover content-type"}
        );
        world.trust.signed_headers = {"from", "subject"};
        CHECK(proof_with(world) == "dkim");
        world.trust.signed_headers = {"from", "subject", "to"};
        CHECK(proof_with(world).empty());
    }

    TEST_CASE("DMARC that may rest on SPF alone is not taken at its word") {
        for (const MethodResult& spf :
             {passed("spf", {{"smtp.helo", "kunde.example"}}),
              passed("spf", {{"smtp.mailfrom", "another@kunde.example.test"}}),
              passed("spf", {{"smtp.mailfrom", "(any@kunde.example"}}),
              passed("spf", {})}) {
            test::World world = found_by_border({spf, anna_dmarc});
            CHECK(proof_with(world).empty());
            world.recipient.policy.spf_suffices = true; // but this SPF proves nothing
            CHECK(proof_with(world).empty());
        }
        CHECK(proof_by({{"spf", "softfail", {}}, anna_dmarc}) == "dmarc");
    }

    TEST_CASE("SPF counts only for the envelope sender, and never for the null sender") {
        test::World world = found_by_border({passed("spf", {{"smtp.mailfrom", "kunde.example"}})});
        world.recipient.policy.spf_suffices = true;
        for (const char* sender :
             {"",
              "anna@attack.example",
              "(any@kunde.example",
              "x@kunde.example(a.attack.example"}) {
            CAPTURE(sender);
            world.envelope.sender = sender;
            CHECK(proof_with(world).empty());
        }
        world.envelope.sender = "anyone@KUNDE.example";
        CHECK(proof_with(world) == "spf");
    }
}

} // namespace kwit::rules
