// The protocol with the inspector, whose child has read hostile bytes: a message within the limits,
// which is the same when it is sent on, or `corrupt`.
#include "core/base/text.hh"
#include "core/inspect/wire.hh"
#include "tests/fuzz/input.hh"

namespace kwit::fuzz {

namespace {

template <typename Message, typename Decode>
void read(std::string_view bytes, Decode decode) {
    const Result<Message> message = decode(bytes);
    if (!message) {
        HOLDS(message.error().kind == Kind::corrupt);
        return;
    }
    const std::string written = inspect::encode(*message);
    HOLDS(bytes.size() <= inspect::max_message && written.size() <= inspect::max_message);
    const Result<Message> again = decode(written);
    HOLDS(again && *again == *message);
}

void check_pdf(const PdfFacts& facts) {
    HOLDS(facts.said.size() <= inspect::max_text && is_utf8(facts.said));
    HOLDS(facts.title.size() <= inspect::max_text && is_utf8(facts.title));
    HOLDS(facts.pages <= inspect::max_pages);
    HOLDS(facts.embedded.size() <= inspect::max_embedded);
    HOLDS(facts.active.size() <= inspect::max_active);
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwit;
    const std::string_view bytes = fuzz::text_of(data, size);
    fuzz::read<inspect::Hello>(bytes, inspect::decode_hello);
    fuzz::read<inspect::Request>(bytes, inspect::decode_request);
    fuzz::read<inspect::Word>(bytes, inspect::decode_word);
    if (const auto word = inspect::decode_word(bytes))
        if (const auto* pdf = std::get_if<PdfFacts>(&*word)) fuzz::check_pdf(*pdf);
    return 0;
}
