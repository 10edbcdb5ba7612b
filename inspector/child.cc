#include "inspector/child.hh"

#include "core/inspect/channel.hh"
#include "inspector/pdf.hh"
#include "inspector/sanitized.hh"
#include "inspector/xml.hh"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <new>

namespace kwit::inspector {

namespace {

constexpr int out_of_the_way = 10;

/// To that number; -1: /dev/null, which is open as descriptor 0.
bool move_to(int descriptor, int number) {
    return ::dup2(descriptor == -1 ? STDIN_FILENO : descriptor, number) == number;
}

/// The descriptors at the numbers that the sandbox knows. Both are copied aside first, as one may
/// have the other's number.
bool arrange(int answer, int document) {
    const int first = answer == -1 ? -1 : ::fcntl(answer, F_DUPFD, out_of_the_way);
    const int second = document == -1 ? -1 : ::fcntl(document, F_DUPFD, out_of_the_way);
    return move_to(first, answer_descriptor) && move_to(second, document_descriptor) &&
           (sanitized || move_to(-1, STDERR_FILENO));
}

[[noreturn]] void live_as_child(
    const Sandbox& sandbox,
    const Budget& budget,
    int answer,
    int document,
    const std::function<void()>& inside
) {
    // The parent has one thread, so this means its end.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!arrange(answer, document) || !sandbox.enter(budget)) ::_exit(1);
    inside();
    ::_exit(0);
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a new-handler has no argument
bool memory_ran_out = false;

/// Libraries take bad_alloc for damage of the object in hand and read on: whatever comes of it is
/// not what is in the document.
void note_that_memory_ran_out() {
    memory_ran_out = true;
    throw std::bad_alloc();
}

inspect::Word word_about(const inspect::Request& request, std::uint64_t size) {
    try {
        switch (request.look) {
        case inspect::Look::pdf:
            return look_into_pdf(document_descriptor, size);
        case inspect::Look::xml:
            return look_into_xml(document_descriptor, size);
        }
    } catch (const Unreadable& trouble) {
        return inspect::NotNow{trouble.what()};
    } catch (const std::bad_alloc&) {
        return inspect::GaveUp{"memory ran out"};
    } catch (const std::exception& bug) {
        return inspect::GaveUp{clean_text(bug.what())};
    }
    return inspect::GaveUp{"nobody knows how to look into it"};
}

} // namespace

Result<pid_t> fork_into(
    const Sandbox& sandbox,
    const Budget& budget,
    int answer,
    int document,
    const std::function<void()>& inside
) {
    const pid_t child = ::fork();
    if (child < 0) return fail(system_error("fork a child", errno));
    if (child == 0) live_as_child(sandbox, budget, answer, document, inside);
    return child;
}

void look(const inspect::Request& request, std::uint64_t size) {
    std::set_new_handler(note_that_memory_ran_out);
    inspect::Word word = word_about(request, size);
    if (memory_ran_out) word = inspect::GaveUp{"memory ran out"};
    // Who cannot be answered any more is not waiting any more.
    [[maybe_unused]] const auto sent =
        inspect::send_packet(answer_descriptor, inspect::encode(word));
}

} // namespace kwit::inspector
