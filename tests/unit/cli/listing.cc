#include "cli/listing.hh"

#include "tests/unit/cli/output.hh"

#include <unistd.h>

#include <array>
#include <csignal>

namespace kwit::cli {

namespace {

std::vector<std::string> id_alone(const Client& client) {
    return {client.id};
}

} // namespace

TEST_SUITE("cli/listing") {
    TEST_CASE("a listing stops when nobody reads any more") {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        ::close(ends[0]);
        const auto before = std::signal(SIGPIPE, SIG_IGN);
        Printer printer(ends[1], Form::json);
        Listing<Client> listing(printer, {{"ID"}}, id_alone);
        const Client client{.id = "1", .name = std::string(10'000, 'x')};
        int listed = 1;
        while (listing.add(client) == lmdb::Walk::on && listed < 100)
            ++listed;
        // The printer writes when 64 KiB wait.
        CHECK(listed == 7);
        std::signal(SIGPIPE, before);
        ::close(ends[1]);
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
