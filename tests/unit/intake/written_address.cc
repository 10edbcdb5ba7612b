#include "core/intake/written_address.hh"

#include "core/archive/token.hh"
#include "core/base/text.hh"
#include "tests/unit/result.hh"

#include <doctest/doctest.h>

namespace kwit {

namespace {

WrittenAddress read(const std::string& text) {
    return without_secret(EmailAddress::parse(text).value());
}

/// With one character changed, so that the check does not fit.
std::string mistyped(std::string secret) {
    secret.front() = secret.front() == 'a' ? 'b' : 'a';
    return secret;
}

} // namespace

TEST_SUITE("intake/written_address") {
    TEST_CASE("a secret is taken out of the address, in whatever case it is written") {
        const std::string secret = draw_secret();
        const auto whole =
            with_secret(EmailAddress::parse("faktury+1543030448@in.example.com").value(), secret);
        REQUIRE_GOOD(whole);
        CHECK(whole->text() == "faktury+1543030448." + secret + "@in.example.com");
        std::string loud = whole->text();
        for (char& c : loud)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        for (const std::string& text : {whole->text(), loud}) {
            const WrittenAddress address = read(text);
            CHECK(address.address.key() == "faktury+1543030448@in.example.com");
            CHECK(address.secret == secret);
        }
    }

    TEST_CASE("a mistyped secret is shown nowhere, and the address is nobody's") {
        const std::string secret = draw_secret();
        for (const std::string& wrong :
             {mistyped(secret),
              secret.substr(1),
              secret + "a",
              "." + secret,
              secret + ".",
              draw_token(),
              std::string("x")}) {
            CAPTURE(wrong);
            const std::string text = "faktury+1543030448." + wrong + "@in.example.com";
            const auto parsed = EmailAddress::parse(text);
            if (!parsed) continue; // a dot too many: none that we can read
            const WrittenAddress address = without_secret(*parsed);
            CHECK(address.address.text() == "faktury+1543030448.***@in.example.com");
            CHECK(address.secret.empty());
        }
    }

    TEST_CASE("what has no place for a secret stays as it is") {
        const std::string secret = draw_secret();
        for (const std::string& local :
             {std::string("faktury+1543030448"),
              std::string("jan.kowalski"),
              std::string("jan.") + draw_token()}) {
            CAPTURE(local);
            const WrittenAddress address = read(local + "@in.example.com");
            CHECK(address.address.text() == local + "@in.example.com");
            CHECK(address.secret.empty());
        }
    }

    TEST_CASE("a secret in an address that is nobody's is not shown, whatever else is mistyped") {
        const std::string secret = draw_secret();
        for (const auto& c : std::vector<std::pair<std::string, std::string>>{
                 {"faktury+15a3." + secret, "faktury+15a3.***"},
                 {"faktury1543030448." + upper(secret), "faktury1543030448.***"},
                 {"faktury+1543030448-" + secret, "faktury+1543030448-***"},
                 {"faktury+." + secret, "faktury+.***"},
                 {"faktury+1543030448.." + secret + "..", "faktury+1543030448..***.."},
                 {"\"faktury+1 ." + secret + "\"", "\"faktury+1 .***\""},
                 {"\xFF" + secret, "\xFF***"},
                 {secret, "***"},
                 {"faktury+1543030448" + secret, "faktury+1543030448***"},
                 {"faktury+1543030448." + mistyped(secret),
                  "faktury+1543030448." + mistyped(secret)},
                 {"jan.kowalski", "jan.kowalski"},
                 {"", ""}}) {
            CAPTURE(c.first);
            CHECK(hide_secrets(c.first + "@in.example.com") == c.second + "@in.example.com");
        }
        CHECK(hide_secrets(secret) == "***");
        CHECK(hide_secrets("jan@" + secret + ".example") == "jan@" + secret + ".example");
    }

    TEST_CASE("an address has room for a secret up to the longest local part") {
        const auto with_base = [](std::size_t size) {
            const std::string address = std::string(size, 'f') + "+1543030448@in.example.com";
            const EmailAddress parsed = EmailAddress::parse(address).value();
            const auto whole = with_secret(parsed, draw_secret());
            CHECK(check_room_for_secret(parsed).has_value() == whole.has_value());
            return whole;
        };
        CHECK(with_base(64 - 11 - 17).has_value());
        const auto too_long = with_base(64 - 11 - 16);
        REQUIRE_FALSE(too_long.has_value());
        CHECK(too_long.error().kind == Kind::refused);
    }

    TEST_CASE("a secret checks itself") {
        const std::string secret = draw_secret();
        CHECK(secret.size() == 16);
        CHECK(is_secret(secret));
        CHECK_FALSE(is_secret(mistyped(secret)));
        CHECK_FALSE(is_secret(secret + "a"));
        CHECK_FALSE(is_secret(draw_token()));
        CHECK_FALSE(is_token(secret));
        CHECK(secret != draw_secret());
        CHECK(
            digest_of_secret("abc") ==
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}

} // namespace kwit
