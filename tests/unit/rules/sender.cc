#include "core/rules/sender.hh"

#include "tests/unit/rules/proofs.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

using namespace test;

TEST_SUITE("rules/sender") {
    TEST_CASE("an ARC chain counts for a sender who may, sealed at last by one we trust") {
        const auto world_of = [](ArcSet arc) {
            test::World world = found_by_border(
                {{"dkim", "fail", {{"header.d", "kunde.example"}}},
                 {"dmarc", "fail", {{"header.from", "kunde.example"}}},
                 {"arc", "pass", {}}}
            );
            world.recipient.sender->arc = true;
            world.trust.arc_sealers = {"lists.example.com"};
            world.header.arc = std::move(arc);
            return world;
        };
        const auto found = [](Methods methods) {
            return AuthenticationResults{.authserv_id = "lists", .methods = std::move(methods)};
        };
        const ArcSet good{.sealer = "lists.example.com", .results = found({anna_dkim})};

        test::World world = world_of(good);
        const Proven proven = proven_in(world);
        REQUIRE(proven.proof.has_value());
        CHECK(proven.proof->method == "arc");
        CHECK(
            proven.proof->note ==
            "arc pass of lists.example.com, which found dkim pass for kunde.example"
        );

        world.recipient.sender->arc = false;
        CHECK(proof_with(world).empty());
        world.recipient.sender.reset();
        CHECK(proof_with(world).empty());

        world = world_of(good);
        world.trust.arc_sealers = {"example.com", "sub.lists.example.com"};
        CHECK(proof_with(world).empty());

        for (const char* word : {"fail", "none"}) {
            world = world_of(good);
            world.header.results.front().methods.back().result = word;
            CHECK(proof_with(world).empty());
        }
        world = world_of(good);
        world.header.results.front().methods.push_back({"arc", "fail", {}});
        CHECK(proof_with(world).empty());
        world = world_of(good);
        world.header.results.front().authserv_id = "mx.attack.example";
        CHECK(proof_with(world).empty());

        struct Case {
            std::string_view label;
            Methods found;
            bool counts;
        };

        for (const Case& c : {
                 Case{"dmarc", {anna_dmarc, anna_dkim}, true},
                 Case{"not aligned", {passed("dkim", {{"header.d", "provider.example"}})}, false},
                 Case{"SPF alone", {anna_spf}, false},
                 Case{"the sealer found DMARC to fail", {anna_dkim, {"dmarc", "fail", {}}}, false},
                 Case{"another chain below it", {passed("arc", {})}, false},
                 Case{"nothing", {}, false},
             }) {
            CAPTURE(c.label);
            ArcSet arc = good;
            arc.results = found(c.found);
            CHECK(proof_with(world_of(arc)) == (c.counts ? "arc" : ""));
        }
        ArcSet unread = good;
        unread.results.reset();
        CHECK(proof_with(world_of(unread)).empty());

        // What the sealer signed counts as what the sender signed.
        ArcSet sealed = good;
        sealed.message = signed_by("lists.example.com");
        CHECK(proof_with(world_of(sealed)) == "arc");
        sealed.message = with_length(signed_by("lists.example.com"));
        CHECK(proof_with(world_of(sealed)).empty());
        sealed.message = SignatureFacts{};
        CHECK(proof_with(world_of(sealed)).empty());
        world = world_of(good);
        world.header.signatures = {with_length(signed_by("kunde.example"))};
        CHECK(proof_with(world).empty());
    }

    TEST_CASE("an ARC sealer's SPF speaks of an envelope before ours") {
        test::World world = found_by_border({passed("arc", {})});
        world.recipient.sender->arc = true;
        world.recipient.policy.spf_suffices = true;
        world.envelope.sender = "SRS0=x=kunde.example=anna@lists.example.com";
        world.trust.arc_sealers = {"lists.example.com"};
        world.header.arc = ArcSet{
            .sealer = "lists.example.com",
            .results = AuthenticationResults{.authserv_id = "lists", .methods = {anna_spf}}};
        CHECK(proof_with(world) == "arc");
    }

    TEST_CASE("a forwarder vouches for the senders who come by it, and for nobody else") {
        const MethodResult forwarder = passed("dkim", {{"header.d", "mail.forwarder.example"}});
        const MethodResult srs = passed("spf", {{"smtp.mailfrom", "forwarder.example"}});
        const MethodResult failed{"dmarc", "fail", {{"header.from", "kunde.example"}}};
        const auto world_of = [](Methods methods) {
            test::World world = found_by_border(std::move(methods));
            world.recipient.sender->via = "forwarder.example";
            world.envelope.sender = "SRS0=x=kunde.example=anna@forwarder.example";
            return world;
        };
        const Proven proven = proven_in(world_of({failed, forwarder}));
        REQUIRE(proven.proof.has_value());
        CHECK(proven.proof->method == "via");
        CHECK(
            proven.proof->note == "came via forwarder.example: dkim pass for mail.forwarder.example"
        );
        CHECK(proof_with(world_of({srs})) == "via");
        CHECK(proof_with(world_of({anna_dkim, forwarder})) == "dkim");
        CHECK(proof_with(world_of({passed("dkim", {{"header.d", "notforwarder.example"}})})).empty()
        );
        CHECK(proof_with(world_of({passed("dkim", {{"header.d", "example"}})})).empty());
        CHECK(proof_with(world_of({{"dkim", "fail", {{"header.d", "forwarder.example"}}}})).empty()
        );
        CHECK(proof_with(world_of({passed("spf", {{"smtp.helo", "forwarder.example"}})})).empty());

        test::World world = world_of({forwarder});
        world.header.signatures = {with_length(signed_by("mail.forwarder.example"))};
        CHECK(proof_with(world).empty());
        world = world_of({forwarder});
        world.recipient.sender->via.clear();
        CHECK(proof_with(world).empty());
        world.recipient.sender.reset();
        CHECK(proof_with(world).empty());
        world = world_of({srs});
        world.envelope.sender = "anna@kunde.example";
        CHECK(proof_with(world).empty());
    }

    TEST_CASE("nothing of a border counts that wrote something that cannot be read") {
        test::World world = found_by_border({anna_dmarc, anna_dkim});
        world.header.unreadable_results = 0;
        CHECK(proof_with(world).empty());
        CHECK(
            proven_in(world).doubts ==
            std::vector<std::string>{
                "an Authentication-Results header of the border cannot be read"}
        );
        world.header.unreadable_results = 1; // somebody else's
        CHECK(proof_with(world) == "dmarc");
        world.trust.hops = 1;
        CHECK(proof_with(world).empty());
        world.recipient.login_is_sender = true;
        CHECK(proof_with(world) == "login");
    }

    TEST_CASE("the sender's secret in the address is the last proof, where the policy takes it") {
        const MethodResult failed{"dmarc", "fail", {{"header.from", "kunde.example"}}};
        test::World world = found_by_border({failed});
        world.recipient.secret = SecretInAddress::right;
        CHECK(proof_with(world).empty());
        CHECK(
            proven_in(world).doubts ==
            std::vector<std::string>{
                "dmarc fail", "the secret in the address does not suffice for this policy"}
        );
        world.recipient.policy.secret_suffices = true;
        CHECK(proof_with(world) == "secret");
        world.recipient.secret = SecretInAddress::wrong;
        CHECK(proof_with(world).empty());
        CHECK(
            proven_in(world).doubts.back() ==
            "the secret in the address is not the sender's, or not any more"
        );
        world.recipient.secret = SecretInAddress::none;
        CHECK(proof_with(world).empty());
        world = found_by_border({anna_dkim});
        world.recipient.policy.secret_suffices = true;
        for (const SecretInAddress secret : {SecretInAddress::right, SecretInAddress::wrong}) {
            world.recipient.secret = secret;
            CHECK(proof_with(world) == "dkim");
        }
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

    TEST_CASE("the first of the proofs is named, though another one stands above it") {
        test::World world;
        world.header.results = {
            test::dkim_pass("mail.kunde.example"),
            {.authserv_id = "mx.example.com", .methods = {anna_dmarc}}};
        const Proven proven = proven_in(world);
        REQUIRE(proven.proof.has_value());
        CHECK(proven.proof->method == "dmarc");
        CHECK(proven.proof->note == "dmarc pass for kunde.example");
        world.recipient.certificate_is_sender = true;
        world.envelope.certificate.subject = "Anna";
        CHECK(proof_with(world) == "certificate");
        CHECK(proven_in(world).proof->note == "client certificate of Anna");
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
