#include "core/rules/subject.hh"

#include "core/base/time.hh"
#include "tests/unit/rules/world.hh"

#include <doctest/doctest.h>

namespace kwit::rules {

namespace {

using Tag = SubjectReading::Tag;

/// "FZ 2024-11 932498 | note", or the pieces: "category=FZ code=932498".
std::string shown(const SubjectReading& reading) {
    std::string out;
    for (const Tag& tag : reading.tags)
        out += tag.category + " " + tag.year + "-" + tag.month + " " + tag.code + ";";
    const auto piece = [&out](const char* name, const std::optional<std::string>& value) {
        if (value) out += std::string(name) + "=" + *value + " ";
    };
    piece("category", reading.category);
    piece("word", reading.word);
    piece("month", reading.month);
    piece("year", reading.year);
    piece("code", reading.code);
    if (!reading.note.empty()) out += "|" + reading.note;
    return out;
}

} // namespace

TEST_SUITE("rules/subject") {
    TEST_CASE("one tag is read in every form that people send") {
        struct Case {
            std::string_view subject;
            std::string_view reading;
        };

        for (const Case& c : {
                 Case{"[FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"[fz] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"[FZ]11/2024(932498)", "FZ 2024-11 932498;"},
                 Case{" [ FZ ]  11 / 2024  ( 932498 ) ", "FZ 2024-11 932498;"},
                 Case{"[FZ]\t11/2024\r\n (932498)", "FZ 2024-11 932498;"},
                 Case{"[FZ] 11.2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"[FZ] 11-2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"[FZ] 11\u20132024 (932498)", "FZ 2024-11 932498;"},
                 Case{"[FZ] 1/2026 (932498)", "FZ 2026-1 932498;"},
                 Case{"[FZ] 2024-11 (932498)", "FZ 2024-11 932498;"},
                 Case{"[FZ] 2024/1 (932498)", "FZ 2024-1 932498;"},
                 Case{"Re: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"Fwd: FW: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"WG: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"AW: RE[2]: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"PD: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"Odp: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"Podaj dalej: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"[EXT] [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"[External] Re: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"***SPAM*** [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{"*** SPAM 5.3 *** [FZ] 11/2024 (932498)", "FZ 2024-11 932498;"},
                 Case{
                     "[FZ] 11/2024 (932498) faktura z Orlenu",
                     "FZ 2024-11 932498;|faktura z Orlenu"},
                 Case{"Orlen [FZ] 11/2024 (932498)", "FZ 2024-11 932498;|Orlen"},
                 Case{
                     "Re: Orlen [FZ] 11/2024 (932498) \u0142\u0105ka",
                     "FZ 2024-11 932498;|Orlen \u0142\u0105ka"},
                 Case{"Reklamacja: [FZ] 11/2024 (932498)", "FZ 2024-11 932498;|Reklamacja:"},
                 Case{"[INNE] 02/2026 (932498)", "INNE 2026-02 932498;"},
                 Case{"\uFF3BFZ\uFF3D 11/2024 \uFF08932498\uFF09", "FZ 2024-11 932498;"},
                 Case{
                     "\uFF3B\uFF26\uFF3A\uFF3D \uFF11\uFF11\uFF0F\uFF12\uFF10\uFF12\uFF14 "
                     "\uFF08\uFF19\uFF13\uFF12\uFF14\uFF19\uFF18\uFF09",
                     "FZ 2024-11 932498;"},
                 Case{"[FZ]\u00A011/2024\u00A0(932498)", "FZ 2024-11 932498;"},
                 Case{"[F\u00ADZ] 11/20\u00AD24 (932\u200B498)", "FZ 2024-11 932498;"},
                 Case{"[FX] 11/2024 (932498)", "FX 2024-11 932498;"},
                 Case{"[\u00E4\u0142] 11/2024 (932498)", "\u00C4\u0141 2024-11 932498;"},
                 Case{"[FZ] 13/2024 (932498)", "FZ 2024-13 932498;"},
                 Case{"[FZ] 11/24 (932498)", "FZ 24-11 932498;"},
                 Case{"[FZ] 11/2024 (Anna-7)", "FZ 2024-11 Anna-7;"},
                 Case{
                     "[FZ] 11/2024 (932498) [FS] 12/2024 (932498)",
                     "FZ 2024-11 932498;FS 2024-12 932498;"},
             }) {
            CAPTURE(c.subject);
            CHECK(shown(read_subject(c.subject)) == c.reading);
        }
    }

    TEST_CASE("when no tag is whole its pieces are read one by one") {
        struct Case {
            std::string_view subject;
            std::string_view reading;
        };

        for (const Case& c : {
                 Case{"[FZ] 11/2024", "category=FZ month=11 year=2024 "},
                 Case{"[FZ] 11/2024 932498", "category=FZ month=11 year=2024 "},
                 Case{"FZ 11/2024 (932498)", "word=FZ month=11 year=2024 code=932498 "},
                 Case{"(FZ) 11/2024 (932498)", "word=FZ month=11 year=2024 code=932498 "},
                 Case{"[FZ 11/2024 (932498)", "word=FZ month=11 year=2024 code=932498 "},
                 Case{"[FZ] (932498)", "category=FZ code=932498 "},
                 Case{"[FZ] (932498) 11/2024", "category=FZ month=11 year=2024 code=932498 "},
                 Case{"[FZ] 11/2024 [932498]", "category=FZ month=11 year=2024 "},
                 Case{"[FZ] 11/2024 (93 2498)", "category=FZ month=11 year=2024 "},
                 Case{"[FZ] 11 2024 (932498)", "category=FZ code=932498 "},
                 Case{"[FZ] 01.11.2024 (932498)", "category=FZ code=932498 "},
                 Case{"[FZ] 2024-11-05 (932498)", "category=FZ code=932498 "},
                 Case{"[F Z] 11/2024 (932498)", "word=Z month=11 year=2024 code=932498 "},
                 Case{"[FZ1] 11/2024 (932498)", "month=11 year=2024 code=932498 "},
                 Case{"[EXT] 11/2024", "month=11 year=2024 "},
                 Case{"Faktura 12/345/2024 (kopia)", ""},
                 Case{"Re: faktura listopad", ""},
                 Case{"faktura listopad", ""},
                 Case{"()[]/", ""},
                 Case{"[", ""},
                 Case{"1/", ""},
                 Case{"   ", ""},
                 Case{"", ""},
             }) {
            CAPTURE(c.subject);
            CHECK(shown(read_subject(c.subject)) == c.reading);
        }
    }

    TEST_CASE("hostile subjects are read in a moment, and no further than the limit") {
        const std::string tag = "[FZ] 11/2024 (932498)";
        CHECK(read_subject(std::string(max_subject - tag.size(), 'x') + tag).tags.size() == 1);
        CHECK(read_subject(std::string(max_subject - tag.size() + 1, 'x') + tag).tags.empty());
        for (const char* piece :
             {"[", "[ ", "[a] 1/", "( ", "1/1", "Re: ", "***", "\xFF", "Re[1"}) {
            CAPTURE(piece);
            std::string subject;
            while (subject.size() < 100000)
                subject += piece;
            CHECK(read_subject(subject).tags.empty());
        }
    }

    TEST_CASE("the suggestion keeps what was read and fills in what the office knows") {
        struct Case {
            std::string_view subject;
            std::string_view suggestion;
        };

        for (const Case& c : {
                 Case{"[FX] 11/2024 (932498)", "[FK|FZ|FS|INNE] 11/2024 (932498)"},
                 Case{"[FZ] 13/2024 (932498)", "[FZ] 11/2026 (932498)"},
                 Case{"[FZ] 00/2024 (932498)", "[FZ] 11/2026 (932498)"},
                 Case{"[FZ] 11/24 (932498)", "[FZ] 11/2024 (932498)"},
                 Case{"[FZ] 11/99 (932498)", "[FZ] 11/2026 (932498)"},
                 Case{"[FZ] 11/1999 (932498)", "[FZ] 11/2026 (932498)"},
                 Case{"[FZ] 12/2028 (932498)", "[FZ] 12/2025 (932498)"},
                 Case{"[FZ] 11/2024 (932499)", "[FZ] 11/2024 (932498)"},
                 Case{"[FZ] 11/2024", "[FZ] 11/2024 (932498)"},
                 Case{"[FZ] 11/2024 932498", "[FZ] 11/2024 (932498)"},
                 Case{"FZ 11/2024 (932498)", "[FZ] 11/2024 (932498)"},
                 Case{"faktura 10/2026", "[FK|FZ|FS|INNE] 10/2026 (932498)"},
                 Case{"[FZ] (932498)", "[FZ] 11/2026 (932498)"},
                 Case{"faktura listopad", "[FK|FZ|FS|INNE] 11/2026 (932498)"},
                 Case{"", "[FK|FZ|FS|INNE] 11/2026 (932498)"},
                 Case{
                     "[FZ] 11/2024 (932498) [FS] 12/2024 (932498)",
                     "[FK|FZ|FS|INNE] 11/2026 (932498)"},
                 Case{
                     "[FZ] 11/2024 (932498) [FS] 11/2024 (932498)",
                     "[FK|FZ|FS|INNE] 11/2024 (932498)"},
             }) {
            CAPTURE(c.subject);
            test::World world;
            world.set_subject(std::string(c.subject));
            CHECK(
                suggest_subject(world.recipient.subject, world.recipient, world.now) == c.suggestion
            );
        }
    }

    TEST_CASE("the suggested month is that of the domain's time zone") {
        test::World world;
        world.set_subject("[FZ]");
        world.now = test::at("2026-11-30T23:30:00Z"); // in Warsaw it is December
        CHECK(
            suggest_subject(world.recipient.subject, world.recipient, world.now) ==
            "[FZ] 12/2026 (932498)"
        );
    }

    TEST_CASE("the code in a suggestion is never one that nobody here has") {
        test::World world;
        world.set_subject("[FX] 11/2024 (111222)");
        Sender colleague = *world.recipient.sender;
        colleague.code = "111222";
        world.recipient.user = colleague;
        const auto suggestion = [&world] {
            return suggest_subject(world.recipient.subject, world.recipient, world.now);
        };
        CHECK(suggestion() == "[FK|FZ|FS|INNE] 11/2024 (111222)");
        world.recipient.user.reset();
        CHECK(suggestion() == "[FK|FZ|FS|INNE] 11/2024 (932498)");
        world.recipient.sender.reset();
        CHECK(suggestion() == "[FK|FZ|FS|INNE] 11/2024 (KOD)");
        world.recipient.locale = "de";
        CHECK(suggestion() == "[FK|FZ|FS|INNE] 11/2024 (CODE)");
        world.set_subject("[FK] (111222)");
        CHECK(suggestion() == "[FK] 11/2026 (111222)");
    }
}

} // namespace kwit::rules
