#include "cli/command.hh"
#include "cli/policies.hh"
#include "core/config/config.hh"
#include "tests/unit/result.hh"

#include <set>

namespace kwit::cli {

TEST_SUITE("cli/commands") {
    TEST_CASE("every command has a help and an example of itself") {
        std::set<std::string> paths;
        for (const Command& command : all_commands()) {
            CAPTURE(command.path);
            CHECK(paths.insert(command.path).second);
            CHECK(command.help.ends_with("."));
            CHECK(command.example.starts_with("kwit " + command.path));
            for (const Argument& argument : command.arguments) {
                CAPTURE(argument.name);
                CHECK_FALSE(argument.help.empty());
            }
        }
        CHECK(paths.contains("client add"));
        CHECK(paths.contains("verify"));
    }

    TEST_CASE("the arguments of two commands of a kind do not share their values") {
        const Commands first = all_commands();
        const Commands second = all_commands();
        const auto* const one = std::get_if<std::string*>(&first.at(0).arguments.at(0).target);
        const auto* const two = std::get_if<std::string*>(&second.at(0).arguments.at(0).target);
        REQUIRE(one != nullptr);
        REQUIRE(two != nullptr);
        CHECK(*one != *two);
    }

    TEST_CASE("an unknown policy is misuse and the nearest is named") {
        Settings settings;
        settings.policies["tagged"] = tagged_policy();
        settings.policies["open"] = open_policy();
        const auto policy = policy_named(settings, "taged");
        REQUIRE_FALSE(policy.has_value());
        CHECK(policy.error().kind == Kind::misuse);
        CHECK(policy.error().what == "there is no policy \"taged\" in the configuration");
        CHECK(policy.error().remedy == "did you mean \"tagged\"?");
        CHECK(policy_named(settings, "zzzz").error().remedy == "the policies are open, tagged");
    }

    TEST_CASE("the domain need not be named when there is only one") {
        Settings settings;
        CHECK_FALSE(domain_named(settings, "").has_value());
        settings.domains.push_back({.name = "in.example.com"});
        const auto only = domain_named(settings, "");
        REQUIRE_GOOD(only);
        CHECK((*only)->name == "in.example.com");
        settings.domains.push_back({.name = "in.example.org"});
        const auto unsaid = domain_named(settings, "");
        REQUIRE_FALSE(unsaid.has_value());
        CHECK(unsaid.error().remedy == "say which with --domain: in.example.com, in.example.org");
        const auto named = domain_named(settings, "IN.example.ORG");
        REQUIRE_GOOD(named);
        CHECK((*named)->name == "in.example.org");
        CHECK(domain_named(settings, "other.example").error().kind == Kind::misuse);
    }

    TEST_CASE("addresses of policies that forward need somebody to be notified") {
        Settings settings;
        settings.policies["tagged"] = tagged_policy();
        settings.policies["open"] = open_policy();
        const NeedsNotify needs = needs_notify(settings);
        CHECK(needs({.address = "a@in.example.com", .client = "1", .policy = "open"}));
        CHECK_FALSE(needs({.address = "a@in.example.com", .client = "1", .policy = "tagged"}));
        CHECK_FALSE(needs({.address = "a@in.example.com", .client = "1", .policy = "gone"}));
    }
}

} // namespace kwit::cli
