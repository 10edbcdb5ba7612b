#include "core/inspect/wire.hh"

#include "core/base/json.hh"
#include "tests/unit/result.hh"

#include <functional>

using namespace kwit;
using namespace kwit::inspect;

namespace {

/// As much as a child may say.
PdfFacts most() {
    PdfFacts facts{
        .state = PdfFacts::State::readable,
        .said = std::string(max_text, 's'),
        .pages = max_pages,
        .title = std::string(max_text, 't'),
        .repaired = true,
        .owner_password = true};
    for (std::size_t i = 0; i < max_active; ++i)
        facts.active.push_back(std::string(max_text, 'a'));
    for (std::size_t i = 0; i < max_embedded; ++i)
        facts.embedded.push_back(
            {.name = std::string(max_text, 'n'),
             .media_type = std::string(max_text, 'm'),
             .size = ~0ULL,
             .kind = std::string(max_text, 'k')}
        );
    return facts;
}

Word read(const Word& word) {
    auto decoded = decode_word(encode(word));
    REQUIRE_GOOD(decoded);
    return *decoded;
}

} // namespace

TEST_SUITE("inspect/wire") {
    TEST_CASE("what is said is what is heard") {
        const Hello hello{.speaks = 7, .trouble = "none to be had"};
        CHECK(*decode_hello(encode(hello)) == hello);
        for (const Look look : {Look::pdf, Look::xml, Look::zip, Look::tnef, Look::cms}) {
            const Request request{
                .look = look,
                .cpu_seconds = 2,
                .memory = 512ULL << 20,
                .members = 1000,
                .unpacked = 200ULL << 20};
            CHECK(*decode_request(encode(request)) == request);
        }
        for (const Word& word :
             {Word(Started{}),
              Word(NotNow{"no child"}),
              Word(GaveUp{"memory ran out"}),
              Word(Ended{Ended::How::killed, 9}),
              Word(Ended{Ended::How::exited, 0}),
              Word(PdfFacts{.state = PdfFacts::State::encrypted}),
              Word(PdfFacts{.state = PdfFacts::State::damaged, .said = "no trailer"}),
              Word(XmlFacts{.state = XmlFacts::State::invoice, .kind = "ksef", .id = "FV/17"}),
              Word(XmlFacts{.state = XmlFacts::State::dtd}),
              Word(XmlFacts{.state = XmlFacts::State::damaged, .said = "line 3"}),
              Word(Member{.name = "\x81\xFF", .charset = "CP437", .offset = 7, .size = ~0ULL}),
              Word(Member{.name = "a", .withheld = Withheld::encrypted}),
              Word(Opened{{.state = Opening::State::damaged, .said = "no directory"}, 3, 700}),
              Word(Opened{{.state = Opening::State::over_unpacked}})})
            CHECK(read(word) == word);
    }

    TEST_CASE("an invoice is of a kind that is known, and its texts have their limit") {
        XmlFacts facts{
            .state = XmlFacts::State::invoice, .kind = "ubl", .id = std::string(max_text, 'i')};
        CHECK(read(facts) == Word(facts));
        facts.id += 'i';
        CHECK_FALSE(decode_word(encode(facts)));
        for (const char* kind : {"", "pdf", "UBL"})
            CHECK_FALSE(decode_word(encode(XmlFacts{.state = XmlFacts::State::invoice, .kind = kind}
            )));
    }

    TEST_CASE("all that a child may say fits into one message") {
        const Word word = most();
        CHECK(encode(word).size() <= max_message);
        CHECK(read(word) == word);
    }

    TEST_CASE("one past a limit is no answer") {
        struct Case {
            std::string_view label;
            std::function<void(PdfFacts&)> spoil;
        };

        for (const Case& c :
             {Case{"text", [](PdfFacts& facts) { facts.title += 't'; }},
              Case{"pages", [](PdfFacts& facts) { ++facts.pages; }},
              Case{"no pages", [](PdfFacts& facts) { facts.pages = 0; }},
              Case{"words", [](PdfFacts& facts) { facts.active.emplace_back(); }},
              Case{"a word", [](PdfFacts& facts) { facts.active.front() += 'a'; }},
              Case{"files", [](PdfFacts& facts) { facts.embedded.emplace_back(); }},
              Case{"a file's name", [](PdfFacts& facts) { facts.embedded.back().name += 'n'; }},
              Case{"no UTF-8", [](PdfFacts& facts) { facts.title = "\xFF"; }}}) {
            CAPTURE(c.label);
            PdfFacts facts = most();
            c.spoil(facts);
            CHECK_FALSE(decode_word(encode(Word(facts))));
        }
    }

    TEST_CASE("a member is held to its limits") {
        Member member{.name = std::string(max_member_name, 'n'), .size = 3};
        CHECK(decode_word(encode(Word(member))));
        member.name += 'n';
        CHECK_FALSE(decode_word(encode(Word(member))));
        member.name = "n";
        member.withheld = Withheld::damaged; // with bytes
        CHECK_FALSE(decode_word(encode(Word(member))));
        const Json text{
            {"is", "member"},
            {"name", "no bytes but text"},
            {"charset", ""},
            {"offset", 0U},
            {"size", 0U},
            {"withheld", "no"}};
        CHECK_FALSE(decode_word(to_cbor(text)));
        CHECK_FALSE(decode_word(encode(Word(Opened{{.state = Opening::State::over_ratio}}))));
    }

    TEST_CASE("a message at the limit is read, one byte more is not") {
        // An unknown member is passed over, so its length is ours to choose.
        const auto padded = [](std::size_t size) {
            std::string bytes = to_cbor(Json{{"is", "started"}, {"more", std::string(size, 'x')}});
            return bytes;
        };
        const std::size_t frame = padded(60'000).size() - 60'000;
        CHECK(padded(max_message - frame).size() == max_message);
        CHECK(decode_word(padded(max_message - frame)));
        CHECK_FALSE(decode_word(padded(max_message - frame + 1)));
    }

    TEST_CASE("what is no message is no answer") {
        for (const std::string& bytes :
             {std::string(),
              std::string("no message"),
              to_cbor(Json::array()),
              to_cbor(Json(7)),
              to_cbor(Json{{"is", "sung"}}),
              to_cbor(Json{{"is", 7}}),
              to_cbor(Json{{"is", "ended"}, {"how", "bored"}, {"number", 1}}),
              to_cbor(Json{{"is", "ended"}, {"how", "killed"}, {"number", 256}}),
              to_cbor(Json{{"is", "ended"}, {"how", "killed"}, {"number", -1}}),
              to_cbor(Json{{"is", "pdf"}}),
              encode(Word(Started{})) + "x"}) {
            CAPTURE(bytes);
            CHECK_FALSE(decode_word(bytes));
        }
        CHECK_FALSE(decode_hello(encode(Request{})));
        CHECK_FALSE(decode_request(encode(Hello{})));
        CHECK_FALSE(decode_request(to_cbor(Json{{"look", "zip"}, {"cpu_seconds", 1}, {"memory", 1}})
        ));
    }
}
