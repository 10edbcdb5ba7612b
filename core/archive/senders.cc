#include "core/archive/directory.hh"
#include "core/archive/directory_rows.hh"
#include "core/archive/fields.hh"
#include "core/archive/keys.hh"
#include "core/archive/token.hh"
#include "core/base/json.hh"
#include "core/base/random.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <functional>

namespace kwit {

namespace {

constexpr std::size_t drawn_code_size = 6;
constexpr int max_draws = 1000;

/// The key of a sender, in table senders: email NUL client.
std::string sender_key(std::string_view email, std::string_view client) {
    return keys::pair(email, client);
}

/// The sender, or `refused` when there is none.
Result<Sender> require_sender(
    const Archive& archive,
    const lmdb::Txn& txn,
    const std::string& client,
    const std::string& email
) {
    auto sender = TRY(load_sender(archive, txn, client, email));
    if (sender) return std::move(*sender);
    return fail(
        Kind::refused,
        fmt::format("{} is no sender of client {}", email, client),
        fmt::format("see kwit sender list {}", client)
    );
}

/// Notes for ever that the code was given to this sender; `refused` when it was given out before.
Result<void>
take_code(const Archive& archive, lmdb::WriteTxn& txn, const Sender& sender, const By& by) {
    const std::string key = lower(sender.code);
    const auto used = TRY(txn.get(archive.tables().codes, key));
    if (used)
        return fail(
            Kind::refused,
            fmt::format("code {} was given out before and is never used again", sender.code),
            "choose another one; a sender that is added without a code gets a free one"
        );
    const Json row = {
        {"code", sender.code},
        {"client", sender.client},
        {"email", sender.email},
        {"given_at", rfc3339(by.at)},
    };
    return txn.put(archive.tables().codes, key, to_cbor(row));
}

Result<std::string> draw_code(const Archive& archive, const lmdb::Txn& txn) {
    for (int i = 0; i < max_draws; ++i) {
        std::string code = random_text("0123456789", drawn_code_size);
        const auto used = TRY(txn.get(archive.tables().codes, code));
        if (!used) return code;
    }
    return fail(
        Kind::refused,
        fmt::format("no free code of {} digits was found", drawn_code_size),
        "choose one yourself with --code"
    );
}

/// The sender that a row of table codes names, if it still has that code.
Result<std::optional<Sender>> owner_of(
    const Archive& archive, const lmdb::Txn& txn, std::string_view row, const std::string& key
) {
    const Json map = TRY(from_cbor(row));
    const auto text = [&](const char* name) {
        const bool there = map.is_object() && map.contains(name) && map[name].is_string();
        return there ? map[name].get<std::string>() : std::string();
    };
    auto sender = TRY(load_sender(archive, txn, text("client"), text("email")));
    if (!sender || lower(sender->code) != key) return std::optional<Sender>();
    return sender;
}

Result<std::optional<Sender>> indexed_sender(
    const Archive& archive,
    const lmdb::Txn& txn,
    std::string_view index_key,
    std::size_t client_size
) {
    const std::string client(index_key.substr(0, client_size));
    return load_sender(archive, txn, client, std::string(index_key.substr(client_size + 1)));
}

Result<Sender> checked(const Sender& sender, const By& by) {
    Sender checked = sender;
    checked.email = TRY(check_sender_email(sender.email));
    checked.created_at = by.at;
    TRY(check_code(sender.code.empty() ? "0" : sender.code)); // an empty one is drawn later
    TRY(check_optional_text("name of a sender", sender.name));
    TRY(check_optional_text("login", sender.login));
    TRY(check_optional_text("client certificate", sender.certificate));
    checked.via = TRY(check_optional_domain("domain of a forwarder", sender.via));
    return checked;
}

/// Its client must be there, and the sender not yet.
Result<void> require_new(const Archive& archive, const lmdb::Txn& txn, const Sender& sender) {
    TRY(load_client(archive, txn, sender.client));
    const auto present = TRY(load_sender(archive, txn, sender.client, sender.email));
    if (!present) return {};
    return fail(
        Kind::refused,
        fmt::format("{} is a sender of client {} already", sender.email, sender.client),
        fmt::format("its code is {}", present->code)
    );
}

Result<void>
insert(const Archive& archive, lmdb::WriteTxn& txn, const Sender& sender, const By& by) {
    TRY(take_code(archive, txn, sender, by));
    const Tables& tables = archive.tables();
    TRY(txn.put(tables.senders, sender_key(sender.email, sender.client), encode(sender)));
    TRY(txn.put(tables.senders_by_client, keys::pair(sender.client, sender.email), {}));
    return journal_change(archive, txn, by, "sender-added", nullptr, to_json(sender));
}

Result<void> check_change(const SenderChange& change) {
    TRY(check_optional_text("name of a sender", change.name.value_or("")));
    TRY(check_optional_text("login", change.login.value_or("")));
    TRY(check_optional_text("client certificate", change.certificate.value_or("")));
    return change.code ? check_code(*change.code) : Result<void>();
}

/// The change is one that check_change() passed, via in the form it is stored.
Sender changed_by(const SenderChange& change, const Sender& before) {
    Sender after = before;
    after.name = change.name.value_or(before.name);
    after.login = change.login.value_or(before.login);
    after.certificate = change.certificate.value_or(before.certificate);
    after.alignment = change.alignment.value_or(before.alignment);
    after.arc = change.arc.value_or(before.arc);
    after.via = change.via.value_or(before.via);
    after.code = change.code.value_or(before.code);
    return after;
}

Result<void> replace(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const Sender& before,
    const Sender& after,
    const By& by
) {
    if (lower(before.code) != lower(after.code)) TRY(take_code(archive, txn, after, by));
    TRY(txn.put(archive.tables().senders, sender_key(after.email, after.client), encode(after)));
    return journal_change(archive, txn, by, "sender-changed", to_json(before), to_json(after));
}

/// Stores what the change makes of the sender.
Result<Changed> change_sender(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    const std::function<void(Sender&)>& change,
    const By& by
) {
    const std::string key = TRY(check_sender_email(email));
    Changed changed = Changed::no;
    const auto set = [&](lmdb::WriteTxn& txn) -> Result<void> {
        const Sender before = TRY(require_sender(archive, txn, client, key));
        Sender after = before;
        change(after);
        if (encode(before) == encode(after)) return {};
        changed = Changed::yes;
        return replace(archive, txn, before, after, by);
    };
    TRY(archive.change(set));
    return changed;
}

/// Where the senders that the filter wants stand together.
struct Source {
    const lmdb::Table& table;
    std::string prefix;
    bool by_client;
};

Source source_of(const Archive& archive, const std::string& client, const std::string& email) {
    const Tables& tables = archive.tables();
    if (!email.empty()) return {tables.senders, keys::group(email), false};
    if (!client.empty()) return {tables.senders_by_client, keys::group(client), true};
    return {tables.senders, {}, false};
}

} // namespace

Result<std::optional<Sender>> load_sender(
    const Archive& archive,
    const lmdb::Txn& txn,
    const std::string& client,
    const std::string& email
) {
    return load<Sender>(txn, archive.tables().senders, sender_key(email, client), email);
}

Result<std::optional<Sender>>
load_sender_by_code(const Archive& archive, const lmdb::Txn& txn, std::string_view code) {
    const std::string key = lower(code);
    const auto row = TRY(txn.get(archive.tables().codes, key));
    if (!row) return std::optional<Sender>();
    return owner_of(archive, txn, *row, key);
}

Result<void> each_sender_of(
    const Archive& archive,
    const lmdb::Txn& txn,
    const std::string& client,
    const std::function<void(const Sender&)>& step
) {
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const auto sender = TRY(indexed_sender(archive, txn, entry.key, client.size()));
        if (sender) step(*sender);
        return lmdb::Walk::on;
    };
    return txn.scan(
        archive.tables().senders_by_client, lmdb::Range::prefix(keys::group(client)), look
    );
}

