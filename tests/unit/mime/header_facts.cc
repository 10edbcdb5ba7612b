#include "core/mime/header_facts.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

namespace {

using Fields = std::vector<HeaderField>;

HeaderFacts read(const Fields& fields) {
    return read_headers(fields, LimitSettings{});
}

const std::vector<std::string> none{};

} // namespace

TEST_SUITE("mime/header_facts") {
    TEST_CASE("the facts of an ordinary mail") {
        const HeaderFacts facts = read({
            {"Received", " from x"},
            {"Authentication-Results", " mx.example.com;\n dkim=pass header.d=kunde.example"},
            {"Received", " from y"},
            {"Authentication-Results", " other.example; none"},
            {"Authentication-Results", " broken"},
            {"From", " Anna <anna@kunde.example>"},
            {"Subject", " =?UTF-8?B?W0ZaXSAxMS8yMDI0?=\n =?UTF-8?B?ICg5MzI0OTgp?= "},
            {"Date", " Sat, 14 Nov 2026 10:00:00 +0100"},
            {"Message-ID", " <1@kunde.example>"},
            {"MIME-Version", " 1.0"},
            {"Content-Type", " multipart/mixed; boundary=b"},
        });
        CHECK(facts.subject.count == 1);
        CHECK(facts.subject.text == "[FZ] 11/2024 (932498)");
        CHECK(facts.from.count == 1);
        REQUIRE(facts.from.mailboxes.size() == 1);
        CHECK(facts.from.mailboxes[0].address.key() == "anna@kunde.example");
        CHECK(facts.from.text == "Anna <anna@kunde.example>");
        CHECK(facts.date.count == 1);
        REQUIRE(facts.date.time.has_value());
        CHECK(rfc3339(*facts.date.time) == "2026-11-14T09:00:00.000Z");
        CHECK(facts.message_id == "<1@kunde.example>");
        REQUIRE(facts.results.size() == 2);
        CHECK(facts.results[0].authserv_id == "mx.example.com");
        CHECK(facts.results[0].received_above == 1);
        CHECK(facts.results[1].received_above == 2);
        CHECK(facts.ambiguities == none);
        CHECK(facts.over.empty());
    }

    TEST_CASE("results that cannot be read are noted with who wrote them, and where they stand") {
        const auto places_in = [](Fields fields) {
            std::string out;
            for (const auto& [id, place] : read_headers(fields, LimitSettings{}).unreadable_results)
                out += (out.empty() ? "" : " ") + id + ":" + std::to_string(place);
            return out;
        };
        const HeaderField received{"Received", " from a by b; Sat, 14 Nov 2026 10:00:00 +0100"};
        const HeaderField good{"Authentication-Results", " mx.example.com; none"};
        const HeaderField bad{"authentication-results ", " mx.example.com; dkim=pass (x"};
        CHECK(places_in({good, received}).empty());
        CHECK(places_in({good, bad, received, bad}) == "mx.example.com:0 mx.example.com:1");
        CHECK(places_in({received, good, received, bad}) == "mx.example.com:2");
        for (const auto& c : std::vector<std::pair<std::string, std::string>>{
                 {" (ours) MX.example.com (x) 1 ; dkim", "mx.example.com"},
                 {" mx.example.com", "mx.example.com"},
                 {" \"mx.example.com\" 2; dkim=pass", "mx.example.com"},
                 {" mx.example.com (x; dkim=pass", ""},
                 {" other mx.example.com; dkim=", ""},
                 {" mx.example.com; dkim=pass\x01", ""},
                 {" ; dkim=pass", ""},
                 {" \"mx.example.com; dkim=pass", ""}}) {
            CAPTURE(c.first);
            CHECK(places_in({{"Authentication-Results", c.first}}) == c.second + ":0");
        }
        CHECK(read_headers(Fields{bad, good}, LimitSettings{}).results.size() == 1);
    }

    TEST_CASE("headers that say two things are ambiguous") {
        struct Case {
            std::string_view label;
            Fields fields;
            std::vector<std::string> ambiguities;
        };

        using namespace std::string_literals;
        for (const Case& c : {
                 Case{
                     "two subjects", {{"Subject", " a"}, {"subject", " a"}}, {"duplicate-subject"}},
                 Case{"two dates", {{"Date", ""}, {"Date", ""}}, {"duplicate-date"}},
                 Case{
                     "two ids", {{"Message-ID", ""}, {"Message-Id", ""}}, {"duplicate-message-id"}},
                 Case{
                     "two versions",
                     {{"MIME-Version", " 1.0"}, {"MIME-Version", " 1.0"}},
                     {"duplicate-mime-version"}},
                 Case{
                     "two types, the same",
                     {{"Content-Type", " text/plain"}, {"Content-Type", " text/plain"}},
                     {"duplicate-content-type"}},
                 Case{
                     "two encodings",
                     {{"Content-Transfer-Encoding", " base64"},
                      {"Content-Transfer-Encoding", " 7bit"}},
                     {"duplicate-content-transfer-encoding"}},
                 Case{
                     "two dispositions",
                     {{"Content-Disposition", ""}, {"Content-Disposition", ""}},
                     {"duplicate-content-disposition"}},
                 Case{
                     "two From alone are no ambiguity",
                     {{"From", " a@b.example"}, {"From", " a@b.example"}},
                     {}},
                 Case{"NUL", {{"X", " a\0b"s}}, {"header-with-nul"}},
                 Case{"8-bit name", {{"X\xE4", " a"}}, {"malformed-header-name"}},
                 Case{
                     "space before the colon",
                     {{"From ", " a@b.example"}},
                     {"malformed-header-name"}},
                 Case{
                     "no boundary",
                     {{"Content-Type", " multipart/mixed"}},
                     {"multipart-without-boundary"}},
                 Case{
                     "empty boundary",
                     {{"Content-Type", " multipart/mixed; boundary=\"\""}},
                     {"odd-boundary", "multipart-without-boundary"}},
                 Case{
                     "boundary twice",
                     {{"Content-Type", " multipart/mixed; boundary=a; boundary=b"}},
                     {"duplicate-boundary"}},
                 Case{
                     "boundary in both forms",
                     {{"Content-Type", " multipart/mixed; boundary=a; boundary*=utf-8''b"}},
                     {"duplicate-boundary"}},
                 Case{
                     "boundary in sections",
                     {{"Content-Type", " multipart/mixed; boundary*0=a; boundary*1=b"}},
                     {"odd-boundary"}},
                 Case{
                     "encoded word as boundary",
                     {{"Content-Type", " multipart/mixed; boundary=\"=?utf-8?Q?a?=\""}},
                     {"odd-boundary"}},
                 Case{
                     "comment at the boundary",
                     {{"Content-Type", " multipart/mixed; boundary=(x)a"}},
                     {"odd-boundary"}},
                 Case{
                     "escape in the boundary",
                     {{"Content-Type", " multipart/mixed; boundary=\"a\\\"b\""}},
                     {"odd-boundary"}},
                 Case{
                     "semicolon in the boundary",
                     {{"Content-Type", " multipart/mixed; boundary=\"a;b\""}},
                     {"odd-boundary"}},
                 Case{
                     "space at its end",
                     {{"Content-Type", " multipart/mixed; boundary=\"a \""}},
                     {"odd-boundary"}},
                 Case{
                     "single quotes",
                     {{"Content-Type", " multipart/mixed; boundary='a'"}},
                     {"odd-boundary"}},
                 Case{
                     "space before =",
                     {{"Content-Type", " multipart/mixed; boundary =a"}},
                     {"odd-boundary"}},
                 Case{
                     "boundary of 70",
                     {{"Content-Type", " multipart/mixed; boundary=" + std::string(70, 'a')}},
                     {}},
                 Case{
                     "boundary of 71",
                     {{"Content-Type", " multipart/mixed; boundary=" + std::string(71, 'a')}},
                     {"odd-boundary"}},
                 Case{
                     "usual unquoted boundary",
                     {{"Content-Type", " multipart/mixed; boundary=----=_Part_0_1.2"}},
                     {}},
                 Case{
                     "space inside a quoted boundary",
                     {{"Content-Type", " multipart/mixed; boundary=\"a b\""}},
                     {}},
                 Case{
                     "encoded multipart",
                     {{"Content-Type", " multipart/mixed; boundary=a"},
                      {"Content-Transfer-Encoding", " base64"}},
                     {"encoded-multipart"}},
                 Case{
                     "multipart in 8bit",
                     {{"Content-Type", " multipart/mixed; boundary=a"},
                      {"Content-Transfer-Encoding", " 8bit"}},
                     {}},
                 Case{
                     "list of encodings",
                     {{"Content-Transfer-Encoding", " base64, quoted-printable"}},
                     {"malformed-content-transfer-encoding"}},
                 Case{
                     "quoted encoding",
                     {{"Content-Transfer-Encoding", " \"base64\""}},
                     {"malformed-content-transfer-encoding"}},
                 Case{
                     "comment behind the encoding",
                     {{"Content-Transfer-Encoding", " base64 (x)"}},
                     {}},
                 Case{
                     "unknown encoding is no ambiguity",
                     {{"Content-Transfer-Encoding", " x-uuencode"}},
                     {}},
                 Case{
                     "half a multipart",
                     {{"Content-Type", " multipart; boundary=a"}},
                     {"malformed-content-type"}},
                 Case{"a type of one word", {{"Content-Type", " text"}}, {}},
                 Case{
                     "a name that speaks of multiparts",
                     {{"Content-Type", " application/pdf; name=\"multipart (1).pdf\""}},
                     {}},
             }) {
            CAPTURE(c.label);
            CHECK(read(c.fields).ambiguities == c.ambiguities);
        }
    }

    TEST_CASE("several From headers are counted, and a problem is named") {
        CHECK(read({{"From", " a@b.example"}, {"From", " c@d.example"}}).from.count == 2);
        CHECK(read({}).from.count == 0);
        CHECK(read({{"From", " g: a@b.example;"}}).from.problem == "group");
        CHECK(read({{"Sender", " a@b.example"}, {"Resent-From", " a@b.example"}}
        ).from.mailboxes.empty());
    }

    TEST_CASE("the mails that a mail answers are known by their ids, the newest of a long thread") {
        using Ids = std::vector<std::string>;
        CHECK(read({{"In-Reply-To", " <1@a>"}}).answers == Ids{"<1@a>"});
        CHECK(
            read(
                {{"In-Reply-To", " your mail <2@a> of Monday"}, {"References", " <1@a>\r\n\t<2@a>"}}
            ).answers == Ids{"<1@a>", "<2@a>", "<2@a>"}
        );
        CHECK(read({{"In-Reply-To", " 1@a"}, {"References", " <1@a"}}).answers.empty());
        for (const std::size_t count : {50U, 51U}) {
            std::string thread;
            for (std::size_t i = 1; i <= count; ++i)
                thread += " <" + std::to_string(i) + "@a>";
            const Ids ids = read({{"References", thread}}).answers;
            CHECK(ids.size() == 50);
            CHECK(ids.front() == (count == 50 ? "<1@a>" : "<2@a>"));
            CHECK(ids.back() == "<" + std::to_string(count) + "@a>");
        }
    }

    TEST_CASE("marks of automatic mail are seen") {
        CHECK(read({{"Auto-Submitted", " auto-replied"}}).automatic.auto_submitted);
        CHECK(read({{"Auto-Submitted", " auto-generated; x=y"}}).automatic.auto_submitted);
        CHECK_FALSE(read({{"Auto-Submitted", " No"}}).automatic.auto_submitted);
        CHECK_FALSE(read({{"Auto-Submitted", " no (really)"}}).automatic.auto_submitted);
        for (const char* word : {" bulk", " List", "junk"})
            CHECK(read({{"Precedence", word}}).automatic.bulk);
        CHECK_FALSE(read({{"Precedence", " normal"}}).automatic.bulk);
        CHECK(read({{"List-Unsubscribe", " <x>"}}).automatic.list);
        CHECK(read({{"X-Auto-Response-Suppress", " All"}}).automatic.suppressed);
        CHECK(read({{"Content-Type", " multipart/report; boundary=b; report-type=delivery-status"}}
        ).automatic.report);
        const AutomaticFacts ordinary = read({{"Subject", " x"}, {"Listing", " y"}}).automatic;
        CHECK_FALSE(ordinary.list);
        CHECK_FALSE(ordinary.report);
    }

    TEST_CASE("a damaged subject is read and flagged") {
        CHECK(read({{"Subject", " \xE4"}}).subject.damaged);
        CHECK(read({{"Subject", " =?x-nobody?Q?=E4?="}}).subject.unknown_charset);
        CHECK(read({{"Subject", ""}}).subject.text.empty());
        CHECK(read({}).subject.count == 0);
    }

    TEST_CASE("limits hold on the edge and break one past it") {
        using Over = std::vector<Limit>;
        const LimitSettings limits{.headers = 3, .header_bytes = 60};
        CHECK(read_headers(Fields(3, {"A", ""}), limits).over == Over{});
        CHECK(read_headers(Fields(4, {"A", ""}), limits).over == Over{Limit::headers});
        CHECK(read_headers(Fields{{"A", std::string(56, 'x')}}, limits).over == Over{});
        CHECK(
            read_headers(Fields{{"A", std::string(57, 'x')}}, limits).over ==
            Over{Limit::header_bytes}
        );
        CHECK(read({{"To", std::string(max_address_header - 3, 'x')}}).over == Over{});
        CHECK(
            read({{"To", std::string(max_address_header - 2, 'x')}}).over ==
            Over{Limit::address_header}
        );
        CHECK(
            read({{"Resent-Cc", std::string(max_address_header, 'x')}}).over ==
            Over{Limit::address_header}
        );
        CHECK(read({{"X-To", std::string(max_address_header, 'x')}}).over == Over{});
    }
}

} // namespace kwit::mime
