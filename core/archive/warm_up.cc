#include "core/archive/warm_up.hh"

#include "core/archive/keys.hh"
#include "core/archive/seen.hh"

namespace kwit {

namespace {

class WarmUp {
public:
    WarmUp(const Tables& tables, const lmdb::Txn& txn) : tables_(tables), txn_(txn) {}

    std::size_t read(const MailCommit& mail) {
        if (mail.recipe)
            for (const Digest& object : mail.recipe->row.objects)
                read_at(tables_.objects, keys::digest(object));
        for (const ReceiptDraft& draft : mail.receipts)
            read(draft);
        return found_;
    }

private:
    void read(const ReceiptDraft& draft) {
        const Receipt& receipt = draft.receipt;
        if (draft.identity)
            read_at(tables_.mail_seen, seen_key(receipt.address, *draft.identity, receipt.verdict));
        if (const auto original = Digest::parse(receipt.original)) {
            read_at(tables_.recipes, keys::digest(*original));
            read_at(tables_.objects, keys::digest(*original));
        }
        read_end_of(tables_.receipts_by_client, keys::group(receipt.client));
        for (const DocumentDraft& document : draft.documents)
            read(document.document, receipt.client);
    }

    void read(const Document& document, const std::string& client) {
        if (const auto digest = Digest::parse(document.sha256)) {
            read_at(tables_.objects, keys::digest(*digest));
            read_end_of(tables_.documents_by_digest, keys::digest(*digest));
        }
        read_end_of(tables_.documents_by_client, keys::group(client));
        read_end_of(tables_.documents_by_period, keys::group(keys::pair(client, document.period)));
    }

    void read_at(const lmdb::Table& table, const std::string& key) {
        const auto row = txn_.get(table, key);
        if (row && *row) ++found_;
    }

    /// Where the next key with this prefix will be, which is greater than all of them.
    void read_end_of(const lmdb::Table& table, const std::string& prefix) {
        const auto look = [this](const lmdb::Entry&) -> Result<lmdb::Walk> {
            ++found_;
            return lmdb::Walk::stop;
        };
        const auto range = lmdb::Range::prefix(prefix, lmdb::Order::descending);
        static_cast<void>(txn_.scan(table, range, look));
    }

    const Tables& tables_;
    const lmdb::Txn& txn_;
    std::size_t found_ = 0;
};

} // namespace

std::size_t warm_up(const Archive& archive, const MailCommit& mail) {
    const auto txn = archive.read();
    return txn ? WarmUp(archive.tables(), *txn).read(mail) : 0;
}

} // namespace kwit
