#include "core/archive/decorations.hh"
#include "core/archive/directory.hh"
#include "core/archive/directory_rows.hh"
#include "core/archive/fields.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

Result<Client> checked(const Client& client, const By& by) {
    TRY(check_client_id(client.id));
    TRY(check_text("name of a client", client.name));
    TRY(check_locale(client.locale));
    Client checked = client;
    checked.created_at = by.at;
    checked.notify.clear();
    checked.digest.clear();
    for (const std::string& email : client.notify) {
        const std::string key = TRY(check_email(email));
        const bool is_new = std::none_of(
            checked.notify.begin(),
            checked.notify.end(),
            [&](const std::string& other) { return address_key(other) == key; }
        );
        if (is_new) checked.notify.push_back(email);
    }
    return checked;
}

Result<void> store(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const By& by,
    std::string_view what,
    const Client& before,
    const Client& after
) {
    TRY(txn.put(archive.tables().clients, after.id, encode(after)));
    return journal_change(archive, txn, by, what, to_json(before), to_json(after));
}

Result<Changed> change_client(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const std::string& id,
    const ClientChange& change,
    const By& by
) {
    const Client before = TRY(load_client(archive, txn, id));
    Client after = before;
    after.name = change.name.value_or(before.name);
    after.locale = change.locale.value_or(before.locale);
    if (encode(before) == encode(after)) return Changed::no;
    TRY(store(archive, txn, by, "client-changed", before, after));
    return Changed::yes;
}

auto notify_of(const Client& client, const std::string& key) {
    return std::find_if(client.notify.begin(), client.notify.end(), [&](const std::string& email) {
        return address_key(email) == key;
    });
}

Result<bool> needs_notify_address(
    const Archive& archive,
    const lmdb::Txn& txn,
    const std::string& client,
    const NeedsNotify& needs
) {
    bool found = false;
    TRY(each_address_of(archive, txn, client, [&](const ImportAddress& address) {
        found = found || needs(address);
    }));
    return found;
}

/// Takes the senders, addresses and decorations of a client away.
Result<void> remove_dependents(
    const Archive& archive, lmdb::WriteTxn& txn, const std::string& client, const By& by
) {
    std::vector<Sender> senders;
    TRY(each_sender_of(archive, txn, client, [&](const Sender& sender) {
        senders.push_back(sender);
    }));
    for (const Sender& sender : senders)
        TRY(erase_sender(archive, txn, sender, by));
    std::vector<ImportAddress> addresses;
    TRY(each_address_of(archive, txn, client, [&](const ImportAddress& address) {
        addresses.push_back(address);
    }));
    for (const ImportAddress& address : addresses)
        TRY(erase_address(archive, txn, address, by));
    return erase_decorations_of(archive, txn, client, by);
}

Result<bool>
has_documents(const Archive& archive, const lmdb::Txn& txn, const std::string& client) {
    bool found = false;
    TRY(txn.scan(
        archive.tables().documents_by_client,
        lmdb::Range::prefix(keys::group(client)),
        [&](const lmdb::Entry& /*entry*/) -> Result<lmdb::Walk> {
            found = true;
            return lmdb::Walk::stop;
        }
    ));
    return found;
}

} // namespace

Result<Client> load_client(const Archive& archive, const lmdb::Txn& txn, const std::string& id) {
    auto client = TRY(load<Client>(txn, archive.tables().clients, id, id));
    if (client) return std::move(*client);
    return fail(
        Kind::refused,
        fmt::format("there is no client {}", id),
        "see kwit client list for those there are"
    );
}

Result<void> add_client(Archive& archive, const Client& client, const By& by) {
    const Client wanted = TRY(checked(client, by));
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const auto present = TRY(txn.get(archive.tables().clients, wanted.id));
        if (present)
            return fail(
                Kind::refused,
                fmt::format("client {} exists already", wanted.id),
                fmt::format("change it with kwit client set {}", wanted.id)
            );
        TRY(txn.put(archive.tables().clients, wanted.id, encode(wanted)));
        return journal_change(archive, txn, by, "client-added", nullptr, to_json(wanted));
    });
}

Result<std::optional<Client>> find_client(const Archive& archive, const std::string& id) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load<Client>(txn, archive.tables().clients, id, id);
}

Result<Client> get_client(const Archive& archive, const std::string& id) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_client(archive, txn, id);
}

