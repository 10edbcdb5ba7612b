#include "core/archive/document_rows.hh"

#include "core/archive/directory_rows.hh"
#include "core/archive/fields.hh"
#include "core/archive/keys.hh"
#include "core/archive/objects.hh"
#include "core/model/period.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

Result<void> check_period(const std::string& text) {
    const Period period = TRY(Period::parse(text));
    if (period.text() == text) return {};
    return fail(
        Kind::misuse,
        fmt::format("\"{}\" is not a period", text),
        "write it as YYYY-MM, for example 2026-11"
    );
}

std::string see_senders(const Document& document) {
    return fmt::format("see kwit sender list {}", document.client);
}

Result<Sender> sender_by_code(
    const Archive& archive, const lmdb::Txn& txn, const std::string& code, const Document& document
) {
    auto sender = TRY(load_sender_by_code(archive, txn, code));
    if (sender && sender->client == document.client) return std::move(*sender);
    return fail(
        Kind::refused,
        fmt::format("code-unknown: {} is no code of client {}", code, document.client),
        see_senders(document)
    );
}

Result<Sender> sender_by_email(
    const Archive& archive, const lmdb::Txn& txn, const std::string& email, const Document& document
) {
    const std::string key = TRY(check_sender_email(email));
    auto sender = TRY(load_sender(archive, txn, document.client, key));
    if (sender) return std::move(*sender);
    return fail(
        Kind::refused,
        fmt::format("{} is no sender of client {}", key, document.client),
        see_senders(document)
    );
}

Error contradiction(const std::string& code, const std::string& user) {
    return {
        Kind::refused,
        fmt::format(R"("{}" is not the code of "{}")", code, user),
        "give one of them; the other follows from it"};
}

} // namespace

Result<DocumentKeys> keys_of(const Document& document) {
    const auto id = Ulid::parse(document.id);
    const auto digest = Digest::parse(document.sha256);
    if (!id || !digest)
        return fail(
            Kind::corrupt,
            fmt::format("the record of document {} is damaged", document.id),
            "run kwit verify and restore the index from a backup"
        );
    const std::string row = keys::ulid(*id);
    return DocumentKeys{
        .row = row,
        .by_client = keys::pair(document.client, row),
        .by_period = keys::pair(keys::pair(document.client, document.period), row),
        .by_digest = keys::digest(*digest) + row};
}

Result<std::optional<Document>>
load_document(const Archive& archive, const lmdb::Txn& txn, const Ulid& id) {
    return load<Document>(txn, archive.tables().documents, keys::ulid(id), id.text());
}

Error no_document(std::string_view id) {
    return {Kind::refused, fmt::format("there is no document {}", id), "see kwit document list"};
}

namespace {

/// What nobody named yet a sweep may have taken since it was published, as when it was there from
/// long ago. What a row names is never taken.
Error not_there(const Digest& digest, bool named) {
    if (named)
        return {
            Kind::corrupt,
            fmt::format("object {} is not there", digest.hex()),
            "look at the disk and run kwit verify"};
    return {
        Kind::temporary,
        fmt::format("object {} is not there any more, it was swept", digest.hex()),
        "do the same again"};
}

} // namespace

Result<std::uint64_t> refer_to_object(
    const Archive& archive, lmdb::WriteTxn& txn, const Digest& digest, Reference reference
) {
    const auto size = TRY(object_size(archive, digest));
    if (!size) {
        const auto row = TRY(load_object(archive, txn, digest));
        return fail(not_there(digest, row.has_value()));
    }
    TRY(add_reference(archive, txn, digest, *size, reference));
    return *size;
}

Result<void>
insert_document(const Archive& archive, lmdb::WriteTxn& txn, const Document& document) {
    const Digest digest = TRY(Digest::parse(document.sha256));
    const std::uint64_t size = TRY(refer_to_object(archive, txn, digest, Reference::document));
    if (size != document.size)
        return fail(
            Kind::corrupt,
            fmt::format(
                "object {} has {} bytes, {} are expected", document.sha256, size, document.size
            ),
            "run kwit verify and restore the damaged file from a backup"
        );
    const Tables& tables = archive.tables();
    const DocumentKeys keys = TRY(keys_of(document));
    TRY(txn.put_new(tables.documents, keys.row, encode(document)));
    TRY(txn.put(tables.documents_by_client, keys.by_client, {}));
    TRY(txn.put(tables.documents_by_period, keys.by_period, {}));
    return txn.put(tables.documents_by_digest, keys.by_digest, {});
}

Result<void> replace_document(
    const Archive& archive, lmdb::WriteTxn& txn, const Document& before, const Document& after
) {
    const Tables& tables = archive.tables();
    const DocumentKeys old_keys = TRY(keys_of(before));
    const DocumentKeys new_keys = TRY(keys_of(after));
    TRY(txn.erase(tables.documents_by_client, old_keys.by_client));
    TRY(txn.erase(tables.documents_by_period, old_keys.by_period));
    TRY(txn.put(tables.documents_by_client, new_keys.by_client, {}));
    TRY(txn.put(tables.documents_by_period, new_keys.by_period, {}));
    return txn.put(tables.documents, new_keys.row, encode(after));
}

Result<void> check_status(const std::string& status) {
    if (status == "filed" || status == "annex") return {};
    return fail(
        Kind::misuse,
        fmt::format("\"{}\" cannot be used as status of a document", status),
        "use filed or annex"
    );
}

Result<void> check_parameters(const Document& document) {
    TRY(check_text("category", document.category));
    TRY(check_period(document.period));
    TRY(check_text("file name", document.filename));
    return check_status(document.status);
}

Result<void> set_user(
    const Archive& archive, const lmdb::Txn& txn, const UserWanted& wanted, Document& document
) {
    if (!wanted.code && !wanted.user) return {};
    const std::string& code = wanted.code ? *wanted.code : *wanted.user;
    const std::string& user = wanted.user ? *wanted.user : *wanted.code;
    if (code.empty() != user.empty()) return fail(contradiction(code, user));
    if (code.empty()) {
        document.code.clear();
        document.user.clear();
        return {};
    }
    const Sender sender =
        TRY(wanted.code ? sender_by_code(archive, txn, code, document)
                        : sender_by_email(archive, txn, user, document));
    if (wanted.code && wanted.user && check_sender_email(user).value_or("") != sender.email)
        return fail(contradiction(code, user));
    document.code = sender.code;
    document.user = sender.email;
    return {};
}

} // namespace kwit
