#include "inspector/child.hh"

#include "core/inspect/channel.hh"
#include "inspector/cms.hh"
#include "inspector/document.hh"
#include "inspector/output.hh"
#include "inspector/pdf.hh"
#include "inspector/sanitized.hh"
#include "inspector/text.hh"
#include "inspector/tnef.hh"
#include "inspector/xml.hh"
#include "inspector/zip.hh"

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

int copy_aside(int descriptor) {
    return descriptor == -1 ? -1 : ::fcntl(descriptor, F_DUPFD, out_of_the_way);
}

/// The descriptors at the numbers that the sandbox knows. All are copied aside first, as one may
/// have the other's number.
bool arrange(const Descriptors& descriptors) {
    const int answer = copy_aside(descriptors.answer);
    const int document = copy_aside(descriptors.document);
    const int output = copy_aside(descriptors.output);
    return move_to(answer, answer_descriptor) && move_to(document, document_descriptor) &&
           move_to(output, output_descriptor) && (sanitized || move_to(-1, STDERR_FILENO));
}

[[noreturn]] void live_as_child(
    const Sandbox& sandbox,
    const Budget& budget,
    const Descriptors& descriptors,
    const std::function<void()>& inside
) {
    // The parent has one thread, so this means its end.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!arrange(descriptors) || !sandbox.enter(budget)) ::_exit(1);
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

inspect::Word unpack(const inspect::Request& request, std::uint64_t size) {
    const Document document(document_descriptor, size);
    Output output(answer_descriptor, output_descriptor, request);
    Opening opening;
    try {
        if (request.look == inspect::Look::zip) opening = unpack_zip(document, output);
        if (request.look == inspect::Look::tnef) opening = unpack_tnef(document, output);
        if (request.look == inspect::Look::cms) opening = unpack_cms(document, output);
    } catch (const OverBudget& over) {
        opening.state = over.state;
    }
    return inspect::Opened{std::move(opening), output.members(), output.unpacked()};
}

inspect::Word look_at(const inspect::Request& request, std::uint64_t size) {
    if (inspect::unpacks(request.look)) return unpack(request, size);
    return request.look == inspect::Look::pdf
               ? inspect::Word(look_into_pdf(document_descriptor, size))
               : inspect::Word(look_into_xml(document_descriptor, size));
}

inspect::Word word_about(const inspect::Request& request, std::uint64_t size) {
    try {
        return look_at(request, size);
    } catch (const Unreadable& trouble) {
        return inspect::NotNow{trouble.what()};
    } catch (const std::bad_alloc&) {
        return inspect::GaveUp{"memory ran out"};
    } catch (const std::exception& bug) {
        return inspect::GaveUp{clean_text(bug.what())};
    }
}

} // namespace

Result<pid_t> fork_into(
    const Sandbox& sandbox,
    const Budget& budget,
    const Descriptors& descriptors,
    const std::function<void()>& inside
) {
    const pid_t child = ::fork();
    if (child < 0) return fail(system_error("fork a child", errno));
    if (child == 0) live_as_child(sandbox, budget, descriptors, inside);
    return child;
}

void look(const inspect::Request& request, std::uint64_t size) {
    std::set_new_handler(note_that_memory_ran_out);
    inspect::Word word = word_about(request, size);
    if (memory_ran_out) word = inspect::GaveUp{"memory ran out"};
    // Who cannot be answered any more is not waiting any more.
    [[maybe_unused]] const auto sent =
        inspect::send_packet_waiting(answer_descriptor, inspect::encode(word));
}

} // namespace kwit::inspector
