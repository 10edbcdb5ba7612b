#include "core/inspect/pool.hh"

#include "core/base/log.hh"
#include "core/inspect/program.hh"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace kwit::inspect {

namespace {

constexpr unsigned max_words = 8; // of one conversation; an honest one has three
constexpr int exit_no_sandbox = 1;
constexpr std::string_view no_answer = "it answered what is no answer";

/// How long to wait before the next start after so many failures: at once after the first.
Clock::duration pause_after(unsigned failures) {
    constexpr auto first = std::chrono::milliseconds(500);
    constexpr auto longest = std::chrono::milliseconds(30'000);
    if (failures <= 1) return Clock::duration::zero();
    const unsigned doublings = std::min(failures - 2, 6U);
    return std::min(first * (1 << doublings), longest);
}

Error busy(std::string what, std::string remedy = {}) {
    return {Kind::temporary, std::move(what), std::move(remedy), Cause::overloaded};
}

/// The end of a child without an answer: a trouble of the document, or an error of the machine's.
Result<std::string> trouble_of(const Ended& ended) {
    if (ended.how == Ended::How::exited) {
        if (ended.number == exit_no_sandbox)
            return fail(Error{
                Kind::temporary,
                "kwit-inspector cannot put a child into its sandbox",
                "try: kwit-inspector --self-test",
                Cause::unreachable});
        return fmt::format("it ended without an answer (exit code {})", ended.number);
    }
    switch (ended.number) {
    case SIGKILL: // nothing of ours does that: the kernel was short of memory, or a person
        return fail(busy("the child that looked into the document was killed from outside"));
    case SIGXCPU:
        return "it used up its processor time";
    case SIGSYS:
        return "it tried what the sandbox forbids";
    default:
        return fmt::format("it crashed (signal {})", ended.number);
    }
}

/// What a word says about the document: the last word, or why there is none.
struct Said {
    std::optional<Word> last{};
    std::string trouble{};
};

Result<Word> word_in(const Result<std::optional<Packet>>& packet) {
    if (!packet || !*packet) return fail(Kind::corrupt, "nothing");
    return decode_word((*packet)->bytes);
}

/// Whether a word is about what is in a document.
bool is_answer(const Word& word) {
    return std::holds_alternative<PdfFacts>(word) || std::holds_alternative<XmlFacts>(word) ||
           std::holds_alternative<Member>(word) || std::holds_alternative<Opened>(word);
}

/// Whether it is the last one of what the look asks for: a child has read hostile bytes.
bool is_answer_to(Look look, const Word& word) {
    switch (look) {
    case Look::pdf:
        return std::holds_alternative<PdfFacts>(word);
    case Look::xml:
        return std::holds_alternative<XmlFacts>(word);
    case Look::zip:
    case Look::tnef:
    case Look::cms:
        return std::holds_alternative<Opened>(word);
    }
    return false;
}

/// Nothing: it goes on. members: what came out of a container so far.
Result<std::optional<Said>> meaning_of(const Word& word, Look look, std::vector<Member>& members) {
    if (const auto* const member = std::get_if<Member>(&word); member != nullptr && unpacks(look)) {
        members.push_back(*member);
        return std::optional<Said>();
    }
    if (is_answer_to(look, word)) return std::optional(Said{.last = word});
    if (is_answer(word)) return std::optional(Said{.trouble = std::string(no_answer)});
    if (const auto* const gave_up = std::get_if<GaveUp>(&word))
        return std::optional(Said{.trouble = "it gave up: " + gave_up->why});
    if (const auto* const not_now = std::get_if<NotNow>(&word))
        return fail(busy("kwit-inspector cannot look into a document: " + not_now->why));
    const auto* const ended = std::get_if<Ended>(&word);
    if (ended == nullptr) return std::optional<Said>();
    auto trouble = TRY(trouble_of(*ended));
    return std::optional(Said{.trouble = std::move(trouble)});
}

} // namespace

// ── places ───────────────────────────────────────────────────────────────────────────────────────

class Pool::Place {
public:
    explicit Place(Pool& pool) : pool_(&pool) {}

    Place(Place&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}

    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Place& operator=(Place&&) = delete;

