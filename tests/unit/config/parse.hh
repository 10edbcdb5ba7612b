// A configuration of the lines under test and the one domain that every configuration needs.
#pragma once

#include "core/config/config.hh"
#include "tests/unit/result.hh"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace kwit::test {

inline Result<Settings> parse(std::string_view lines) {
    return parse_settings(
        std::string(lines) + "\n[[domain]]\nname = \"in.example.com\"\n", "kwit.toml"
    );
}

/// The settings, or a failed test.
inline Settings good(std::string_view lines) {
    auto settings = parse(lines);
    REQUIRE_GOOD(settings);
    return *settings;
}

/// What is told about the lines; empty when they are good.
inline std::string mistakes(std::string_view lines) {
    const auto settings = parse(lines);
    if (settings.has_value()) return "";
    CHECK(settings.error().kind == Kind::misuse);
    CHECK_FALSE(settings.error().remedy.empty());
    return settings.error().what;
}

} // namespace kwit::test
