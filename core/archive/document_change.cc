#include "core/archive/document_change.hh"

#include "core/archive/directory_rows.hh"
#include "core/archive/document_rows.hh"
#include "core/archive/fields.hh"
#include "core/archive/journal.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

/// Each id once.
Result<std::vector<Ulid>> parse_ids(const std::vector<std::string>& texts) {
    if (texts.size() > max_documents_set)
        return fail(
            Kind::misuse,
            fmt::format(
                "{} documents in one change, the limit is {}", texts.size(), max_documents_set
            ),
            "give them in several commands"
        );
    std::vector<Ulid> ids;
    for (const std::string& text : texts) {
        const Ulid id = TRY(Ulid::parse(text));
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
    }
    return ids;
}

/// The code belongs to a sender of the client: it cannot go along to another one.
Result<void> check_user_of_moved(const Document& before, const Document& after) {
    const bool has_user = !before.code.empty() || !before.user.empty();
    if (before.client == after.client || !has_user) return {};
    return fail(
        Kind::refused,
        fmt::format(
            "document {} has the code {} of {}, a sender of client {} and not of {}",
            before.id,
            before.code,
            before.user,
            before.client,
            after.client
        ),
        R"(give the code of a sender of the new client too, or take it away with --code "")"
    );
}

Result<std::string> known_address(
    const Archive& archive, const lmdb::Txn& txn, const std::string& text, const Document& document
) {
    if (text.empty()) return std::string();
    const std::string key = TRY(check_email(text));
    const auto address = TRY(load_address(archive, txn, key));
    if (address && address->client == document.client) return key;
    return fail(
        Kind::refused,
        fmt::format("{} is no import address of client {}", key, document.client),
        fmt::format("see kwit address list {}", document.client)
    );
}

void set_field(std::string& field, const std::optional<std::string>& wanted) {
    if (wanted) field = *wanted;
}

/// An e-mail address as records hold it; an empty one is nobody.
Result<std::string> email_or_none(const std::string& text) {
    if (text.empty()) return std::string();
    return check_email(text);
}

Result<void> change_user(
    const Archive& archive,
    const lmdb::Txn& txn,
    const DocumentChange& change,
    const Document& before,
    Document& after
) {
    if (!change.code && !change.user) return check_user_of_moved(before, after);
    return set_user(archive, txn, {.code = change.code, .user = change.user}, after);
}

Result<Document> changed(
    const Archive& archive,
    const lmdb::Txn& txn,
    const Document& before,
    const DocumentChange& change
) {
    Document after = before;
    set_field(after.client, change.client);
    set_field(after.category, change.category);
    set_field(after.period, change.period);
    set_field(after.filename, change.filename);
    set_field(after.status, change.status);
    if (after.client != before.client) TRY(load_client(archive, txn, after.client));
    TRY(change_user(archive, txn, change, before, after));
    if (change.sender) after.sender = TRY(email_or_none(*change.sender));
    if (change.address) after.address = TRY(known_address(archive, txn, *change.address, after));
    return after;
}

/// Only what differs: the field, its old and its new value.
Result<void> journal(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const By& by,
    const std::string& id,
    const Json& before,
    const Json& after
) {
    Json about = {{"document", id}, {"before", Json::object()}, {"after", Json::object()}};
    for (const auto& [name, value] : after.items()) {
        if (before[name] == value) continue;
        about["before"][name] = before[name];
        about["after"][name] = value;
    }
    return append_journal(archive, txn, by, "document-changed", about);
}

Result<DocumentSet> set_document(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const Ulid& id,
    const DocumentChange& change,
    const By& by
) {
    const auto before = TRY(load_document(archive, txn, id));
    if (!before) return fail(no_document(id.text()));
    const Document after = TRY(changed(archive, txn, *before, change));
    const Json was = to_json(*before);
    const Json is = to_json(after);
    if (was == is) return DocumentSet{after, Changed::no};
    TRY(check_parameters(after));
    TRY(replace_document(archive, txn, *before, after));
    TRY(journal(archive, txn, by, after.id, was, is));
    return DocumentSet{after, Changed::yes};
}

} // namespace

Result<std::vector<DocumentSet>> set_documents(
    Archive& archive,
    const std::vector<std::string>& ids,
    const DocumentChange& change,
    const By& by
) {
    const std::vector<Ulid> wanted = TRY(parse_ids(ids));
    std::vector<DocumentSet> all;
    const auto set = [&](lmdb::WriteTxn& txn) -> Result<void> {
        for (const Ulid& id : wanted) {
            DocumentSet one = TRY(set_document(archive, txn, id, change, by));
            all.push_back(std::move(one));
        }
        return {};
    };
    TRY(archive.change(set));
    return all;
}

} // namespace kwit
