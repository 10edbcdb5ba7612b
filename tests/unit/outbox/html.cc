// The HTML form of notices: the same words as the plain one, whole as HTML, and nothing fetched.
#include "core/outbox/html.hh"

#include "core/base/text.hh"
#include "core/outbox/samples.hh"
#include "tests/unit/outbox/office.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

/// A picture of one pixel: enough for its head to be read.
std::shared_ptr<const Logo> logo() {
    return std::make_shared<const Logo>(Logo{
        .media_type = "image/png", .bytes = "\x89PNG…", .width = 440, .height = 80});
}

Settings dressed(const std::string& locale = "en") {
    Settings settings = office_settings(locale);
    settings.domains.front().office = "Żółw & <Partner>";
    settings.domains.front().signature = "Żółw & Partner\nul. Długa 1";
    settings.domains.front().logo = logo();
    return settings;
}

std::string page_of(const NoticeFacts& facts, const Settings& settings) {
    const auto notice = render(facts, settings, texts());
    REQUIRE_GOOD(notice);
    return notice->html;
}

NoticeFacts sample_of(const std::string& kind, const std::string& locale = "") {
    const auto facts = sample(
        {.kind = kind, .locale = locale, .domain = ""},
        office_settings(),
        texts(),
        at("2026-11-21T12:00:00Z")
    );
    REQUIRE_GOOD(facts);
    return *facts;
}

/// The words between the tags, entities undone, white space as one space.
std::string words_of(std::string_view html) {
    const std::map<std::string_view, std::string_view> entities = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
    std::string text;
    std::size_t at = html.find("<body");
    while (at < html.size()) {
        if (html[at] == '<') {
            at = html.find('>', at) + 1;
            text += ' ';
            continue;
        }
        const auto entity = std::find_if(entities.begin(), entities.end(), [&](const auto& one) {
            return html.substr(at).starts_with(one.first);
        });
        text += entity == entities.end() ? html.substr(at, 1) : entity->second;
        at += entity == entities.end() ? 1 : entity->first.size();
    }
    std::string words;
    for (const char c : text)
        if (!is_space(c) || (!words.empty() && words.back() != ' ')) words += is_space(c) ? ' ' : c;
    return words;
}

/// Every tag is closed by its own, in order; what has no end is known.
void check_nesting(std::string_view html) {
    const std::set<std::string_view> without_end = {"!DOCTYPE", "meta", "img", "br"};
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at)) {
        const std::size_t end = html.find('>', at);
        REQUIRE(end != std::string_view::npos);
        const std::string_view tag = html.substr(at + 1, end - at - 1);
        CAPTURE(tag);
        CHECK(tag.find('<') == std::string_view::npos);
        CHECK(std::count(tag.begin(), tag.end(), '"') % 2 == 0);
        at = end;
        if (tag.starts_with('/')) {
            REQUIRE_FALSE(open.empty());
            CHECK(open.back() == tag.substr(1));
            open.pop_back();
        } else if (const auto name = tag.substr(0, tag.find_first_of(" \n"));
                   !without_end.contains(name)) {
            open.emplace_back(name);
        }
    }
    CHECK(open.empty());
}

/// Nothing that a mail program would have to ask somebody for.
void check_nothing_fetched(std::string_view html) {
    for (const std::string_view word :
         {"http:",
          "https:",
          "//",
          "@import",
          "url(",
          "<script",
          "<link",
          "<iframe",
          "<object",
          "<form",
          "background=",
          "javascript:",
          "onload"}) {
        CAPTURE(word);
        CHECK(html.find(word) == std::string_view::npos);
    }
    for (std::size_t at = html.find("src="); at != std::string_view::npos;
         at = html.find("src=", at + 1))
        CHECK(html.substr(at).starts_with("src=\"cid:logo."));
    for (std::size_t at = html.find("href="); at != std::string_view::npos;
         at = html.find("href=", at + 1))
        CHECK(html.substr(at).starts_with("href=\"mailto:"));
}

} // namespace

