// Reading what holds other files, one holder after the other, within what the mail has left of its
// budgets (core/intake/unpacking.hh says what is opened, and in which order).
#pragma once

#include "core/intake/inspection.hh"
#include "core/intake/range.hh"
#include "core/mime/examine.hh"
#include "core/model/settings.hh"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kwit {

/// What opening takes. Refers to what its maker has.
struct Opener {
    const LimitSettings& limits;
    const std::set<Format>& wanted; ///< formats of which a file is kept
    const mime::MakeTemp& make_temp;
    const Inspection& inspection;
    mime::Kept kept = mime::Kept::holders; ///< of the leaves of attached mails
    bool opens_mails = true;               ///< and uuencoded texts, else containers alone
};

using Files = std::map<Digest, TempFile>;

/// Opens the holders of one mail.
class Unpacking {
public:
    using Keep = std::function<bool(const PartFacts&)>;

    /// have: contents that need no second file.
    Unpacking(const Opener& opener, const Files& have, Keep keep)
        : opener_(opener), have_(have), keep_(std::move(keep)),
          members_left_(opener.limits.members), unpacked_left_(opener.limits.unpacked) {}

    /// What is in the part, in order; number and path are not yet known. level: holders around what
    /// comes out.
    Result<std::vector<PartFacts>> open(PartFacts& part, const File& file, std::uint32_t level);

    Files& files() { return files_; }

    /// Of all that was opened so far.
    [[nodiscard]] const std::vector<Limit>& over() const { return over_; }

    [[nodiscard]] const std::vector<std::string>& ambiguities() const { return ambiguities_; }

    /// Parts of the mails that were read before.
    std::uint64_t parts = 0;

private:
    Result<void> read_mail(PartFacts& part, const Range& file, std::uint32_t level);
    void adopt(mime::Examined read);
    Result<void> read_text(PartFacts& part, const File& file);
    Result<void> unpack(PartFacts& part, const File& file, std::uint32_t level);
    Result<void>
    take_members(PartFacts& part, const inspect::Unpacked& unpacked, std::uint32_t level);
    Result<void> take_signed(PartFacts& part, const Range& content, std::uint32_t level);
    Result<void> take_file(const std::string& name, const Range& range);
    bool affords(PartFacts& part, std::uint64_t size, std::uint32_t level);
    bool wants(const PartFacts& part);
    void keep(const PartFacts& part, TempFile file);

    const Opener& opener_;
    const Files& have_;
    Keep keep_;
    std::uint32_t members_left_;
    std::uint64_t unpacked_left_;
    std::vector<PartFacts> found_{};
    Files files_{};
    std::vector<Limit> over_{};
    std::vector<std::string> ambiguities_{};
};

} // namespace kwit
