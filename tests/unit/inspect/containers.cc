// What the real kwit-inspector takes out of containers.
#include "core/base/sha256.hh"
#include "core/inspect/pool.hh"
#include "inspector/sanitized.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"
#include "tests/unit/tnef_maker.hh"
#include "tests/unit/zip_maker.hh"

#include <fmt/format.h>

#include <string>
#include <vector>

using namespace kwit;
using namespace kwit::inspect;

namespace {

using test::attribute;
using test::Entry;
using test::little;
using test::zip_of;
using State = Opening::State;

struct Limits {
    std::uint32_t members = 100;
    std::uint64_t bytes = 1 << 20;
    std::uint64_t memory = 128ULL << 20;
};

/// One inspector for all containers of this file.
UnpackedOrNot unpack(Look look, const std::string& content, const Limits& limits) {
    static test::TempDir dir;
    static Pool pool;
    InspectorSettings settings;
    settings.program = KWIT_INSPECTOR_BUILT;
    settings.timeout = std::chrono::seconds(30);
    settings.memory = limits.memory;
    auto file = TempFile::create(dir.path());
    REQUIRE_GOOD(file);
    REQUIRE_GOOD(file->write(as_bytes(content)));
    const auto reader = file->reader();
    REQUIRE_GOOD(reader);
    const UnpackOrder order{
        .look = look, .members = limits.members, .bytes = limits.bytes, .make_output = [] {
            return TempFile::create(dir.path());
        }};
    auto unpacked = pool.unpack(settings, order, *reader, Digest(sha256(content)));
    REQUIRE_GOOD(unpacked);
    return *std::move(unpacked);
}

/// "a.pdf=text b=encrypted" of what was opened, else the state.
std::string shown(Look look, const std::string& content, const Limits& limits = {}) {
    const UnpackedOrNot answer = unpack(look, content, limits);
    if (const auto* const crashed = std::get_if<Uninspectable>(&answer)) return crashed->why;
    const auto& unpacked = std::get<Unpacked>(answer);
    constexpr std::array states = {"", "encrypted", "damaged", "members", "unpacked", "ratio"};
    std::string out = states.at(static_cast<std::size_t>(unpacked.opening.state));
    if (unpacked.opening.state != State::opened) return out;
    const auto bytes = unpacked.output->reader();
    REQUIRE_GOOD(bytes);
    for (const Member& member : unpacked.members) {
        std::string text(member.size, '\0');
        const auto read = bytes->read_at(member.offset, std::as_writable_bytes(std::span(text)));
        REQUIRE_GOOD(read);
        constexpr std::array why = {"encrypted", "method", "damaged", "link"};
        out += member.name + (member.charset.empty() ? "" : "/" + member.charset) + "=";
        out += member.withheld ? why.at(static_cast<std::size_t>(*member.withheld)) : text;
        out += ' ';
    }
    return out;
}

std::string tnef_of(const std::string& attributes) {
    return little(0x223E9F78, 4) + little(1, 2) + attributes;
}

std::string attached(const std::string& title, const std::string& content) {
    return attribute(2, 0x00069002, std::string(14, '\0')) + attribute(2, 0x00018010, title) +
           attribute(2, 0x0006800F, content);
}

/// DER: a tag, its length, the content.
std::string der(int tag, const std::string& content) {
    std::string length = little(content.size(), 1);
    if (content.size() >= 128) {
        length = little(content.size(), 4);
        length = "\x84" + std::string(length.rbegin(), length.rend());
    }
    return static_cast<char>(tag) + length + content;
}

std::string cms_of(char kind, const std::string& inside) {
    const std::string id = std::string("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07") + kind;
    return der(0x30, id + der(0xA0, inside));
}

std::string signed_data(const std::string& content) {
    const std::string id = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";
    return cms_of(
        2, der(0x30, "\x02\x01\x01" + der(0x31, "") + der(0x30, id + content) + der(0x31, ""))
    );
}

} // namespace

