#include "core/archive/token.hh"
#include "core/base/text.hh"
#include "core/intake/reply.hh"
#include "core/intake/written_address.hh"
#include "tests/unit/intake/house.hh"

namespace kwit {

TEST_SUITE("intake/message_rcpt") {
    TEST_CASE("recipients are refused at RCPT for what is known there") {
        test::House house;
        const By by{"test", house.time};
        Connection connection = house.connect();
        CHECK(
            test::reason_of(test::House::envelope(connection, {"nobody@in.example.com"})) ==
            "address-unknown"
        );
        REQUIRE_GOOD(disable_address(house.archive(), house.open, by));
        CHECK(
            test::reason_of(test::House::envelope(connection, {house.open})) == "address-disabled"
        );
        REQUIRE_GOOD(enable_address(house.archive(), house.open, by));
        REQUIRE_GOOD(set_address(
            house.archive(),
            house.open,
            {.expires_at = house.time},
            [](const auto&) { return true; },
            by
        ));
        CHECK(
            test::reason_of(test::House::envelope(connection, {house.open})) == "address-expired"
        );
        CHECK(test::reason_of(test::House::envelope(connection, {house.tagged})).empty());
    }

    TEST_CASE("why an address is disabled is told to whoever writes to it") {
        test::House house;
        Connection connection = house.connect();
        const By by{"test", house.time};
        REQUIRE_GOOD(disable_address(house.archive(), house.open, by, "księgi zamknięte"));
        const Answer answer = test::House::envelope(connection, {house.open});
        REQUIRE(answer.refusal.has_value());
        CHECK(
            reply_to(*answer.refusal, house.snapshot()->texts).text() ==
            "550 5.2.1 address-disabled: The import address " + house.open +
                " is switched off (ksiegi zamkniete); please ask your accounting office which one "
                "to use."
        );
    }

    TEST_CASE("a replaced address is taken until its grace is over, and its mails say so") {
        test::House house;
        const By by{"test", house.time};
        const auto made = rotate_address(house.archive(), house.open, std::chrono::seconds(1), by);
        REQUIRE_GOOD(made);
        CHECK(house.send({house.open}, test::mail_with_pdf("x")).what == Answer::What::take);
        CHECK(house.receipts().back().flags == Flags{"address-replaced"});
        CHECK(
            house.send({made->fresh.address}, test::mail_with_pdf("y")).what == Answer::What::take
        );
        CHECK(house.receipts().back().flags.empty());
        house.time += std::chrono::seconds(1);
        Connection connection = house.connect();
        const Answer answer = test::House::envelope(connection, {house.open});
        REQUIRE(answer.refusal.has_value());
        const std::string reply = reply_to(*answer.refusal, house.snapshot()->texts).text();
        CHECK(
            reply == "550 5.2.1 address-expired: The import address " + house.open +
                         " was replaced by a new one; please ask your accounting office for it."
        );
        CHECK(test::House::envelope(connection, {made->fresh.address}).what == Answer::What::go_on);
    }

    TEST_CASE("who mistypes a token is told no more than who guesses an address") {
        test::House house;
        Connection connection = house.connect();
        const auto reply = [&](const std::string& address) {
            const Answer answer = test::House::envelope(connection, {address});
            REQUIRE(answer.refusal.has_value());
            const std::string text = reply_to(*answer.refusal, house.snapshot()->texts).text();
            const std::size_t at = text.find(address);
            REQUIRE(at != std::string::npos);
            return text.substr(0, at) + text.substr(at + address.size());
        };
        std::string mistyped = house.open;
        mistyped[0] = mistyped[0] == 'a' ? 'b' : 'a';
        CHECK(reply(mistyped) == reply("nobody@in.example.com"));
    }

    TEST_CASE("a token is taken in capitals too") {
        test::House house;
        Connection connection = house.connect();
        CHECK(test::House::envelope(connection, {upper(house.open)}).what == Answer::What::go_on);
    }

    TEST_CASE("the declared size is refused one byte past the limit, at import addresses alone") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.message = 1000;
        house.configure(settings);
        Connection connection = house.connect();
        connection.mail({"<a@kunde.example>", "SIZE=1000"}, "", "");
        CHECK(connection.rcpt("<" + house.open + ">", "").what == Answer::What::go_on);
        connection.mail({"<a@kunde.example>", "BODY=8BITMIME", "SIZE=1001"}, "", "");
        CHECK(test::reason_of(connection.rcpt("<" + house.open + ">", "")) == "message-too-large");
        CHECK(connection.rcpt("<someone@elsewhere.example>", "").what == Answer::What::go_on);
    }

