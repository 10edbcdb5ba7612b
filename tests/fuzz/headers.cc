// The other structured headers: addresses, dates, signatures, parameters, the status of a delivery
// report. Whatever they hold, what comes out of them is UTF-8.
#include "core/base/text.hh"
#include "core/mime/address_list.hh"
#include "core/mime/content.hh"
#include "core/mime/date.hh"
#include "core/mime/parameters.hh"
#include "core/mime/returned.hh"
#include "core/mime/signature.hh"
#include "core/mime/tag_list.hh"
#include "tests/fuzz/input.hh"

#include <array>

namespace kwit::fuzz {

namespace {

void addresses(std::string_view value) {
    const mime::AddressList list = mime::parse_address_list(value);
    HOLDS(list.problem.empty() != list.mailboxes.empty());
    for (const Mailbox& mailbox : list.mailboxes) {
        HOLDS(is_utf8(mailbox.name));
        const auto again = EmailAddress::parse(mailbox.address.text());
        HOLDS(again && again->key() == mailbox.address.key());
    }
}

void parameters(std::string_view value) {
    const mime::ParametrizedValue read = mime::parse_parametrized(value);
    for (const mime::Parameter& parameter : read.parameters) {
        HOLDS(!parameter.name.empty() && is_utf8(parameter.value));
        HOLDS(read.find(parameter.name) != nullptr);
    }
    if (const auto token = mime::parse_single_token(value))
        HOLDS(!token->empty() && mime::parse_single_token(*token) == token);
}

void contents(std::string_view value) {
    const std::array<mime::HeaderField, 4> fields = {
        mime::HeaderField{"Content-Type", std::string(value)},
        mime::HeaderField{"Content-Disposition", std::string(value)},
        mime::HeaderField{"Content-Transfer-Encoding", std::string(value)},
        mime::HeaderField{"Content-ID", std::string(value)}};
    const mime::ContentFacts facts = mime::read_content(fields);
    HOLDS(is_utf8(facts.filename));
    HOLDS(!facts.is_multipart() || !facts.boundary.empty() || !facts.ambiguities.empty());
}

void signatures(std::string_view value) {
    const std::array<mime::HeaderField, 5> fields = {
        mime::HeaderField{"DKIM-Signature", std::string(value)},
        mime::HeaderField{"DKIM-Signature", "v=1; d=kunde.example; s=a; h=from; b=AAAA"},
        mime::HeaderField{"ARC-Seal", std::string(value)},
        mime::HeaderField{"ARC-Message-Signature", std::string(value)},
        mime::HeaderField{"ARC-Authentication-Results", std::string(value)}};
    HOLDS(mime::read_signatures(fields).size() == 2);
    static_cast<void>(mime::read_arc(fields));
    if (const auto tags = mime::TagList::parse(value)) static_cast<void>(tags->find("d"));
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value = kwit::fuzz::text_of(data, size);
    kwit::fuzz::addresses(value);
    kwit::fuzz::parameters(value);
    kwit::fuzz::contents(value);
    kwit::fuzz::signatures(value);
    static_cast<void>(kwit::mime::parse_date(value));
    static_cast<void>(kwit::mime::read_delivery_status(value));
    return 0;
}
