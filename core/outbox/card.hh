// The card of a client: its import addresses, what each asks for, and for each registered sender
// the code and ready-made subjects with links that begin a mail. `kwit client card` shows it to the
// office and mails each sender a letter with what is theirs alone.
#pragma once

#include "core/archive/letters.hh"
#include "core/base/json_fwd.hh"
#include "core/config/texts.hh"
#include "core/model/address_state.hh"
#include "core/model/directory.hh"
#include "core/model/settings.hh"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::outbox {

/// One subject that would do now.
struct CardSubject {
    std::string category;
    std::string label; ///< empty: none
    std::string subject;
    std::string mailto; ///< begins a mail to the import address with it
};

struct CardSender {
    Sender sender;
    std::vector<CardSubject> subjects; ///< one for each category
};

struct CardAddress {
    ImportAddress address;
    Policy policy{};
    DomainSettings domain{};
    AddressState state = AddressState::enabled; ///< never `replaced`
    std::string period{};                       ///< the current month: "11/2026"
    std::vector<CardSender> senders{}; ///< empty for route "address", whose mails carry no code
};

struct Card {
    Client client;
    std::string locale;
    std::vector<CardAddress> addresses;
    std::string reader{}; ///< the sender that it is given to; empty: the office, or everybody
};

/// All of it as of that moment, without addresses that were replaced. `misuse` when an address has
/// a policy that is not configured.
Result<Card> make_card(
    const Client& client,
    const std::vector<ImportAddress>& addresses,
    const std::vector<Sender>& senders,
    const Settings& settings,
    const Texts& texts,
    Time time
);

/// For people, in the language of the card; lines end in LF.
std::string text_of(const Card& card, const Texts& texts);

Json to_json(const Card& card, const Texts& texts);

/// The sender whose code stands in what is told of the address; null: nobody's does, as everybody
/// may come to read it.
const CardSender* reader_of(const Card& card, const CardAddress& address);

/// A subject that would do: with the reader's code, else with a word in its place.
std::string example_of(const Card& card, const CardAddress& address, const Texts& texts);

/// Whether documents can be sent to it with a code now.
bool is_usable(const CardAddress& address);

/// What one sender is told: usable addresses of route "subject" alone, and no code but theirs.
/// Nothing when there is no such address.
std::optional<Letter> letter_to(const Sender& sender, const Card& card, const Texts& texts);

} // namespace kwit::outbox
