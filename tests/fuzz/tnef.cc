// A winmail.dat, read as the inspector's child reads it. What comes out stays within the budget,
// and is no more than went in.
#include "inspector/tnef.hh"

#include "inspector/document.hh"
#include "inspector/output.hh"
#include "tests/fuzz/input.hh"

#include <string_view>

namespace kwit::fuzz {

namespace {

void run(std::string_view stream) {
    const inspect::Request budget{.look = inspect::Look::tnef, .members = 8, .unpacked = 4096};
    const TempFile document = file_of(stream);
    TempFile members = file_of("");
    constexpr int nobody = -1; // who would be told of the members
    inspector::Output output(nobody, members.descriptor(), budget);
    try {
        inspector::unpack_tnef({document.descriptor(), stream.size()}, output);
    } catch (const inspector::OverBudget& over) {
        HOLDS(over.state != Opening::State::opened);
    }
    HOLDS(members.measure());
    HOLDS(members.size() <= budget.unpacked);
    HOLDS(members.size() <= stream.size());
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kwit::fuzz::run(kwit::fuzz::text_of(data, size));
    return 0;
}
