#include "cli/man.hh"

#include <doctest/doctest.h>

namespace kwit::cli {

TEST_SUITE("cli/man") {
    TEST_CASE("nothing in a text is a request or an escape of roff") {
        struct Case {
            const char* text;
            const char* roff;
        };

        for (const Case& c :
             {Case{"plain", "plain"},
              Case{".SH EVIL", "\\&.SH EVIL"},
              Case{"'so it goes", "\\&\\(aqso it goes"},
              Case{"a.b\n.c", "a.b\n\\&.c"},
              Case{"a\\fBb", "a\\efBb"},
              Case{"--limit", "\\-\\-limit"}}) {
            CAPTURE(c.text);
            CHECK(roff_text(c.text) == c.roff);
        }
    }

    TEST_CASE("every command is in the page with its form, its options and its example") {
        const Commands commands = all_commands();
        const std::string page = man_page(commands, {{"client", "Clients."}}, "1.2");
        REQUIRE(commands.size() > 20);
        CHECK(page.find(".TH KWIT 1 \"\" \"kwit 1.2\" \"kwit\"\n") != std::string::npos);
        CHECK(page.find(".SS Clients.\n") != std::string::npos);
        for (const Command& command : commands) {
            CAPTURE(command.path);
            CHECK(page.find("\\fBkwit " + roff_text(command.path) + "\\fR") != std::string::npos);
            CHECK(page.find(roff_text(command.help)) != std::string::npos);
            CHECK(page.find("Example: \\fB" + roff_text(command.example)) != std::string::npos);
            for (const Argument& argument : command.arguments)
                CHECK(page.find(roff_text(argument.help)) != std::string::npos);
        }
    }

    TEST_CASE("what is told by its place or by an option is shown as both, and as options that are"
    ) {
        std::string client;
        const Commands list{{
            .path = "sender list",
            .help = "Lists them.",
            .example = "kwit sender list",
            .arguments = {{"--client,CLIENT CLIENT", &client, "of this client"}},
            .run = {},
        }};
        const std::string page = man_page(list, {}, "1");
        CHECK(
            page.find("\\fBkwit sender list\\fR [\\fB\\-\\-client\\fR \\fICLIENT\\fR | "
                      "\\fICLIENT\\fR]\n") != std::string::npos
        );
        CHECK(
            page.find(".TP\n\\fB\\-\\-client\\fR \\fICLIENT\\fR, \\fICLIENT\\fR\nof this client\n"
            ) != std::string::npos
        );
        const std::string all = man_page(all_commands(), {}, "1");
        CHECK(all.find("client,CLIENT") == std::string::npos);
    }

    TEST_CASE("the form of a command shows what must be given and what may come again") {
        std::string name;
        std::vector<std::string> notify;
        bool all = false;
        Commands one{{
            .path = "client add",
            .help = "Adds one.",
            .example = "kwit client add",
            .arguments =
                {{"--name NAME", &name, "its name", Need::required},
                 {"--notify EMAIL", &notify, "who is told"},
                 {"--all", &all, "everything"}},
            .run = {},
        }};
        CHECK(
            man_page(one, {}, "1")
                .find("\\fBkwit client add\\fR \\fB\\-\\-name\\fR \\fINAME\\fR "
                      "[\\fB\\-\\-notify\\fR \\fIEMAIL\\fR ...] [\\fB\\-\\-all\\fR]\n"
                ) != std::string::npos
        );
    }
}

} // namespace kwit::cli
