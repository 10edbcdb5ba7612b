#include "core/archive/directory.hh"
#include "core/archive/directory_rows.hh"
#include "core/archive/fields.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/token.hh"
#include "core/base/json.hh"
#include "core/base/random.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

constexpr std::size_t drawn_number_size = 10;
constexpr int max_draws = 100;

/// The key of table addresses-by-client: client NUL domain NUL local.
std::string index_key(const ImportAddress& address) {
    return keys::pair(address.client, keys::address(address.address));
}

/// Puts the first free one of the proposed addresses into the directory.
Result<void> put_first_free(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    ImportAddress& address,
    const By& by,
    int attempts,
    const std::function<std::string()>& propose
) {
    for (int i = 0; i < attempts; ++i) {
        address.address = TRY(check_email(propose()));
        const auto present = TRY(load_address(archive, txn, address.address));
        if (present) continue;
        const Tables& tables = archive.tables();
        TRY(txn.put(tables.addresses, keys::address(address.address), encode(address)));
        TRY(txn.put(tables.addresses_by_client, index_key(address), {}));
        return journal_change(archive, txn, by, "address-added", nullptr, to_json(address));
    }
    return fail(
        Kind::refused,
        fmt::format("address {} exists already", address.address),
        "choose another number, or give none to have a free one drawn"
    );
}

Result<void>
check_common(std::string_view policy, std::string_view symbol, std::string_view label) {
    TRY(check_text("policy", policy));
    TRY(check_optional_text("symbol", symbol));
    return check_optional_text("label", label);
}

Result<void> require_notify(const Client& client) {
    if (!client.notify.empty()) return {};
    return fail(
        Kind::refused,
        fmt::format("client {} has no notification address", client.id),
        fmt::format("add one first: kwit notify add {} EMAIL", client.id)
    );
}

Result<std::optional<ImportAddress>> indexed_address(
    const Archive& archive, const lmdb::Txn& txn, std::string_view key, std::size_t client_size
) {
    return load<ImportAddress>(
        txn,
        archive.tables().addresses,
        std::string(key.substr(client_size + 1)),
        "of client " + std::string(key.substr(0, client_size))
    );
}

Result<void> check_change(const AddressChange& change) {
    if (change.policy) TRY(check_text("policy", *change.policy));
    TRY(check_optional_text("symbol", change.symbol.value_or("")));
    TRY(check_optional_text("label", change.label.value_or("")));
    return check_optional_text("reason", change.disabled_reason.value_or(""));
}

ImportAddress changed(ImportAddress address, const AddressChange& change) {
    if (change.enabled) address.enabled = *change.enabled;
    if (change.disabled_reason) address.disabled_reason = *change.disabled_reason;
    if (address.enabled) address.disabled_reason.clear();
    if (change.policy) address.policy = *change.policy;
    if (change.symbol) address.symbol = *change.symbol;
    if (change.label) address.label = *change.label;
    if (change.expires_at) address.expires_at = *change.expires_at;
    return address;
}

/// The address with the number that is wanted, or a drawn one.
std::string tagged(const NewTaggedAddress& wanted) {
    const std::string drawn = random_text("0123456789", drawn_number_size);
    const std::string& number = wanted.number.empty() ? drawn : wanted.number;
    return fmt::format("{}+{}@{}", wanted.base, number, wanted.domain);
}

/// The address, or `refused` when there is none.
Result<ImportAddress>
require_address(const Archive& archive, const lmdb::Txn& txn, const std::string& key) {
    auto address = TRY(load_address(archive, txn, key));
    if (address) return std::move(*address);
    return fail(
        Kind::refused,
        fmt::format("there is no import address {}", key),
        "see kwit address list for those there are"
    );
}

Result<void>
require_notified(const Archive& archive, const lmdb::Txn& txn, const std::string& client) {
    const Client found = TRY(load_client(archive, txn, client));
    return require_notify(found);
}

Result<void> replace_address(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const ImportAddress& before,
    const ImportAddress& after,
    const By& by
) {
    TRY(txn.put(archive.tables().addresses, keys::address(after.address), encode(after)));
    return journal_change(archive, txn, by, "address-changed", to_json(before), to_json(after));
}

Result<Changed> change_address(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const std::string& key,
    const AddressChange& change,
    const NeedsNotify& needs_notify,
    const By& by
) {
    const ImportAddress before = TRY(require_address(archive, txn, key));
    const ImportAddress after = changed(before, change);
    if (encode(before) == encode(after)) return Changed::no;
    if (needs_notify(after)) TRY(require_notified(archive, txn, after.client));
    TRY(replace_address(archive, txn, before, after, by));
    return Changed::yes;
}

