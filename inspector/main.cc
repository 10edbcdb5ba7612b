// kwit-inspector: looks into documents that strangers sent, for kwit, which starts it. Its standard
// input is the control socket (core/inspect/wire.hh). With --self-test it proves that its sandbox
// holds on this machine.
#include "inspector/self_test.hh"
#include "inspector/zygote.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <span>
#include <string_view>

namespace kwit::inspector {

namespace {

constexpr int exit_wrong = 2;
constexpr int control_descriptor = 10;

constexpr const char* usage =
    "kwit-inspector is started by kwit, which talks to it on its standard input\n"
    "  kwit-inspector --self-test [WAY]   tries to get out of the sandbox; exit code 0: it holds\n";

void complain(const Error& error) {
    std::fprintf(stderr, "kwit-inspector: %s\n", error.what.c_str());
    if (!error.remedy.empty()) std::fprintf(stderr, "  %s\n", error.remedy.c_str());
}

bool is_socket(int descriptor) {
    struct stat status {};

    return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

/// What a library would open at its first use is opened before there is a sandbox.
void settle() {
    std::setlocale(LC_CTYPE, "C.UTF-8"); // names in UTF-8; each category more is a file more to map
    ::tzset();
    std::signal(SIGPIPE, SIG_IGN);
}

/// The control socket out of the way of standard input and output, which become /dev/null.
Result<Fd> take_control() {
    Fd control(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, control_descriptor));
    if (!control) return fail(system_error("take the control socket", errno));
    const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!nothing) return fail(system_error("open /dev/null", errno));
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO})
        if (::dup2(nothing.get(), descriptor) < 0)
            return fail(system_error("let go of standard input and output", errno));
    return control;
}

Result<void> inspect_for_kwit() {
    const Fd control = TRY(take_control());
    const Sandbox sandbox = TRY(begin(control.get()));
    return serve(sandbox, control.get());
}

Result<bool> try_the_sandbox(std::string_view way) {
    TRY(drop_root());
    return self_test(TRY(Sandbox::prepare()), way);
}

int run(std::span<char*> arguments) {
    settle();
    if (arguments.size() >= 2 && arguments.size() <= 3 &&
        std::string_view(arguments[1]) == "--self-test") {
        const auto holds = try_the_sandbox(arguments.size() == 3 ? arguments[2] : "");
        if (!holds) complain(holds.error());
        return holds && *holds ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (arguments.size() != 1 || !is_socket(STDIN_FILENO)) {
        std::fputs(usage, stderr);
        return exit_wrong;
    }
    const auto served = inspect_for_kwit();
    if (served) return EXIT_SUCCESS;
    complain(served.error());
    return EXIT_FAILURE;
}

} // namespace

} // namespace kwit::inspector

int main(int argc, char** argv) try {
    return kwit::inspector::run(std::span(argv, static_cast<std::size_t>(argc)));

} catch (const std::exception& bug) {

    std::fprintf(stderr, "kwit-inspector: %s\n", bug.what());
    return EXIT_FAILURE;
}
