#include "core/rules/sender.hh"

#include "tests/unit/rules/world.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

namespace {

using Methods = std::vector<MethodResult>;

/// What proves Anna's mail when the border wrote these results; empty: nothing.
std::string proof_with(const test::World& world) {
    const auto proof = proof_of(
        world.header.from.mailboxes.front().address,
        world.header,
        world.envelope,
        world.recipient,
        world.trust
    );
    return proof ? proof->method : "";
}

std::string proof_by(Methods methods) {
    test::World world;
    world.header.results = {{.authserv_id = "mx.example.com", .methods = std::move(methods)}};
    return proof_with(world);
}

} // namespace

TEST_SUITE("rules/sender") {
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
                     "rspamd: the strongest is named",
                     {{"spf", "pass", {from_spf}},
                      {"dmarc", "pass", {{"header.from", "kunde.example"}}},
                      {"dkim", "pass", {{"header.d", "kunde.example"}}}},
                     "dkim"},
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
                 Case{"SPF of the envelope sender", {{"spf", "pass", {from_spf}}}, "spf"},
                 Case{
                     "SPF names the domain",
                     {{"spf", "pass", {{"smtp.mailfrom", "kunde.example"}}}},
                     "spf"},
                 Case{
                     "SPF with an empty local part",
                     {{"spf", "pass", {{"smtp.mailfrom", "@kunde.example"}}}},
                     "spf"},
                 Case{"SPF of HELO", {{"spf", "pass", {{"smtp.helo", "kunde.example"}}}}, ""},
                 Case{
                     "SPF of two senders",
                     {{"spf", "pass", {from_spf, {"smtp.mailfrom", "x@attack.example"}}}},
                     ""},
                 Case{
                     "SPF of a subdomain that is not the envelope's",
                     {{"spf", "pass", {{"smtp.mailfrom", "x@sub.kunde.example"}}}},
                     ""},
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

    TEST_CASE("alignment is that of registrable domains") {
        CHECK(aligned("kunde.example", "KUNDE.example"));
        CHECK(aligned("a.kunde.example", "b.c.kunde.example"));
        CHECK(aligned("m\u00FCller.example", "mail.xn--mller-kva.example"));
        CHECK(aligned("localhost", "localhost"));
        CHECK_FALSE(aligned("kunde.example", "example"));
        CHECK_FALSE(aligned("co.uk", "kunde.co.uk"));
        CHECK_FALSE(aligned("one.co.uk", "two.co.uk"));
        CHECK_FALSE(aligned("notkunde.example", "kunde.example"));
        CHECK_FALSE(aligned("", ""));
    }

    TEST_CASE("SPF counts only for the envelope sender, and never for the null sender") {
        test::World world;
        world.header.results = {
            {.authserv_id = "mx.example.com",
             .methods = {{"spf", "pass", {{"smtp.mailfrom", "kunde.example"}}}}}};
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

    TEST_CASE("only results of a configured border near enough to us count") {
        struct Case {
            std::string_view label;
            std::string id;
            unsigned received_above;
            unsigned hops;
            std::string daemon;
            bool authentic;
        };

        for (const Case& c : {
                 Case{"ours, on top", "mx.example.com", 0, 0, "", true},
                 Case{"below a Received line", "mx.example.com", 1, 0, "", false},
                 Case{"one internal hop", "mx.example.com", 1, 1, "", true},
                 Case{"one hop too many", "mx.example.com", 2, 1, "", false},
                 Case{"re-entry has one line more", "mx.example.com", 1, 0, "kwit-reentry", true},
                 Case{"and not two", "mx.example.com", 2, 0, "kwit-reentry", false},
                 Case{"another listener", "mx.example.com", 1, 0, "smtpd", false},
                 Case{"another host", "mx.google.com", 0, 0, "", false},
                 Case{"no id", "", 0, 0, "", false},
                 Case{"a host below ours", "sub.mx.example.com", 0, 0, "", false},
             }) {
            CAPTURE(c.label);
            test::World world;
            world.header.results.front().authserv_id = c.id;
            world.header.results.front().received_above = c.received_above;
            world.trust.hops = c.hops;
            world.envelope.daemon_name = c.daemon;
            CHECK(proof_with(world).empty() != c.authentic);
        }
        test::World trusting;
        trusting.trust.authserv_ids.clear();
        CHECK(proof_with(trusting).empty());
        trusting.trust.authserv_ids = {"mx.google.com", "mx.example.com"};
        CHECK(proof_with(trusting) == "dkim");
    }

    TEST_CASE("the strongest proof is named though a weaker one stands above it") {
        test::World world;
        world.header.results = {
            {.authserv_id = "mx.example.com",
             .methods = {{"dmarc", "pass", {{"header.from", "kunde.example"}}}}},
            test::dkim_pass("mail.kunde.example")};
        const auto proof = proof_of(
            world.header.from.mailboxes.front().address,
            world.header,
            world.envelope,
            world.recipient,
            world.trust
        );
        REQUIRE(proof.has_value());
        CHECK(proof->method == "dkim");
        CHECK(proof->note == "dkim pass for mail.kunde.example");
        world.recipient.login_is_sender = true;
        CHECK(proof_with(world) == "login");
    }

    TEST_CASE("the author is one From header with one plain mailbox") {
        FromFacts from{.count = 1, .mailboxes = {test::mailbox("anna@kunde.example")}};
        REQUIRE(sole_author(from) != nullptr);
        CHECK(sole_author(from)->key() == "anna@kunde.example");
        FromFacts twice = from;
        twice.count = 2;
        CHECK(sole_author(twice) == nullptr);
        FromFacts two = from;
        two.mailboxes.push_back(test::mailbox("other@kunde.example"));
        CHECK(sole_author(two) == nullptr);
        FromFacts grouped = from;
        grouped.problem = "group";
        CHECK(sole_author(grouped) == nullptr);
        CHECK(sole_author(FromFacts{}) == nullptr);
    }
}

} // namespace kwit::rules
