// The directory: clients, their notification addresses, senders with their codes, import addresses.
//
// Every change is one transaction with its journal entry, seen by other processes at once. Texts
// that are not what a field may hold are `misuse`; what the state of the directory forbids (exists
// already, not found, still needed) is `refused`, with a remedy. E-mail addresses are taken as
// written and compared by EmailAddress::key(); codes are compared without case.
#pragma once

#include "core/archive/archive.hh"
#include "core/model/directory.hh"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

// ── clients ──────────────────────────────────────────────────────────────────────────────────────

/// id, name, locale and notify are taken; created_at is by.at.
Result<void> add_client(Archive& archive, const Client& client, const By& by);
Result<std::optional<Client>> find_client(const Archive& archive, const std::string& id);

/// `refused` when there is none.
Result<Client> get_client(const Archive& archive, const std::string& id);

/// By id.
Result<std::vector<Client>> list_clients(const Archive& archive, const Page& page = {});

struct ClientChange {
    std::optional<std::string> name{};
    std::optional<std::string> locale{};
};

/// Changed::no when nothing differs, as for every set_…(): nothing is written then.
Result<Changed>
set_client(Archive& archive, const std::string& id, const ClientChange& change, const By& by);

/// Takes its senders, addresses and decorations with it; `refused` while it has documents. Receipts
/// stay.
Result<void> remove_client(Archive& archive, const std::string& id, const By& by);

/// Whether mail to the address needs somebody to be notified: its policy's route is "address". The
/// archive does not know policies, so the caller says.
using NeedsNotify = std::function<bool(const ImportAddress&)>;

/// When a notification address is told of imports.
enum class Telling { at_once, daily };

Result<void> add_notify(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    const By& by,
    Telling telling = Telling::at_once
);

/// `refused` when it is none of the client's.
Result<Changed> set_notify(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    Telling telling,
    const By& by
);

/// How the client's notification address is told.
Telling telling_of(const Client& client, std::string_view email);

/// `refused` for the last one of a client with an address that needs it.
Result<void> remove_notify(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    const NeedsNotify& needs_notify,
    const By& by
);

// ── senders ──────────────────────────────────────────────────────────────────────────────────────

/// All but created_at is taken, an email "@" and a domain for all of its addresses; a free code of
/// six digits is drawn when none is given. The sender as it was stored.
Result<Sender> add_sender(Archive& archive, const Sender& sender, const By& by);

Result<std::optional<Sender>>
find_sender(const Archive& archive, const std::string& client, std::string_view email);

/// Who may write as this author: the address itself, else its domain.
Result<std::optional<Sender>>
find_sender_of(const Archive& archive, const std::string& client, const EmailAddress& author);

Result<std::optional<Sender>> find_sender_by_code(const Archive& archive, std::string_view code);

struct SenderFilter {
    std::string client{}; ///< empty: of all
    std::string email{};  ///< empty: all
};

/// By e-mail address, then client.
Result<std::vector<Sender>>
list_senders(const Archive& archive, const SenderFilter& filter = {}, const Page& page = {});

struct SenderChange {
    std::optional<std::string> name{};
    std::optional<std::string> login{};
    std::optional<std::string> certificate{};
    std::optional<std::optional<Alignment>> alignment{}; ///< an inner nothing: the domain's
    std::optional<bool> arc{};
    std::optional<std::string> via{};
    std::optional<std::string> code{}; ///< a new one; the old one is never used again
};

Result<Changed> set_sender(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    const SenderChange& change,
    const By& by
);

struct NewSecret {
    std::string secret; ///< kept nowhere: only its digest stands in the directory
    Sender sender;      ///< as it is now
};

/// Gives the sender a secret. The one before it counts until then; at by.at or earlier: no more.
Result<NewSecret> rotate_secret(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    Time old_until,
    const By& by
);

/// Takes the secret away, and the one before it.
Result<Changed>
remove_secret(Archive& archive, const std::string& client, std::string_view email, const By& by);

Result<void>
remove_sender(Archive& archive, const std::string& client, std::string_view email, const By& by);

// ── import addresses ─────────────────────────────────────────────────────────────────────────────

/// BASE+NUMBER@domain
struct NewTaggedAddress {
    std::string client;
    std::string domain;
    std::string base;
    std::string policy = "tagged";
    std::string number{}; ///< 1 to 20 digits; empty: ten are drawn
    std::string symbol{};
    std::string label{};
    std::optional<Time> expires_at{};
};

/// TOKEN-EXTENSION@domain
struct NewOpenAddress {
    std::string client;
    std::string domain;
    std::string symbol;
    std::string extension;
    std::string policy = "open";
    std::string label{};
    std::optional<Time> expires_at{};
};

Result<ImportAddress>
add_tagged_address(Archive& archive, const NewTaggedAddress& wanted, const By& by);

/// `refused` while the client has no notification address.
Result<ImportAddress>
add_open_address(Archive& archive, const NewOpenAddress& wanted, const By& by);

/// The address as any text, compared without case; nothing for a text that is no address.
Result<std::optional<ImportAddress>> find_address(const Archive& archive, std::string_view address);

struct AddressAndClient {
    ImportAddress address;
    Client client;
};

/// The address with its client, of one moment: what RCPT asks.
Result<std::optional<AddressAndClient>>
find_recipient(const Archive& archive, std::string_view address);

struct AddressFilter {
    std::string client{}; ///< empty: of all
    std::string domain{}; ///< empty: in all
};

/// By domain, then local part.
Result<std::vector<ImportAddress>>
list_addresses(const Archive& archive, const AddressFilter& filter = {}, const Page& page = {});

struct AddressChange {
    std::optional<bool> enabled{}; ///< true forgets the reason
    std::optional<std::string> disabled_reason{};
    std::optional<std::string> policy{};
    std::optional<std::string> symbol{};
    std::optional<std::string> label{};
    std::optional<std::optional<Time>> expires_at{}; ///< an inner nothing: never
};

/// `refused` when the changed address needs a notification address and its client has none.
Result<Changed> set_address(
    Archive& archive,
    std::string_view address,
    const AddressChange& change,
    const NeedsNotify& needs_notify,
    const By& by
);

Result<Changed> enable_address(Archive& archive, std::string_view address, const By& by);

/// A reason is told in the refusal; nothing leaves the one there is, an empty one takes it away.
Result<Changed> disable_address(
    Archive& archive,
    std::string_view address,
    const By& by,
    const std::optional<std::string>& reason = std::nullopt
);

struct Rotation {
    ImportAddress fresh;
    ImportAddress old;
};

/// Makes a new address like that one, which is taken until the grace is over and then refused as
/// replaced; never longer than it would have been anyway. `refused` for one that was replaced
/// before or has expired.
Result<Rotation>
rotate_address(Archive& archive, std::string_view address, Milliseconds grace, const By& by);

} // namespace kwit
