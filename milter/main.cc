// kwit-milter: takes documents in while the SMTP session is open. Runs in the foreground; a service
// manager starts it again when it ends.
//
// SIGTERM finishes what is being committed and stops; SIGUSR1 reads the configuration again:
// connections that are open keep the one they began with. (SIGHUP belongs to libmilter and stops,
// too.) A service manager that asks for it is told all of this (milter/service.hh).
#include "core/base/descriptors.hh"
#include "core/base/identity.hh"
#include "core/base/log.hh"
#include "core/config/config.hh"
#include "core/intake/archive_door.hh"
#include "core/intake/refusals.hh"
#include "core/outbox/submitter.hh"
#include "milter/door.hh"
#include "milter/loop.hh"
#include "milter/nudge.hh"
#include "milter/service.hh"
#include "milter/signals.hh"
#include "milter/socket.hh"
#include "milter/watchdog.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <thread>

namespace kwit::milter {

namespace {

constexpr int exit_wrong = 2;   // usage or configuration
constexpr int exit_archive = 3; // the archive cannot be used

struct Options {
    std::filesystem::path config;
    bool check = false;
    std::string told{}; ///< --help or --version: all that was asked for
};

constexpr const char* usage = "usage: kwit-milter [--config FILE] [--check]";

void complain(const Error& error) {
    fmt::print(stderr, "kwit-milter: {}\n", error.what);
    if (!error.remedy.empty()) fmt::print(stderr, "  {}\n", error.remedy);
}

Result<Options> read_options(std::span<char*> arguments) {
    const char* const from_environment = std::getenv("KWIT_CONFIG");
    Options options{
        .config = from_environment != nullptr ? from_environment : "/etc/kwit/kwit.toml"};
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i];
        if (word == "--check") {
            options.check = true;
        } else if (word == "--config" && i + 1 < arguments.size()) {
            options.config = arguments[++i];
        } else if (word == "--help" || word == "-h") {
            options.told = fmt::format("{}\nkwit-milter(8) tells more.", usage);
        } else if (word == "--version") {
            options.told = "kwit-milter " KWIT_VERSION;
        } else if (word.starts_with("--config=")) {
            options.config = word.substr(word.find('=') + 1);
        } else {
            return fail(Kind::misuse, fmt::format("\"{}\" is not understood", word), usage);
        }
    }
    return options;
}

Result<std::shared_ptr<const Snapshot>> load(const std::filesystem::path& config) {
    Settings settings = TRY(load_settings(config));
    Texts texts = TRY(Texts::load_for(settings));
    return std::make_shared<const Snapshot>(Snapshot{std::move(settings), std::move(texts)});
}

Result<void> set_up_log(const LogSettings& settings) {
    return log::set_up({.sink = settings.sink, .level = static_cast<log::Level>(settings.level)});
}

/// The configuration that new connections get.
class Current {
public:
    explicit Current(std::shared_ptr<const Snapshot> first) : snapshot_(std::move(first)) {}

    [[nodiscard]] std::shared_ptr<const Snapshot> get() const {
        const std::scoped_lock lock(mutex_);
        return snapshot_;
    }

