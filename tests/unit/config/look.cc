// What a domain's mails look like: name, signature, logo, texts, times of day.
#include "core/config/logo.hh"
#include "core/config/texts.hh"
#include "tests/unit/config/parse.hh"
#include "tests/unit/temp_dir.hh"

#include <doctest/doctest.h>

#include <fstream>

using namespace kwit;
using kwit::test::TempDir;

namespace {

std::string number(std::uint32_t value, std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        bytes[size - 1 - i] = static_cast<char>(value >> (8 * i));
    return bytes;
}

std::string png(std::uint32_t width, std::uint32_t height) {
    return std::string("\x89PNG\r\n\x1a\n") + number(13, 4) + "IHDR" + number(width, 4) +
           number(height, 4) + std::string("\x08\x06\0\0\0", 5);
}

/// With an application segment and a fill byte before the frame header.
std::string jpeg(std::uint32_t width, std::uint32_t height) {
    return std::string("\xff\xd8\xff\xe0") + number(7, 2) + std::string("JFIF\0", 5) +
           "\xff\xff\xc2" + number(17, 2) + "\x08" + number(height, 2) + number(width, 2) + "\x03";
}

void put(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

Result<Settings> parse_domain(const std::string& line) {
    return parse_settings("[[domain]]\nname = \"in.example.com\"\n" + line + "\n", "kwit.toml");
}

DomainSettings domain_with(const std::string& line) {
    const auto settings = parse_domain(line);
    REQUIRE_GOOD(settings);
    return settings->domains.front();
}

std::string wrong_with(const std::string& line) {
    const auto settings = parse_domain(line);
    return settings ? std::string() : settings.error().what;
}

} // namespace

TEST_SUITE("config/look") {

    TEST_CASE("a logo is a PNG or JPEG whose head says how large it is") {
        for (const std::string& bytes : {png(440, 80), jpeg(440, 80)}) {
            const auto logo = config::measure_logo(bytes);
            REQUIRE(logo.has_value());
            CHECK(logo->width == 440);
            CHECK(logo->height == 80);
            CHECK(logo->bytes == bytes);
        }
        CHECK(config::measure_logo(png(1, 1))->media_type == "image/png");
        CHECK(config::measure_logo(jpeg(1, 1))->media_type == "image/jpeg");
        CHECK(config::measure_logo(png(config::max_logo_pixels, 1)).has_value());
        for (const std::string& bytes :
             {png(config::max_logo_pixels + 1, 1),
              png(0, 1),
              jpeg(1, 0),
              png(1, 1).substr(0, 20),
              jpeg(1, 1).substr(0, 14),
              std::string("\xff\xd8\xff"),
              std::string("\xff\xd8\xff\xe0\0\0", 6) + std::string(20, '\0'),
              std::string("<svg xmlns='http://www.w3.org/2000/svg'/>"),
              std::string("GIF89a"),
              std::string()})
            CHECK_FALSE(config::measure_logo(bytes).has_value());
    }

    TEST_CASE("a logo has a limit, and what is wrong with it is told with the key") {
        const TempDir dir;
        const auto path = dir.path() / "logo.png";
        const std::string line = "logo = \"" + path.string() + "\"";
        put(path, png(4, 2) + std::string(config::max_logo - png(4, 2).size(), 'x'));
        const DomainSettings domain = domain_with(line);
        REQUIRE(domain.logo != nullptr);
        CHECK(domain.logo->width == 4);
        put(path, png(4, 2) + std::string(config::max_logo - png(4, 2).size() + 1, 'x'));
        CHECK(wrong_with(line).find("kwit.toml:3: domain.logo: ") == 0);
        CHECK(wrong_with(line).find("at most 131072 bytes of PNG or JPEG") != std::string::npos);
        put(path, "<svg/>");
        CHECK(
            wrong_with(line).find("is no PNG or JPEG picture of at most 2000 pixels each way") !=
            std::string::npos
        );
        std::filesystem::remove(path);
        CHECK(wrong_with(line).find("No such file or directory") != std::string::npos);
        CHECK(
            wrong_with("logo = \"logo.png\"").find("expected an absolute path") != std::string::npos
        );
    }

    TEST_CASE("the office's name is one line, its signature ten") {
        CHECK(domain_with("office = \"Żółw & Co.\"").office == "Żółw & Co.");
        CHECK(wrong_with("office = \"" + std::string(100, 'x') + "\"").empty());
        CHECK_FALSE(wrong_with("office = \"" + std::string(101, 'x') + "\"").empty());
        CHECK_FALSE(wrong_with("office = \"a\\nb\"").empty());
        CHECK_FALSE(wrong_with("office = \" \"").empty());
        CHECK(domain_with("signature = \"\"\"\na\nb\n\"\"\"").signature == "a\nb");
        std::string lines = "1";
        for (int i = 2; i <= 10; ++i)
            lines += "\\n" + std::to_string(i);
        CHECK(wrong_with("signature = \"" + lines + "\"").empty());
        CHECK(
            wrong_with("signature = \"" + lines + "\\n11\"") ==
            "kwit.toml:3: domain.signature: expected a text of at most 10 lines and 1000 bytes, "
            "found the text \"1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n10\\n11\""
        );
        CHECK(wrong_with("signature = \"" + std::string(1000, 'x') + "\"").empty());
        CHECK_FALSE(wrong_with("signature = \"" + std::string(1001, 'x') + "\"").empty());
        CHECK_FALSE(wrong_with("signature = \"a\\u001Bb\"").empty());
    }

    TEST_CASE("times of day, the form of corrections, the notices of a day") {
        CHECK(domain_with("").digest_at == std::chrono::hours(7));
        CHECK(domain_with("digest_at = \"00:00\"").digest_at == std::chrono::minutes(0));
        CHECK(domain_with("digest_at = \"23:59\"").digest_at == std::chrono::minutes(1439));
        for (const char* wrong : {"24:00", "7:00", "07:60", "0700", "07:00:00", "-1:00", "07.00"})
            CHECK_FALSE(wrong_with(std::string("digest_at = \"") + wrong + "\"").empty());
        using Corrections = DomainSettings::Corrections;
        CHECK(domain_with("").corrections == Corrections::alternative);
        CHECK(domain_with("corrections = \"report\"").corrections == Corrections::report);
        CHECK(
            wrong_with("corrections = \"reports\"").find("did you mean \"report\"?") !=
            std::string::npos
        );
        CHECK(test::good("").outbox.per_day == NoticeCaps{200, 50, 100ULL << 20});
        const auto least = test::good(
            "[outbox]\nnotices_per_day = 1\nforwards_per_day = 1\nforward_bytes_per_day = \"1MiB\""
        );
        CHECK(least.outbox.per_day == NoticeCaps{1, 1, 1ULL << 20});
        const auto most =
            test::good("[outbox]\nnotices_per_day = 100000\nforwards_per_day = 100000\n"
                       "forward_bytes_per_day = \"1024TiB\"");
        CHECK(most.outbox.per_day == NoticeCaps{100'000, 100'000, 1ULL << 50});
        for (const char* key : {"notices_per_day", "forwards_per_day"})
            for (const char* wrong : {"0", "100001"})
                CHECK_FALSE(test::mistakes(std::string("[outbox]\n") + key + " = " + wrong).empty()
                );
        for (const char* wrong : {"1048575", "1125899906842625"})
            CHECK_FALSE(
                test::mistakes(std::string("[outbox]\nforward_bytes_per_day = ") + wrong).empty()
            );
    }

    TEST_CASE("a domain's texts lie over those of the office, for that domain alone") {
        const TempDir office;
        const TempDir own;
        put(office.path() / "pl.toml", "busy = \"A\"\nstorage-full = \"B\"\n");
        put(own.path() / "pl.toml", "busy = \"C\"\n");
        const auto settings = parse_settings(
            "[texts]\npath = \"" + office.path().string() +
                "\"\n[[domain]]\nname = \"a.example\"\ntexts = \"" + own.path().string() +
                "\"\n[[domain]]\nname = \"b.example\"\n",
            "kwit.toml"
        );
        REQUIRE_GOOD(settings);
        const auto texts = Texts::load_for(*settings);
        REQUIRE_GOOD(texts);
        CHECK(texts->of("a.example").text("pl", "busy") == "C");
        CHECK(texts->of("a.example").text("pl", "storage-full") == "B");
        CHECK(texts->of("b.example").text("pl", "busy") == "A");
        CHECK(texts->text("pl", "busy") == "A");
        put(own.path() / "pl.toml", "busi = \"C\"\n");
        const auto wrong = Texts::load_for(*settings);
        REQUIRE_FALSE(wrong.has_value());
        CHECK(wrong.error().what.find("pl.toml:1: busi: unknown key") != std::string::npos);
    }
}
