#include "core/model/email_address.hh"

#include "tests/unit/result.hh"

namespace kwit {

TEST_SUITE("model/email_address") {
    TEST_CASE("addresses are compared without regard to case, domains as A-labels") {
        struct Case {
            std::string_view text;
            std::string_view key;
        };

        for (const Case& c : {
                 Case{"anna@kunde.example", "anna@kunde.example"},
                 Case{"Anna@KUNDE.example", "anna@kunde.example"},
                 Case{"faktury+1543030448@in.example.com", "faktury+1543030448@in.example.com"},
                 Case{"\"anna\"@kunde.example", "anna@kunde.example"},
                 Case{"\"an na\"@kunde.example", "\"an na\"@kunde.example"},
                 Case{"a@m\xC3\xBCller.example", "a@xn--mller-kva.example"},
             }) {
            CAPTURE(c.text);
            const auto address = EmailAddress::parse(c.text);
            REQUIRE_GOOD(address);
            CHECK(address->key() == c.key);
        }
    }

    TEST_CASE("what is no address is refused") {
        for (const std::string_view text :
             {"",
              "anna",
              "@kunde.example",
              "anna@",
              "a b@kunde.example",
              "anna@kunde..example",
              "anna@-kunde.example",
              "<anna@kunde.example>",
              "anna@[192.0.2.1]",
              "a..b@kunde.example",
              ".a@kunde.example",
              "\"a\"b\"@kunde.example",
              "anna@kunde.example(comment)",
              "\xE4@kunde.example",
              "anna@kunde.example\n"}) {
            CAPTURE(text);
            CHECK_FALSE(EmailAddress::parse(text).has_value());
        }
    }

    TEST_CASE("a local part has at most 64 bytes") {
        CHECK(EmailAddress::parse(std::string(64, 'a') + "@kunde.example").has_value());
        CHECK_FALSE(EmailAddress::parse(std::string(65, 'a') + "@kunde.example").has_value());
    }

    TEST_CASE("an address has at most 254 bytes, with its domain as A-labels") {
        const std::string label = "\xC3\xA4" + std::string(50, 'a') + ".";
        const std::string domain = label + label + label + label + "example";
        const auto one = EmailAddress::parse("a@" + domain);
        REQUIRE(one.has_value());
        REQUIRE(one->domain().size() > domain.size());
        const std::size_t room = 254 - 1 - one->domain().size();
        const auto longest = EmailAddress::parse(std::string(room, 'a') + "@" + domain);
        REQUIRE(longest.has_value());
        CHECK(EmailAddress::parse(longest->text()).has_value());
        CHECK_FALSE(EmailAddress::parse(std::string(room + 1, 'a') + "@" + domain).has_value());
    }
}

} // namespace kwit