    void set(std::shared_ptr<const Snapshot> next) {
        const std::scoped_lock lock(mutex_);
        snapshot_ = std::move(next);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_;
};

/// What a running milter cannot change: it is told, and the old value stays until a restart.
void warn_about_fixed(const Settings& before, const Settings& after) {
    const auto tell = [](const char* key) {
        log::warning(
            "",
            fmt::format("{} was changed: that needs a restart, the old value stays until then", key)
        );
    };
    if (before.milter.socket != after.milter.socket) tell("[milter] socket");
    if (before.milter.socket_mode != after.milter.socket_mode) tell("[milter] socket_mode");
    if (before.milter.socket_group != after.milter.socket_group) tell("[milter] socket_group");
    if (before.milter.user != after.milter.user) tell("[milter] user");
    if (before.archive.path != after.archive.path) tell("[archive] path");
}

/// What an admin should know of a configuration that works.
void warn_about(const Settings& settings) {
    for (const Error& flaw : settings.flaws)
        log::warning("", fmt::format("{}; {}", flaw.what, flaw.remedy));
    for (const std::string& warning : warnings(settings))
        log::warning("", warning);
}

/// What `systemctl status` shows of us.
std::string status_of(const Settings& settings) {
    return fmt::format(
        "listens on {}, archive {}", settings.milter.socket, settings.archive.path.string()
    );
}

void reload(const std::filesystem::path& config, Current& current, ArchiveDoor& archive) {
    service::reloading();
    const auto next = load(config);
    if (!next) {
        log::error("", Error{next.error()}.in("the configuration is not taken, the old one stays"));
        service::ready("the configuration was not taken, the old one stays: the log says why");
        return;
    }
    const Settings& settings = (*next)->settings;
    warn_about_fixed(current.get()->settings, settings);
    if (const auto done = set_up_log(settings.log); !done) log::error("", done.error());
    warn_about(settings);
    archive.set_map_size(settings.archive.map_size);
    current.set(*next);
    log::info(
        "", "the configuration was read again; open connections keep the one they began with"
    );
    service::ready(status_of(current.get()->settings));
}

int check(const Snapshot& snapshot) {
    for (const std::string& warning : warnings(snapshot.settings))
        fmt::print("warning: {}\n", warning);
    for (const Error& flaw : snapshot.settings.flaws)
        complain(flaw);
    if (!snapshot.settings.flaws.empty()) return exit_wrong;
    const auto archive = ArchiveDoor::probe(snapshot.settings.archive);
    if (!archive) {
        complain(archive.error());
        return exit_archive;
    }
    const auto inspector = inspect::Pool::probe(snapshot.settings.inspector);
    if (!inspector) {
        complain(inspector.error());
        return EXIT_FAILURE;
    }
    fmt::print("the configuration is good\n");
    return EXIT_SUCCESS;
}

/// What the submitter needs of the house.
outbox::Doors submitter_doors(ArchiveDoor& archive, const Current& current) {
    return {
        .archive = [&archive] { return archive.get(); },
        .view = [&current]() -> outbox::View {
            const auto snapshot = current.get();
            return {{snapshot, &snapshot->settings}, {snapshot, &snapshot->texts}};
        }};
}

/// Lets the callbacks that are inside end: libmilter's smfi_main() returns while they run, and
/// leaving then would cut their answers off.
void let_callbacks_end(const Busy& busy) {
    constexpr auto patience = std::chrono::seconds(60);
    constexpr auto step = std::chrono::milliseconds(20);
    for (auto waited = std::chrono::milliseconds(0); !busy.idle() && waited < patience;
         waited += step)
        std::this_thread::sleep_for(step);
    // A callback that has just returned still has its answer to be written by libmilter's worker.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

Result<void> take_identity(const MilterSettings& settings) {
    if (settings.user.empty()) return {};
    return become(TRY(find_user(settings.user)));
}

Result<void> serve(const std::filesystem::path& config, std::shared_ptr<const Snapshot> first) {
    const Settings settings = first->settings;
    TRY(set_up_log(settings.log));
    if (const auto raised = raise_descriptor_limit(); !raised)
        log::warning("", raised.error().what);
    const Fd lock = TRY(lock_instance(settings.milter));
    TRY(register_callbacks());
    block_signals(); // before threads start, and before anybody can see that we are there
    TRY(open_socket(settings.milter));
    TRY(take_identity(settings.milter));
    warn_about(settings);

    Current current(std::move(first));
    ArchiveDoor archive(settings.archive);
    Refusals refusals(archive);
    Admission admission;
    inspect::Pool inspectors;
    outbox::Submitter submitter(submitter_doors(archive, current));
    std::jthread sending([&submitter](const std::stop_token& stop) { submitter.run(stop); });
    Intake intake{
        .archive = archive,
        .admission = admission,
        .refusals = &refusals,
        .clock = now,
        .inspect = inspect_with(inspectors),
        .unpack = unpack_with(inspectors),
        .owed = [&submitter] { submitter.poke(); }};
    Busy busy;
    House house{.intake = intake, .busy = busy, .snapshot = [&current] { return current.get(); }};
    open_house(house);
    const Nudge nudge(settings.milter.socket, busy);
    Watchdog watchdog(
        {.socket = settings.milter.socket,
         .busy = busy,
         .threads =
             {{"the submitter of notices", submitter.pulse()},
              {"the writer of refusals", refusals.pulse()}}}
    );
    const bool ended_well = run_libmilter(
        settings.milter.socket,
        {.ready =
             [&settings] {
                 log::info("", "kwit-milter " + status_of(settings));
                 service::ready(status_of(settings));
             },
         .reload = [&config, &current, &archive] { reload(config, current, archive); },
         .idle = [] { log::tell_held_back(); },
         .stopping =
             [&] {
                 log::info("", "stopping: what is being committed is finished first");
                 service::stopping();
                 watchdog.leave();
                 sending.request_stop();
             }}
    );
    let_callbacks_end(busy);
    refusals.finish();
    sending.join();
    log::tell_held_back(log::Rest::all);
    log::info("", "stopped");
    // libmilter abandons idle sessions with their threads: destroying what they refer to would be a
    // race.
    std::fflush(nullptr);
    _exit(ended_well ? EXIT_SUCCESS : EXIT_FAILURE);
}

int run(std::span<char*> arguments) {
    const auto options = read_options(arguments);
    if (!options) {
        complain(options.error());
        return exit_wrong;
    }
    if (!options->told.empty()) {
        fmt::print("{}\n", options->told);
        return EXIT_SUCCESS;
    }
    auto snapshot = load(options->config);
    if (!snapshot) {
        complain(snapshot.error());
        return exit_wrong;
    }
    if (options->check) return check(**snapshot);
    const auto served = serve(options->config, *std::move(snapshot));
    complain(served.error()); // serving returns only when it could not begin
    // Tried again it may succeed: the socket's directory is there, the other instance gone.
    return EXIT_FAILURE;
}

} // namespace

} // namespace kwit::milter

int main(int argc, char** argv) try {
    return kwit::milter::run(std::span(argv, static_cast<std::size_t>(argc)));

} catch (const std::exception& bug) {

    std::fprintf(stderr, "kwit-milter: %s\n", bug.what());
    return EXIT_FAILURE;
}
