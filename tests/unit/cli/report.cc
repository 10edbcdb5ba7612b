#include "cli/report_form.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "tests/unit/cli/output.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

Time utc(std::string_view text) {
    const auto time = parse_rfc3339(text);
    REQUIRE(time.has_value());
    return *time;
}

Settings settings() {
    Settings settings;
    settings.domains.push_back({.name = "in.example.com", .timezone = "Europe/Warsaw"});
    return settings;
}

Report sample() {
    Report report;
    report.scope = {
        .since = utc("2026-11-14T23:00:00Z"),
        .until = utc("2026-11-21T23:00:00Z"),
        .now = utc("2026-12-01T00:00:00Z"),
        .timezone = "Europe/Warsaw"};
    report.receipts.by = {7, 0, 1, 2};
    report.documents = 8;
    report.days.names["2026-11-20"].by = {7, 0, 1, 2};
    report.reasons.names["subject-malformed"].by = {0, 0, 1, 0};
    report.reasons.names["sender-not-registered"].by = {0, 0, 0, 2};
    report.addresses.names["faktury+1@in.example.com"].by = {7, 0, 1, 2};
    report.sender_domains.names[""].by = {0, 0, 0, 1};
    report.sender_domains.names["kunde.example"].by = {7, 0, 1, 1};
    report.clients.names["10023"].by = {7, 0, 1, 2};
    report.first_day = utc("2026-11-15T00:00:00Z");
    report.last_day = utc("2026-11-21T00:00:00Z");
    report.rcpt.all = 12;
    report.rcpt.reasons = {{"address-unknown", 11}, {"busy", 1}};
    report.rcpt.addresses["busy"] = {{"faktury+1@in.example.com", 1}};
    report.rcpt.unknown["address-unknown"] = {{"", 2}, {"=cmd|x@in.example.com", 9}};
    report.rcpt.networks = {{"192.0.2.0/24", 12}};
    report.rcpt.unknown_networks = {
        {"", {1, 1, utc("2026-11-20T00:00:00Z")}},
        {"192.0.2.0/24", {10, 8, utc("2026-11-21T00:00:00Z")}}};
    report.rcpt.sender_domains = {{"<>", 12}};
    report.near_misses = {
        {.address = "faktury+2@in.example.com",
         .near = "faktury+1@in.example.com",
         .client = "10023",
         .count = 3,
         .first_at = utc("2026-11-20T09:00:00Z"),
         .last_at = utc("2026-11-21T09:00:00Z"),
         .senders = {"anna@kunde.example", "<>"},
         .networks = {"192.0.2.0/24"}},
        {.address = "4u7u5j3y3m-x@in.example.com",
         .count = 1,
         .first_at = utc("2026-11-20T09:00:00Z"),
         .last_at = utc("2026-11-20T09:00:00Z"),
         .senders = {"x@y.example"},
         .networks = {"198.51.100.0/24"}}};
    report.other_near_misses = 2;
    report.unresolved = {
        {.id = "01KAJ3N5G000000000000000AA",
         .received_at = utc("2026-11-20T09:00:00Z"),
         .client = "10023",
         .address = "faktury+1@in.example.com",
         .verdict = Verdict::failed,
         .reasons = {"subject-malformed"}}};
    report.unresolved_count = 3;
    report.queued = 1;
    report.oldest = utc("2026-11-20T09:00:00Z");
    report.objects = 9;
    report.object_bytes = 2048;
    report.stored = 8;
    report.journal = {42, std::string(64, 'a')};
    return report;
}

std::string printed(const Report& report) {
    std::string text;
    Printer out(text);
    print_report(out, report, settings());
    return text;
}

} // namespace

