#include "core/archive/outbox.hh"
#include "core/base/text.hh"
#include "tests/unit/intake/house.hh"

#include <fmt/format.h>

namespace kwit {

TEST_SUITE("intake/returned") {
    TEST_CASE("what comes to the address of a notice is a bounce only when it says or must be one"
    ) {
        struct Case {
            std::string_view label;
            std::string sender;
            std::vector<std::string> headers;
            std::string body;
            bool bounced;
        };

        const std::string report = "Content-Type: multipart/report; boundary=b; "
                                   "report-type=delivery-status";
        const auto status = [](std::string_view action) {
            return fmt::format(
                "--b\r\n\r\nhello\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
                "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n{}\r\n"
                "--b--\r\n",
                action
            );
        };
        const std::string answered = "Auto-Submitted: auto-replied";
        for (const Case& c : {
                 Case{"failed", "", {report}, status("Action: failed"), true},
                 Case{
                     "failed, of postmaster",
                     "mailer@x.example",
                     {report},
                     status("Action: failed"),
                     true},
                 Case{"failed, and marked", "", {answered, report}, status("Action: failed"), true},
                 Case{"delayed", "", {report}, status("Action: delayed"), false},
                 Case{"delivered", "", {report}, status("Action: delivered"), false},
                 Case{"no action", "", {report}, status("Status: 5.1.1"), true},
                 Case{"vacation", "", {answered}, "I am away", false},
                 Case{
                     "vacation with a sender",
                     "anna@kunde.example",
                     {answered},
                     "I am away",
                     false},
                 Case{"old vacation", "", {"Precedence: bulk"}, "I am away", false},
                 Case{"Exim", "", {"X-Failed-Recipients: a@b.example", answered}, "failed", true},
                 Case{"qmail", "", {}, "Hi. This is the qmail-send program", true},
                 Case{"a person", "anna@kunde.example", {}, "what is this?", false},
             }) {
            CAPTURE(c.label);
            test::House house;
            house.send({house.open}, test::mail_with_pdf("x"));
            const auto rows = list_outbox(house.archive());
            REQUIRE_GOOD(rows);
            REQUIRE(rows->size() == 1);
            Connection connection = house.connect();
            connection.mail({"<" + c.sender + ">"}, "", "");
            const std::string to = "<bounce+" + lower(rows->at(0).id) + "@in.example.com>";
            CHECK(connection.rcpt(to, "").what == Answer::What::go_on);
            const test::Mail mail{.headers = c.headers, .body = c.body};
            CHECK(test::House::content(connection, mail).what == Answer::What::take);
            REQUIRE(house.receipts().size() == 1);
            const Receipt receipt = house.receipts().at(0);
            CHECK(receipt.notices.at(0).state == (c.bounced ? "bounced" : "queued"));
            CHECK(is_unresolved(receipt) == c.bounced);
            CHECK(list_outbox(house.archive())->size() == 1); // nothing is owed for it
        }
    }

    TEST_CASE("of a notice that comes back with all that was attached the beginning is read") {
        test::House house;
        Settings settings = house.settings();
        settings.limits.message = 100000;
        house.configure(settings);
        house.send({house.open}, test::mail_with_pdf("x"));
        Connection connection = house.connect();
        connection.mail({"<>"}, "", "");
        const std::string id = lower(list_outbox(house.archive())->at(0).id);
        connection.rcpt("<bounce+" + id + "@in.example.com>", "");
        REQUIRE(connection.data("4X").what == Answer::What::go_on);
        connection.header("Content-Type", " multipart/report; boundary=b");
        REQUIRE(connection.end_of_headers("4X").what == Answer::What::go_on);
        const std::string begin = "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
                                  "Action: failed\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n";
        CHECK(connection.body(as_bytes(begin)).what == Answer::What::go_on);
        for (int i = 0; i < 20; ++i)
            CHECK(connection.body(as_bytes(std::string(65535, 'x'))).what == Answer::What::go_on);
        CHECK(connection.end("4X").what == Answer::What::take);
        CHECK(house.receipts().at(0).notices.at(0).state == "bounced");
    }

    TEST_CASE("our own notice that somebody's mailbox sends on is told to nobody") {
        test::House house;
        house.send({house.open}, test::mail_with_pdf("x"));
        const std::string ours = "<" + list_outbox(house.archive())->at(0).id + "@in.example.com>";
        const auto send = [&](const std::vector<std::string>& headers) {
            test::Mail mail = test::mail_with_pdf("no documents");
            mail.body = "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
            std::erase_if(mail.headers, [](const std::string& line) {
                return line.starts_with("Message-ID");
            });
            mail.headers.insert(mail.headers.end(), headers.begin(), headers.end());
            return house.send({house.open}, mail);
        };
        CHECK(test::reason_of(send({"Message-ID: " + ours})) == "no-document");
        CHECK(
            test::reason_of(send({"Auto-Submitted: auto-replied", "In-Reply-To: " + ours})) ==
            "no-document"
        );
        CHECK(
            test::reason_of(send({"Precedence: bulk", "References: <1@a.example>\r\n\t" + ours})) ==
            "no-document"
        );
        CHECK(list_outbox(house.archive())->size() == 1);
        // A person who answers is told like anybody, and so is an automatic mail about others.
        CHECK(send({"In-Reply-To: " + ours}).what == Answer::What::take);
        CHECK(list_outbox(house.archive())->size() == 2);
        CHECK(
            send({"Auto-Submitted: auto-generated",
                  "In-Reply-To: <1@a.example>",
                  "Message-ID: <2@a>"})
                .what == Answer::What::take
        );
        CHECK(list_outbox(house.archive())->size() == 3);
    }

    TEST_CASE("a notice that comes back marks its receipt and is answered with nothing") {
        test::House house;
        house.send({house.open}, test::mail_with_pdf("x"));
        const auto rows = list_outbox(house.archive());
        REQUIRE_GOOD(rows);
        REQUIRE(rows->size() == 1);
        Connection connection = house.connect();
        connection.mail({"<>"}, "", "");
        CHECK(
            connection.rcpt("<bounce+" + lower(rows->at(0).id) + "@in.example.com>", "").what ==
            Answer::What::go_on
        );
        CHECK(
            test::House::content(connection, test::mail_with_pdf("undelivered")).what ==
            Answer::What::take
        );
        CHECK(house.receipts().at(0).notices.at(0).state == "bounced");
        CHECK(list_outbox(house.archive())->size() <= 1);
        connection.mail({"<>"}, "", "");
        CHECK(
            test::reason_of(
                connection.rcpt("<bounce+01ARZ3NDEKTSV4RRFFQ69G5FAV@in.example.com>", "")
            ) == "address-unknown"
        );
    }
}

} // namespace kwit
