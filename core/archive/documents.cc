#include "core/archive/documents.hh"

#include "core/archive/document_rows.hh"
#include "core/archive/keys.hh"
#include "core/archive/rows.hh"

namespace kwit {

namespace {

bool fits(const Document& document, const DocumentFilter& filter) {
    const auto same = [](const std::string& wanted, const std::string& is) {
        return wanted.empty() || wanted == is;
    };
    return same(filter.client, document.client) && same(filter.period, document.period) &&
           same(filter.category, document.category) && same(filter.address, document.address) &&
           same(filter.receipt, document.receipt) && same(filter.status, document.status);
}

struct Source {
    const lmdb::Table& table;
    std::string prefix;
};

/// The smallest table that holds all that the filter wants. All end their keys with the id.
Source source_of(const Archive& archive, const DocumentFilter& filter) {
    const Tables& tables = archive.tables();
    if (filter.client.empty()) return {tables.documents, {}};
    if (filter.period.empty()) return {tables.documents_by_client, keys::group(filter.client)};
    return {tables.documents_by_period, keys::group(keys::pair(filter.client, filter.period))};
}

/// The filter with its values in the form that records hold.
Result<DocumentFilter> normal(const DocumentFilter& filter) {
    DocumentFilter wanted = filter;
    if (!filter.address.empty())
        wanted.address = address_key(filter.address).value_or(filter.address);
    if (!filter.status.empty()) TRY(check_status(filter.status));
    if (!filter.receipt.empty()) {
        const Ulid receipt = TRY(Ulid::parse(filter.receipt));
        wanted.receipt = receipt.text();
    }
    return wanted;
}

} // namespace

Result<std::optional<Document>> find_document(const Archive& archive, std::string_view id) {
    const Ulid key = TRY(Ulid::parse(id));
    const lmdb::ReadTxn txn = TRY(archive.read());
    return load_document(archive, txn, key);
}

Result<Document> get_document(const Archive& archive, std::string_view id) {
    auto document = TRY(find_document(archive, id));
    if (document) return std::move(*document);
    return fail(no_document(id));
}

Result<void> each_document(
    const Archive& archive,
    const DocumentFilter& filter,
    const Page& page,
    const std::function<Result<lmdb::Walk>(const Document&)>& step
) {
    const DocumentFilter wanted = TRY(normal(filter));
    const Source source = source_of(archive, wanted);
    const auto pick = [&](const lmdb::Txn& txn,
                          const lmdb::Entry& entry) -> Result<std::optional<Document>> {
        const Ulid id = TRY(keys::to_ulid(entry.key.substr(source.prefix.size())));
        auto document = TRY(load_document(archive, txn, id));
        if (document && !fits(*document, wanted)) document.reset();
        return document;
    };
    const lmdb::Range range = keys::ids(source.prefix, filter.since, filter.until, page.order);
    return each_record<Document>(archive, source.table, range, page.limit, pick, step);
}

Result<std::vector<Document>>
list_documents(const Archive& archive, const DocumentFilter& filter, const Page& page) {
    return collect<Document>([&](const auto& step) {
        return each_document(archive, filter, page, step);
    });
}

namespace {

/// The document whose id are these bytes of a key.
Result<std::optional<Document>>
document_behind(const Archive& archive, const lmdb::Txn& txn, std::string_view id) {
    return load_document(archive, txn, TRY(keys::to_ulid(id)));
}

} // namespace

Result<std::optional<Document>> find_document_with(
    const Archive& archive, const Digest& digest, const std::function<bool(const Document&)>& fits
) {
    constexpr unsigned a_few = 16;
    unsigned seen = 0;
    std::optional<Document> found;
    const std::string prefix = keys::digest(digest);
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        auto document = TRY(document_behind(archive, txn, entry.key.substr(prefix.size())));
        if (document && fits(*document)) found = std::move(document);
        return found || ++seen == a_few ? lmdb::Walk::stop : lmdb::Walk::on;
    };
    TRY(txn.scan(archive.tables().documents_by_digest, lmdb::Range::prefix(prefix), look));
    return found;
}

Result<std::vector<Document>> documents_with(const Archive& archive, const Digest& digest) {
    std::vector<Document> out;
    const std::string prefix = keys::digest(digest);
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        auto document = TRY(document_behind(archive, txn, entry.key.substr(prefix.size())));
        if (document) out.push_back(std::move(*document));
        return lmdb::Walk::on;
    };
    TRY(txn.scan(archive.tables().documents_by_digest, lmdb::Range::prefix(prefix), look));
    return out;
}

} // namespace kwit
