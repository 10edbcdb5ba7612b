#include "core/archive/object_check.hh"

#include "core/archive/object_rows.hh"
#include "core/archive/objects.hh"
#include "core/archive/originals.hh"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace kwit {

namespace {

class ObjectCheck {
public:
    ObjectCheck(
        const Archive& archive,
        const std::vector<ExpectedObject>& objects,
        VerifyReport& report,
        const Progress& progress
    )
        : archive_(archive), objects_(objects), report_(report), progress_(progress) {
        for (const ExpectedObject& object : objects)
            total_ += object.size;
    }

    Result<void> run(unsigned jobs) {
        {
            std::vector<std::jthread> workers;
            const std::size_t others = std::min<std::size_t>(std::max(jobs, 1U), objects_.size());
            for (std::size_t i = 1; i < others; ++i)
                workers.emplace_back([this] { work(); });
            work();
        }
        if (bug_) std::rethrow_exception(bug_);
        if (trouble_) return fail(*trouble_);
        std::sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
            return a.name < b.name;
        });
        std::move(faults_.begin(), faults_.end(), std::back_inserter(report_.faults));
        return {};
    }

private:
    /// Takes one object after the other until all are taken, or there is trouble.
    void work() {
        try {
            for (;;) {
                const std::size_t at = next_.fetch_add(1);
                if (at >= objects_.size()) return;
                const ExpectedObject& object = objects_[at];
                auto fault = check(object);
                note(object, std::move(fault));
            }
        } catch (...) {
            const std::scoped_lock lock(mutex_);
            bug_ = std::current_exception();
            next_ = objects_.size();
        }
    }

    void note(const ExpectedObject& object, Result<std::optional<Fault>> fault) {
        const std::scoped_lock lock(mutex_);
        if (!fault) {
            trouble_ = fault.error();
            next_ = objects_.size();
            return;
        }
        if (*fault) faults_.push_back(std::move(**fault));
        done_ += object.size;
        if (object.form == ExpectedObject::Form::recipe) {
            ++report_.recipes;
        } else {
            ++report_.objects;
            report_.bytes += object.size;
        }
        if (progress_) progress_(done_, total_);
    }

    static Fault fault(const char* what, const Digest& digest, std::string detail) {
        return {what, digest.hex(), std::move(detail)};
    }

    [[nodiscard]] Result<std::optional<Fault>> check(const ExpectedObject& object) const {
        return object.form == ExpectedObject::Form::recipe ? check_original(object.digest)
                                                           : check_file(object);
    }

    /// Made of its objects, each of which is looked at for itself.
    [[nodiscard]] Result<std::optional<Fault>> check_original(const Digest& digest) const {
        const auto made = read_original(archive_, digest);
        if (made) return std::optional<Fault>();
        const lmdb::ReadTxn txn = TRY(archive_.read());
        const auto row = TRY(load_recipe(archive_, txn, digest));
        if (!row) return std::optional<Fault>(); // swept since its row was read
        return std::optional(fault("original-lost", digest, made.error().what));
    }

    [[nodiscard]] Result<std::optional<Fault>> check_file(const ExpectedObject& object) const {
        const Digest& digest = object.digest;
        const auto present = TRY(object_size(archive_, digest));
        if (!present) return missing(digest);
        if (*present != object.size)
            return std::optional(fault(
                "object-damaged",
                digest,
                fmt::format("its file has {} bytes, {} are expected", *present, object.size)
            ));
        const auto hash = hash_of(digest);
        if (!hash && TRY(object_size(archive_, digest)) == std::nullopt) return missing(digest);
        if (!hash) return std::optional(fault("object-damaged", digest, hash.error().what));
        if (*hash == digest) return std::optional<Fault>();
        return std::optional(
            fault("object-damaged", digest, "its bytes have SHA-256 " + hash->hex())
        );
    }

    [[nodiscard]] Result<Digest> hash_of(const Digest& digest) const {
        const File file = TRY(open_object(archive_, digest));
        return read_object(file);
    }

    /// It may have been swept, row and file, since the rows were read.
    [[nodiscard]] Result<std::optional<Fault>> missing(const Digest& digest) const {
        const lmdb::ReadTxn txn = TRY(archive_.read());
        const auto row = TRY(load_object(archive_, txn, digest));
        if (!row) return std::optional<Fault>();
        return std::optional(fault("object-missing", digest, "its file is not there"));
    }

    const Archive& archive_;
    const std::vector<ExpectedObject>& objects_;
    VerifyReport& report_;
    const Progress& progress_;
    std::uint64_t total_ = 0;
    std::uint64_t done_ = 0;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_{}; // of everything below, and of the report
    std::vector<Fault> faults_{};
    std::optional<Error> trouble_{};
    std::exception_ptr bug_{};
};

} // namespace

Result<void> check_objects(
    const Archive& archive,
    const std::vector<ExpectedObject>& objects,
    unsigned jobs,
    VerifyReport& report,
    const Progress& progress
) {
    ObjectCheck check(archive, objects, report, progress);
    return check.run(jobs);
}

} // namespace kwit