bool needs_nobody(const ImportAddress& /*address*/) {
    return false;
}

// ── rotation ─────────────────────────────────────────────────────────────────────────────────────

std::string open(std::string_view extension, std::string_view domain) {
    return fmt::format("{}-{}@{}", draw_token(), extension, domain);
}

/// Another address of the same kind, drawn anew.
std::string another(const ImportAddress& address) {
    const std::size_t at = address.address.rfind('@');
    const std::string local = address.address.substr(0, at);
    const std::string domain = address.address.substr(at + 1);
    if (!address.extension.empty()) return open(address.extension, domain);
    return tagged(
        {.client = address.client, .domain = domain, .base = local.substr(0, local.rfind('+'))}
    );
}

Result<void> check_rotatable(const ImportAddress& address, const By& by) {
    if (!address.replaced_by.empty())
        return fail(
            Kind::refused,
            fmt::format(
                "address {} was replaced by {} already", address.address, address.replaced_by
            ),
            fmt::format("kwit address rotate {} replaces that one", address.replaced_by)
        );
    if (address.expires_at && *address.expires_at <= by.at)
        return fail(
            Kind::refused,
            fmt::format("address {} has expired, and so would a new one", address.address),
            fmt::format("first: kwit address set {} --expires TIME", address.address)
        );
    return {};
}

/// A new one is not disabled, whatever the old one is: it is made to be used.
ImportAddress successor_of(const ImportAddress& address, const By& by) {
    ImportAddress fresh = address;
    fresh.address.clear(); // proposed by the caller
    fresh.enabled = true;
    fresh.disabled_reason.clear();
    fresh.created_at = by.at;
    return fresh;
}

ImportAddress
replaced(ImportAddress address, const ImportAddress& fresh, Milliseconds grace, const By& by) {
    const Time end = by.at + grace;
    address.expires_at = std::min(address.expires_at.value_or(end), end);
    address.replaced_by = fresh.address;
    return address;
}

} // namespace

Result<std::optional<ImportAddress>>
load_address(const Archive& archive, const lmdb::Txn& txn, const std::string& address) {
    return load<ImportAddress>(txn, archive.tables().addresses, keys::address(address), address);
}

Result<void> each_address_of(
    const Archive& archive,
    const lmdb::Txn& txn,
    const std::string& client,
    const std::function<void(const ImportAddress&)>& step
) {
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const auto address = TRY(indexed_address(archive, txn, entry.key, client.size()));
        if (address) step(*address);
        return lmdb::Walk::on;
    };
    return txn.scan(
        archive.tables().addresses_by_client, lmdb::Range::prefix(keys::group(client)), look
    );
}

Result<void> erase_address(
    const Archive& archive, lmdb::WriteTxn& txn, const ImportAddress& address, const By& by
) {
    TRY(txn.erase(archive.tables().addresses, keys::address(address.address)));
    TRY(txn.erase(archive.tables().addresses_by_client, index_key(address)));
    return journal_change(archive, txn, by, "address-removed", to_json(address), nullptr);
}

Result<void> journal_change(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const By& by,
    std::string_view what,
    const Json& before,
    const Json& after
) {
    return append_journal(archive, txn, by, what, {{"before", before}, {"after", after}});
}

Result<ImportAddress>
add_tagged_address(Archive& archive, const NewTaggedAddress& wanted, const By& by) {
    const bool drawn = wanted.number.empty();
    TRY(check_number(drawn ? "0" : wanted.number));
    TRY(check_common(wanted.policy, wanted.symbol, wanted.label));
    ImportAddress address{
        .address = {}, // proposed below
        .client = wanted.client,
        .policy = wanted.policy,
        .symbol = wanted.symbol,
        .label = wanted.label,
        .expires_at = wanted.expires_at,
        .created_at = by.at};
    const auto propose = [&] { return tagged(wanted); };
    const int attempts = drawn ? max_draws : 1;
    const auto add = [&](lmdb::WriteTxn& txn) -> Result<void> {
        TRY(load_client(archive, txn, wanted.client));
        return put_first_free(archive, txn, address, by, attempts, propose);
    };
    TRY(archive.change(add));
    return address;
}

