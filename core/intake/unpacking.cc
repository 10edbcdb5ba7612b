#include "core/intake/unpacking.hh"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace kwit {

namespace {

/// For a mail: what somebody may file, and holders, of both no more contents than a mail may have
/// documents, and one; such a mail is over a limit.
class Wanted {
public:
    explicit Wanted(const Opener& opener) : opener_(opener) {}

    bool operator()(const PartFacts& part) {
        const std::uint64_t most = opener_.limits.documents;
        if (part.holds != Holder::none) return holders_++ <= most;
        if (part.place == Place::body || !opener_.wanted.contains(part.format)) return false;
        return counts_[part.format]++ <= most;
    }

private:
    const Opener& opener_;
    std::uint64_t holders_ = 0;
    std::map<Format, std::uint64_t> counts_{};
};

bool may_be_opened(const PartFacts& part) {
    return part.holds != Holder::none && part.damage.empty() && !part.withheld && part.digest;
}

void add_to(std::vector<PartFacts>& parts, std::size_t holder, PartFacts part) {
    part.number = static_cast<std::uint32_t>(parts.size() + 1);
    part.in = parts[holder].number;
    const std::string shown = part.name.empty() ? fmt::format("part {}", part.number) : part.name;
    part.path = parts[holder].path + " > " + shown;
    parts.push_back(std::move(part));
}

bool may_open(const Opener& opener, Holder holder) {
    switch (holder) {
    case Holder::none:
        return false;
    case Holder::mail:
    case Holder::uuencode:
        return opener.opens_mails;
    case Holder::zip:
    case Holder::tnef:
    case Holder::cms:
        return opener.inspection.can_unpack();
    }
    return false;
}

/// What is not opened is judged as any other file.
void leave_closed(const Opener& opener, std::vector<PartFacts>& parts) {
    for (PartFacts& part : parts)
        if (!may_open(opener, part.holds)) part.holds = Holder::none;
}

/// Of a holder whose equals are open too nobody needs the file any more: many of them, each as
/// large as what it holds, would fill the disk.
void let_go(const Digest& digest, mime::Examined& mail) {
    const auto& parts = mail.facts.parts;
    const bool done = std::all_of(parts.begin(), parts.end(), [&digest](const PartFacts& part) {
        return part.digest != digest || part.opening;
    });
    if (done) mail.files.erase(digest);
}

/// One holder; its parts go behind all others.
Result<void> open_one(
    Unpacking& unpacking, mime::Examined& mail, std::vector<std::uint32_t>& levels, std::size_t at
) {
    const Digest digest = *mail.facts.parts[at].digest;
    const auto file = mail.files.find(digest);
    if (file == mail.files.end()) {
        mail.facts.over.push_back(Limit::documents); // there are more than get a file
        return {};
    }
    const File bytes = TRY(file->second.reader());
    auto found = TRY(unpacking.open(mail.facts.parts[at], bytes, levels[at] + 1));
    mail.files.merge(unpacking.files());
    unpacking.files().clear();
    mail.facts.over = unpacking.over();
    mail.facts.ambiguities = unpacking.ambiguities();
    for (PartFacts& part : found) {
        add_to(mail.facts.parts, at, std::move(part));
        levels.push_back(levels[at] + 1);
    }
    let_go(digest, mail);
    return {};
}

} // namespace

Result<void> open_holders(const Opener& opener, mime::Examined& mail) {
    BodyFacts& facts = mail.facts;
    leave_closed(opener, facts.parts);
    Unpacking unpacking(opener, mail.files, Wanted(opener));
    unpacking.parts = facts.parts.size();
    std::vector<std::uint32_t> levels(facts.parts.size(), 0);
    std::uint64_t opened = 0;
    for (std::size_t at = 0; at < facts.parts.size(); ++at) {
        if (!facts.over.empty() || !facts.ambiguities.empty()) return {};
        if (!may_be_opened(facts.parts[at])) continue;
        if (levels[at] >= opener.limits.depth)
            facts.over.push_back(Limit::depth);
        else if (++opened > opener.limits.documents)
            facts.over.push_back(Limit::documents);
        else
            TRY(open_one(unpacking, mail, levels, at));
        leave_closed(opener, facts.parts);
    }
    return {};
}

namespace {

/// Why what was found when the mail came is not found now; empty: it is not known.
std::string_view obstacle(const PartFacts& holder, const Unpacking& unpacking) {
    if (holder.uninspectable) return "kwit-inspector could not read it";
    if (!unpacking.over().empty()) return "it is over one of [limits]";
    if (!unpacking.ambiguities().empty()) return "it can be read in two ways";
    if (!holder.opening) return {};
    switch (holder.opening->state) {
    case Opening::State::over_members:
        return "it holds more than [limits] members";
    case Opening::State::over_unpacked:
        return "it holds more than [limits] unpacked";
    case Opening::State::over_ratio:
        return "it holds more than [limits] ratio allows";
    default:
        return {};
    }
}

} // namespace

Result<std::optional<mime::Extracted>>
take_out(const Opener& opener, mime::Extracted leaf, std::span<const std::string> path) {
    mime::Extracted at = std::move(leaf);
    std::uint32_t level = 0;
    const Files nothing;
    for (const std::string& digest : path) {
        const auto is_next = [&digest](const PartFacts& part) {
            return part.digest && part.digest->hex() == digest;
        };
        Unpacking unpacking(opener, nothing, is_next);
        const File bytes = TRY(at.file.reader());
        auto found = TRY(unpacking.open(at.facts, bytes, ++level));
        if (const auto why = obstacle(at.facts, unpacking); !why.empty())
            return fail(
                Kind::refused,
                fmt::format("what holds the part cannot be opened any more: {}", why),
                "where [limits] are lower than when the mail came, raise them; or take out the "
                "part around it and open that by hand"
            );
        const auto next = std::find_if(found.begin(), found.end(), is_next);
        if (next == found.end()) return std::optional<mime::Extracted>();
        auto file = unpacking.files().find(*next->digest);
        if (file == unpacking.files().end()) return std::optional<mime::Extracted>();
        at = mime::Extracted{std::move(*next), std::move(file->second)};
    }
    return std::optional(std::move(at));
}

} // namespace kwit