    TEST_CASE("as many recipients as the limit are taken, one more waits") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.recipients = 1;
        house.configure(settings);
        Connection connection = house.connect();
        CHECK(test::House::envelope(connection, {house.open}).what == Answer::What::go_on);
        CHECK(connection.rcpt("<" + house.open + ">", "").what == Answer::What::go_on);
        CHECK(test::reason_of(connection.rcpt("<" + house.tagged + ">", "")) == "busy");
    }

    TEST_CASE("more ends of message than allowed are answered busy, and RCPT says so early") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.ends_at_once = 1;
        house.configure(settings);
        Connection connection = house.connect();
        REQUIRE(test::House::envelope(connection, {house.open}).what == Answer::What::go_on);
        {
            const auto place = house.admission().enter(1);
            REQUIRE(place.has_value());
            CHECK(
                test::reason_of(test::House::content(connection, test::mail_with_pdf("x"))) ==
                "busy"
            );
            CHECK(test::reason_of(test::House::envelope(connection, {house.open})) == "busy");
        }
        CHECK(house.send({house.open}, test::mail_with_pdf("x")).what == Answer::What::take);
    }

    TEST_CASE("what nobody can read as an address is unknown in an intake domain") {
        test::House house;
        Connection connection = house.connect();
        const auto rcpt = [&](const std::string& local, const std::string& domain) {
            return test::reason_of(test::House::envelope(connection, {local + "@" + domain}));
        };
        CHECK(rcpt(std::string(65, 'a'), "in.example.com") == "address-unknown");
        CHECK(rcpt("a\xFF", "IN.example.com") == "address-unknown");
        CHECK(rcpt(std::string(65, 'a'), "example.com").empty());
    }

    TEST_CASE("too little memory or too few descriptors for one more mail are busy at RCPT") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.min_memory = std::numeric_limits<std::uint64_t>::max();
        house.configure(settings);
        Connection connection = house.connect();
        CHECK(test::reason_of(test::House::envelope(connection, {house.open})) == "busy");
        CHECK(
            test::reason_of(test::House::envelope(connection, {"x@in.example.com"})) ==
            "address-unknown"
        );
    }

    TEST_CASE("the postmaster of an intake domain is an ordinary recipient, but not at the re-entry"
    ) {
        test::House house;
        Connection connection = house.connect();
        CHECK(
            test::House::envelope(connection, {"PostMaster@in.example.com"}).what ==
            Answer::What::go_on
        );
        CHECK(connection.data("4X").what == Answer::What::let_go);
        connection.mail({"<>"}, "", reentry_daemon);
        CHECK(
            test::reason_of(connection.rcpt("<postmaster@in.example.com>", "")) ==
            "archive-unavailable"
        );
    }

    TEST_CASE("at the re-entry every refusal is for now, and the next mail elsewhere is not") {
        test::House house;
        Connection connection = house.connect();
        for (const bool for_now : {true, false}) {
            const std::string_view daemon = for_now ? reentry_daemon : "smtpd";
            CAPTURE(daemon);
            connection.mail({"<a@kunde.example>"}, "", std::string(daemon));
            const Answer at_rcpt = connection.rcpt("<nobody@in.example.com>", "");
            REQUIRE(at_rcpt.refusal.has_value());
            CHECK(at_rcpt.refusal->for_now == for_now);
            REQUIRE(connection.rcpt("<" + house.tagged + ">", "").what == Answer::What::go_on);
            const Answer at_end = test::House::content(connection, test::mail_with_pdf("x"));
            REQUIRE(at_end.refusal.has_value());
            CHECK(test::reason_of(at_end) == "sender-not-authenticated");
            CHECK(at_end.refusal->for_now == for_now);
        }
    }

    TEST_CASE("a secret in the address says who writes, until it is replaced and its time is over"
    ) {
        test::House house;
        Settings settings = house.settings();
        settings.policies.at("tagged").secret_suffices = true;
        house.configure(settings);
        const auto rotate = [&](Time old_until) {
            const auto made = rotate_secret(
                house.archive(), "10023", "anna@kunde.example", old_until, {"test", house.time}
            );
            REQUIRE_GOOD(made);
            const auto plain = EmailAddress::parse(house.tagged);
            return with_secret(plain.value(), made->secret)->text();
        };
        // Each with a document of its own, as the same mail twice would be one.
        int n = 0;
        const auto answer_to = [&](const std::vector<std::string>& to, const std::string& from) {
            test::Mail mail =
                test::mail_with_pdf("[FZ] 11/2024 (932498)", test::pdf + std::to_string(++n));
            mail.headers.front() = "From: " + from;
            const std::string reason = test::reason_of(house.send(to, mail));
            return reason.empty() ? std::string("taken") : reason;
        };
        const std::string anna = "anna@kunde.example";
        const std::string first = rotate(house.time);
        CHECK(answer_to({first}, anna) == "taken");
        CHECK(house.receipts().front().authenticated_by == "secret");
        CHECK(house.receipts().front().address == house.tagged);
        CHECK(answer_to({house.tagged}, anna) == "sender-not-authenticated");
        CHECK(answer_to({house.tagged, first}, anna) == "taken");
        CHECK(answer_to({first, house.tagged}, anna) == "taken");

        // It is Anna's: nobody else is let in by it, registered or not.
        REQUIRE_GOOD(add_sender(
            house.archive(),
            {.client = "10023", .email = "eva@kunde.example", .code = ""},
            {"test", house.time}
        ));
        for (const char* other : {"eva@kunde.example", "eve@attack.example"})
            CHECK(answer_to({first}, other) == "sender-not-authenticated");

        const std::string second = rotate(house.time + std::chrono::hours(1));
        CHECK(answer_to({first}, anna) == "taken");
        CHECK(answer_to({second}, anna) == "taken");
        house.time += std::chrono::hours(1);
        CHECK(answer_to({first}, anna) == "sender-not-authenticated");
        CHECK(answer_to({second}, anna) == "taken");

        settings.policies.at("tagged").secret_suffices = false;
        house.configure(settings);
        CHECK(answer_to({second}, anna) == "sender-not-authenticated");
    }

    TEST_CASE("a secret that nobody has is heard of like one of somebody else") {
        test::House house;
        const auto to = [&](const std::string& secret) {
            return with_secret(EmailAddress::parse(house.tagged).value(), secret)->text();
        };
        const std::string secret = draw_secret();
        Connection connection = house.connect();
        CHECK(test::House::envelope(connection, {to(secret)}).what == Answer::What::go_on);
        std::string mistyped = secret;
        mistyped.front() = mistyped.front() == 'a' ? 'b' : 'a';
        const Answer answer = test::House::envelope(connection, {to(mistyped)});
        CHECK(test::reason_of(answer) == "address-unknown");
        REQUIRE(answer.refusal.has_value());
        CHECK(
            answer.refusal->finding.values.at("address") ==
            house.tagged.substr(0, house.tagged.find('@')) + ".***@in.example.com"
        );
    }

    TEST_CASE("a recipient that the MTA knows without its domain is read as it was written") {
        test::House house;
        Connection connection = house.connect();
        connection.mail({"<a@kunde.example>"}, "", "");
        CHECK(
            test::reason_of(connection.rcpt("<nobody@in.example.com>", "nobody")) ==
            "address-unknown"
        );
        CHECK(connection.rcpt("<" + house.open + ">", "mailbox").what == Answer::What::go_on);
        CHECK(
            test::House::content(connection, test::mail_with_pdf("x")).what == Answer::What::take
        );
    }
}

} // namespace kwit
