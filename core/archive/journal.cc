#include "core/archive/journal.hh"

#include "core/archive/keys.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

constexpr std::string_view head_key = "journal-head";
constexpr std::size_t digest_digits = 64;

std::string hash_of(std::string_view bytes) {
    return Digest(sha256(bytes)).hex();
}

/// Walks along the chain and notes what does not fit.
class ChainCheck {
public:
    void take(const lmdb::Entry& entry) {
        const std::uint64_t expected = ++check_.entries + skipped_;
        const auto n = keys::to_number(entry.key);
        if (!n) {
            fault("an entry has a key that is no number");
        } else if (*n != expected) {
            fault(fmt::format("entry {} follows entry {}", *n, expected - 1));
            skipped_ += *n - expected; // told once, then go on from here
        }
        look_into(entry, n ? *n : expected);
        check_.head = {n ? *n : expected, hash_of(entry.value)};
    }

    JournalCheck finish(const JournalHead& stored) && {
        if (stored.n != check_.head.n || stored.sha256 != check_.head.sha256)
            fault(fmt::format(
                "the chain ends with entry {}, the head is entry {} with another hash",
                check_.head.n,
                stored.n
            ));
        return std::move(check_);
    }

private:
    void fault(std::string sentence) { check_.faults.push_back(std::move(sentence)); }

    void look_into(const lmdb::Entry& entry, std::uint64_t n) {
        const auto map = from_cbor(entry.value);
        if (!map || !map->is_object()) {
            fault(fmt::format("entry {} is damaged", n));
            return;
        }
        if (map->value("n", Json()) != Json(n))
            fault(fmt::format("entry {} holds another number", n));
        if (map->value("prev", Json()) != Json(check_.head.sha256))
            fault(fmt::format("entry {} does not fit the one before it", n));
    }

    JournalCheck check_{.head = {0, std::string(digest_digits, '0')}};
    std::uint64_t skipped_ = 0;
};

} // namespace

/// The head as table meta holds it: it tells when the end of the chain was cut off.
Result<JournalHead> journal_head(const Archive& archive, const lmdb::Txn& txn) {
    const auto bytes = TRY(txn.get(archive.tables().meta, head_key));
    if (!bytes) return JournalHead{0, std::string(digest_digits, '0')};
    const auto map = from_cbor(*bytes);
    if (map && map->is_object() && map->contains("n") && map->contains("sha256")) {
        const Json& n = (*map)["n"];
        const Json& hash = (*map)["sha256"];
        if (n.is_number_unsigned() && hash.is_string())
            return JournalHead{n.get<std::uint64_t>(), hash.get<std::string>()};
    }
    return fail(
        Kind::corrupt,
        "the head of the journal in table meta is damaged",
        "restore the index from a backup"
    );
}

Result<void> append_journal(
    const Archive& archive,
    lmdb::WriteTxn& txn,
    const By& by,
    std::string_view what,
    const Json& about
) {
    const JournalHead head = TRY(journal_head(archive, txn));
    const std::uint64_t n = head.n + 1;
    const Json entry = {
        {"n", n},
        {"at", rfc3339(by.at)},
        {"by", by.who},
        {"what", what},
        {"about", about},
        {"prev", head.sha256},
    };
    const std::string bytes = to_cbor(entry);
    TRY(txn.put_new(archive.tables().journal, keys::number(n), bytes));
    const Json next = {{"n", n}, {"sha256", hash_of(bytes)}};
    return txn.put(archive.tables().meta, head_key, to_cbor(next));
}

Result<JournalHead> journal_head(const Archive& archive) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    return journal_head(archive, txn);
}

Result<std::vector<Json>> list_journal(const Archive& archive, const Page& page) {
    std::vector<Json> out;
    if (page.limit == std::size_t{0}) return out;
    const lmdb::ReadTxn txn = TRY(archive.read());
    const lmdb::Range all{.order = page.order};
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        auto value = from_cbor(entry.value);
        if (!value) return fail(std::move(value).error().in("reading the journal"));
        out.push_back(std::move(*value));
        return page.limit && out.size() == *page.limit ? lmdb::Walk::stop : lmdb::Walk::on;
    };
    TRY(txn.scan(archive.tables().journal, all, look));
    return out;
}

Result<JournalCheck> verify_journal(const Archive& archive) {
    const lmdb::ReadTxn txn = TRY(archive.read());
    ChainCheck check;
    TRY(txn.scan(archive.tables().journal, {}, [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        check.take(entry);
        return lmdb::Walk::on;
    }));
    const auto head = journal_head(archive, txn);
    if (!head && head.error().kind != Kind::corrupt) return fail(head.error());
    return std::move(check).finish(head ? *head : JournalHead{});
}

} // namespace kwit
