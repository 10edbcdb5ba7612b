#include "cli/listing.hh"

#include "tests/unit/cli/output.hh"

namespace kwit::cli {

namespace {

std::vector<std::string> id_alone(const Client& client) {
    return {client.id};
}

} // namespace

TEST_SUITE("cli/listing") {
    TEST_CASE("a listing stops with the last record wanted") {
        struct Case {
            std::optional<std::size_t> limit;
            std::string_view shown;
        };

        for (const Case& c :
             {Case{std::nullopt, "ID\n1\n2\n3\n"},
              Case{3, "ID\n1\n2\n3\n"},
              Case{2, "ID\n1\n2\n"},
              Case{1, "ID\n1\n"},
              Case{0, ""}}) {
            CAPTURE(c.shown);
            test::Output output;
            Listing<Client> listing(output.printer, {{"ID"}}, id_alone, c.limit);
            for (const char* id : {"1", "2", "3"})
                if (listing.add({.id = id, .name = "x"}) == lmdb::Walk::stop) break;
            listing.end();
            CHECK(output.text() == c.shown);
        }
    }

    TEST_CASE("with JSON a listing is the records themselves, one a line") {
        test::Output output(Form::json);
        const Client client{.id = "1", .name = "Kunde"};
        print_list(output.printer, {{"ID"}}, id_alone, std::vector<Client>{client});
        CHECK(output.text() == json_line(to_json(client)) + "\n");
    }

    TEST_CASE("what was made is its id alone, or the whole record as JSON") {
        const Client client{.id = "1", .name = "Kunde"};
        test::Output text;
        print_made(text.printer, client, client.id);
        CHECK(text.text() == "1\n");
        test::Output json(Form::json);
        print_made(json.printer, client, client.id);
        CHECK(json.text() == json_line(to_json(client)) + "\n");
    }
}

} // namespace kwit::cli
