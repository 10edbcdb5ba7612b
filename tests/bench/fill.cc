// Fills the index of an archive as years of mail would, for measuring how it does when it is large:
// clients, addresses, senders, and mails of one document each, with every row that the milter
// writes for them. The files of the objects are not made (verify would miss them all), and nothing
// is synced before the end.
//
//   bench-fill make ARCHIVE MAILS ADDRESSES SENDERS     an archive that kwit made before
//   bench-fill sizes ARCHIVE                            its tables: rows and bytes
//   bench-fill open ARCHIVE TIMES                       milliseconds to open it, a line each
//
// Digests and identities ascend instead of being scattered, which takes a fraction of the time.
// Pages are full then; those of scattered ones to 72 %: 3.6 kB for each mail instead of 3.4.
#include "core/archive/archive.hh"
#include "core/archive/directory_rows.hh"
#include "core/archive/document_rows.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/object_rows.hh"
#include "core/archive/recipe_rows.hh"
#include "core/archive/rows.hh"
#include "core/archive/seen.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace kwit;

/// Rows of one transaction: LMDB holds 131,071 changed pages in one.
constexpr std::uint64_t at_once = 5000;

constexpr std::uint64_t map_size = 256ULL << 30U;

By office() {
    return {.who = "bench", .at = Time{std::chrono::milliseconds{1'700'000'000'000}}};
}

/// The n-th of so many digests that ascend; kind tells those of documents, recipes, mails apart.
Digest digest_number(std::uint64_t n, std::uint64_t of, std::uint8_t kind) {
    const std::uint64_t place = n * (~std::uint64_t{0} / (of + 1));
    Sha256Value value = sha256(fmt::format("{} {}", n, kind));
    for (std::size_t i = 0; i < 8; ++i)
        value.at(i) = static_cast<std::byte>(place >> (56 - 8 * i) & 0xFFU);
    return Digest(value);
}

struct Order {
    std::uint64_t mails = 0;
    std::uint64_t addresses = 0;
    std::uint64_t senders = 0;
};

class Filler {
public:
    Filler(Archive& archive, const Order& order) : archive_(archive), order_(order) {}

    Result<void> fill() {
        TRY(each(clients(), [&](lmdb::WriteTxn& txn, std::uint64_t n) {
            Client client{.id = client_id(n), .name = fmt::format("Client {}", n)};
            client.notify = {fmt::format("office{}@client.example", n)};
            client.created_at = office().at;
            return txn.put(archive_.tables().clients, client.id, encode(client));
        }));
        TRY(each(order_.addresses, [&](lmdb::WriteTxn& txn, std::uint64_t n) {
            return put_address(txn, n);
        }));
        TRY(each(order_.senders, [&](lmdb::WriteTxn& txn, std::uint64_t n) {
            return put_sender(txn, n);
        }));
        return each(order_.mails, [&](lmdb::WriteTxn& txn, std::uint64_t n) {
            return put_mail(txn, n);
        });
    }

private:
    [[nodiscard]] std::uint64_t clients() const {
        return std::max<std::uint64_t>(1, order_.addresses / 5);
    }

    using Put = std::function<Result<void>(lmdb::WriteTxn&, std::uint64_t)>;

    /// Puts the things from begin to end.
    static Result<void>
    put_some(lmdb::WriteTxn& txn, std::uint64_t begin, std::uint64_t end, const Put& put) {
        for (std::uint64_t n = begin; n < end; ++n)
            TRY(put(txn, n));
        return {};
    }

    Result<void> each(std::uint64_t count, const Put& put) {
        for (std::uint64_t begin = 0; begin < count; begin += at_once) {
            const std::uint64_t end = std::min(begin + at_once, count);
            TRY(archive_.change([&](lmdb::WriteTxn& txn) { return put_some(txn, begin, end, put); })
            );
        }
        return {};
    }

    static std::string client_id(std::uint64_t n) { return fmt::format("c{:07}", n); }

    /// Things belong to clients in blocks, so that rows of a client lie beside each other.
    [[nodiscard]] std::string client_of(std::uint64_t n, std::uint64_t of) const {
        return client_id(n * clients() / of);
    }

    Result<void> put_address(lmdb::WriteTxn& txn, std::uint64_t n) {
        ImportAddress address{
            .address = fmt::format("faktury+{:010}@in.example.com", n),
            .client = client_of(n, order_.addresses),
            .policy = "tagged"};
        address.created_at = office().at;
        TRY(txn.put(archive_.tables().addresses, keys::address(address.address), encode(address)));
        return txn.put(
            archive_.tables().addresses_by_client, keys::pair(address.client, address.address), {}
        );
    }

    Result<void> put_sender(lmdb::WriteTxn& txn, std::uint64_t n) {
        const Tables& tables = archive_.tables();
        Sender sender{
            .client = client_of(n, order_.senders),
            .email = fmt::format("person{:08}@sender.example", n),
            .code = fmt::format("{:07}", n)};
        sender.created_at = office().at;
        TRY(txn.put(tables.senders, keys::pair(sender.email, sender.client), encode(sender)));
        TRY(txn.put(tables.senders_by_client, keys::pair(sender.client, sender.email), {}));
        const Json code = {
            {"code", sender.code},
            {"client", sender.client},
            {"email", sender.email},
            {"given_at", rfc3339(office().at)}};
        return txn.put(tables.codes, sender.code, to_cbor(code));
    }

