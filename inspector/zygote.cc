#include "inspector/zygote.hh"

#include "core/inspect/channel.hh"
#include "core/inspect/wire.hh"
#include "inspector/child.hh"
#include "inspector/cms.hh"
#include "inspector/pdf.hh"
#include "inspector/text.hh"
#include "inspector/xml.hh"
#include "inspector/zip.hh"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace kwit::inspector {

namespace {

constexpr std::size_t max_children = 64; // kwit asks for fewer

void say(int socket, const inspect::Word& word) {
    // Who does not listen any more has called the child off.
    [[maybe_unused]] const auto sent = inspect::send_packet(socket, inspect::encode(word));
}

std::optional<int> wait_for(pid_t child, int flags) {
    int status = 0;
    pid_t got = 0;
    do
        got = ::waitpid(child, &status, flags);
    while (got == -1 && errno == EINTR);
    return got == child ? std::optional(status) : std::nullopt;
}

inspect::Ended ended(int status) {
    if (WIFSIGNALED(status)) return {inspect::Ended::How::killed, WTERMSIG(status)};
    return {inspect::Ended::How::exited, WEXITSTATUS(status)};
}

/// A child that does nothing: whether the sandbox can be entered here at all.
Result<void> try_sandbox(const Sandbox& sandbox) {
    const Budget little{.cpu_seconds = 1, .memory = 1ULL << 30};
    const pid_t child = TRY(fork_into(sandbox, little, {}, [] {}));
    const auto status = wait_for(child, 0);
    if (status && WIFEXITED(*status) && WEXITSTATUS(*status) == 0) return {};
    return fail(
        Kind::temporary,
        "a child cannot enter the sandbox",
        "the kernel needs seccomp filters (CONFIG_SECCOMP_FILTER), and what kwit runs in must let "
        "them be set"
    );
}

/// What libraries open or make at their first use is there before a child has its sandbox.
Result<void> warm_up() {
    warm_up_zip();
    warm_up_cms();
    return warm_up_pdf();
}

Result<Sandbox> get_ready() {
    TRY(drop_root());
    prepare_xml();
    Sandbox sandbox = TRY(Sandbox::prepare());
    TRY(warm_up());
    TRY(try_sandbox(sandbox));
    return sandbox;
}

struct Child {
    pid_t pid = 0; ///< 0: it has ended
    Fd answer; ///< its end, kept to say how it ended; closed when nobody waits for that any more
    int status = 0; ///< when it has ended: to be said once the words before it were heard
};

class Zygote {
public:
    Zygote(const Sandbox& sandbox, int control, Fd signals)
        : sandbox_(sandbox), control_(control), signals_(std::move(signals)) {}

    Zygote(const Zygote&) = delete;
    Zygote& operator=(const Zygote&) = delete;
    Zygote(Zygote&&) = delete;
    Zygote& operator=(Zygote&&) = delete;

    ~Zygote() {
        std::erase_if(children_, [](const Child& child) { return child.pid == 0; });
        for (const Child& child : children_)
            ::kill(child.pid, SIGKILL);
        for (const Child& child : children_)
            wait_for(child.pid, 0);
    }

    Result<void> run() {
        for (;;) {
            std::vector<pollfd> fds = watched();
            if (::poll(fds.data(), fds.size(), -1) < 0) {
                if (errno == EINTR) continue;
                return fail(system_error("wait for requests", errno));
            }
            if (fds[1].revents != 0) reap();
            settle(fds);
            if (fds[0].revents == 0) continue;
            auto packet = inspect::receive_packet(control_);
            if (packet && !*packet) return {};
            // A request that nobody can read has nobody who could be answered.
            if (packet) take(**packet);
        }
    }

private:
    [[nodiscard]] std::vector<pollfd> watched() const {
        std::vector<pollfd> fds{{control_, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
        for (const Child& child : children_) {
            // Closing shows without being asked for.
            const short until = child.pid == 0 ? POLLOUT : 0;
            if (child.answer) fds.push_back({child.answer.get(), until, 0});
        }
        return fds;
    }

    /// Says how children ended, and kills those whose answer nobody waits for any more.
    void settle(const std::vector<pollfd>& fds) {
        for (std::size_t i = 2; i < fds.size(); ++i)
            for (Child& child : children_) {
                if (fds[i].revents == 0 || child.answer.get() != fds[i].fd) continue;
                if (child.pid == 0)
                    say(child.answer.get(), ended(child.status));
                else
                    ::kill(child.pid, SIGKILL);
                child.answer = Fd(); // or poll() would name it until the child is gone
            }
        forget_the_ended();
    }

    void reap() {
        signalfd_siginfo ignored{};
        [[maybe_unused]] const auto size = ::read(signals_.get(), &ignored, sizeof ignored);
        for (Child& child : children_) {
            if (child.pid == 0) continue;
            const auto status = wait_for(child.pid, WNOHANG);
            if (!status) continue;
            child.pid = 0;
            child.status = *status;
        }
        forget_the_ended();
    }

    /// Those of whom nothing has to be said.
    void forget_the_ended() {
        std::erase_if(children_, [](const Child& child) {
            return child.pid == 0 && !child.answer;
        });
    }

    void take(inspect::Packet& packet) {
        if (packet.descriptors.empty()) return;
        Fd answer = std::move(packet.descriptors.front());
        const auto started = start(packet, answer);
        if (!started) {
            say(answer.get(), inspect::NotNow{clean_text(started.error().what)});
            return;
        }
        say(answer.get(), inspect::Started{});
        children_.push_back({.pid = *started, .answer = std::move(answer)});
    }

    [[nodiscard]] Result<pid_t> start(const inspect::Packet& packet, const Fd& answer) const {
        const auto request = TRY(inspect::decode_request(packet.bytes));
        const bool unpacks = inspect::unpacks(request.look);
        if (packet.descriptors.size() != (unpacks ? 3U : 2U))
            return fail(Kind::misuse, "a request comes with two descriptors, or three to unpack");
        if (children_.size() >= max_children)
            return fail(Kind::temporary, fmt::format("{} children at work already", max_children));
        const int document = packet.descriptors[1].get();

        struct stat status {};

        if (::fstat(document, &status) != 0)
            return fail(system_error("look at the document", errno));
        const auto size = static_cast<std::uint64_t>(status.st_size);
        const Budget budget{
            .cpu_seconds = request.cpu_seconds,
            .memory = request.memory,
            .output = request.unpacked};
        const Descriptors descriptors{
            answer.get(), document, unpacks ? packet.descriptors[2].get() : -1};
        return fork_into(sandbox_, budget, descriptors, [&] { look(request, size); });
    }

    const Sandbox& sandbox_;
    int control_;
    Fd signals_;
    std::vector<Child> children_{};
};

} // namespace

Result<Sandbox> begin(int control) {
    auto ready = get_ready();
    inspect::Hello hello;
    if (!ready) {
        hello.trouble = clean_text(ready.error().what + "; " + ready.error().remedy);
    }
    TRY(inspect::send_packet(control, inspect::encode(hello)));
    return ready;
}

Result<void> serve(const Sandbox& sandbox, int control) {
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    if (::sigprocmask(SIG_BLOCK, &ended, nullptr) != 0)
        return fail(system_error("block signals", errno));
    Fd signals(::signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals) return fail(system_error("wait for signals", errno));
    return Zygote(sandbox, control, std::move(signals)).run();
}

} // namespace kwit::inspector
