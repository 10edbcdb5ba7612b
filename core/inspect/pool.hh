// The pool of inspectors: documents in, facts out. One kwit-inspector runs for the whole program,
// started when the first document wants it and again when it has died; each document gets a child
// of its own in it (core/inspect/wire.hh).
//
// A container is opened in the same way; what comes out of it stands in one file beside the answer.
//
// The answer is a value: facts, or Uninspectable when the document's child crashed or used up its
// budget twice, or an Error, always `temporary`, which says nothing about the document: no
// inspector to be had (Cause::unreachable), or no time on a busy machine (Cause::overloaded).
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"
#include "core/inspect/process.hh"
#include "core/inspect/program.hh"
#include "core/inspect/remembered.hh"
#include "core/inspect/wire.hh"
#include "core/model/digest.hh"
#include "core/model/settings.hh"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kwit::inspect {

/// What intake calls; settings may change from call to call.
using Inspect =
    std::function<Result<Inspected>(const InspectorSettings&, const File&, const Digest&, Look)>;

/// A container to be opened, with what may come out of it.
struct UnpackOrder {
    Look look = Look::zip;
    std::uint32_t members = 0;
    std::uint64_t bytes = 0;
    std::function<Result<TempFile>()> make_output;
};

/// What came out. The members are within the order and within the output.
struct Unpacked {
    Opening opening{};
    // Of the order, whatever became of it: also what nobody can use has cost its time and space.
    std::uint32_t spent_members = 0;
    std::uint64_t spent_bytes = 0;
    std::vector<Member> members{};    ///< of one that was opened
    std::optional<TempFile> output{}; ///< there when it was opened
};

using UnpackedOrNot = std::variant<Unpacked, Uninspectable>;

/// As Inspect, for containers.
using Unpack = std::function<Result<
    UnpackedOrNot>(const InspectorSettings&, const UnpackOrder&, const File&, const Digest&)>;

class Pool {
public:
    Pool() = default;

    /// Looks into a document; from any thread. digest: of all of it, by which the answer is
    /// remembered: the same bytes are looked into in the same way.
    Result<Inspected> look_into(
        const InspectorSettings& settings,
        const File& document,
        const Digest& digest,
        Look look = Look::pdf
    );

    /// Opens a container; from any thread. Of the answers only Uninspectable is remembered.
    Result<UnpackedOrNot> unpack(
        const InspectorSettings& settings,
        const UnpackOrder& order,
        const File& container,
        const Digest& digest
    );

    /// Whether an inspector can be started (`--check`, kwit doctor).
    static Result<void> probe(const InspectorSettings& settings);

private:
    /// A place among the documents looked into at once.
    class Place;

    /// What one child had to say; without a last word (PdfFacts, XmlFacts, Opened): why it failed
    /// at the document.
    struct Try {
        std::optional<Word> last{};
        std::vector<Member> members{};
        std::string trouble{};
    };

    Result<Place> enter(const InspectorSettings& settings);
    Result<std::shared_ptr<Process>> get(const InspectorSettings& settings);
    Result<std::shared_ptr<Process>>
    ask(const InspectorSettings& settings, const Request& request, std::span<const int> descriptors
    );
    Result<Try> try_once(
        const InspectorSettings& settings,
        const Request& request,
        const File& document,
        const TempFile* output
    );
    Result<Try>
    listen(const Process& process, const Request& request, int socket, Clock::time_point until);
    Result<std::optional<Try>> hear_next(
        const Process& process,
        Look look,
        int socket,
        Clock::time_point until,
        std::optional<std::vector<Member>>& members
    );
    Result<Unpacked> unpack_once(
        const InspectorSettings& settings,
        const UnpackOrder& order,
        const File& container,
        std::string& trouble
    );
    Uninspectable give_up(const Digest& digest, const std::string& trouble);
    Error silent(const Process& process, bool started);
    void let_go_of_dead(Process& process);
    Error failed(Error error);
    void worked();

    Remembered remembered_{1000};

    std::mutex places_mutex_;
    std::condition_variable place_free_;
    unsigned places_taken_ = 0;

    std::mutex mutex_; // for what follows
    std::shared_ptr<Process> process_;
    Installed program_;     // the last that was tried
    unsigned failures_ = 0; // since it last worked
    Clock::time_point next_try_{};
    std::optional<Error> last_error_;
};

/// The pool for who only looks into documents, or only opens containers; it must outlive what is
/// returned.
Inspect inspect_with(Pool& pool);
Unpack unpack_with(Pool& pool);

} // namespace kwit::inspect
