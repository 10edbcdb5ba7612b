#include "tests/unit/config/parse.hh"

#include <algorithm>

using namespace kwit;
using test::good;

namespace {

constexpr uid_t somebody = 1000;
constexpr std::string_view trust = "[trust]\nauthserv_ids = [\"mx.example.com\"]\n";

} // namespace

TEST_SUITE("config/warnings") {

    TEST_CASE("a sound configuration has no warnings") {
        CHECK(warnings(good(trust), somebody).empty());
    }

    TEST_CASE("what is allowed but doubtful is told in a sentence") {
        struct Case {
            std::string_view toml;
            uid_t uid;
            std::string_view told;
        };

        for (const Case& c : {
                 Case{"", 0, "kwit runs as root: name a user of its own in milter.user"},
                 Case{
                     "[milter]\nuser = \"root\"\n",
                     0,
                     "kwit runs as root: name a user of its own in milter.user"},
                 Case{
                     "[milter]\nsocket = \"inet:8893@127.0.0.1\"\n",
                     somebody,
                     "milter.socket is inet:8893@127.0.0.1: every user of this machine can connect "
                     "and "
                     "forge logins; a unix socket keeps all but its group out"},
                 Case{
                     "[milter]\nsocket = \"inet:8893@mail.example.com\"\nallow_remote = true\n",
                     somebody,
                     "milter.socket is inet:8893@mail.example.com: everyone whom no firewall keeps "
                     "out "
                     "can connect and forge logins; a unix socket keeps all but its group out"},
                 Case{
                     "[milter]\nsocket_mode = \"0666\"\n",
                     somebody,
                     "milter.socket_mode is 0666: every user of this machine can connect and forge "
                     "logins; \"0660\" with socket_group = \"postfix\" keeps all but Postfix out"},
                 Case{
                     "[policy.loose]\nauthentication = \"off\"\non_failure = "
                     "\"reject\"\non_success = []\n",
                     somebody,
                     "policy loose takes registered senders without authentication: a From: line "
                     "alone "
                     "proves nothing"},
                 Case{
                     "[[domain]]\nname = \"in.example.org\"\nreply_to = \"Office "
                     "<office@IN.example.org>\"\n",
                     somebody,
                     "domain in.example.org: reply_to Office <office@in.example.org> is in an "
                     "intake domain: people's answers to notices reach nobody"},
                 Case{
                     "[outbox]\nforward_max = \"20MiB\"\nforward_bytes_per_day = \"10MiB\"\n",
                     somebody,
                     "outbox.forward_bytes_per_day (10MiB) is less than outbox.forward_max "
                     "(20MiB): "
                     "a mail between the two never goes with the notice of its failure"},
             }) {
            CAPTURE(c.toml);
            const auto lines = warnings(good(std::string(trust) + std::string(c.toml)), c.uid);
            REQUIRE(lines.size() == 1);
            CHECK(lines.front() == c.told);
        }
    }

    TEST_CASE("required authentication without anybody to believe is told for each policy") {
        const auto lines = warnings(good("[policy.other]\n"), somebody);
        REQUIRE(lines.size() == 2);
        CHECK(
            lines.at(0) == "policy other requires authentication, but trust.authserv_ids is empty: "
                           "only SASL logins, client certificates and secrets in the address "
                           "count, and all other mail to its addresses is refused"
        );
        CHECK(lines.at(1).starts_with("policy tagged requires"));
    }

    TEST_CASE("root that becomes another user is fine") {
        CHECK(warnings(good(std::string(trust) + "[milter]\nuser = \"kwit\"\n"), 0).empty());
    }

    TEST_CASE("syslog without a socket of its own is told") {
        const auto lines =
            warnings(good(std::string(trust) + "[log]\nsink = \"syslog\"\n"), somebody);
        CHECK(lines.empty() == std::filesystem::exists("/dev/log"));
    }
}
