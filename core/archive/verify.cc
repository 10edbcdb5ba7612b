#include "core/archive/verify.hh"

#include "core/archive/index_check.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/objects.hh"
#include "core/base/sha256.hh"

#include <fmt/format.h>

#include <array>

namespace kwit {

namespace {

constexpr std::size_t read_size = std::size_t{64} * 1024;

/// Object files hashed again and compared with what the index says of them.
class ObjectCheck {
public:
    ObjectCheck(const Archive& archive, VerifyReport& report, const Progress& progress)
        : archive_(archive), report_(report), progress_(progress) {}

    Result<void> run(const ObjectMap& objects) {
        std::uint64_t total = 0;
        for (const auto& [digest, row] : objects)
            total += row.size;
        for (const auto& [digest, row] : objects) {
            TRY(check(digest, row.size));
            ++report_.objects;
            report_.bytes += row.size;
            if (progress_) progress_(report_.bytes, total);
        }
        return {};
    }

private:
    Result<void> check(const Digest& digest, std::uint64_t size) {
        const auto present = TRY(object_size(archive_, digest));
        if (!present) {
            const bool is_named = TRY(still_named(digest));
            if (is_named) fault("object-missing", digest, "its file is not there");
            return {};
        }
        if (*present != size) {
            fault(
                "object-damaged",
                digest,
                fmt::format("its file has {} bytes, {} are expected", *present, size)
            );
            return {};
        }
        const auto hash = hash_of(digest);
        if (!hash)
            fault("object-damaged", digest, hash.error().what);
        else if (*hash != digest)
            fault("object-damaged", digest, "its bytes have SHA-256 " + hash->hex());
        return {};
    }

    [[nodiscard]] Result<Digest> hash_of(const Digest& digest) const {
        const File file = TRY(open_object(archive_, digest));
        Sha256 hash;
        std::array<std::byte, read_size> buffer{};
        for (std::uint64_t offset = 0;;) {
            const std::size_t got = TRY(file.read_at(offset, buffer));
            if (got == 0) break;
            hash.update(Bytes(buffer).first(got));
            offset += got;
        }
        return Digest(std::move(hash).finish());
    }

    /// It may have been swept, row and file, since the rows were read.
    [[nodiscard]] Result<bool> still_named(const Digest& digest) const {
        const lmdb::ReadTxn txn = TRY(archive_.read());
        const auto row = TRY(txn.get(archive_.tables().objects, keys::digest(digest)));
        return row.has_value();
    }

    void fault(const char* what, const Digest& digest, std::string detail) {
        report_.faults.push_back({what, digest.hex(), std::move(detail)});
    }

    const Archive& archive_;
    VerifyReport& report_;
    const Progress& progress_;
};

/// Whether a row names the file by now: it may have been filed while we were looking.
Result<bool> is_named(const Archive& archive, const std::filesystem::path& file) {
    const auto digest = Digest::parse(file.filename().string());
    if (!digest || object_path(archive, *digest) != file) return false;
    const lmdb::ReadTxn txn = TRY(archive.read());
    const auto row = TRY(txn.get(archive.tables().objects, keys::digest(*digest)));
    return row.has_value();
}

Result<void> find_unreferenced(const Archive& archive, VerifyReport& report) {
    std::error_code problem;
    std::filesystem::recursive_directory_iterator files(archive.path() / "objects", problem);
    for (; !problem && files != std::filesystem::end(files); files.increment(problem)) {
        if (files->is_directory(problem)) continue;
        const bool named = TRY(is_named(archive, files->path()));
        if (!named) report.unreferenced.push_back(files->path().string());
    }
    if (problem)
        return fail(system_error("list " + (archive.path() / "objects").string(), problem.value()));
    return {};
}

Result<void> check_journal(const Archive& archive, VerifyReport& report) {
    const JournalCheck check = TRY(verify_journal(archive));
    report.journal_entries = check.entries;
    for (const std::string& sentence : check.faults)
        report.faults.push_back({"journal-broken", "journal", sentence});
    return {};
}

} // namespace

Result<VerifyReport> verify(const Archive& archive, const Progress& progress) {
    VerifyReport report;
    const ObjectMap objects = TRY(check_index(archive, report));
    TRY(check_journal(archive, report));
    ObjectCheck object_check(archive, report, progress);
    TRY(object_check.run(objects));
    TRY(find_unreferenced(archive, report));
    return report;
}

} // namespace kwit
