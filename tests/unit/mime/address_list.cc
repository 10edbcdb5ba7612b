#include "core/mime/address_list.hh"

#include <doctest/doctest.h>

namespace kwit::mime {

TEST_SUITE("mime/address_list") {
    TEST_CASE("one mailbox is read with its name") {
        struct Case {
            std::string_view label;
            std::string_view value;
            std::string_view address;
            std::string_view name;
        };

        for (const Case& c : {
                 Case{"bare", "anna@kunde.example", "anna@kunde.example", ""},
                 Case{"angle", "<anna@kunde.example>", "anna@kunde.example", ""},
                 Case{
                     "with a name",
                     "Anna Nowak <anna@kunde.example>",
                     "anna@kunde.example",
                     "Anna Nowak"},
                 Case{
                     "quoted name",
                     "\"Nowak, Anna\" <anna@kunde.example>",
                     "anna@kunde.example",
                     "Nowak, Anna"},
                 Case{
                     "encoded name",
                     "=?utf-8?B?xYE=?= =?utf-8?Q?ucja?= <anna@kunde.example>",
                     "anna@kunde.example",
                     "\xC5\x81ucja"},
                 Case{
                     "initials",
                     "Anna K. Nowak <anna@kunde.example>",
                     "anna@kunde.example",
                     "Anna K. Nowak"},
                 Case{"comment behind", "anna@kunde.example (Anna)", "anna@kunde.example", ""},
                 Case{"comment before", "(x) anna@kunde.example", "anna@kunde.example", ""},
                 Case{
                     "folded", " Anna\r\n <anna@kunde.example>\r\n ", "anna@kunde.example", "Anna"},
                 Case{"upper-case domain", "<Anna@KUNDE.Example>", "Anna@kunde.example", ""},
                 Case{"quoted local part", "\"anna\"@kunde.example", "anna@kunde.example", ""},
                 Case{
                     "an address as name",
                     "\"admin@legit.example\" <anna@kunde.example>",
                     "anna@kunde.example",
                     "admin@legit.example"},
             }) {
            CAPTURE(c.label);
            const AddressList list = parse_address_list(c.value);
            CHECK(list.problem == "");
            REQUIRE(list.mailboxes.size() == 1);
            CHECK(list.mailboxes[0].address.text() == c.address);
            CHECK(list.mailboxes[0].name == c.name);
        }
    }

    TEST_CASE("what is not plainly mailboxes is a problem") {
        struct Case {
            std::string_view label;
            std::string_view value;
            std::string_view problem;
        };

        using namespace std::string_view_literals;
        for (const Case& c : {
                 Case{"empty", "  ", "empty"},
                 Case{"null", "<>", "syntax"},
                 Case{"group", "undisclosed: anna@kunde.example;", "group"},
                 Case{
                     "source route (a16)",
                     "<@attack.example,@any.example:admin@legit.example>",
                     "source-route"},
                 Case{
                     "encoded address (a15)",
                     "=?utf-8?B?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?=,<second@attack.example>",
                     "syntax"},
                 Case{"encoded local part", "<=?utf-8?Q?admin?=@legit.example>", "encoded-address"},
                 Case{
                     "backslash (a17)",
                     "<admin@legit.example>\\,<second@attack.example>",
                     "syntax"},
                 Case{"text behind (a19)", "<any@attack.example>admin@legit.example", "syntax"},
                 Case{"two in one", "admin@legit.example <any@attack.example>", "syntax"},
                 Case{"comment inside", "<admin(x)@legit.example>", "comment-in-address"},
                 Case{"comment in a bare one", "admin@(x)legit.example", "comment-in-address"},
                 Case{"open comment (a5)", "any@legit.example(a.attack.example", "syntax"},
                 Case{"quote (a6)", "any@legit.example'@any.attack.example", "address"},
                 Case{"empty element", "anna@kunde.example,", "syntax"},
                 Case{"open quote", "\"Anna <anna@kunde.example>", "syntax"},
                 Case{"open angle", "<anna@kunde.example", "syntax"},
                 Case{"no domain", "anna", "syntax"},
                 Case{"space inside", "<anna @kunde.example>", "syntax"},
                 Case{"domain literal", "anna@[192.0.2.1]", "syntax"},
                 Case{"bad domain", "anna@-x-.example", "address"},
                 Case{"NUL", "anna@kunde.example\0.any"sv, "control"},
                 Case{"carriage return", "anna@kunde.example\r<x@y.example>", "control"},
                 Case{"raw Latin-1 in the address", "<\xE4@kunde.example>", "address"},
             }) {
            CAPTURE(c.label);
            const AddressList list = parse_address_list(c.value);
            CHECK(list.problem == c.problem);
            CHECK(list.mailboxes.empty());
        }
    }

    TEST_CASE("several mailboxes are several (a14, a18)") {
        for (const char* value :
             {"<first@attack.example>, <admin@legit.example>",
              "admin@legit.example,<second@attack.example>"}) {
            CAPTURE(value);
            const AddressList list = parse_address_list(value);
            CHECK(list.problem == "");
            CHECK(list.mailboxes.size() == 2);
        }
    }

    TEST_CASE("a hundred mailboxes are read, one more is a problem") {
        const auto many = [](int count) {
            std::string value = "a@b.example";
            for (int i = 1; i < count; ++i)
                value += ", a@b.example";
            return parse_address_list(value);
        };
        CHECK(many(100).mailboxes.size() == 100);
        CHECK(many(101).problem == "syntax");
    }
}

} // namespace kwit::mime