Result<void>
erase_sender(const Archive& archive, lmdb::WriteTxn& txn, const Sender& sender, const By& by) {
    TRY(txn.erase(archive.tables().senders, sender_key(sender.email, sender.client)));
    TRY(txn.erase(archive.tables().senders_by_client, keys::pair(sender.client, sender.email)));
    return journal_change(archive, txn, by, "sender-removed", to_json(sender), nullptr);
}

Result<Sender> add_sender(Archive& archive, const Sender& sender, const By& by) {
    Sender wanted = TRY(checked(sender, by));
    const auto add = [&](lmdb::WriteTxn& txn) -> Result<void> {
        TRY(require_new(archive, txn, wanted));
        if (sender.code.empty()) wanted.code = TRY(draw_code(archive, txn));
        return insert(archive, txn, wanted, by);
    };
    TRY(archive.change(add));
    return wanted;
}

Result<std::optional<Sender>>
find_sender(const Archive& archive, const std::string& client, std::string_view email) {
    const auto key = check_sender_email(email);
    if (!key) return std::optional<Sender>();
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_sender(archive, txn, client, *key);
}

Result<std::optional<Sender>>
find_sender_of(const Archive& archive, const std::string& client, const EmailAddress& author) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    auto sender = TRY(load_sender(archive, txn, client, author.key()));
    if (sender) return sender;
    return load_sender(archive, txn, client, "@" + author.domain());
}

