#include "tests/crash/record.hh"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace kwit::crash {

namespace {

struct Head {
    std::uint32_t what;
    std::uint32_t durable;
    std::uint64_t inode;
    std::uint64_t other;
    std::uint64_t offset;
    std::array<std::uint64_t, 3> sizes; // of name, text and bytes
};

} // namespace

void append(int fd, const Event& event) {
    const Head head{
        static_cast<std::uint32_t>(event.what),
        event.durable ? 1U : 0U,
        event.inode,
        event.other,
        event.offset,
        {event.name.size(), event.text.size(), event.bytes.size()}};
    std::string line(reinterpret_cast<const char*>(&head), sizeof head);
    line += event.name + event.text + event.bytes;
    // Not write(): that is one of the calls that are written down.
    if (::syscall(SYS_write, fd, line.data(), line.size()) != static_cast<long>(line.size()))
        throw std::runtime_error("cannot write the record");
}

std::vector<Event> read_record(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    std::vector<Event> events;
    for (std::size_t at = 0; all.size() - at >= sizeof(Head);) {
        Head head{};
        std::memcpy(&head, all.data() + at, sizeof head);
        at += sizeof head;
        if (all.size() - at < head.sizes[0] + head.sizes[1] + head.sizes[2]) break;
        const auto take = [&](std::uint64_t size) {
            std::string text = all.substr(at, size);
            at += size;
            return text;
        };
        Event event{
            static_cast<Event::What>(head.what),
            head.inode,
            head.other,
            head.offset,
            head.durable != 0};
        event.name = take(head.sizes[0]);
        event.text = take(head.sizes[1]);
        event.bytes = take(head.sizes[2]);
        events.push_back(std::move(event));
    }
    return events;
}

} // namespace kwit::crash
