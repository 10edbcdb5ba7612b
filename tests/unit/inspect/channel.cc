#include "core/inspect/channel.hh"

#include "core/inspect/wire.hh"
#include "tests/unit/result.hh"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

using namespace kwit;
using namespace kwit::inspect;

namespace {

Ends ends() {
    auto made = make_ends();
    REQUIRE_GOOD(made);
    return *std::move(made);
}

Clock::time_point in(std::chrono::milliseconds time) {
    return Clock::now() + time;
}

} // namespace

TEST_SUITE("inspect/channel") {
    TEST_CASE("packets keep their borders") {
        const Ends pair = ends();
        REQUIRE_GOOD(send_packet(pair.ours.get(), "one"));
        REQUIRE_GOOD(send_packet(pair.ours.get(), "two"));
        for (const char* const text : {"one", "two"}) {
            auto packet = receive_packet(pair.theirs.get());
            REQUIRE_GOOD(packet);
            CHECK((*packet)->bytes == text);
        }
    }

    TEST_CASE("a message at the limit passes, one byte more is not sent and not taken") {
        const Ends pair = ends();
        const std::string most(max_message, 'x');
        REQUIRE_GOOD(send_packet(pair.ours.get(), most));
        auto packet = receive_packet(pair.theirs.get());
        REQUIRE_GOOD(packet);
        CHECK((*packet)->bytes == most);

        const std::string more = most + 'x';
        const auto sent = send_packet(pair.ours.get(), more);
        REQUIRE_FALSE(sent);
        CHECK(sent.error().what == "a message has 65537 bytes, the limit is 65536");
        REQUIRE(::send(pair.ours.get(), more.data(), more.size(), 0) == 65537);
        const auto got = receive_packet(pair.theirs.get());
        REQUIRE_FALSE(got);
        CHECK(got.error().what == "a message has 65537 bytes, the limit is 65536");
    }

    TEST_CASE("descriptors travel along, as many as can be; one more is not taken") {
        const Ends pair = ends();
        std::array<int, 2> pipe{};
        REQUIRE(::pipe(pipe.data()) == 0);
        const Fd reading(pipe[0]);
        const Fd writing(pipe[1]);
        const std::array descriptors = {writing.get(), reading.get(), writing.get()};
        REQUIRE_GOOD(send_packet(pair.ours.get(), "take these", descriptors));
        auto packet = receive_packet(pair.theirs.get());
        REQUIRE_GOOD(packet);
        REQUIRE((*packet)->descriptors.size() == max_descriptors);
        REQUIRE(::write((*packet)->descriptors[0].get(), "x", 1) == 1);
        char byte = 0;
        CHECK(::read(reading.get(), &byte, 1) == 1);
        CHECK(byte == 'x');

        // send_packet() has no room for four: what another program may send all the same
        std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
        std::array<char, 1> text{'x'};
        iovec piece{text.data(), text.size()};
        msghdr header{};
        header.msg_iov = &piece;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        cmsghdr* const first = CMSG_FIRSTHDR(&header);
        first->cmsg_level = SOL_SOCKET;
        first->cmsg_type = SCM_RIGHTS;
        first->cmsg_len = CMSG_LEN(4 * sizeof(int));
        for (std::size_t i = 0; i < 4; ++i)
            std::memcpy(CMSG_DATA(first) + i * sizeof(int), &descriptors[0], sizeof(int));
        REQUIRE(::sendmsg(pair.ours.get(), &header, 0) == 1);
        CHECK_FALSE(receive_packet(pair.theirs.get()));
    }

    TEST_CASE("the end is seen") {
        Ends pair = ends();
        CHECK_FALSE(is_closed(pair.ours.get()));
        pair.theirs = Fd();
        CHECK(is_closed(pair.ours.get()));
        CHECK(*wait_for_packet(pair.ours.get(), in(std::chrono::minutes(1))));
        auto packet = receive_packet(pair.ours.get());
        REQUIRE_GOOD(packet);
        CHECK_FALSE(*packet);
        CHECK_FALSE(send_packet(pair.ours.get(), "nobody there"));
    }

    TEST_CASE("waiting ends at its time") {
        const Ends pair = ends();
        CHECK_FALSE(*wait_for_packet(pair.ours.get(), in(std::chrono::milliseconds(20))));
        CHECK_FALSE(*wait_for_packet(pair.ours.get(), in(std::chrono::milliseconds(-5))));
        REQUIRE_GOOD(send_packet(pair.theirs.get(), "here"));
        CHECK(*wait_for_packet(pair.ours.get(), in(std::chrono::milliseconds(-5))));
    }

    TEST_CASE("a peer that does not read does not make us wait") {
        const Ends pair = ends();
        const std::string most(max_message, 'x');
        Result<void> sent;
        for (int i = 0; i < 1000 && sent; ++i)
            sent = send_packet(pair.ours.get(), most);
        CHECK_FALSE(sent);
    }
}
