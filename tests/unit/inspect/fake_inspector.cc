// Stands in for kwit-inspector and does what that one should not. What it does is the name it is
// called by (a symbolic link); each start is one more byte in the file NAME.started, each request
// one in NAME.asked.
#include "core/inspect/channel.hh"
#include "core/inspect/wire.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace kwit;
using namespace kwit::inspect;

namespace {

constexpr int control = STDIN_FILENO;

void say(int socket, const std::string& bytes) {
    if (!send_packet(socket, bytes)) std::exit(3);
}

[[noreturn]] void hang() {
    for (;;)
        ::pause();
}

void say_hello(const std::string& mode, std::size_t started) {
    if (mode == "dies" || (mode == "dies-twice" && started <= 2)) std::exit(7);
    if (mode == "hangs") hang();
    Hello hello;
    if (mode == "older") hello.speaks = 0;
    if (mode == "troubled") hello.trouble = "there is no sandbox here";
    if (mode == "babbles") {
        say(control, std::string(100, 'x'));
        hang();
    }
    say(control, encode(hello));
}

/// One more byte in the file; how many there are now.
std::size_t count_in(const std::string& file) {
    std::ofstream(file, std::ios::app) << '.';
    return std::filesystem::file_size(file);
}

Word ended(Ended::How how, int number) {
    return Ended{how, number};
}

void answer(const std::string& mode, std::size_t asked, int socket, std::vector<Fd>& kept) {
    const Word facts = PdfFacts{.pages = 1};
    if (mode == "deaf") hang();
    if (mode == "leaves") std::exit(0);
    if (mode == "leaves-slowly") { // what the kernel does to one that dies, in slow motion
        ::close(socket);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        std::exit(0);
    }
    if (mode == "leaves-once" && asked == 1) std::exit(0);
    if (mode == "no-child") return say(socket, encode(Word(NotNow{"cannot fork a child"})));
    say(socket, encode(Word(Started{})));
    if (mode == "slow") {
        kept.emplace_back(::dup(socket));
        return;
    }
    if (mode == "crashes" || (mode == "crashes-once" && asked == 1))
        return say(socket, encode(ended(Ended::How::killed, SIGSEGV)));
    if (mode == "burns") return say(socket, encode(ended(Ended::How::killed, SIGXCPU)));
    if (mode == "breaks-out") return say(socket, encode(ended(Ended::How::killed, SIGSYS)));
    if (mode == "killed") return say(socket, encode(ended(Ended::How::killed, SIGKILL)));
    if (mode == "no-sandbox") return say(socket, encode(ended(Ended::How::exited, 1)));
    if (mode == "silent") return say(socket, encode(ended(Ended::How::exited, 0)));
    if (mode == "starves") return say(socket, encode(Word(GaveUp{"memory ran out"})));
    if (mode == "nonsense") return say(socket, "no message");
    if (mode == "empty") return say(socket, "");
    if (mode == "floods") {
        for (int i = 0; i < 20; ++i) // until nobody listens any more
            if (!send_packet(socket, encode(Word(Started{})))) return;
        return;
    }
    if (mode == "opens") return say(socket, encode(Word(Opened{})));
    if (mode == "belittles") { // what it gave
        for (int i = 0; i < 2; ++i)
            if (!send_packet(socket, encode(Word(Member{.name = "a.pdf"})))) return;
        return say(socket, encode(Word(Opened{})));
    }
    if (mode == "packs") return say(socket, encode(Word(Member{.name = "a.pdf"})));
    say(socket, encode(facts));
}

} // namespace

int main(int argc, char** argv) {
    const std::string path = std::span(argv, static_cast<std::size_t>(argc)).front();
    const std::string mode = std::filesystem::path(path).filename();
    say_hello(mode, count_in(path + ".started"));
    std::vector<Fd> kept;
    for (;;) {
        auto packet = receive_packet(control);
        if (!packet || !*packet) return 0;
        answer(mode, count_in(path + ".asked"), (*packet)->descriptors.at(0).get(), kept);
    }
}