Result<std::vector<Client>> list_clients(const Archive& archive, const Page& page) {
    return collect<Client>([&](const auto& step) {
        return each_record<Client>(
            archive,
            archive.tables().clients,
            {.order = page.order},
            page.limit,
            [](const lmdb::Txn& /*txn*/,
               const lmdb::Entry& entry) -> Result<std::optional<Client>> {
                auto client = TRY(decode<Client>(entry.value, "clients " + std::string(entry.key)));
                return std::optional(std::move(client));
            },
            step
        );
    });
}

Result<Changed>
set_client(Archive& archive, const std::string& id, const ClientChange& change, const By& by) {
    if (change.name) TRY(check_text("name of a client", *change.name));
    if (change.locale) TRY(check_locale(*change.locale));
    Changed changed = Changed::no;
    const auto set = [&](lmdb::WriteTxn& txn) -> Result<void> {
        changed = TRY(change_client(archive, txn, id, change, by));
        return {};
    };
    TRY(archive.change(set));
    return changed;
}

Result<void> remove_client(Archive& archive, const std::string& id, const By& by) {
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const Client before = TRY(load_client(archive, txn, id));
        const bool is_needed = TRY(has_documents(archive, txn, id));
        if (is_needed)
            return fail(
                Kind::refused,
                fmt::format("client {} has documents and is kept", id),
                "disable its addresses instead: kwit address disable ADDRESS"
            );
        TRY(remove_dependents(archive, txn, id, by));
        TRY(txn.erase(archive.tables().clients, id));
        return journal_change(archive, txn, by, "client-removed", to_json(before), nullptr);
    });
}

Telling telling_of(const Client& client, std::string_view email) {
    const auto key = address_key(email);
    const bool daily =
        key && std::find(client.digest.begin(), client.digest.end(), *key) != client.digest.end();
    return daily ? Telling::daily : Telling::at_once;
}

namespace {

void set_telling(Client& client, const std::string& key, Telling telling) {
    std::erase(client.digest, key);
    if (telling == Telling::daily) client.digest.push_back(key);
}

Error no_notify(const std::string& client, std::string_view email) {
    return {
        Kind::refused,
        fmt::format("{} is no notification address of client {}", email, client),
        fmt::format("see kwit notify list {}", client)};
}

} // namespace

Result<Changed> set_notify(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    Telling telling,
    const By& by
) {
    const std::string key = TRY(check_email(email));
    Changed changed = Changed::no;
    const auto set = [&](lmdb::WriteTxn& txn) -> Result<void> {
        changed = Changed::no;
        const Client before = TRY(load_client(archive, txn, client));
        if (notify_of(before, key) == before.notify.end()) return fail(no_notify(client, email));
        if (telling_of(before, key) == telling) return {};
        changed = Changed::yes;
        Client after = before;
        set_telling(after, key, telling);
        return store(archive, txn, by, "notify-changed", before, after);
    };
    TRY(archive.change(set));
    return changed;
}

Result<void> add_notify(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    const By& by,
    Telling telling
) {
    const std::string key = TRY(check_email(email));
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const Client before = TRY(load_client(archive, txn, client));
        if (notify_of(before, key) != before.notify.end())
            return fail(
                Kind::refused,
                fmt::format("{} is a notification address of client {} already", email, client)
            );
        Client after = before;
        after.notify.emplace_back(email);
        set_telling(after, key, telling);
        return store(archive, txn, by, "notify-added", before, after);
    });
}

Result<void> remove_notify(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    const NeedsNotify& needs_notify,
    const By& by
) {
    const std::string key = TRY(check_email(email));
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const Client before = TRY(load_client(archive, txn, client));
        const auto found = notify_of(before, key);
        if (found == before.notify.end()) return fail(no_notify(client, email));
        const bool is_needed = TRY(needs_notify_address(archive, txn, client, needs_notify));
        if (is_needed && before.notify.size() == 1)
            return fail(
                Kind::refused,
                fmt::format(
                    "{} is the last notification address of client {}, which takes mail from "
                    "anyone",
                    email,
                    client
                ),
                fmt::format("add another one first: kwit notify add {} EMAIL", client)
            );
        Client after = before;
        after.notify.erase(after.notify.begin() + (found - before.notify.begin()));
        set_telling(after, key, Telling::at_once);
        return store(archive, txn, by, "notify-removed", before, after);
    });
}

} // namespace kwit
