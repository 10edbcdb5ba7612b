// Stored records: CBOR that is read writes the same bytes again and again, whatever it was.
#include "core/archive/records.hh"

#include "core/base/json.hh"
#include "tests/fuzz/input.hh"

namespace kwit::fuzz {

namespace {

template <typename Record>
void read(std::string_view bytes) {
    const auto record = decode<Record>(bytes, "record");
    if (!record) {
        HOLDS(record.error().kind == Kind::corrupt);
        HOLDS(record.error().what.find("record") != std::string::npos);
        return;
    }
    HOLDS(!json_line(to_json(*record)).empty());
    const std::string written = encode(*record);
    const auto again = decode<Record>(written, "record");
    HOLDS(again && encode(*again) == written);
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwit;
    const std::string_view bytes = fuzz::text_of(data, size);
    fuzz::read<Client>(bytes);
    fuzz::read<Sender>(bytes);
    fuzz::read<ImportAddress>(bytes);
    fuzz::read<Receipt>(bytes);
    fuzz::read<Document>(bytes);
    fuzz::read<OutboxRow>(bytes);
    return 0;
}
