#include "inspector/sandbox.hh"

#include "core/base/file.hh"
#include "inspector/sanitized.hh"

#include <fmt/format.h>
#include <grp.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <memory>

namespace kwit::inspector {

namespace {

constexpr std::uint32_t optimize_as_tree = 2;
constexpr uid_t nobody = 65534; // by number, as a sandbox asks no name service

using Condition = scmp_arg_cmp;

constexpr Condition is(unsigned argument, std::uint64_t value) {
    return {argument, SCMP_CMP_EQ, value, 0};
}

/// The bits of the argument that are in the mask have this value.
constexpr Condition has(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

/// Puts rules in one after the other and remembers the first that was not taken.
class Rules {
public:
    Rules(scmp_filter_ctx context, std::uint32_t action) : context_(context), action_(action) {}

    void add(int call, std::initializer_list<Condition> conditions = {}) {
        const int done = seccomp_rule_add_array(
            context_, action_, call, static_cast<unsigned>(conditions.size()), conditions.begin()
        );
        if (error_ == 0) error_ = -done;
    }

    void add_all(std::initializer_list<int> calls) {
        for (const int call : calls)
            add(call);
    }

    [[nodiscard]] int error() const { return error_; }

private:
    scmp_filter_ctx context_;
    std::uint32_t action_;
    int error_ = 0;
};

/// What reading a document that is open and answering takes; everything else kills.
int allow_little(scmp_filter_ctx context) {
    Rules rules(context, SCMP_ACT_ALLOW);
    rules.add(SCMP_SYS(pread64), {is(0, document_descriptor)});
    rules.add(SCMP_SYS(pwrite64), {is(0, output_descriptor)});
    rules.add(SCMP_SYS(sendmsg), {is(0, answer_descriptor)});
    for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) // /dev/null: libraries may talk
        for (const int call : {SCMP_SYS(write), SCMP_SYS(writev)})
            rules.add(call, {is(0, static_cast<std::uint64_t>(descriptor))});
    // Memory, but no programs in it, and no files.
    rules.add(SCMP_SYS(mmap), {has(2, PROT_EXEC, 0), has(3, MAP_ANONYMOUS, MAP_ANONYMOUS)});
    rules.add(SCMP_SYS(mprotect), {has(2, PROT_EXEC, 0)});
    rules.add_all({SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise)});
    // Of locks only letting go: nobody is there to wait for, so waiting would be for ever.
    rules.add(SCMP_SYS(futex), {has(1, static_cast<std::uint32_t>(FUTEX_CMD_MASK), FUTEX_WAKE)});
    rules.add_all(
        {SCMP_SYS(clock_gettime),
         SCMP_SYS(gettimeofday),
         SCMP_SYS(time),
         SCMP_SYS(getpid),
         SCMP_SYS(gettid),
         SCMP_SYS(getrandom),
         SCMP_SYS(rt_sigreturn),
         SCMP_SYS(exit),
         SCMP_SYS(exit_group)}
    );
    return rules.error();
}

/// A sanitizer opens files, writes its report and maps its shadow: with one only the network and
/// other programs are out of reach.
int forbid_some(scmp_filter_ctx context) {
    Rules rules(context, SCMP_ACT_KILL_PROCESS);
    rules.add_all(
        {SCMP_SYS(socket),
         SCMP_SYS(connect),
         SCMP_SYS(bind),
         SCMP_SYS(execve),
         SCMP_SYS(execveat),
         SCMP_SYS(ptrace)}
    );
    return rules.error();
}

Error about_rules(const char* doing, int errnum) {
    Error error = system_error(doing, errnum);
    error.remedy = "the kernel needs seccomp filters (CONFIG_SECCOMP_FILTER), and what kwit runs "
                   "in must let them be set";
    return error;
}

struct Release {
    void operator()(void* rules) const noexcept { seccomp_release(rules); }
};

using OwnedRules = std::unique_ptr<void, Release>; // scmp_filter_ctx is a void*

/// What libseccomp makes of the rules. It does so each time they are loaded, which for a child that
/// lives a millisecond is a good part of it: so it is done once. libseccomp 2.5 hands a program to
/// descriptors alone.
Result<std::vector<sock_filter>> program_of(scmp_filter_ctx rules) {
    const Fd file(::memfd_create("seccomp", MFD_CLOEXEC));
    if (!file) return fail(system_error("make a file in memory", errno));
    if (const int done = seccomp_export_bpf(rules, file.get()); done != 0)
        return fail(about_rules("write the rules of the sandbox", -done));
    std::vector<sock_filter> program(BPF_MAXINSNS);
    const ssize_t size =
        ::pread(file.get(), program.data(), program.size() * sizeof(sock_filter), 0);
    if (size <= 0) return fail(about_rules("read the rules of the sandbox", EIO));
    program.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
    return program;
}

Result<void> start_filter(const std::vector<sock_filter>& program) {
    // Without it only root may set a filter.
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(about_rules("renounce new privileges", errno));
    std::vector<sock_filter> ours = program; // the kernel's type is not const
    const sock_fprog filter{static_cast<unsigned short>(ours.size()), ours.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        return fail(about_rules("enter the sandbox", errno));
    return {};
}

Result<void> limit(int resource, rlim_t soft, rlim_t hard) {
    const rlimit limits{soft, hard};
    if (::setrlimit(static_cast<__rlimit_resource>(resource), &limits) != 0)
        return fail(system_error("limit the budget of a child", errno));
    return {};
}

Result<void> limit(int resource, rlim_t most) {
    return limit(resource, most, most);
}

Result<void> set_limits(const Budget& budget) {
    // At the soft limit SIGXCPU says what happened; the hard one is for who takes that signal.
    TRY(limit(RLIMIT_CPU, budget.cpu_seconds, budget.cpu_seconds + 1UL));
    TRY(limit(RLIMIT_CORE, 0));
    if (sanitized && budget.output == 0) return {}; // a report is a file
    TRY(limit(RLIMIT_FSIZE, budget.output));
    if (sanitized) return {}; // a shadow takes terabytes of addresses
    TRY(limit(RLIMIT_AS, budget.memory));
    TRY(limit(RLIMIT_NOFILE, output_descriptor + 1));
    return limit(RLIMIT_NPROC, 0);
}

} // namespace

Result<Sandbox> Sandbox::prepare() {
    const OwnedRules rules(seccomp_init(sanitized ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS));
    if (!rules) return fail(about_rules("begin the rules of the sandbox", ENOMEM));
    // A tree instead of a list: for each child the kernel tries every system call that there is.
    [[maybe_unused]] const int as_tree =
        seccomp_attr_set(rules.get(), SCMP_FLTATR_CTL_OPTIMIZE, optimize_as_tree);
    const int error = sanitized ? forbid_some(rules.get()) : allow_little(rules.get());
    if (error != 0) return fail(about_rules("make the rules of the sandbox", error));
    return Sandbox(TRY(program_of(rules.get())));
}

Result<void> Sandbox::enter(const Budget& budget) const {
    if (::close_range(output_descriptor + 1, ~0U, 0) != 0)
        return fail(system_error("close what a child is not to have", errno));
    // Hostile bytes are in here: nobody dumps or looks into this process.
    if (::prctl(PR_SET_DUMPABLE, 0) != 0)
        return fail(system_error("keep a child from being dumped", errno));
    TRY(set_limits(budget));
    return start_filter(program_);
}

Result<void> drop_root() {
    if (::geteuid() != 0) return {};
    const bool done = ::setgroups(0, nullptr) == 0 && ::setresgid(nobody, nobody, nobody) == 0 &&
                      ::setresuid(nobody, nobody, nobody) == 0;
    if (done) return {};
    Error error = system_error("become nobody", errno);
    error.remedy = "run kwit as a user of its own ([milter] user)";
    return fail(std::move(error));
}

} // namespace kwit::inspector