TEST_SUITE("cli/report") {
    TEST_CASE("a report reads well") {
        CHECK(printed(sample()) == R"(kwit report 2026-11-15 to 2026-11-21: in.example.com
from 2026-11-15 00:00 to 2026-11-22 00:00 (Europe/Warsaw)

Receipts: one for each mail and import address
  imported         7
  partial          0
  failed           1
  refused          2
  documents filed  8

  DAY         IMPORTED  PARTIAL  FAILED  REFUSED
  2026-11-20         7        0       1        2

  REASON                 IMPORTED  PARTIAL  FAILED  REFUSED
  sender-not-registered         0        0       0        2
  subject-malformed             0        0       1        0

  ADDRESS                   IMPORTED  PARTIAL  FAILED  REFUSED
  faktury+1@in.example.com         7        0       1        2

  SENDER DOMAIN  IMPORTED  PARTIAL  FAILED  REFUSED
  kunde.example         7        0       1        1
  -                     0        0       0        1

  CLIENT  IMPORTED  PARTIAL  FAILED  REFUSED
  10023          7        0       1        2

Recipients refused or put off at RCPT, 2026-11-15 to 2026-11-21 in UTC: 12

  REASON           REFUSED
  address-unknown       11
  busy                   1

  ADDRESS                   REASON  REFUSED
  faktury+1@in.example.com  busy          1

  UNKNOWN ADDRESS        REASON           REFUSED
  =cmd|x@in.example.com  address-unknown        9
  … and 2 of others

  NETWORK       REFUSED
  192.0.2.0/24       12

  UNKNOWN ADDRESSES FROM  REFUSED  MOST IN A DAY  ON
  192.0.2.0/24                 10              8  2026-11-21
  (others)                      1              1  2026-11-20

  ENVELOPE DOMAIN  REFUSED
  <>                    12

Near misses: refused recipients that were perhaps meant for an address of yours
  TRIED                        NEAR                      TIMES  LAST              FROM
  faktury+2@in.example.com     faktury+1@in.example.com      3  2026-11-21 10:00  anna@kunde.example, <> (192.0.2.0/24)
  4u7u5j3y3m-x@in.example.com  (a mistyped token)            1  2026-11-20 10:00  x@y.example (198.51.100.0/24)
  … and 2 tries of others

Not resolved yet, whenever it came: 3
  ID                          RECEIVED          VERDICT  CLIENT  REASONS
  01KAJ3N5G000000000000000AA  2026-11-20 10:00  failed   10023   subject-malformed
  … and 2 more
  kwit receipt show ID tells more about one

Outbox: mails that kwit owes
  queued    1
  given up  0
  oldest    2026-11-20 10:00

Archive
  documents  8
  objects    9
  size       2.0 KiB

Journal head: note it outside the archive
  entry   42
  sha256  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
)");
    }

    TEST_CASE("long lists are cut to the largest, and the rest is counted") {
        Report report = sample();
        report.addresses = {};
        report.rcpt.networks.clear();
        for (int i = 0; i < 25; ++i) {
            auto& counts = report.addresses.names[fmt::format("a{:02}@in.example.com", i)];
            for (int n = 0; n <= i; ++n)
                counts.count(Verdict::refused);
            report.rcpt.networks[fmt::format("192.0.{}.0/24", i)] = 2;
        }
        report.addresses.others.count(Verdict::failed);
        const std::string text = printed(report);
        CHECK(text.find("a24@in.example.com") < text.find("a23@in.example.com"));
        CHECK(text.find("a05@in.example.com") != std::string::npos);
        CHECK(text.find("a04@in.example.com") == std::string::npos);
        CHECK(text.find("\n  … and 5 more\n  … and 1 receipts of others\n") != std::string::npos);
        CHECK(text.find("\n  … and 10 of others\n") != std::string::npos);
    }

    TEST_CASE("what others wrote cannot do anything to a terminal, a mail or a spreadsheet") {
        Report report = sample();
        report.sender_domains.names["evil\x1b[2J\u202e.example"].by = {1, 0, 0, 0};
        report.rcpt.sender_domains = {{"+1+2", 1}};
        const std::string text = printed(report);
        CHECK(text.find('\x1b') == std::string::npos);
        CHECK(text.find("\u202e") == std::string::npos);
        test::Output output;
        print_csv(output.printer, report);
        const std::string csv = output.text();
        CHECK(csv.find('\x1b') == std::string::npos);
        CHECK(csv.find("\r\nrcpt-sender-domain,\"'+1+2\",refused,1\r\n") != std::string::npos);
        CHECK(
            csv.find("\r\nrcpt-unknown-address,\"'=cmd|x@in.example.com\",address-unknown,9\r\n") !=
            std::string::npos
        );
    }

    TEST_CASE("as CSV a report is one flat table of four columns") {
        test::Output output;
        print_csv(output.printer, sample());
        const std::string csv = output.text();
        CHECK(csv.starts_with("section,name,measure,value\r\n"
                              "period,,since,2026-11-14T23:00:00.000Z\r\n"
                              "period,,until,2026-11-21T23:00:00.000Z\r\n"
                              "receipts,,imported,7\r\n"));
        for (const std::string_view line :
             {"address,faktury+1@in.example.com,refused,2",
              "rcpt,,refused,12",
              "rcpt-address,faktury+1@in.example.com,busy,1",
              "rcpt-unknown-address,(others),address-unknown,2",
              "rcpt-unknown-network,192.0.2.0/24,refused,10",
              "rcpt-unknown-network,192.0.2.0/24,most,8",
              "rcpt-unknown-network,192.0.2.0/24,most-on,2026-11-21",
              "near-miss,faktury+2@in.example.com,near,faktury+1@in.example.com",
              "near-miss,faktury+2@in.example.com,count,3",
              "near-miss,4u7u5j3y3m-x@in.example.com,mistyped,token",
              "near-miss,faktury+2@in.example.com,last,2026-11-21T09:00:00.000Z",
              "near-miss,faktury+2@in.example.com,sender,<>",
              "near-miss,4u7u5j3y3m-x@in.example.com,network,198.51.100.0/24",
              "near-miss,(others),count,2",
              "unresolved,,count,3",
              "unresolved,01KAJ3N5G000000000000000AA,failed,2026-11-20T09:00:00.000Z",
              "outbox,,dead,0",
              "store,,documents,8",
              "journal,,n,42"}) {
            CAPTURE(line);
            CHECK(csv.find("\r\n" + std::string(line) + "\r\n") != std::string::npos);
        }
        for (const std::string_view line : split(csv, '\n'))
            if (!line.empty()) CHECK(std::count(line.begin(), line.end(), ',') == 3);
    }

    TEST_CASE("as JSON a report is one object") {
        const Json json = to_json(sample());
        CHECK(json["receipts"]["imported"] == 7);
        CHECK(json["by_address"][0]["address"] == "faktury+1@in.example.com");
        CHECK(json["by_address"][0]["refused"] == 2);
        CHECK(json["by_sender_domain"][0]["sender_domain"].is_null());
        CHECK(json["rcpt_refusals"]["all"] == 12);
        CHECK(json["rcpt_refusals"]["by_unknown_address"][0]["address"].is_null());
        CHECK(json["rcpt_refusals"]["by_unknown_address"][1]["count"] == 9);
        CHECK(json["rcpt_refusals"]["unknown_by_network"][1]["most_on"] == "2026-11-21");
        CHECK(json["near_misses"][0]["near"] == "faktury+1@in.example.com");
        CHECK(json["near_misses"][0]["senders"] == Json({"anna@kunde.example", "<>"}));
        CHECK(json["near_misses"][0]["mistyped"] == false);
        CHECK(json["near_misses"][1]["near"].is_null());
        CHECK(json["near_misses"][1]["mistyped"] == true);
        CHECK(json["other_near_misses"] == 2);
        CHECK(json["mail_refusals"]["all"] == 0);
        CHECK(json["unresolved"]["count"] == 3);
        CHECK(json["unresolved"]["receipts"][0]["reasons"] == Json({"subject-malformed"}));
        CHECK(json["outbox"]["oldest"] == "2026-11-20T09:00:00.000Z");
        CHECK(json["store"] == Json({{"objects", 9}, {"bytes", 2048}, {"documents", 8}}));
        CHECK(json["journal"]["n"] == 42);
    }

    TEST_CASE("the title names the period, the domains and the client") {
        Report report = sample();
        report.scope.client = "10023";
        Settings many = settings();
        for (const char* name : {"b.example", "c.example", "d.example"})
            many.domains.push_back({.name = name});
        CHECK(
            title_of(report, many) == "kwit report 2026-11-15 to 2026-11-21: in.example.com, "
                                      "b.example, c.example, …, client 10023"
        );
    }
}

} // namespace kwit::cli
