#include "core/archive/verify.hh"

#include "core/archive/documents.hh"
#include "core/archive/index_check.hh"
#include "core/archive/object_check.hh"
#include "core/archive/object_tree.hh"
#include "core/archive/receipts.hh"
#include "core/base/random.hh"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace kwit {

namespace {

/// What came in since then; a mail is as old as its receipt's id.
Result<std::set<Digest>> objects_since(const Archive& archive, Time since) {
    std::set<Digest> objects;
    const auto take = [&](const std::string& sha256) {
        // One that is none is told where the index is checked.
        if (const auto digest = Digest::parse(sha256)) objects.insert(*digest);
        return lmdb::Walk::on;
    };
    const ReceiptFilter receipts{.since = since};
    TRY(each_receipt(archive, receipts, {}, [&](const Receipt& receipt) -> Result<lmdb::Walk> {
        return receipt.original_removed_at ? lmdb::Walk::on : take(receipt.original);
    }));
    const DocumentFilter documents{.since = since};
    TRY(each_document(archive, documents, {}, [&](const Document& document) -> Result<lmdb::Walk> {
        return take(document.sha256);
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

Result<std::vector<ExpectedObject>>
chosen(const Archive& archive, const ObjectMap& all, const VerifyScope& scope) {
    std::optional<std::set<Digest>> wanted;
    if (scope.since) wanted = TRY(objects_since(archive, *scope.since));
    std::vector<ExpectedObject> objects;
    for (const auto& [digest, row] : all)
        if (!wanted || wanted->contains(digest)) objects.push_back({digest, row.size});
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
