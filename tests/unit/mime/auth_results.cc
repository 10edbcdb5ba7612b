#include "core/mime/auth_results.hh"

#include "core/base/text.hh"

#include <doctest/doctest.h>

#include <string>

namespace kwit::mime {

namespace {

/// "id | dkim=pass header.d=x | …": what was read on one line.
std::string shown(std::string_view value) {
    const auto results = parse_authentication_results(value);
    if (!results) return "-";
    std::string out = results->authserv_id;
    for (const MethodResult& method : results->methods) {
        out += " | " + method.method + "=" + method.result;
        for (const ResultProperty& property : method.properties)
            out += " " + property.name + "=" + property.value;
    }
    return out;
}

} // namespace

TEST_SUITE("mime/auth_results") {
    TEST_CASE("the grammar of RFC 8601 is read, and nothing else") {
        struct Case {
            std::string_view label;
            std::string_view value;
            std::string_view read;
        };

        using namespace std::string_view_literals;
        for (const Case& c : {
                 Case{
                     "opendkim",
                     "mx.example.com; dkim=pass (2048-bit key; unprotected) header.d=kunde.example "
                     "header.i=@kunde.example header.a=rsa-sha256 header.s=s1 header.b=AbCdEf12",
                     "mx.example.com | dkim=pass header.d=kunde.example header.i=@kunde.example "
                     "header.a=rsa-sha256 header.s=s1 header.b=AbCdEf12"},
                 Case{
                     "opendmarc",
                     "mx.example.com; dmarc=pass (p=none dis=none) header.from=kunde.example",
                     "mx.example.com | dmarc=pass header.from=kunde.example"},
                 Case{
                     "rspamd",
                     " mx.example.com 1;\n\tdkim=pass header.d=kunde.example "
                     "header.s=s1;\n\tspf=pass (mx.example.com: domain of anna@kunde.example "
                     "designates 192.0.2.1 as permitted sender) "
                     "smtp.mailfrom=anna@kunde.example;\r\n\tdmarc=pass (policy=none) "
                     "header.from=kunde.example",
                     "mx.example.com | dkim=pass header.d=kunde.example header.s=s1 | spf=pass "
                     "smtp.mailfrom=anna@kunde.example | dmarc=pass header.from=kunde.example"},
                 Case{
                     "quoted id",
                     "\"mx.example.com\"; dkim=pass header.d=kunde.example",
                     "mx.example.com | dkim=pass header.d=kunde.example"},
                 Case{
                     "comments everywhere",
                     "(note) mx.example.com (x); dkim = pass (y) header.d (z) = kunde.example",
                     "mx.example.com | dkim=pass header.d=kunde.example"},
                 Case{"none", "mx.example.com; none", "mx.example.com"},
                 Case{"none with a comment", "mx.example.com; none (x)", "mx.example.com"},
                 Case{
                     "subdomain",
                     "mx.example.com; dkim=pass header.d=mail.kunde.example",
                     "mx.example.com | dkim=pass header.d=mail.kunde.example"},
                 Case{
                     "two methods",
                     "mx.example.com; dkim=pass header.d=provider.example; spf=pass "
                     "smtp.mailfrom=bounce.provider.example",
                     "mx.example.com | dkim=pass header.d=provider.example | spf=pass "
                     "smtp.mailfrom=bounce.provider.example"},
                 Case{
                     "two signatures",
                     "mx.example.com; dkim=fail header.d=kunde.example; dkim=pass "
                     "header.d=kunde.example",
                     "mx.example.com | dkim=fail header.d=kunde.example | dkim=pass "
                     "header.d=kunde.example"},
                 Case{
                     "helo",
                     "mx.example.com; spf=pass smtp.helo=kunde.example",
                     "mx.example.com | spf=pass smtp.helo=kunde.example"},
                 Case{
                     "no id",
                     "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=kunde.example; dkim=pass "
                     "(signature was verified) header.d=kunde.example; dmarc=pass action=none "
                     "header.from=kunde.example;compauth=pass reason=100",
                     "-"},
                 Case{
                     "another's",
                     "mx.google.com; dkim=pass header.i=@kunde.example header.s=s1 header.b=x; "
                     "dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=kunde.example",
                     "mx.google.com | dkim=pass header.i=@kunde.example header.s=s1 header.b=x | "
                     "dmarc=pass header.from=kunde.example"},
                 Case{"open quote", "mx.example.com; dkim=pass header.d=\"kunde.example", "-"},
                 Case{
                     "quoted value",
                     "mx.example.com; dkim=pass header.d=\"kunde.example\"",
                     "mx.example.com | dkim=pass header.d=kunde.example"},
                 Case{
                     "base64 without quotes",
                     "mx.example.com; dkim=pass header.b=a/b+c=",
                     "mx.example.com | dkim=pass header.b=a/b+c="},
                 Case{
                     "upper case",
                     "MX.Example.com; DKIM=Pass Header.D=Kunde.Example",
                     "mx.example.com | dkim=pass header.d=Kunde.Example"},
                 Case{
                     "reason",
                     "mx.example.com; dkim=fail reason=\"bad; signature\" header.d=a.example",
                     "mx.example.com | dkim=fail header.d=a.example"},
                 Case{
                     "method version",
                     "mx.example.com; dkim / 1 = pass header.d=a.example",
                     "mx.example.com | dkim=pass header.d=a.example"},
                 Case{
                     "nested comment",
                     "mx.example.com; dkim=pass (a (b) c) header.d=a.example",
                     "mx.example.com | dkim=pass header.d=a.example"},
                 Case{"unknown version", "mx.example.com 2; dkim=pass header.d=a.example", "-"},
                 Case{"id alone", "mx.example.com", "-"},
                 Case{"semicolon at the end", "mx.example.com; dkim=pass header.d=a.example;", "-"},
                 Case{"none and more", "mx.example.com; none; dkim=pass header.d=a.example", "-"},
                 Case{
                     "comment opened by a domain name",
                     "mx.example.com; dkim=pass header.d=legit.example(.attack.example",
                     "-"},
                 Case{
                     "comment that touches a value",
                     "mx.example.com; dkim=pass header.d=legit.example(.attack.example)",
                     "-"},
                 Case{
                     "a quote in the domain (a4)",
                     "mx.example.com; dkim=pass header.d=legit.example'a.attack.example",
                     "mx.example.com | dkim=pass header.d=legit.example'a.attack.example"},
                 Case{"NUL (a3)", "mx.example.com; dkim=pass header.d=legit.example\0.any"sv, "-"},
                 Case{"no result", "mx.example.com; dkim header.d=a.example", "-"},
                 Case{"property without type", "mx.example.com; dmarc=pass action=none", "-"},
                 Case{"junk behind the id", "mx.example.com x; dkim=pass header.d=a.example", "-"},
                 Case{"empty", "", "-"},
             }) {
            CAPTURE(c.label);
            CHECK(shown(c.value) == c.read);
        }
    }

    TEST_CASE("a hundred results are read, one more is nobody's mail") {
        const auto many = [](int count) {
            std::string value = "mx.example.com";
            for (int i = 0; i < count; ++i)
                value += "; dkim=pass header.d=a.example";
            return parse_authentication_results(value);
        };
        REQUIRE(many(100).has_value());
        CHECK(many(100)->methods.size() == 100);
        CHECK_FALSE(many(101).has_value());
    }
}

} // namespace kwit::mime
