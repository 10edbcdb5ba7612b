// Result and Error: an expected failure is a value that names the thing, the cause and the remedy.
//
// Nothing else in kwit names tl::expected, so the day of std::expected is one edit here.
// Exceptions are for bugs and for memory that ran out; they are caught at the doors of the house.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace kwit {

/// What the caller shall do about an error.
enum class Kind {
    temporary, ///< try again later: disk full, lock held, server away
    refused,   ///< the input is not taken; trying again changes nothing
    corrupt,   ///< stored data is not what we wrote
    misuse,    ///< called or configured wrongly
};

/// What a caller may want to tell apart within a kind.
enum class Cause {
    other,
    storage_full,   ///< no space: the disk, the quota, or the map of the index
    restart_needed, ///< the index is unusable in this process until it is started again
    unreachable,    ///< a server or program that is needed cannot be had at all
    overloaded,     ///< too much at once: memory, open files, work; it passes by itself
    rate_limited,   ///< more than may come in an hour or a day; it passes by itself
};

struct Error {
    Kind kind{};
    std::string
        what; ///< "cannot open index /x: no such file", a whole sentence without a full stop
    std::string remedy{}; ///< what a person can do about it; may be empty
    Cause cause = Cause::other;

    /// The same error seen from one floor higher: "archiving a.pdf: cannot …".
    [[nodiscard]] Error in(const std::string& context) && {
        what = context + ": " + what;
        return std::move(*this);
    }
};

template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
    using Base = tl::expected<T, Error>;

public:
    using Base::Base;

    // NOLINTNEXTLINE(google-explicit-constructor): results of map_error() become Results again.
    Result(Base&& other) : Base(std::move(other)) {}
};

inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

inline tl::unexpected<Error> fail(Kind kind, std::string what, std::string remedy = {}) {
    return fail(Error{kind, std::move(what), std::move(remedy)});
}

/// Takes the value out of a successful result; nothing for Result<void>. Used by TRY alone.
template <typename T>
T take(Result<T>&& result) {
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

} // namespace kwit

/// The value of a Result, or return its error from the calling function. Use it only as a whole
/// statement or as an initialiser, never inside braces or inside another TRY.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): an early return cannot be a function.
#define TRY(...)                                                                                   \
    __extension__({                                                                                \
        auto tried = (__VA_ARGS__);                                                                \
        if (!tried) return ::kwit::fail(std::move(tried).error());                                 \
        ::kwit::take(std::move(tried));                                                            \
    })