TEST_SUITE("outbox/html") {

    TEST_CASE("every kind in every language is whole HTML that fetches nothing") {
        for (const std::string& locale : Texts::locales())
            for (const std::string& kind : sample_kinds()) {
                CAPTURE(locale);
                CAPTURE(kind);
                const std::string page = page_of(sample_of(kind, locale), dressed());
                CHECK(page.starts_with("<!DOCTYPE html>\n<html lang=\"" + locale + "\""));
                CHECK(page.find("prefers-color-scheme: dark") != std::string::npos);
                CHECK(page.find("name=\"viewport\"") != std::string::npos);
                check_nesting(page);
                check_nothing_fetched(page);
            }
    }

    TEST_CASE("the page says every word that the text says") {
        for (const std::string& locale : Texts::locales())
            for (const std::string& kind : sample_kinds()) {
                const auto notice = render(sample_of(kind, locale), office_settings(), texts());
                REQUIRE_GOOD(notice);
                const std::string words = words_of(notice->html);
                CAPTURE(kind);
                CAPTURE(words);
                // A name and its value stand in two cells; links are behind words of their own.
                for (std::string_view line : split(notice->text, '\n')) {
                    if (line.find("mailto:") != std::string_view::npos) continue;
                    const std::size_t colon = line.find(": ");
                    for (std::string_view piece :
                         {line.substr(0, colon),
                          colon == std::string_view::npos ? line : line.substr(colon + 2)}) {
                        const std::string word(trim(piece.substr(0, piece.find_first_of("(–"))));
                        CAPTURE(word);
                        const bool numbered = !word.empty() && is_digit(word.front());
                        const bool label = word.ends_with("subject") || word.ends_with("temat") ||
                                           word.ends_with("Betreff");
                        CHECK((numbered || label || words.find(word) != std::string::npos));
                    }
                }
            }
    }

    TEST_CASE("what others wrote is text on the page, whatever it is") {
        for (const std::string& evil :
             {std::string("<script>alert(1)</script>"),
              std::string("\"><img src=https://evil.example/x.png>"),
              std::string("' onload='x"),
              std::string("</td></tr></table><a href=\"https://evil.example\">x</a>"),
              std::string("abc\u202e\x1b[31m\x07"),
              std::string("\xff\xfe<b>\xc3"),
              std::string("a\r\n\r\n--=_boundary\r\n"),
              std::string("&lt;script&gt;"),
              std::string("{0} {} {subject}"),
              std::string(10'000, '<')}) {
            CAPTURE(evil);
            NoticeFacts facts = sample_of("failure");
            facts.receipt.subject = evil;
            facts.receipt.sender = evil;
            facts.receipt.parts.back().name = evil;
            facts.receipt.findings.back().values["name"] = evil;
            facts.client->name = evil;
            facts.documents.front().category = evil;
            const std::string page = page_of(facts, office_settings());
            check_nesting(page);
            CHECK(page.find("<script") == std::string::npos);
            CHECK(page.find("<img") == std::string::npos);
            CHECK(page.find("<b>") == std::string::npos);
            CHECK(page.find("<a ") == std::string::npos);
            CHECK(page.find("onload='") == std::string::npos);
            CHECK(page.find('\x1b') == std::string::npos);
            CHECK(page.find("\u202e") == std::string::npos);
            CHECK(is_utf8(page));
        }
    }

    TEST_CASE("the office's name, signature and logo stand in the page") {
        const auto notice = render(sample_of("import"), dressed(), texts());
        REQUIRE_GOOD(notice);
        CHECK(notice->html.find("Żółw &amp; &lt;Partner&gt;") != std::string::npos);
        CHECK(notice->html.find("Żółw &amp; Partner<br>ul. Długa 1") != std::string::npos);
        CHECK(notice->text.ends_with("\n-- \nŻółw & Partner\nul. Długa 1\n"));
        const std::string id = "logo." + notice->id + "@in.example.com";
        CHECK(notice->content_id == id);
        // 440 x 80 in the room of 220 x 56.
        CHECK(
            notice->html.find("src=\"cid:" + id + "\" width=\"220\" height=\"40\"") !=
            std::string::npos
        );
    }

    TEST_CASE("a page for a browser has the logo inside of it, and the mail's page stays as it is"
    ) {
        Settings settings = dressed();
        settings.domains.front().logo =
            std::make_shared<const Logo>(Logo{"image/png", std::string(60, 'a'), 440, 80});
        const auto notice = render(sample_of("import"), settings, texts());
        REQUIRE_GOOD(notice);
        std::string picture;
        for (int i = 0; i < 20; ++i)
            picture += "YWFh";
        const std::string page = page_for_browser(*notice);
        CHECK(
            page.find("src=\"data:image/png;base64," + picture + "\" width=\"220\"") !=
            std::string::npos
        );
        CHECK(page.find("cid:") == std::string::npos);
        CHECK(notice->html.find("data:") == std::string::npos);
        check_nesting(page);
        const auto plain = render(sample_of("import"), office_settings(), texts());
        REQUIRE_GOOD(plain);
        CHECK(page_for_browser(*plain) == plain->html);
    }

    TEST_CASE("without a name of its own the office is called as in From:, else by the domain") {
        Settings settings = office_settings();
        CHECK(
            page_of(sample_of("import"), settings).find(">Biuro Rachunkowe Żółw<") !=
            std::string::npos
        );
        settings.domains.front().from = "noreply@in.example.com";
        CHECK(page_of(sample_of("import"), settings).find(">in.example.com<") != std::string::npos);
    }

    TEST_CASE("an attachment is a row with its result, and what is wrong with it below") {
        const std::string page = page_of(sample_of("failure"), office_settings());
        CHECK(page.find("<bdi>invoice-4711.pdf</bdi>") != std::string::npos);
        CHECK(page.find("&#10003; filed</span>") != std::string::npos);
        CHECK(page.find("&#10007; NOT filed</strong>") != std::string::npos);
        CHECK(page.find("is an office document") != std::string::npos);
    }

    TEST_CASE("a corrected subject has a link that begins a mail with it") {
        const std::string page = page_of(sample_of("correction"), office_settings());
        CHECK(
            page.find("href=\"mailto:faktury%2B1543030448@in.example.com?subject=%5BFK%5D%2011%2F"
                      "2026%20%28932498%29\"") != std::string::npos
        );
        CHECK(page.find(">New mail with this subject</a>") != std::string::npos);
    }

    TEST_CASE("a letter of old, which kept no HTML, gets a page made of its text") {
        NoticeFacts facts = sample_of("card");
        facts.row.html.clear();
        facts.row.text = "Hello,\n\nFirst: 1 < 2\n   mailto:a@x.example?subject=%5B\n";
        const std::string page = page_of(facts, office_settings());
        check_nesting(page);
        CHECK(page.find("1 &lt; 2") != std::string::npos);
        CHECK(page.find("href=\"mailto:a@x.example?subject=%5B\"") != std::string::npos);
    }

    TEST_CASE("columns stay below each other") {
        CHECK(html_of_columns("a  b\n<c>").find("a  b\n&lt;c&gt;</pre>") != std::string::npos);
    }
}
