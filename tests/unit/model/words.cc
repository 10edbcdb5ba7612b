#include "core/model/format.hh"
#include "core/model/period.hh"
#include "core/model/reason.hh"
#include "core/model/verdict.hh"
#include "tests/unit/result.hh"

#include <set>

namespace kwit {

TEST_SUITE("model/words") {
    TEST_CASE(
        "every reason has a code of its own that reads back, and a permanent or temporary reply"
    ) {
        std::set<std::string_view> codes;
        for (const Reason reason : all_reasons()) {
            const std::string_view code = code_of(reason);
            CAPTURE(code);
            CHECK(codes.insert(code).second);
            CHECK(reason_named(code) == reason);
            const auto [smtp, enhanced] = reply_code_of(reason);
            CHECK((smtp.front() == '4' || smtp.front() == '5'));
            CHECK(smtp.front() == enhanced.front());
        }
        CHECK_FALSE(reason_named("no-such-reason").has_value());
    }

    TEST_CASE("names of formats, verdicts, dispositions and notices read back") {
        CHECK(format_named("pdf") == Format::pdf);
        CHECK(name_of(Format::text) == "text");
        CHECK_FALSE(format_named("doc").has_value());
        CHECK(verdict_named(name_of(Verdict::partial)) == Verdict::partial);
        CHECK(disposition_named(name_of(Disposition::refused)) == Disposition::refused);
        CHECK(notice_kind_named(name_of(NoticeKind::failure)) == NoticeKind::failure);
    }

    TEST_CASE("a period is written with a hyphen in records and a slash for people") {
        const auto period = Period::parse("2026-02");
        REQUIRE_GOOD(period);
        CHECK(period->text() == "2026-02");
        CHECK(period->slashed() == "02/2026");
        for (const char* text : {"2026-00", "2026-13", "26-02", "2026/02", "2026-2", ""}) {
            CAPTURE(text);
            CHECK_FALSE(Period::parse(text).has_value());
        }
    }
}

} // namespace kwit
