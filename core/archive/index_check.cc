#include "core/archive/index_check.hh"

#include "core/archive/counters.hh"
#include "core/archive/decorations.hh"
#include "core/archive/document_rows.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/near_misses.hh"
#include "core/archive/notice_counts.hh"
#include "core/archive/outbox_rows.hh"
#include "core/archive/recipe_rows.hh"
#include "core/archive/records.hh"
#include "core/archive/usage.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

using Step = std::function<void(const lmdb::Entry&)>;

/// The id of a key whose last 16 bytes are one; zeros when it is too short.
Ulid id_at_end(std::string_view key) {
    constexpr std::size_t id_size = 16;
    const auto id =
        keys::to_ulid(key.size() < id_size ? std::string_view() : key.substr(key.size() - id_size));
    return id ? *id : Ulid::from_bytes({});
}

class IndexCheck {
public:
    IndexCheck(const Archive& archive, const lmdb::Txn& txn, VerifyReport& report)
        : archive_(archive), tables_(archive.tables()), txn_(txn), report_(report) {}

    Result<ObjectMap> run() {
        TRY(check_directory());
        TRY(check_mail());
        TRY(check_counts());
        compare_references();
        TRY(check_indexes());
        return std::move(objects_);
    }

private:
    Result<void> check_mail() {
        TRY(each(tables_.objects, [&](const lmdb::Entry& entry) { take_object(entry); }));
        TRY(each(tables_.receipts, [&](const lmdb::Entry& entry) { take_receipt(entry); }));
        TRY(each(tables_.recipes, [&](const lmdb::Entry& entry) { take_recipe(entry); }));
        TRY(each(tables_.documents, [&](const lmdb::Entry& entry) { take_document(entry); }));
        return each(tables_.outbox, [&](const lmdb::Entry& entry) { take_outbox(entry); });
    }

    Result<void> check_counts() {
        TRY(each(tables_.near_misses, [&](const lmdb::Entry& entry) { take_near_miss(entry); }));
        TRY(each(tables_.counters, [&](const lmdb::Entry& entry) { take_counter(entry); }));
        TRY(each(tables_.usage, [&](const lmdb::Entry& entry) { take_usage(entry); }));
        return each(tables_.notices_of_day, [&](const lmdb::Entry& entry) { take_count(entry); });
    }

