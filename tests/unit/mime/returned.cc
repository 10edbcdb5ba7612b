#include "core/mime/returned.hh"

#include "tests/unit/mime/mail.hh"

#include <doctest/doctest.h>

#include <stdexcept>

namespace kwit::mime {

namespace {

using test::mail_of;
using test::multipart;
using test::part;
using test::text_part;

std::string report_of(std::string_view mail) {
    const test::TempDir dir;
    const File file = test::file_of(dir, mail);
    const auto action = read_delivery_report(file, {});
    if (!action) throw std::runtime_error(action.error().what);
    return *action ? std::string(name_of(**action)) : "no report";
}

std::string status_part(std::string_view text, std::string_view type = "message/delivery-status") {
    return part("Content-Type: " + std::string(type) + "\r\n", text);
}

std::string report(const std::vector<std::string>& parts) {
    return mail_of(multipart("report", parts));
}

const std::string failed = "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; "
                           "a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n";

} // namespace

TEST_SUITE("mime/returned") {
    TEST_CASE("the worst action of a status counts, however it is written") {
        struct Case {
            std::string_view text;
            DeliveryAction action;
        };

        for (const Case& c : {
                 Case{"Action: failed\n", DeliveryAction::failed},
                 Case{"ACTION:FAILED\r\n", DeliveryAction::failed},
                 Case{"Action:\r\n failed\r\n", DeliveryAction::failed},
                 Case{"Action: failed (gone for good)\r\n", DeliveryAction::failed},
                 Case{"Action: delayed\r\n", DeliveryAction::delayed},
                 Case{"Action: delivered\r\n", DeliveryAction::delivered},
                 Case{"Action: relayed\r\n", DeliveryAction::delivered},
                 Case{"Action: expanded\r\n", DeliveryAction::delivered},
                 Case{"Action: delayed\r\n\r\nAction: failed\r\n", DeliveryAction::failed},
                 Case{"Action: failed\r\n\r\nAction: delivered\r\n", DeliveryAction::failed},
                 Case{"Action: delivered\r\n\r\nAction: delayed\r\n", DeliveryAction::delayed},
                 Case{"Action: unheard-of\r\n", DeliveryAction::unclear},
                 Case{
                     "X-Action: failed\r\nDiagnostic: Action: failed\r\n", DeliveryAction::unclear},
                 Case{"", DeliveryAction::unclear},
             }) {
            CAPTURE(c.text);
            CHECK(read_delivery_status(c.text) == c.action);
        }
    }

    TEST_CASE("only a multipart/report reports, and its status is found wherever it stands") {
        CHECK(report_of(report({text_part, status_part(failed)})) == "failed");
        CHECK(report_of(report({status_part(failed), text_part})) == "failed");
        CHECK(
            report_of(report({text_part, status_part(failed, "message/global-delivery-status")})) ==
            "failed"
        );
        const std::string in_base64 = part(
            "Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: base64\r\n",
            test::base64(failed)
        );
        CHECK(report_of(report({text_part, in_base64})) == "failed");
        CHECK(
            report_of(mail_of(multipart("mixed", {text_part, status_part(failed)}))) == "no report"
        );
        CHECK(report_of(mail_of(text_part)) == "no report");
    }

    TEST_CASE("what stands in the mail that is returned is not about it") {
        const std::string inner = mail_of(multipart("report", {status_part(failed)}, "inner"));
        const std::string returned = part("Content-Type: message/rfc822\r\n", inner);
        const std::string delayed = status_part("Action: delayed\r\n");
        CHECK(report_of(report({text_part, delayed, returned})) == "delayed");
    }

    TEST_CASE("a report of another kind is no delivery report, one without a status is unclear") {
        for (const std::string_view type :
             {"message/disposition-notification",
              "message/global-disposition-notification",
              "message/feedback-report"}) {
            CAPTURE(type);
            CHECK(
                report_of(report({text_part, status_part("Action: failed\r\n", type)})) ==
                "no report"
            );
        }
        CHECK(report_of(report({text_part})) == "unclear");
        CHECK(report_of(report({text_part, status_part("Status: 5.0.0\r\n")})) == "unclear");
    }

    TEST_CASE("a status is read up to its limit") {
        const std::string line = "Action: failed\r\n";
        const std::string filler(max_report - line.size() - 2, 'x');
        CHECK(report_of(report({status_part(filler + "\r\n" + line)})) == "failed");
        CHECK(report_of(report({status_part(filler + "xxxxxxxxxxx\r\n" + line)})) == "unclear");
    }

    TEST_CASE("a bounce that is no report may name its recipients") {
        const std::vector<HeaderField> bounce = {{"x-failed-Recipients", " a@b.example"}};
        const std::vector<HeaderField> other = {{"Subject", " X-Failed-Recipients"}};
        CHECK(names_failed_recipients(bounce));
        CHECK_FALSE(names_failed_recipients(other));
    }
}

} // namespace kwit::mime
