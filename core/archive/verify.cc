#include "core/archive/verify.hh"

#include "core/archive/documents.hh"
#include "core/archive/index_check.hh"
#include "core/archive/object_check.hh"
#include "core/archive/object_tree.hh"
#include "core/archive/receipts.hh"
#include "core/archive/recipe_rows.hh"
#include "core/base/random.hh"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace kwit {

namespace {

/// The original, and what it is made of.
Result<void>
take_original(const Archive& archive, const std::string& sha256, std::set<Digest>& objects) {
    const auto original = Digest::parse(sha256);
    if (!original) return {}; // told where the index is checked
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto made_of = TRY(objects_of_original(archive, txn, *original));
    objects.insert(*original);
    objects.insert(made_of.begin(), made_of.end());
    return {};
}

/// What came in since then; a mail is as old as its receipt's id.
Result<std::set<Digest>> objects_since(const Archive& archive, Time since) {
    std::set<Digest> objects;
    const auto take = [&](const Receipt& receipt) -> Result<lmdb::Walk> {
        if (!receipt.original_removed_at) TRY(take_original(archive, receipt.original, objects));
        return lmdb::Walk::on;
    };
    const ReceiptFilter receipts{.since = since};
    TRY(each_receipt(archive, receipts, {}, take));
    const DocumentFilter documents{.since = since};
    TRY(each_document(archive, documents, {}, [&](const Document& document) -> Result<lmdb::Walk> {
        if (const auto digest = Digest::parse(document.sha256)) objects.insert(*digest);
        return lmdb::Walk::on;
    }));
    return objects;
}

/// So many of them by chance, each as likely as any other.
void draw(std::vector<ExpectedObject>& objects, double share) {
    const auto all = static_cast<double>(objects.size());
    const auto wanted = static_cast<std::size_t>(std::ceil(all * share));
    const std::size_t drawn = std::min(wanted, objects.size());
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t i = 0; i < drawn; ++i) {
        const std::size_t left = std::min(objects.size() - i, most);
        std::swap(objects[i], objects[i + random_below(static_cast<std::uint32_t>(left))]);
    }
    objects.erase(objects.begin() + static_cast<std::ptrdiff_t>(drawn), objects.end());
}

/// Originals that are made from recipes. A row that is damaged is told where the index is checked.
Result<std::vector<ExpectedObject>> made_originals(const Archive& archive) {
    std::vector<ExpectedObject> originals;
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto look = [&](const lmdb::Entry& entry) -> Result<lmdb::Walk> {
        const auto digest = Digest::from_bytes(as_bytes(entry.key));
        const auto row = decode_recipe_row(entry.value, "");
        if (digest && row) originals.push_back({*digest, row->size, ExpectedObject::Form::recipe});
        return lmdb::Walk::on;
    };
    TRY(txn.scan(archive.tables().recipes, {}, look));
    return originals;
}

Result<std::vector<ExpectedObject>>
chosen(const Archive& archive, const ObjectMap& all, const VerifyScope& scope) {
    std::vector<ExpectedObject> objects = TRY(made_originals(archive));
    for (const auto& [digest, row] : all)
        objects.push_back({digest, row.size});
    if (scope.since) {
        const std::set<Digest> wanted = TRY(objects_since(archive, *scope.since));
        std::erase_if(objects, [&](const ExpectedObject& object) {
            return !wanted.contains(object.digest);
        });
    }
    if (scope.share) draw(objects, *scope.share);
    return objects;
}

/// Whether a row names the file by now: it may have been filed while we were looking.
Result<bool> is_named(const Archive& archive, const ObjectFile& file) {
    if (!file.digest) return false;
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto row = TRY(load_object(archive, txn, *file.digest));
    return row.has_value();
}

Result<void> find_unreferenced(const Archive& archive, VerifyReport& report) {
    return each_object_file(archive.path(), [&](const ObjectFile& file) -> Result<void> {
        const bool named = TRY(is_named(archive, file));
        if (!named) report.unreferenced.push_back(file.path.string());
        return {};
    });
}

} // namespace

Result<VerifyReport>
verify(const Archive& archive, const VerifyScope& scope, const Progress& progress) {
    VerifyReport report;
    const ObjectMap objects = TRY(check_index(archive, report));
    TRY(check_journal(archive, report));
    report.objects_known = objects.size();
    const auto to_check = TRY(chosen(archive, objects, scope));
    TRY(check_objects(archive, to_check, scope.jobs, report, progress));
    TRY(find_unreferenced(archive, report));
    return report;
}

} // namespace kwit
