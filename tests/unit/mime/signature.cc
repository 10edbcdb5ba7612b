#include "core/mime/signature.hh"

#include "core/mime/tag_list.hh"
#include "core/model/settings.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

namespace {

using Fields = std::vector<HeaderField>;
using Names = std::vector<std::string>;

const std::string good =
    " v=1; a=rsa-sha256; c=relaxed/simple; d=Kunde.example; s=S1;\r\n\tt=1763712000; "
    "h=From:To:Subject:\r\n\t Date : Content-Type; bh=YWJj;\r\n\tb=AbCd Ef01\r\n\t 2345==";

const Fields mail = {
    {"From", " a@kunde.example"},
    {"Subject", " x"},
    {"Date", " now"},
    {"Content-Type", " text/plain"}};

Fields with(std::string name, std::string value, Fields fields = mail) {
    fields.insert(fields.begin(), {std::move(name), std::move(value)});
    return fields;
}

SignatureFacts one(const std::string& value) {
    const auto all = read_signatures(with("DKIM-Signature", value));
    REQUIRE(all.size() == 1);
    return all.front();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

TEST_SUITE("mime/signature") {
    TEST_CASE("a signature says who signed, and what") {
        const SignatureFacts facts = one(good);
        CHECK(facts.readable);
        CHECK(facts.domain == "kunde.example");
        CHECK(facts.selector == "s1");
        CHECK(facts.signature == "AbCdEf012345==");
        CHECK(facts.whole_body);
        CHECK(facts.uncovered.empty());
        CHECK_FALSE(one(replaced(good, "c=relaxed/simple", "l=120")).whole_body);
        CHECK_FALSE(one(replaced(good, "c=relaxed/simple", "l=")).whole_body);
    }

    TEST_CASE("a header that is in the mail and not in h= is not covered") {
        CHECK(one(replaced(good, "Subject:", "")).uncovered == Names{"subject"});
        CHECK(one(replaced(good, "From:", "")).uncovered == Names{"from"});
        CHECK(
            one(replaced(good, " Date : Content-Type", " ")).uncovered ==
            Names{"date", "content-type"}
        );
        CHECK(one(replaced(good, "Subject:", "Subject-:X-Subject:")).uncovered == Names{"subject"});
        // What the mail does not have needs no cover; put in afterwards it is there, and uncovered.
        const std::string little = replaced(good, ":To:Subject:\r\n\t Date : Content-Type", "");
        const auto alone =
            read_signatures(Fields{{"From", " a@kunde.example"}, {"DKIM-Signature", little}});
        CHECK(alone.front().uncovered.empty());
        const auto more = read_signatures(Fields{
            {"From", " a@kunde.example"}, {"DKIM-Signature", little}, {"subject ", " x"}});
        CHECK(more.front().uncovered == Names{"subject"});
    }

    TEST_CASE("what another reader could read otherwise is not readable") {
        struct Case {
            std::string_view label;
            std::string value;
        };

        using namespace std::string_literals;
        for (const Case& c : {
                 Case{"nothing", ""},
                 Case{"no list", " good"},
                 Case{"another version", replaced(good, "v=1", "v=2")},
                 Case{"no version", replaced(good, " v=1;", "")},
                 Case{"no domain", replaced(good, "d=Kunde.example;", "")},
                 Case{"empty domain", replaced(good, "d=Kunde.example;", "d=;")},
                 Case{
                     "no headers",
                     replaced(good, "h=From:To:Subject:\r\n\t Date : Content-Type;", "")},
                 Case{"no signature", replaced(good, "b=AbCd Ef01\r\n\t 2345==", "b=")},
                 Case{"a tag twice", replaced(good, "bh=", "h=Nothing; bh=")},
                 Case{"a domain twice", replaced(good, "s=S1", "s=S1; d=attack.example")},
                 Case{
                     "a quote in the domain (a4)",
                     replaced(good, "Kunde.example", "kunde.example'a.attack.example")},
                 Case{
                     "a comment in the domain",
                     replaced(good, "Kunde.example", "kunde.example(.attack.example")},
                 Case{
                     "NUL in the selector (a3)",
                     replaced(good, "S1", "selector._domainkey.attack.example.\0.any"s)},
                 Case{"a space in the selector", replaced(good, "S1", "s1 .attack.example")},
                 Case{"an empty tag in between", replaced(good, "s=S1;", "s=S1;;")},
                 Case{"a tag without a name", replaced(good, "s=S1;", "s=S1; =x;")},
                 Case{"a name that is none", replaced(good, "s=S1;", "s=S1; 1x=x;")},
             }) {
            CAPTURE(c.label);
            CHECK_FALSE(one(c.value).readable);
        }
        CHECK(one(good + ";").readable);
        CHECK(one(good + " ; ").readable);
        CHECK(one(replaced(good, "s=S1;", "s = S1 ;")).readable);
    }

    TEST_CASE("a hundred signatures are read, and one more is one that cannot be read") {
        const auto read = [](std::size_t count) {
            return read_signatures(Fields(count, {"dkim-signature", good}));
        };
        CHECK(read(max_signatures).size() == max_signatures);
        CHECK(read(max_signatures).back().readable);
        CHECK(read(max_signatures + 1).size() == max_signatures + 1);
        CHECK_FALSE(read(max_signatures + 1).back().readable);
        CHECK(read(max_signatures + 2).size() == max_signatures + 1);
        CHECK(read_signatures(mail).empty());
    }

    TEST_CASE("fifty tags are read, one more is no list") {
        const auto list = [](int count) {
            std::string text;
            for (int i = 0; i < count; ++i)
                text += "t" + std::to_string(i) + "=x;";
            return TagList::parse(text);
        };
        REQUIRE(list(50).has_value());
        CHECK(*list(50)->find("t49") == "x");
        CHECK(list(50)->find("T49") == nullptr);
        CHECK_FALSE(list(51).has_value());
    }

    TEST_CASE("the newest set of an ARC chain is read") {
        const std::string seal = " i=2; a=rsa-sha256; cv=pass; d=Lists.example.com; s=arc; b=AAAA";
        const std::string message = " i=2; a=rsa-sha256; d=lists.example.com; s=arc; "
                                    "h=from:subject:date:content-type; bh=YQ==; b=BB";
        const std::string found = " i=2; lists.example.com; dkim=pass header.d=kunde.example";
        const Fields older = {
            {"ARC-Seal", " i=1; a=rsa-sha256; cv=none; d=attack.example; s=arc; b=AAAA"},
            {"ARC-Message-Signature", " i=1; a=x; d=attack.example; s=arc; h=from; bh=YQ==; b=BB"},
            {"ARC-Authentication-Results",
             " i=1; attack.example; dkim=pass header.d=attack.example"}};
        const auto chain = [&](Fields fields) {
            Fields all = mail;
            all.insert(all.begin(), older.begin(), older.end());
            all.insert(all.begin(), fields.begin(), fields.end());
            return read_arc(all);
        };
        const Fields whole = {
            {"arc-seal", seal},
            {"ARC-Message-Signature", message},
            {"ARC-Authentication-Results", found}};

        const auto arc = chain(whole);
        REQUIRE(arc.has_value());
        CHECK(arc->sealer == "lists.example.com");
        REQUIRE(arc->results.has_value());
        CHECK(arc->results->authserv_id == "lists.example.com");
        CHECK(arc->results->methods.front().properties.front().value == "kunde.example");
        REQUIRE(arc->message.has_value());
        CHECK(arc->message->readable);
        CHECK(arc->message->uncovered.empty());

        CHECK(chain({})->sealer == "attack.example");
        CHECK_FALSE(read_arc(mail).has_value());
        CHECK_FALSE(chain({{"ARC-Seal", seal}, {"ARC-Seal", seal}}).has_value());
        CHECK_FALSE(chain({{"ARC-Seal", seal}, {"ARC-Seal", " junk"}}).has_value());
        CHECK_FALSE(chain({{"ARC-Seal", replaced(seal, "d=Lists.example.com;", "")}}).has_value());
        CHECK(chain({{"ARC-Seal", replaced(seal, "i=2", "i=50")}}).has_value());
        CHECK_FALSE(chain({{"ARC-Seal", replaced(seal, "i=2", "i=51")}}).has_value());
        CHECK_FALSE(chain({{"ARC-Seal", replaced(seal, "i=2", "i=0")}}).has_value());

        // A verifier may not take it for an ARC header, so that nobody has checked it.
        for (const char* name :
             {"ARC-Seal ", "ARC-Message-Signature\t", "arc-authentication-results "})
            CHECK_FALSE(chain({{"ARC-Seal", seal}, {name, found}}).has_value());

        const auto alone = chain({{"ARC-Seal", seal}});
        REQUIRE(alone.has_value());
        CHECK_FALSE(alone->results.has_value());
        CHECK_FALSE(alone->message.has_value());
        Fields twice = whole;
        twice.push_back(whole[1]);
        twice.push_back(whole[2]);
        const auto unclear = chain(twice);
        REQUIRE(unclear.has_value());
        CHECK_FALSE(unclear->results.has_value());
        REQUIRE(unclear->message.has_value());
        CHECK_FALSE(unclear->message->readable);
        Fields odd = whole;
        odd[2].value = " (x) i (y) = 2 ; lists.example.com; dkim=pass header.d=kunde.example";
        CHECK(chain(odd)->results.has_value());
        odd[2].value = " i=2; lists.example.com; dkim=pass header.d=\"kunde.example";
        CHECK_FALSE(chain(odd)->results.has_value());
    }
}

} // namespace kwit::mime
