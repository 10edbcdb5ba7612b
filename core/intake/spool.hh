// Spool: the mail as it comes, in a file without a name in the archive's file system, while the raw
// bytes pass through the digest and through the caps that keep GMime's known troubles out. Memory
// does not grow with the mail. A mail that is kept becomes an object by a link, without a second
// copy.
#pragma once

#include "core/archive/spare_files.hh"
#include "core/base/file.hh"
#include "core/base/sha256.hh"
#include "core/mime/caps.hh"
#include "core/model/digest.hh"
#include "core/model/settings.hh"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kwit {

class Spool {
public:
    /// spares: where the file goes when it did not become an object; may be null.
    Spool(TempFile file, const LimitSettings& limits, std::shared_ptr<SpareFiles> spares = nullptr)
        : file_(std::move(file)), caps_(limits), spares_(std::move(spares)) {}

    Spool(Spool&&) noexcept = default;
    Spool& operator=(Spool&&) = delete;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    ~Spool();

    Result<void> add(Bytes bytes);

    Result<void> add(std::string_view text) { return add(as_bytes(text)); }

    [[nodiscard]] std::uint64_t size() const { return file_->size() + pending_.size(); }

    [[nodiscard]] const std::vector<Limit>& over() const { return caps_.over(); }

    [[nodiscard]] Digest digest() const { return Digest(hash_.peek()); }

    /// What was added so far, for reading; writes what is still in memory. Must not outlive the
    /// spool: its file may be another mail's then.
    Result<File> reader();

    /// The file, when the mail is complete (after reader()).
    TempFile release() && { return *std::exchange(file_, std::nullopt); }

private:
    Result<void> flush();

    std::optional<TempFile> file_; ///< nothing: released, or moved from
    mime::Caps caps_;
    Sha256 hash_;
    std::string
        pending_; // headers come in small pieces: a system call each would be most of their cost
    std::shared_ptr<SpareFiles> spares_;
};

} // namespace kwit
