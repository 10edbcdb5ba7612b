// sweep: takes away what nobody needs any more: originals of receipts that need nothing more once
// [archive] keep_originals is over, and files that no row names and that are older than a day (a
// crash, or a mail that was answered 4xx, leaves them). Documents are never removed.
//
// Order is safety. An original goes in two steps: first ONE transaction marks its receipts, takes
// its row out of table objects and writes the journal; only then its file, which by then is like
// any other that no row names. A crash in between leaves such a file, never a row without one.
// What is made from a recipe has no file: the recipe's goes, and its documents are let go of.
//
// Beside a running intake: a file is taken away inside a write transaction that saw that no row
// names it, and a mail's transaction looks whether the files that it will name are there. LMDB has
// one writer, so one of the two comes first: either the row is seen and the file stays, or the file
// is seen to be gone, and the mail is answered 451 and comes again. The day is no part of that
// argument: it keeps such answers from happening, as publish_object() makes young what it finds.
// Transactions are short, with a pause as long as each behind it: mails wait for the writer.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/digest.hh"
#include "core/model/receipt.hh"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

/// How old a file has to be that no row names: older than this.
constexpr Milliseconds sweep_age = std::chrono::hours(24);

/// Since when nothing more is to be done about the receipt: it was imported or a person settled it,
/// and no notice waits. Nothing while something is.
std::optional<Time> idle_since(const Receipt& receipt);

/// Something that goes, would go, or is not ours.
struct Swept {
    enum class What {
        original,     ///< nobody needs it any more
        unreferenced, ///< no row names it
        foreign,      ///< not an object at all: it stays, whatever its age
    };

    What what{};
    std::string name;       ///< digest; of foreign files the path
    std::uint64_t size = 0; ///< of the file that goes: of an original perhaps its recipe's
    Time since{};           ///< its age counts from then on
    std::vector<std::string> receipts{}; ///< ids of those whose original it is
};

/// "original": what people and --json read.
std::string_view name_of(Swept::What what);

struct SweepTotal {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
};

struct SweepReport {
    SweepTotal originals{};
    SweepTotal unreferenced{};
    SweepTotal young{}; ///< no row names them yet: perhaps a mail on its way in
    SweepTotal foreign{};
};

/// Called when no transaction is open.
using SweepStep = std::function<void(const Swept&)>;

/// What a sweep would take away now; changes nothing.
Result<SweepReport> look_for_rubbish(const Archive& archive, Time now, const SweepStep& step);

/// Takes it away. What was told to step until an error is gone.
Result<SweepReport> sweep(Archive& archive, const By& by, const SweepStep& step);

} // namespace kwit
