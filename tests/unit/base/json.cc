#include "core/base/json.hh"

#include "tests/unit/result.hh"

namespace kwit {

TEST_SUITE("base/json") {
    TEST_CASE("CBOR gives back the value it was made of, members in their order") {
        const Json value = {{"z", 1}, {"a", {"text", nullptr, true}}, {"m", {{"deep", "ö"}}}};
        const auto back = from_cbor(to_cbor(value));
        REQUIRE_GOOD(back);
        CHECK(json_line(*back) == R"({"z":1,"a":["text",null,true],"m":{"deep":"ö"}})");
    }

    TEST_CASE("bytes that are no text come as the replacement character") {
        CHECK(json_line(Json("a\xff")) == "\"a\xEF\xBF\xBD\"");
    }

    TEST_CASE("bytes that are not one whole item are damage") {
        const std::string whole = to_cbor({{"a", "bcd"}});
        for (const std::string& bytes :
             {std::string(),
              whole.substr(0, whole.size() - 1),
              whole + "x",
              std::string("\xff"),
              std::string("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9),
              std::string("\xc0\x01", 2),
              std::string("\x9f\x01\xff"),
              std::string("\x7f\x61\x61\xff"),
              std::string("\xa1\x01\x01"),
              std::string("\xf0"),
              std::string("\x62\x61")}) {
            CAPTURE(bytes);
            const auto value = from_cbor(bytes);
            REQUIRE_FALSE(value.has_value());
            CHECK(value.error().kind == Kind::corrupt);
        }
    }

    TEST_CASE("strings within strings do not use up the stack") {
        for (const char head : {'\x5F', '\x7F', '\x9F', '\xBF', '\xC0'}) {
            CAPTURE(static_cast<int>(head));
            CHECK_FALSE(from_cbor(std::string(1U << 20, head)).has_value());
        }
    }

    TEST_CASE("an item nests 32 levels and no deeper") {
        const auto nested = [](std::size_t levels) { return std::string(levels, '\x81') + '\x01'; };
        CHECK(from_cbor(nested(32)).has_value());
        const auto over = from_cbor(nested(33));
        REQUIRE_FALSE(over.has_value());
        CHECK(over.error().what == "CBOR that is nested deeper than 32 levels");
        CHECK_FALSE(from_cbor(std::string(1U << 20, '\x81')).has_value());
    }
}

} // namespace kwit
