#include "core/archive/decorations.hh"

#include "core/archive/directory_rows.hh"
#include "core/archive/documents.hh"
#include "core/archive/fields.hh"
#include "core/archive/keys.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

/// client NUL digest
std::string key_of(const std::string& client, const Digest& digest) {
    return keys::group(client) + keys::digest(digest);
}

Result<void>
put(const Archive& archive, lmdb::WriteTxn& txn, const std::string& key, const Decoration& row) {
    return txn.put(archive.tables().decorations, key, to_cbor(to_json(row)));
}

Result<std::optional<Decoration>>
load_decoration(const Archive& archive, const lmdb::Txn& txn, const std::string& key) {
    const auto bytes = TRY(txn.get(archive.tables().decorations, key));
    if (!bytes) return std::optional<Decoration>();
    auto row = TRY(decode_decoration({key, *bytes}));
    return std::optional(std::move(row));
}

Result<std::vector<Decoration>>
all_of(const Archive& archive, const lmdb::Txn& txn, const std::string& client) {
    std::vector<Decoration> all;
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        auto row = TRY(decode_decoration(entry));
        all.push_back(std::move(row));
        return lmdb::Walk::on;
    };
    TRY(txn.scan(archive.tables().decorations, lmdb::Range::prefix(keys::group(client)), look));
    return all;
}

Result<void> check_room(const Archive& archive, const lmdb::Txn& txn, const std::string& client) {
    std::size_t count = 0;
    TRY(txn.scan(
        archive.tables().decorations,
        lmdb::Range::prefix(keys::group(client)),
        [&](const lmdb::Entry& /*entry*/) -> Result<lmdb::Walk> {
            ++count;
            return lmdb::Walk::on;
        }
    ));
    if (count < max_decorations) return {};
    return fail(
        Kind::refused,
        fmt::format("client {} has {} ignored parts already", client, count),
        fmt::format("take some back that come no more: kwit part list --client {}", client)
    );
}

Result<Changed> insert(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const Decoration& row,
    const Digest& digest,
    const By& by
) {
    TRY(load_client(archive, txn, row.client));
    const std::string key = key_of(row.client, digest);
    const auto present = TRY(load_decoration(archive, txn, key));
    if (present) return Changed::no;
    TRY(check_room(archive, txn, row.client));
    TRY(put(archive, txn, key, row));
    TRY(journal_change(archive, txn, by, "part-ignored", nullptr, to_json(row)));
    return Changed::yes;
}

/// A document of the client with these bytes; nothing: there is none.
Result<std::optional<Document>>
document_of(const Archive& archive, const std::string& client, const Digest& digest) {
    const auto all = TRY(documents_with(archive, digest));
    for (const Document& document : all)
        if (document.client == client) return std::optional(document);
    return std::optional<Document>();
}

/// Nothing, or why the content is not to be marked by mistake.
Result<void>
check_not_filed(const Archive& archive, const std::string& client, const Markable& content) {
    const auto refuse = [](const char* what, const Document& document) {
        return fail(
            Kind::refused,
            fmt::format(
                "{} document {} of client {} ({})",
                what,
                document.id,
                document.client,
                document.filename
            ),
            "it would not be filed any more when it comes so again; if that is what you want: "
            "--force"
        );
    };
    if (const auto itself = TRY(document_of(archive, client, content.digest)))
        return refuse("this is", *itself);
    for (const Digest& digest : content.inside)
        if (const auto document = TRY(document_of(archive, client, digest)))
            return refuse("in it is", *document);
    return {};
}

} // namespace

Json to_json(const Decoration& decoration) {
    return {
        {"client", decoration.client},
        {"sha256", decoration.sha256},
        {"name", decoration.name.empty() ? Json() : Json(decoration.name)},
        {"created_at", rfc3339(decoration.created_at)}};
}

Result<Decoration> decode_decoration(const lmdb::Entry& entry) {
    const auto map = from_cbor(entry.value);
    const auto text = [&](const char* name) {
        const bool there = map && map->is_object() && map->contains(name);
        const Json value = there ? (*map)[name] : Json();
        return value.is_string() ? value.get<std::string>() : std::string();
    };
    Decoration row{.client = text("client"), .sha256 = text("sha256"), .name = text("name")};
    const auto created = parse_rfc3339(text("created_at"));
    const auto digest = Digest::parse(row.sha256);
    if (created && digest && key_of(row.client, *digest) == entry.key) {
        row.created_at = *created;
        return row;
    }
    return fail(
        Kind::corrupt,
        fmt::format(
            "a row of table decorations is damaged: that of {}",
            std::string(entry.key.substr(0, entry.key.find('\0')))
        ),
        "run kwit verify and restore the index from a backup"
    );
}

Result<Changed> ignore_content(
    Archive& archive, const std::string& client, const Markable& content, Filed filed, const By& by
) {
    TRY(check_optional_text("name of a part", content.name));
    if (filed == Filed::refuse) TRY(check_not_filed(archive, client, content));
    const Decoration row{client, content.digest.hex(), content.name, by.at};
    Changed changed = Changed::no;
    const auto ignore = [&](lmdb::WriteTxn& txn) -> Result<void> {
        changed = TRY(insert(archive, txn, row, content.digest, by));
        return {};
    };
    TRY(archive.change(ignore));
    return changed;
}

Result<Decoration>
take_content(Archive& archive, const std::string& client, const Digest& digest, const By& by) {
    std::optional<Decoration> before;
    const auto take = [&](lmdb::WriteTxn& txn) -> Result<void> {
        TRY(load_client(archive, txn, client));
        const std::string key = key_of(client, digest);
        before = TRY(load_decoration(archive, txn, key));
        if (!before)
            return fail(
                Kind::refused,
                fmt::format("{} is not ignored for client {}", digest.hex(), client),
                fmt::format("see kwit part list --client {}", client)
            );
        TRY(txn.erase(archive.tables().decorations, key));
        return journal_change(archive, txn, by, "part-taken", to_json(*before), nullptr);
    };
    TRY(archive.change(take));
    return *std::move(before);
}

Result<std::vector<Decoration>>
list_decorations(const Archive& archive, const std::string& client, const Page& page) {
    if (!client.empty()) {
        const lmdb::ReadTxn txn = TRY(archive.read());
        TRY(load_client(archive, txn, client));
    }
    const lmdb::Range range =
        lmdb::Range::prefix(client.empty() ? std::string() : keys::group(client), page.order);
    const auto pick = [](const lmdb::Txn& /*txn*/,
                         const lmdb::Entry& entry) -> Result<std::optional<Decoration>> {
        auto row = TRY(decode_decoration(entry));
        return std::optional(std::move(row));
    };
    return collect<Decoration>([&](const auto& step) {
        return each_record<Decoration>(
            archive, archive.tables().decorations, range, page.limit, pick, step
        );
    });
}

Result<std::set<Digest>> decorations_of(const Archive& archive, const std::string& client) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto all = TRY(all_of(archive, txn, client));
    std::set<Digest> digests;
    for (const Decoration& row : all)
        digests.insert(Digest::parse(row.sha256).value());
    return digests;
}

Result<void> erase_decorations_of(
    const Archive& archive, lmdb::WriteTxn& txn, const std::string& client, const By& by
) {
    const auto all = TRY(all_of(archive, txn, client));
    for (const Decoration& row : all) {
        const Digest digest = TRY(Digest::parse(row.sha256));
        TRY(txn.erase(archive.tables().decorations, key_of(client, digest)));
        TRY(journal_change(archive, txn, by, "part-taken", to_json(row), nullptr));
    }
    return {};
}

} // namespace kwit