    ~Place() {
        if (pool_ == nullptr) return;
        {
            const std::scoped_lock lock(pool_->places_mutex_);
            --pool_->places_taken_;
        }
        pool_->place_free_.notify_one();
    }

private:
    Pool* pool_;
};

Result<Pool::Place> Pool::enter(const InspectorSettings& settings) {
    std::unique_lock lock(places_mutex_);
    const auto is_free = [&] { return places_taken_ < settings.children; };
    if (!place_free_.wait_until(lock, Clock::now() + settings.timeout, is_free))
        return fail(busy(
            fmt::format("{} documents are being looked into at once", settings.children),
            "raise children in the [inspector] section if the machine has processors to spare"
        ));
    ++places_taken_;
    return Place(*this);
}

// ── the inspector's life ─────────────────────────────────────────────────────────────────────────

/// Notes a failure of the inspector itself.
Error Pool::failed(Error error) {
    ++failures_;
    next_try_ = Clock::now() + pause_after(failures_);
    last_error_ = error;
    return error;
}

void Pool::worked() {
    const std::scoped_lock lock(mutex_);
    if (failures_ > 0) log::info("", "kwit-inspector works again");
    failures_ = 0;
    last_error_.reset();
}

void Pool::let_go_of_dead(Process& process) {
    if (process_.get() != &process) return; // somebody else has noticed
    failed(
        {Kind::temporary,
         "kwit-inspector " + process.how_it_ended(),
         "try: kwit-inspector --self-test",
         Cause::unreachable}
    );
    process_.reset();
}

Result<std::shared_ptr<Process>> Pool::get(const InspectorSettings& settings) {
    const std::scoped_lock lock(mutex_);
    auto program = find_program(settings.program);
    if (!program) {
        process_.reset();
        last_error_ = program.error();
        failures_ = std::max(failures_, 1U); // looking whether it is back costs nothing
        return fail(program.error());
    }
    if (process_ && process_->is_gone()) {
        let_go_of_dead(*process_);
        log::warning("", last_error_->what + ": it is started again");
    }
    const Installed installed = installed_at(*program);
    if (program_ != installed) { // another one has not failed yet, and may see more
        process_.reset();
        remembered_.clear();
        failures_ = std::min(failures_, 1U);
        next_try_ = {};
        program_ = installed;
    }
    if (process_) return process_;
    if (Clock::now() < next_try_ && last_error_) return fail(*last_error_);
    auto started = Process::start(program_.path, Clock::now() + settings.timeout);
    if (!started) return fail(failed(started.error()));
    process_ = std::make_shared<Process>(*std::move(started));
    return process_;
}

Result<void> Pool::probe(const InspectorSettings& settings) {
    const auto program = TRY(find_program(settings.program));
    TRY(Process::start(program, Clock::now() + settings.timeout));
    return {};
}

// ── one document ─────────────────────────────────────────────────────────────────────────────────

namespace {

Request request_for(const InspectorSettings& settings, Look look) {
    return {
        .look = look,
        .cpu_seconds = static_cast<std::uint32_t>(settings.cpu.count()),
        .memory = settings.memory};
}

} // namespace

/// Hands the document over; an inspector that died since it was last seen is started again.
Result<std::shared_ptr<Process>> Pool::ask(
    const InspectorSettings& settings, const Request& request, std::span<const int> descriptors
) {
    auto process = TRY(get(settings));
    auto asked = process->ask(request, descriptors);
    if (!asked && process->is_gone()) {
        process = TRY(get(settings));
        asked = process->ask(request, descriptors);
    }
    if (asked) return process;
    // What cannot be asked, such as one that has stopped to listen, is as good as none.
    if (asked.error().cause == Cause::other) asked.error().cause = Cause::unreachable;
    return fail(std::move(asked).error().in("asking kwit-inspector"));
}

/// Time is over. An inspector that does not even make a child hangs, and is ended.
Error Pool::silent(const Process& process, bool started) {
    if (started)
        return busy(
            "looking into a document took too long",
            "on a machine that is busy it goes on by itself; else raise timeout in the [inspector] "
            "section"
        );
    const std::scoped_lock lock(mutex_);
    Error error{
        Kind::temporary,
        "kwit-inspector does not answer, and was ended",
        "try: kwit-inspector --self-test",
        Cause::unreachable};
    if (process_.get() != &process) return error; // somebody else has noticed
    process.kill();
    process_.reset();
    return failed(std::move(error));
}

namespace {

/// The next word; nothing: what came is none.
Result<std::optional<Word>> hear(const Process& process, int socket) {
    const auto packet = receive_packet(socket);
    if (packet && !*packet && process.is_going())
        return fail(Error{Kind::temporary, "kwit-inspector died", {}, Cause::unreachable});
    auto word = word_in(packet);
    if (!word) return std::optional<Word>();
    return std::optional(*std::move(word));
}

} // namespace

/// Waits for the next word; nothing: it goes on.
Result<std::optional<Pool::Try>> Pool::hear_next(
    const Process& process,
    Look look,
    int socket,
    Clock::time_point until,
    std::optional<std::vector<Member>>& members
) {
    if (!TRY(wait_for_packet(socket, until))) return fail(silent(process, members.has_value()));
    const auto word = TRY(hear(process, socket));
    if (!word) return std::optional(Try{.trouble = std::string(no_answer)});
    if (!members) members.emplace();
    auto said = TRY(meaning_of(*word, look, *members));
    if (!said) return std::optional<Try>();
    return std::optional(Try{
        .last = std::move(said->last),
        .members = *std::move(members),
        .trouble = std::move(said->trouble)});
}

Result<Pool::Try>
Pool::listen(const Process& process, const Request& request, int socket, Clock::time_point until) {
    std::optional<std::vector<Member>> members; // nothing: no word has come yet
    for (std::uint64_t heard = 0; heard < max_words + std::uint64_t{request.members}; ++heard) {
        auto end = TRY(hear_next(process, request.look, socket, until, members));
        if (end) return *std::move(end);
    }
    return Try{.trouble = "it does not stop talking"};
}

Result<Pool::Try> Pool::try_once(
    const InspectorSettings& settings,
    const Request& request,
    const File& document,
    const TempFile* output
) {
    Ends ends = TRY(make_ends());
    std::vector<int> descriptors = {ends.theirs.get(), document.descriptor()};
    if (output != nullptr) descriptors.push_back(output->descriptor());
    const auto process = TRY(ask(settings, request, descriptors));
    ends.theirs = Fd(); // or its end would never be seen
    // From here: how long an inspector took to start is not the document's time.
    return listen(*process, request, ends.ours.get(), Clock::now() + settings.timeout);
}

/// Of what the document did twice.
Uninspectable Pool::give_up(const Digest& digest, const std::string& trouble) {
    log::warning(
        "", fmt::format("the document {} cannot be looked into: {}", digest.hex(), trouble)
    );
    remembered_.put(digest, Uninspectable{trouble});
    return {trouble};
}

namespace {

/// Of a word that answers to a look into a document.
Inspected facts_in(Word&& word) {
    if (std::holds_alternative<XmlFacts>(word)) return std::get<XmlFacts>(std::move(word));
    return std::get<PdfFacts>(std::move(word));
}

} // namespace

Result<Inspected> Pool::look_into(
    const InspectorSettings& settings, const File& document, const Digest& digest, Look look
) {
    if (auto known = remembered_.find(digest)) return *std::move(known);
    const Place place = TRY(enter(settings));
    const Request request = request_for(settings, look);
    Try attempt = TRY(try_once(settings, request, document, nullptr));
    worked();
    // Once may be an accident of ours, such as memory that the machine had not.
    if (!attempt.last) attempt = TRY(try_once(settings, request, document, nullptr));
    if (!attempt.last) return give_up(digest, attempt.trouble);
    Inspected inspected = facts_in(*std::move(attempt.last));
    remembered_.put(digest, inspected);
    return inspected;
}

// ── one container ────────────────────────────────────────────────────────────────────────────────

namespace {

/// Whether the members stand where and as large as they may: a child's words are foreign.
bool are_within(const std::vector<Member>& members, const UnpackOrder& order, std::uint64_t size) {
    std::uint64_t end = 0;
    for (const Member& member : members) {
        if (member.offset != end || member.size > order.bytes - end) return false;
        end += member.size;
    }
    return members.size() <= order.members && end <= size && size <= order.bytes;
}

} // namespace

/// trouble: empty when there is an answer.
Result<Unpacked> Pool::unpack_once(
    const InspectorSettings& settings,
    const UnpackOrder& order,
    const File& container,
    std::string& trouble
) {
    Request request = request_for(settings, order.look);
    request.members = order.members;
    request.unpacked = order.bytes;
    TempFile output = TRY(order.make_output());
    Try attempt = TRY(try_once(settings, request, container, &output));
    trouble = std::move(attempt.trouble);
    if (!attempt.last) return Unpacked{};
    auto& opened = std::get<Opened>(*attempt.last);
    Unpacked unpacked{
        .opening = std::move(opened.opening),
        .spent_members = std::min(opened.members, order.members),
        .spent_bytes = std::min(opened.unpacked, order.bytes)};
    if (unpacked.opening.state != Opening::State::opened) return unpacked;
    TRY(output.measure());
    if (!are_within(attempt.members, order, output.size())) {
        trouble = no_answer;
        return Unpacked{};
    }
    // A child that says that it spent less than it gave is not believed.
    std::uint64_t bytes = 0;
    for (const Member& member : attempt.members)
        bytes += member.size;
    const auto count = static_cast<std::uint32_t>(attempt.members.size());
    unpacked.spent_members = std::max(unpacked.spent_members, count);
    unpacked.spent_bytes = std::max(unpacked.spent_bytes, bytes);
    unpacked.members = std::move(attempt.members);
    unpacked.output = std::move(output);
    return unpacked;
}

Result<UnpackedOrNot> Pool::unpack(
    const InspectorSettings& settings,
    const UnpackOrder& order,
    const File& container,
    const Digest& digest
) {
    const auto known = remembered_.find(digest);
    if (known && std::holds_alternative<Uninspectable>(*known))
        return UnpackedOrNot(std::get<Uninspectable>(*known));
    const Place place = TRY(enter(settings));
    std::string trouble;
    Unpacked unpacked = TRY(unpack_once(settings, order, container, trouble));
    worked();
    if (!trouble.empty()) unpacked = TRY(unpack_once(settings, order, container, trouble));
    if (!trouble.empty()) return UnpackedOrNot(give_up(digest, trouble));
    return UnpackedOrNot(std::move(unpacked));
}

Inspect inspect_with(Pool& pool) {
    return
        [&pool](
            const InspectorSettings& settings, const File& document, const Digest& digest, Look look
        ) { return pool.look_into(settings, document, digest, look); };
}

Unpack unpack_with(Pool& pool) {
    return [&pool](
               const InspectorSettings& settings,
               const UnpackOrder& order,
               const File& container,
               const Digest& digest
           ) { return pool.unpack(settings, order, container, digest); };
}

} // namespace kwit::inspect
