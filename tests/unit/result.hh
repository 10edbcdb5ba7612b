// Shows the error of a Result that was to be good: REQUIRE_GOOD(result).
#pragma once

#include "core/base/result.hh"

#include <doctest/doctest.h>

#include <string>

namespace kwit::test {

template <typename T>
std::string problem_of(const Result<T>& result) {
    return result.has_value() ? std::string() : result.error().what;
}

} // namespace kwit::test

#define REQUIRE_GOOD(...)                                                                          \
    do {                                                                                           \
        const auto& good_ = (__VA_ARGS__);                                                         \
        const std::string problem_ = ::kwit::test::problem_of(good_);                              \
        INFO(problem_);                                                                            \
        REQUIRE(good_.has_value());                                                                \
    } while (false)
