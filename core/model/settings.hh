// The whole configuration as values. Read by core/config in main only; handed down by reference.
// Each key is described in docs/configuration.md.
#pragma once

#include "core/base/result.hh"
#include "core/base/time.hh"
#include "core/model/alignment.hh"
#include "core/model/policy.hh"
#include "core/model/rate.hh"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwit {

struct MilterSettings {
    std::string socket = "unix:/var/spool/postfix/kwit/kwit.sock"; ///< unix:PATH or inet:PORT@HOST
    unsigned socket_mode = 0660;
    std::string socket_group{}; ///< empty: the group kwit runs with
    std::string user{};         ///< empty: stay who we are
    bool allow_remote = false;
    enum class WhenEmpty { discard, delrcpt } when_empty = WhenEmpty::discard;
};

struct ArchiveSettings {
    std::filesystem::path path = "/var/lib/kwit";
    std::uint64_t min_free = 1ULL << 30;
    std::optional<std::chrono::seconds> keep_originals =
        std::chrono::hours(24 * 90); ///< nothing: forever
    std::uint64_t map_size = 64ULL << 30;
};

struct OutboxSettings {
    std::string submit = "smtp://127.0.0.1:10025"; ///< or sendmail:PATH
    std::chrono::seconds retry_for = std::chrono::hours(24 * 5);
    std::uint64_t forward_max = 20ULL << 20;
    NoticeCaps per_day{.notices = 200, .forwards = 50, .forward_bytes = 100ULL << 20};
};

struct InspectorSettings {
    std::filesystem::path program{}; ///< empty: beside the running program
    std::chrono::seconds timeout{5}; ///< for one look at one document, by the clock on the wall
    std::chrono::seconds cpu{2};     ///< the same in processor time
    std::uint64_t memory = 128ULL << 20;
    std::uint32_t children = 4; ///< documents that are looked into at once
};

struct TextsSettings {
    std::filesystem::path path{}; ///< empty: the built-in texts alone
};

struct LogSettings {
    enum class Level { debug, info, warning, error };
    std::string sink = "stderr"; ///< stderr, syslog or file:PATH
    Level level = Level::info;
};

/// Headers that [trust] signed_headers can name: what makes the meaning of a mail.
inline constexpr std::array<std::string_view, 8> signable_headers = {
    "from",
    "subject",
    "date",
    "content-type",
    "to",
    "message-id",
    "mime-version",
    "content-transfer-encoding"};

struct TrustSettings {
    std::vector<std::string> authserv_ids{}; ///< lower case
    unsigned hops = 0;                       ///< internal hops between the border and kwit
    std::vector<std::string> arc_sealers{};  ///< domains whose ARC seals count
    std::vector<std::string> signed_headers{"from", "subject", "date", "content-type"};
};

struct LimitSettings {
    std::uint64_t message = 50ULL << 20;
    std::uint32_t parts = 1000;
    std::uint32_t depth = 20;
    std::uint32_t documents = 100;
    std::uint32_t members = 1000;          ///< files in all containers of a mail
    std::uint64_t unpacked = 200ULL << 20; ///< bytes of them
    std::uint32_t ratio = 100;             ///< times its own size that a container may unpack to
    std::uint32_t headers = 1000;
    std::uint64_t header_bytes = 256ULL << 10;
    std::uint32_t recipients = 100;
    std::uint32_t ends_at_once = 16;
    std::uint64_t min_memory = 64ULL << 20;
    RateSettings rates{}; ///< [limits.address], [limits.sender], [limits.client]
};

/// A picture that stands in the head of HTML mails, read with the configuration.
struct Logo {
    std::string media_type; ///< image/png or image/jpeg
    std::string bytes;
    std::uint32_t width = 0; ///< in pixels
    std::uint32_t height = 0;
};

/// An intake domain.
struct DomainSettings {
    std::string name; ///< lower case, A-labels
    std::string locale = "en";
    std::string timezone = "UTC";
    std::string from{};     ///< From: of notices
    std::string reply_to{}; ///< empty: none
    std::string base = "docs";
    Alignment alignment = Alignment::relaxed; ///< of senders that have none of their own
    std::string office{};                     ///< its name in mails; empty: that of `from`
    std::string signature{};                  ///< lines under every mail; empty: none
    std::shared_ptr<const Logo> logo{};       ///< null: none
    std::filesystem::path texts{};            ///< of its mails, over [texts] path; empty: none
    enum class Corrections { alternative, report } corrections = Corrections::alternative;
    std::chrono::minutes digest_at = std::chrono::hours(7); ///< time of day in its zone
};

struct Settings {
    MilterSettings milter{};
    ArchiveSettings archive{};
    OutboxSettings outbox{};
    InspectorSettings inspector{};
    TextsSettings texts{};
    LogSettings log{};
    TrustSettings trust{};
    LimitSettings limits{};
    std::vector<DomainSettings> domains{};
    std::map<std::string, Policy> policies{};
    std::vector<Error> flaws{}; ///< what mails can do without, with its place in the configuration:
                                ///< a warning to who serves, an error to who checks

    /// The intake domain of that name (lower case), or null.
    [[nodiscard]] const DomainSettings* domain(const std::string& name) const;
};

} // namespace kwit