    [[nodiscard]] Receipt receipt_number(std::uint64_t n) const {
        Receipt receipt;
        receipt.received_at = office().at + std::chrono::milliseconds(n * 10);
        receipt.queue_id = fmt::format("4{:010X}", n);
        receipt.client = client_of(n, order_.mails);
        receipt.address =
            fmt::format("faktury+{:010}@in.example.com", n * order_.addresses / order_.mails);
        receipt.sender =
            fmt::format("person{:08}@sender.example", n * order_.senders / order_.mails);
        receipt.envelope_from = receipt.sender;
        receipt.client_address = "192.0.2.7";
        receipt.authenticated_by = "dkim";
        receipt.subject =
            fmt::format("[FK] 11/2026 ({:07}) invoice {}", n * order_.senders / order_.mails, n);
        receipt.message_id = fmt::format("<{}@sender.example>", n);
        receipt.verdict = Verdict::imported;
        receipt.original = digest_number(n, order_.mails, 2).hex();
        receipt.size = 210'000;
        return receipt;
    }

    [[nodiscard]] Document document_of(const Receipt& receipt, std::uint64_t n) const {
        Document document;
        document.receipt = receipt.id;
        document.client = receipt.client;
        document.address = receipt.address;
        document.category = "FK";
        document.period = fmt::format("20{}-{:02}", 10 + n % 15, 1 + n % 12);
        document.code = fmt::format("{:07}", n * order_.senders / order_.mails);
        document.user = receipt.sender;
        document.sender = receipt.sender;
        document.sha256 = digest_number(n, order_.mails, 0).hex();
        document.size = 150'000;
        document.media_type = "application/pdf";
        document.filename = fmt::format("invoice-{}.pdf", n);
        document.received_at = receipt.received_at;
        document.inspected = 1;
        document.pages = 2;
        return document;
    }

    Result<void> put_mail(lmdb::WriteTxn& txn, std::uint64_t n) {
        Receipt receipt = receipt_number(n);
        const Ulid first = TRY(mint_id(archive_, txn, receipt.received_at));
        receipt.id = first.text();
        Document document = document_of(receipt, n);
        const Ulid second = TRY(mint_id(archive_, txn, receipt.received_at));
        document.id = second.text();
        receipt.documents = {document.id};
        PartRecord part{
            .number = 2, .path = "mail > " + document.filename, .name = document.filename};
        part.media_type = document.media_type;
        part.size = document.size;
        part.sha256 = document.sha256;
        part.disposition = Disposition::filed;
        part.document = document.id;
        receipt.parts = {part};
        TRY(put_document(txn, document));
        return put_rows(txn, receipt, n);
    }

    Result<void> put_document(lmdb::WriteTxn& txn, const Document& document) {
        const Tables& tables = archive_.tables();
        const DocumentKeys keys = TRY(keys_of(document));
        TRY(txn.put(tables.documents, keys.row, encode(document)));
        TRY(txn.put(tables.documents_by_client, keys.by_client, {}));
        TRY(txn.put(tables.documents_by_period, keys.by_period, {}));
        return txn.put(tables.documents_by_digest, keys.by_digest, {});
    }

    Result<void> put_rows(lmdb::WriteTxn& txn, const Receipt& receipt, std::uint64_t n) {
        const Tables& tables = archive_.tables();
        const Ulid id = TRY(Ulid::parse(receipt.id));
        const std::string key = keys::ulid(id);
        const Digest document = digest_number(n, order_.mails, 0);
        const Digest recipe = digest_number(n, order_.mails, 1);
        TRY(put_receipt(archive_, txn, receipt));
        TRY(txn.put(tables.receipts_by_client, keys::pair(receipt.client, key), {}));
        TRY(txn.put(
            tables.mail_seen, keys::digest(digest_number(n, order_.mails, 3)), encode_id(receipt.id)
        ));
        TRY(add_reference(archive_, txn, document, 150'000, Reference::document));
        TRY(add_reference(archive_, txn, document, 150'000, Reference::original));
        TRY(add_reference(archive_, txn, recipe, 834, Reference::original));
        TRY(put_recipe(
            archive_,
            txn,
            digest_number(n, order_.mails, 2),
            {.size = receipt.size, .objects = {recipe, document}}
        ));
        const Json about = {
            {"receipt", receipt.id},
            {"queue_id", receipt.queue_id},
            {"address", receipt.address},
            {"client", receipt.client},
            {"sender", receipt.sender},
            {"message_id", receipt.message_id},
            {"verdict", "imported"},
            {"original", receipt.original},
            {"documents", {{{"id", receipt.documents.front()}, {"sha256", document.hex()}}}}};
        return append_journal(
            archive_, txn, {"kwit-milter", receipt.received_at}, "mail-kept", about
        );
    }

    Archive& archive_;
    Order order_;
};

Result<std::unique_ptr<Archive>> opened(const std::string& path) {
    ArchiveSettings settings;
    settings.path = path;
    settings.map_size = map_size;
    return Archive::open(settings);
}

int print_sizes(const Archive& archive) {
    const auto txn = archive.read();
    if (!txn) return 1;
    for (const TableName& table : table_names) {
        const auto stat = txn->stat(archive.tables().*table.table);
        if (stat && stat->entries > 0)
            fmt::print("{} {} {}\n", table.name, stat->entries, stat->bytes);
    }
    return 0;
}

int open_it(const std::string& path, std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        const auto archive = opened(path);
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begun;
        if (!archive) return 1;
        fmt::print("{:.3f}\n", took.count());
    }
    return 0;
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "open") return open_it(words[1], number(words[2]));
    const bool sizes = words.size() == 2 && words[0] == "sizes";
    if (!sizes && (words.size() != 5 || words[0] != "make")) return 2;
    const auto archive = opened(words[1]);
    if (!archive) return 1;
    if (sizes) return print_sizes(**archive);
    const auto done =
        Filler(**archive, {number(words[2]), number(words[3]), number(words[4])}).fill();
    if (done) return 0;
    fmt::print(stderr, "bench-fill: {}\n", done.error().what);
    return 1;
}