TEST_SUITE("inspect/containers") {
    TEST_CASE("a ZIP gives its files, and says of each what keeps it from being read") {
        CHECK(shown(Look::zip, zip_of({})).empty());
        CHECK(
            shown(Look::zip, zip_of({{"a/"}, {"a/b.pdf", "eins"}, {"c", ""}})) == "a/b.pdf=eins c= "
        );
        CHECK(shown(Look::zip, zip_of({{"\x81.pdf", "x"}})) == "\x81.pdf/CP437=x ");
        CHECK(shown(Look::zip, zip_of({{"\xC5\x82", "x", 0x800}})) == "\xC5\x82=x ");
        CHECK(
            shown(Look::zip, zip_of({{"a", "x", 1}, {"b", "y"}, {"c", "z", 0, 97}})) ==
            "a=encrypted b=y c=method "
        );
        CHECK(shown(Look::zip, zip_of({{"a", "x", 1}, {"b", "y", 1}})) == "encrypted");
        CHECK(shown(Look::zip, zip_of({{"a", "x", 0, 0, 1}, {"b", "y"}})) == "a=damaged b=y ");
        CHECK(
            shown(Look::zip, zip_of({{"a", "/etc/passwd", 0, 0, 0, 0120777}, {"b", "y"}})) ==
            "a=link b=y "
        );
    }

    TEST_CASE("a directory of a ZIP has nothing to say, but bytes under its name are told") {
        const auto zip = [](const Entry& entry) { return zip_of({entry, {"b", "y"}}); };
        CHECK(shown(Look::zip, zip({"a/"})) == "b=y ");
        CHECK(shown(Look::zip, zip({"a", "", 0, 0, 0, 0040755})) == "b=y ");
        CHECK(shown(Look::zip, zip({"a", "", 0, 0, 0, 0, true})) == "b=y ");
        CHECK(shown(Look::zip, zip({"a/", "x"})) == "a=damaged b=y ");
        CHECK(shown(Look::zip, zip({"a/c.pdf//", "x"})) == "a/c.pdf=damaged b=y ");
        CHECK(shown(Look::zip, zip({"a", "x", 0, 0, 0, 0040755})) == "a=damaged b=y ");
        CHECK(shown(Look::zip, zip({"a", "x", 0, 0, 0, 0, true})) == "a=damaged b=y ");
        CHECK(shown(Look::zip, zip({"a/", "x", 1})) == "a=encrypted b=y ");
        CHECK(shown(Look::zip, zip({"a", "x", 0, 0, 0, 0020644})) == "a=damaged b=y "); // a device
        std::string doubtful = zip({"a/", "x"});
        doubtful.replace(doubtful.find("PK\1\2") + 24, 4, little(0, 4)); // no bytes, says one place
        CHECK(shown(Look::zip, doubtful) == "a=damaged b=y ");
        const std::string two = zip_of({{"a/", "x"}, {"b/", "y"}});
        CHECK(shown(Look::zip, two, {.members = 2}) == "a=damaged b=damaged ");
        CHECK(shown(Look::zip, two, {.members = 1}) == "members");
    }

    TEST_CASE("what is no ZIP, or no whole one, is damaged") {
        const std::string good = zip_of({{"a", "text"}, {"b", "more"}});
        CHECK(shown(Look::zip, good.substr(0, good.size() - 23)) == "damaged");
        CHECK(shown(Look::zip, "PK\3\4 and so on") == "damaged");
        CHECK(shown(Look::zip, "") == "damaged");
    }

    TEST_CASE("a budget holds on its edge and not one past it") {
        const std::string three = zip_of({{"a", "12345"}, {"b/"}, {"c", "67890"}});
        CHECK(shown(Look::zip, three, {.members = 2, .bytes = 10}) == "a=12345 c=67890 ");
        CHECK(shown(Look::zip, three, {.members = 1, .bytes = 10}) == "members");
        CHECK(shown(Look::zip, three, {.members = 2, .bytes = 9}) == "unpacked");
        const std::string broken = zip_of({{"a", "12345", 0, 0, 1}, {"b", "67890"}});
        CHECK(shown(Look::zip, broken, {.members = 2, .bytes = 10}) == "a=damaged b=67890 ");
        CHECK(shown(Look::zip, broken, {.members = 2, .bytes = 4}) == "unpacked");
        const std::string two = tnef_of(attached("a", "12345") + attached("b", "67890"));
        CHECK(shown(Look::tnef, two, {.members = 2, .bytes = 10}) == "a=12345 b=67890 ");
        CHECK(shown(Look::tnef, two, {.members = 1, .bytes = 10}) == "members");
        CHECK(shown(Look::tnef, two, {.members = 2, .bytes = 9}) == "unpacked");
        const std::string one = signed_data(der(0xA0, der(0x04, "12345")));
        CHECK(shown(Look::cms, one, {.members = 1, .bytes = 5}) == "=12345 ");
        CHECK(shown(Look::cms, one, {.members = 1, .bytes = 4}) == "unpacked");
        CHECK(shown(Look::cms, one, {.members = 0, .bytes = 5}) == "members");
    }

    TEST_CASE("a TNEF stream is read to its end, or not at all") {
        const std::string one = attached(std::string("RE~1.PDF\0", 9), "text");
        CHECK(shown(Look::tnef, tnef_of("")).empty());
        CHECK(shown(Look::tnef, tnef_of(one)) == "RE~1.PDF=text ");
        CHECK(shown(Look::tnef, tnef_of(one + std::string(5, '\0'))) == "RE~1.PDF=text ");
        CHECK(shown(Look::tnef, tnef_of(one).substr(0, 40)) == "damaged");
        CHECK(shown(Look::tnef, tnef_of(one + "\7")) == "damaged");
        CHECK(shown(Look::tnef, "no TNEF at all") == "damaged");
        std::string wrong = tnef_of(one);
        wrong.back() = static_cast<char>(wrong.back() + 1);
        CHECK(shown(Look::tnef, wrong) == "damaged");
        const std::string codepage = attribute(1, 0x00069007, little(1250, 4) + little(0, 4));
        CHECK(shown(Look::tnef, tnef_of(codepage + attached("\xB3", "x"))) == "\xB3/CP1250=x ");
    }

    TEST_CASE("two attachments of a TNEF stream do not become one where a beginning is damaged") {
        const std::string begin = attribute(2, 0x00069002, std::string(14, '\0'));
        const std::string unknown = attribute(2, 0x00069012, std::string(14, '\0'));
        const std::string a = attribute(2, 0x0006800F, "a");
        const std::string b = attribute(2, 0x0006800F, "b");
        const std::string none = attribute(2, 0x00069005, little(0, 4));
        const auto answer = [](const std::string& all) { return shown(Look::tnef, tnef_of(all)); };
        CHECK(answer(begin + a + none + begin + b + none) == "=a =b ");
        CHECK(answer(begin + a + unknown + b) == "damaged");
        CHECK(answer(begin + none + unknown + none) == "damaged");
        CHECK(answer(unknown + a + begin + b) == "damaged");
        CHECK(answer(begin + none + begin + b) == "=damaged =b ");
        CHECK(answer(begin + attribute(2, 0x0006800F, "") + none) == "= ");
        CHECK(answer(begin + a + attribute(2, 0x00069005, little(0, 5))) == "damaged");
    }

    TEST_CASE("nothing in a TNEF stream is too long, or too rare, to be read") {
        const auto value = [](const std::string& bytes) {
            return little(bytes.size(), 4) + bytes + std::string((4 - bytes.size() % 4) % 4, '\0');
        };
        const auto property = [](std::uint32_t type, std::uint32_t id) {
            return little(type, 2) + little(id, 2);
        };
        const std::string begin = attribute(2, 0x00069002, std::string(14, '\0'));
        const std::string large(600U << 10U, 'x'); // a message with a PDF file in it
        const std::string object = property(0x0D, 0x3701) + little(1, 4);
        const std::string embedded =
            begin +
            attribute(2, 0x00069005, little(1, 4) + object + value(std::string(16, 'i') + large));
        CHECK(shown(Look::tnef, tnef_of(embedded)) == "=" + large + " ");
        const std::string title = std::string(150, 'T') + ".pdf";
        const std::string subject = attribute(1, 0x00018004, std::string(200, 'S'));
        CHECK(shown(Look::tnef, tnef_of(subject + attached(title, "x"))) == title + "=x ");

        const std::string face("\x3D\xD8\x00\xDE\0\0", 6); // U+1F600 in UTF-16
        const std::string guid(16, 'g');
        const std::string rare =
            little(6, 4) +                                              //
            property(0x06, 0x6001) + std::string(8, '\0') +             // currency
            property(0x07, 0x6002) + std::string(8, '\0') +             // time of an application
            property(0x1003, 0x6003) + little(0, 4) +                   // no values
            property(0x1F, 0x8001) + guid + little(1, 4) +              // named
            value(std::string(120, 'n')) + little(1, 4) + value(face) + //
            property(0x1F, 0x3707) + little(1, 4) + value(face) +       //
            property(0x1002, 0x6004) + little(2, 4) + little(7, 4) + little(8, 4); // two values
        const std::string attachment =
            begin + attribute(2, 0x0006800F, "y") + attribute(2, 0x00069005, rare);
        CHECK(shown(Look::tnef, tnef_of(attachment)) == "\xF0\x9F\x98\x80=y ");
    }

    TEST_CASE("the name in a property of a TNEF attachment comes before its short title") {
        const std::string name("\x42\x01.\0p\0d\0f\0\0\0", 12); // "ł.pdf" in UTF-16
        const std::string properties = little(2, 4) + little(0x1F, 2) + little(0x3707, 2) +
                                       little(1, 4) + little(name.size(), 4) + name +
                                       little(0x0D, 2) + little(0x3701, 2) + little(1, 4) +
                                       little(20, 4) + std::string(16, 'i') + "data";
        const std::string begin = attribute(2, 0x00069002, "");
        const std::string title = attribute(2, 0x00018010, "short");
        const auto stream = [&](const std::string& more) { return tnef_of(begin + title + more); };
        CHECK(
            shown(Look::tnef, stream(attribute(2, 0x00069005, properties))) == "\xC5\x82.pdf=data "
        );
        for (std::size_t size = 0; size < properties.size(); ++size) { // cut anywhere
            CAPTURE(size);
            const auto cut = attribute(2, 0x00069005, properties.substr(0, size));
            CHECK(shown(Look::tnef, stream(cut)) == "damaged");
        }
    }

    TEST_CASE("signed data gives its content, and encrypted data nothing") {
        CHECK(shown(Look::cms, signed_data(der(0xA0, der(0x04, "text")))) == "=text ");
        CHECK(shown(Look::cms, signed_data("")).empty());
        CHECK(shown(Look::cms, "\x30\x03\x02\x01\x01") == "damaged");
        CHECK(shown(Look::cms, "") == "damaged");
        const std::string algorithm = der(0x30, "\x06\x03\x2A\x03\x04");
        const std::string id = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";
        const std::string sealed = der(0x30, id + algorithm + der(0x80, "x"));
        const std::string enveloped =
            cms_of(3, der(0x30, std::string("\x02\x01\x00", 3) + der(0x31, "") + sealed));
        CHECK(shown(Look::cms, enveloped) == "encrypted");
    }

    TEST_CASE("what takes more memory than it may is uninspectable, and not damaged") {
        if (inspector::sanitized) return; // it has no limit there
        constexpr std::uint64_t mib = 1U << 20U;
        const Limits little{.members = 1, .bytes = 100 * mib, .memory = 80 * mib};
        const Limits ordinary{.members = 1, .bytes = 100 * mib};
        const std::string large(16 * mib, 'x');
        const std::string cms = signed_data(der(0xA0, der(0x04, large)));
        CHECK(shown(Look::cms, cms, ordinary) == "=" + large + " ");
        CHECK(shown(Look::cms, cms, little) == "it gave up: memory ran out");
        const std::string larger(32 * mib, 'x');
        const std::string tnef = tnef_of(attached("a", larger));
        CHECK(shown(Look::tnef, tnef, ordinary) == "a=" + larger + " ");
        CHECK(shown(Look::tnef, tnef, little) == "it gave up: memory ran out");
    }
}