    Result<void> each(const lmdb::Table& table, const Step& step) {
        const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
            step(entry);
            return lmdb::Walk::on;
        };
        return txn_.scan(table, {}, look);
    }

    void take_counter(const lmdb::Entry& entry) {
        if (const auto row = decode_counter(entry); !row)
            fault("record-damaged", "counters", row.error().what);
    }

    void take_usage(const lmdb::Entry& entry) {
        if (const auto usage = decode_usage(entry); !usage)
            fault("record-damaged", "usage", usage.error().what);
    }

    void take_count(const lmdb::Entry& entry) {
        if (const auto counts = decode_notice_counts(entry.value); !counts)
            fault("record-damaged", "notices-of-day", counts.error().what);
    }

    void take_near_miss(const lmdb::Entry& entry) {
        if (const auto row = decode_near_miss(entry); !row)
            fault("record-damaged", "near-misses", row.error().what);
    }

    void fault(const char* what, std::string name, std::string detail) {
        report_.faults.push_back({what, std::move(name), std::move(detail)});
    }

    void inconsistent(const std::string& name, std::string detail) {
        fault("index-inconsistent", name, std::move(detail));
    }

    /// The record of the bytes; a fault and nothing when they are none.
    template <typename Record>
    std::optional<Record> read(std::string_view bytes, const std::string& name) {
        auto record = decode<Record>(bytes, name);
        if (record) return std::move(*record);
        fault("record-damaged", name, record.error().what);
        return std::nullopt;
    }

    /// Whether the table has the key; unreadable pages end the walk that follows anyway.
    bool has(const lmdb::Table& table, std::string_view key) {
        const auto found = txn_.get(table, key);
        return found && *found;
    }

    void require(const lmdb::Table& table, std::string_view key, const std::string& name) {
        if (!has(table, key)) inconsistent(name, "it is not in table " + table.name());
    }

    Result<void> check_directory() {
        TRY(each(tables_.clients, [&](const lmdb::Entry& entry) {
            const std::string name = "clients " + std::string(entry.key);
            const auto client = read<Client>(entry.value, name);
            if (client && client->id != entry.key)
                inconsistent(name, "its record is of client " + client->id);
        }));
        TRY(each(tables_.senders, [&](const lmdb::Entry& entry) { take_sender(entry); }));
        TRY(each(tables_.addresses, [&](const lmdb::Entry& entry) { take_address(entry); }));
        return each(tables_.decorations, [&](const lmdb::Entry& entry) { take_decoration(entry); });
    }

    void take_decoration(const lmdb::Entry& entry) {
        const auto decoration = decode_decoration(entry);
        if (!decoration) return fault("record-damaged", "decorations", decoration.error().what);
        const std::string name =
            fmt::format("decorations {} {}", decoration->client, decoration->sha256);
        require(tables_.clients, decoration->client, name);
    }

    void take_sender(const lmdb::Entry& entry) {
        const auto email = std::string(entry.key.substr(0, entry.key.find('\0')));
        const auto sender = read<Sender>(entry.value, "senders " + email);
        if (!sender) return;
        const std::string name = fmt::format("senders {} {}", sender->email, sender->client);
        if (keys::pair(sender->email, sender->client) != entry.key)
            inconsistent(name, "it stands under another key");
        require(tables_.clients, sender->client, name);
        require(tables_.senders_by_client, keys::pair(sender->client, sender->email), name);
    }

    void take_address(const lmdb::Entry& entry) {
        const std::size_t at = entry.key.find('\0');
        const std::string domain(entry.key.substr(0, at));
        const auto address = read<ImportAddress>(entry.value, "addresses of " + domain);
        if (!address) return;
        const std::string name = "addresses " + address->address;
        const std::string key = keys::address(address->address);
        if (key != entry.key) inconsistent(name, "it stands under another key");
        require(tables_.clients, address->client, name);
        require(tables_.addresses_by_client, keys::pair(address->client, key), name);
    }

    void take_object(const lmdb::Entry& entry) {
        const auto digest = Digest::from_bytes(as_bytes(entry.key));
        if (!digest) {
            fault("record-damaged", "objects", "a key of table objects is no SHA-256");
            return;
        }
        const auto row = decode_object(entry.value, digest->hex());
        if (row)
            objects_.emplace(*digest, *row);
        else
            fault("record-damaged", "objects " + digest->hex(), row.error().what);
    }

    /// When all receipts were seen.
    void take_recipe(const lmdb::Entry& entry) {
        const auto digest = Digest::from_bytes(as_bytes(entry.key));
        if (!digest) {
            fault("record-damaged", "recipes", "a key of table recipes is no SHA-256");
            return;
        }
        const std::string name = "recipes " + digest->hex();
        const auto row = decode_recipe_row(entry.value, digest->hex());
        if (!row)
            fault("record-damaged", name, row.error().what);
        else if (references_[row->objects.front()].originals == 0)
            inconsistent(name, "it is the mail of no receipt");
    }

    /// Counts a row that names an object.
    void
    refer(const std::string& name, const std::string& sha256, std::uint64_t ObjectRow::*count) {
        const auto digest = Digest::parse(sha256);
        if (!digest)
            inconsistent(name, digest.error().what);
        else if (!objects_.contains(*digest))
            fault("object-missing", sha256, name + " names it, table objects does not");
        else
            ++(references_[*digest].*count);
    }

    /// Counts a receipt for all that its original is made of.
    void refer_to_original(const std::string& name, const Receipt& receipt) {
        const auto digest = Digest::parse(receipt.original);
        if (!digest) return inconsistent(name, digest.error().what);
        const auto recipe = load_recipe(archive_, txn_, *digest);
        if (!recipe) return; // told where recipes are read
        if (!*recipe) return refer(name, receipt.original, &ObjectRow::originals);
        if ((*recipe)->size != receipt.size)
            inconsistent(name, "the recipe of its mail is of another size");
        for (const Digest& object : (*recipe)->objects)
            refer(name, object.hex(), &ObjectRow::originals);
    }

    void take_receipt(const lmdb::Entry& entry) {
        ++report_.receipts;
        const Ulid id = id_at_end(entry.key);
        const std::string name = "receipts " + id.text();
        const auto receipt = read<Receipt>(entry.value, name);
        if (!receipt) return;
        if (receipt->id != id.text()) inconsistent(name, "its record is of " + receipt->id);
        if (!receipt->original.empty() && !receipt->original_removed_at)
            refer_to_original(name, *receipt);
        if (!receipt->client.empty())
            require(tables_.receipts_by_client, keys::pair(receipt->client, entry.key), name);
        if (is_unresolved(*receipt) != has(tables_.receipts_unresolved, entry.key))
            inconsistent(name, "table receipts-unresolved says otherwise");
        for (const std::string& document : receipt->documents) {
            const auto document_id = Ulid::parse(document);
            if (!document_id || !has(tables_.documents, keys::ulid(*document_id)))
                inconsistent(name, fmt::format("its document {} is not there", document));
        }
    }

    void take_document(const lmdb::Entry& entry) {
        ++report_.documents;
        const Ulid id = id_at_end(entry.key);
        const std::string name = "documents " + id.text();
        const auto document = read<Document>(entry.value, name);
        if (!document) return;
        if (document->id != id.text()) inconsistent(name, "its record is of " + document->id);
        refer(name, document->sha256, &ObjectRow::documents);
        const std::string key(entry.key);
        const std::string period = keys::pair(document->client, document->period);
        require(tables_.documents_by_client, keys::pair(document->client, key), name);
        require(tables_.documents_by_period, keys::pair(period, key), name);
        const auto digest = Digest::parse(document->sha256);
        if (!digest) return;
        require(tables_.documents_by_digest, keys::digest(*digest) + key, name);
        const auto object = objects_.find(*digest);
        if (object != objects_.end() && object->second.size != document->size)
            inconsistent(
                name,
                fmt::format(
                    "it has {} bytes, its object has {}", document->size, object->second.size
                )
            );
        check_receipt_of(*document, name);
    }

    void check_receipt_of(const Document& document, const std::string& name) {
        if (document.receipt.empty()) return;
        const auto id = Ulid::parse(document.receipt);
        const auto bytes = id ? txn_.get(tables_.receipts, keys::ulid(*id))
                              : Result<std::optional<std::string_view>>(std::nullopt);
        if (!bytes || !*bytes) {
            inconsistent(name, fmt::format("its receipt {} is not there", document.receipt));
            return;
        }
        const auto receipt = decode<Receipt>(**bytes, name);
        if (!receipt) return; // told where receipts are read
        const auto& listed = receipt->documents;
        if (std::find(listed.begin(), listed.end(), document.id) == listed.end())
            inconsistent(name, fmt::format("its receipt {} does not name it", document.receipt));
    }

    void take_outbox(const lmdb::Entry& entry) {
        const Ulid id = id_at_end(entry.key);
        const std::string name = "outbox " + id.text();
        const auto row = read<OutboxRow>(entry.value, name);
        if (!row) return;
        if (!is_letter(row->kind)) check_receipt_of(row->receipt, entry.key, name);
        for (const std::string& receipt : row->receipts)
            check_receipt_of(receipt, entry.key, name);
        const auto due = txn_.get(tables_.outbox_due, due_key(*row, entry.key));
        const bool is_due = due && *due;
        const bool is_queued = row->state == "queued";
        if (is_due != is_queued || (is_due && **due != due_mark(row->held)))
            inconsistent(name, "table outbox-due says otherwise");
    }

    void
    check_receipt_of(const std::string& receipt, std::string_view key, const std::string& name) {
        require(tables_.notices, key, name);
        const auto id = Ulid::parse(receipt);
        if (!id || !has(tables_.receipts, keys::ulid(*id)))
            inconsistent(name, fmt::format("its receipt {} is not there", receipt));
    }

    void compare_references() {
        for (const auto& [digest, row] : objects_) {
            const ObjectRow counted = references_[digest];
            if (counted.documents == row.documents && counted.originals == row.originals) continue;
            inconsistent(
                "objects " + digest.hex(),
                fmt::format(
                    "{} documents and {} receipts name it, its row says {} and {}",
                    counted.documents,
                    counted.originals,
                    row.documents,
                    row.originals
                )
            );
        }
    }

    /// Every row stands where its document belongs: one that was moved leaves none behind.
    Result<void> check_document_index(const lmdb::Table& index, std::string DocumentKeys::*place) {
        return each(index, [&](const lmdb::Entry& entry) {
            const Ulid id = id_at_end(entry.key);
            const std::string name = index.name() + " " + id.text();
            const auto document = load_document(archive_, txn_, id);
            if (!document) return; // told where documents are read
            if (!*document) return inconsistent(name, "it is not in table documents");
            const auto keys = keys_of(**document);
            if (keys && (*keys).*place != entry.key)
                inconsistent(name, "its document belongs elsewhere");
        });
    }

    /// Every row of an index ends with the key of a row that is there.
    Result<void> check_indexes() {
        const std::array to_id = {
            std::pair{&tables_.receipts_by_client, &tables_.receipts},
            std::pair{&tables_.receipts_unresolved, &tables_.receipts},
            std::pair{&tables_.outbox_due, &tables_.outbox},
        };
        for (const auto& [index, table] : to_id) {
            const auto look = [&, index = index, table = table](const lmdb::Entry& entry) {
                const Ulid id = id_at_end(entry.key);
                if (!has(*table, keys::ulid(id)))
                    inconsistent(
                        index->name() + " " + id.text(), "it is not in table " + table->name()
                    );
            };
            TRY(each(*index, look));
        }
        TRY(check_document_index(tables_.documents_by_client, &DocumentKeys::by_client));
        TRY(check_document_index(tables_.documents_by_period, &DocumentKeys::by_period));
        TRY(check_document_index(tables_.documents_by_digest, &DocumentKeys::by_digest));
        TRY(each(tables_.senders_by_client, [&](const lmdb::Entry& entry) {
            const std::size_t end = std::min(entry.key.find('\0'), entry.key.size() - 1);
            const auto key = keys::pair(entry.key.substr(end + 1), entry.key.substr(0, end));
            require(
                tables_.senders, key, "senders-by-client " + std::string(entry.key.substr(0, end))
            );
        }));
        return each(tables_.addresses_by_client, [&](const lmdb::Entry& entry) {
            const std::size_t end = std::min(entry.key.find('\0'), entry.key.size() - 1);
            const auto name = "addresses-by-client " + std::string(entry.key.substr(0, end));
            require(tables_.addresses, entry.key.substr(end + 1), name);
        });
    }

    const Archive& archive_;
    const Tables& tables_;
    const lmdb::Txn& txn_;
    VerifyReport& report_;
    ObjectMap objects_{};
    ObjectMap references_{};
};

} // namespace

Result<ObjectMap> check_index(const Archive& archive, VerifyReport& report) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    IndexCheck check(archive, txn, report);
    return check.run();
}

Result<void> check_journal(const Archive& archive, VerifyReport& report) {
    const JournalCheck check = TRY(verify_journal(archive));
    report.journal_entries = check.entries;
    for (const std::string& sentence : check.faults)
        report.faults.push_back({"journal-broken", "journal", sentence});
    return {};
}

} // namespace kwit