Result<ImportAddress>
add_open_address(Archive& archive, const NewOpenAddress& wanted, const By& by) {
    TRY(check_common(wanted.policy, wanted.symbol, wanted.label));
    TRY(check_text("symbol", wanted.symbol));
    TRY(check_extension(wanted.extension));
    ImportAddress address{
        .address = {}, // proposed below
        .client = wanted.client,
        .policy = wanted.policy,
        .symbol = wanted.symbol,
        .extension = wanted.extension,
        .label = wanted.label,
        .expires_at = wanted.expires_at,
        .created_at = by.at};
    const auto propose = [&] { return open(wanted.extension, wanted.domain); };
    const auto add = [&](lmdb::WriteTxn& txn) -> Result<void> {
        TRY(require_notified(archive, txn, wanted.client));
        return put_first_free(archive, txn, address, by, max_draws, propose);
    };
    TRY(archive.change(add));
    return address;
}

Result<std::optional<ImportAddress>>
find_address(const Archive& archive, std::string_view address) {
    const auto key = address_key(address);
    if (!key) return std::optional<ImportAddress>();
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_address(archive, txn, *key);
}

Result<std::optional<AddressAndClient>>
find_recipient(const Archive& archive, std::string_view address) {
    const auto key = address_key(address);
    if (!key) return std::optional<AddressAndClient>();
    const lmdb::ReadTxn txn = TRY(archive.read());
    auto found = TRY(load_address(archive, txn, *key));
    if (!found) return std::optional<AddressAndClient>();
    auto client = TRY(load<Client>(txn, archive.tables().clients, found->client, found->client));
    if (!client)
        return fail(
            Kind::corrupt,
            fmt::format("address {} belongs to client {}, which is not there", *key, found->client),
            "run kwit verify"
        );
    return std::optional(AddressAndClient{std::move(*found), std::move(*client)});
}

Result<std::vector<ImportAddress>>
list_addresses(const Archive& archive, const AddressFilter& filter, const Page& page) {
    const bool by_client = !filter.client.empty();
    std::string prefix;
    if (by_client) prefix = keys::group(filter.client);
    if (!filter.domain.empty()) prefix += keys::group(filter.domain);
    const auto pick = [&](const lmdb::Txn& txn,
                          const lmdb::Entry& entry) -> Result<std::optional<ImportAddress>> {
        if (by_client) return indexed_address(archive, txn, entry.key, filter.client.size());
        auto address = TRY(decode<ImportAddress>(entry.value, "a row of table addresses"));
        return std::optional(std::move(address));
    };
    const lmdb::Table& table =
        by_client ? archive.tables().addresses_by_client : archive.tables().addresses;
    return collect<ImportAddress>([&](const auto& step) {
        return each_record<ImportAddress>(
            archive, table, lmdb::Range::prefix(prefix, page.order), page.limit, pick, step
        );
    });
}

Result<Changed> set_address(
    Archive& archive,
    std::string_view address,
    const AddressChange& change,
    const NeedsNotify& needs_notify,
    const By& by
) {
    TRY(check_change(change));
    const std::string key = TRY(check_email(address));
    Changed changed = Changed::no;
    const auto set = [&](lmdb::WriteTxn& txn) -> Result<void> {
        changed = TRY(change_address(archive, txn, key, change, needs_notify, by));
        return {};
    };
    TRY(archive.change(set));
    return changed;
}

Result<Changed> enable_address(Archive& archive, std::string_view address, const By& by) {
    return set_address(archive, address, {.enabled = true}, needs_nobody, by);
}

Result<Changed> disable_address(
    Archive& archive,
    std::string_view address,
    const By& by,
    const std::optional<std::string>& reason
) {
    const AddressChange change{.enabled = false, .disabled_reason = reason};
    return set_address(archive, address, change, needs_nobody, by);
}

Result<Rotation>
rotate_address(Archive& archive, std::string_view address, Milliseconds grace, const By& by) {
    const std::string key = TRY(check_email(address));
    Rotation made{};
    const auto rotate = [&](lmdb::WriteTxn& txn) -> Result<void> {
        const ImportAddress before = TRY(require_address(archive, txn, key));
        TRY(check_rotatable(before, by));
        made.fresh = successor_of(before, by);
        const auto propose = [&] { return another(before); };
        TRY(put_first_free(archive, txn, made.fresh, by, max_draws, propose));
        made.old = replaced(before, made.fresh, grace, by);
        return replace_address(archive, txn, before, made.old, by);
    };
    TRY(archive.change(rotate));
    return made;
}

} // namespace kwit
