#include "inspector/output.hh"

#include "core/inspect/channel.hh"
#include "inspector/document.hh"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace kwit::inspector {

void Output::expect_members(std::uint64_t count) const {
    if (count > members_ - begun_) throw OverBudget(Opening::State::over_members);
}

void Output::expect_bytes(std::uint64_t count) const {
    if (count > bytes_ - spent_) throw OverBudget(Opening::State::over_unpacked);
}

void Output::begin(std::string_view name, std::string charset) {
    expect_members(1);
    ++begun_;
    member_.name = name.substr(0, inspect::max_member_name);
    member_.charset = std::move(charset);
    member_.size = 0;
    member_.withheld.reset();
}

void Output::write(std::string_view bytes) {
    expect_bytes(member_.size + bytes.size());
    while (!bytes.empty()) {
        const auto at = static_cast<off_t>(member_.offset + member_.size);
        const ssize_t done = ::pwrite(file_, bytes.data(), bytes.size(), at);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) throw Unreadable(std::generic_category().message(errno));
        member_.size += static_cast<std::uint64_t>(done);
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
}

void Output::end() {
    say();
    spent_ += member_.size;
    member_.offset += member_.size;
    member_.size = 0;
}

void Output::withhold(Withheld why) {
    spent_ += member_.size;
    member_.size = 0;
    member_.withheld = why;
    say();
}

void Output::say() {
    // Who cannot be told any more is not waiting any more.
    [[maybe_unused]] const auto sent =
        inspect::send_packet_waiting(answer_, inspect::encode(inspect::Word(member_)));
}

} // namespace kwit::inspector