Result<std::optional<Sender>> find_sender_by_code(const Archive& archive, std::string_view code) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_sender_by_code(archive, txn, code);
}

Result<std::vector<Sender>>
list_senders(const Archive& archive, const SenderFilter& filter, const Page& page) {
    std::string email;
    if (!filter.email.empty()) email = TRY(check_sender_email(filter.email));
    const std::string& client = filter.client;
    const Source source = source_of(archive, client, email);
    const auto pick = [&](const lmdb::Txn& txn,
                          const lmdb::Entry& entry) -> Result<std::optional<Sender>> {
        if (source.by_client) return indexed_sender(archive, txn, entry.key, client.size());
        auto sender = TRY(decode<Sender>(entry.value, "a row of table senders"));
        const bool fits = client.empty() || sender.client == client;
        return fits ? std::optional(std::move(sender)) : std::nullopt;
    };
    const lmdb::Range range = lmdb::Range::prefix(source.prefix, page.order);
    return collect<Sender>([&](const auto& step) {
        return each_record<Sender>(archive, source.table, range, page.limit, pick, step);
    });
}

Result<Changed> set_sender(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    const SenderChange& change,
    const By& by
) {
    TRY(check_change(change));
    SenderChange wanted = change;
    if (change.via) wanted.via = TRY(check_optional_domain("domain of a forwarder", *change.via));
    const auto apply = [&](Sender& sender) { sender = changed_by(wanted, sender); };
    return change_sender(archive, client, email, apply, by);
}

Result<NewSecret> rotate_secret(
    Archive& archive,
    const std::string& client,
    std::string_view email,
    Time old_until,
    const By& by
) {
    NewSecret made{.secret = draw_secret(), .sender = {}};
    const auto rotate = [&](Sender& sender) {
        const bool keeps_old = !sender.secret.empty() && old_until > by.at;
        sender.old_secret = keeps_old ? sender.secret : "";
        sender.old_secret_until = keeps_old ? std::optional(old_until) : std::nullopt;
        sender.secret = digest_of_secret(made.secret);
        made.sender = sender;
    };
    TRY(change_sender(archive, client, email, rotate, by));
    return made;
}

Result<Changed>
remove_secret(Archive& archive, const std::string& client, std::string_view email, const By& by) {
    const auto remove = [](Sender& sender) {
        sender.secret.clear();
        sender.old_secret.clear();
        sender.old_secret_until.reset();
    };
    return change_sender(archive, client, email, remove, by);
}

Result<void>
remove_sender(Archive& archive, const std::string& client, std::string_view email, const By& by) {
    const std::string key = TRY(check_sender_email(email));
    return archive.change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const Sender sender = TRY(require_sender(archive, txn, client, key));
        return erase_sender(archive, txn, sender, by);
    });
}

} // namespace kwit
