// The tables of the index; docs/format.md describes each key and value.
#pragma once

#include "core/base/lmdb.hh"

#include <array>
#include <string_view>

namespace kwit {

struct Tables {
    lmdb::Table meta{};
    lmdb::Table clients{};
    lmdb::Table senders{};
    lmdb::Table senders_by_client{};
    lmdb::Table codes{}; ///< every code ever given out
    lmdb::Table addresses{};
    lmdb::Table addresses_by_client{};
    lmdb::Table decorations{}; ///< content that is ignored in the mails of a client
    lmdb::Table receipts{};
    lmdb::Table receipts_by_client{};
    lmdb::Table receipts_unresolved{};
    lmdb::Table mail_seen{};
    lmdb::Table documents{};
    lmdb::Table documents_by_client{};
    lmdb::Table documents_by_period{};
    lmdb::Table documents_by_digest{};
    lmdb::Table outbox{};
    lmdb::Table outbox_due{};
    lmdb::Table notices{}; ///< outbox id -> receipt, kept after the row has left
    lmdb::Table objects{};
    lmdb::Table recipes{};     ///< of originals that are made from objects
    lmdb::Table near_misses{}; ///< unknown recipients that were perhaps meant for known ones
    lmdb::Table journal{};
    lmdb::Table counters{};
    lmdb::Table usage{};          ///< what came in, by hour
    lmdb::Table notices_of_day{}; ///< how many each recipient got
};

/// Archives made before a table was there are opened for reading without it; it reads as empty. The
/// first program that may write makes it.
enum class Since { beginning, later };

struct TableName {
    std::string_view name;
    lmdb::Table Tables::*table;
    Since since = Since::beginning;
};

inline constexpr std::array table_names = {
    TableName{"meta", &Tables::meta},
    TableName{"clients", &Tables::clients},
    TableName{"senders", &Tables::senders},
    TableName{"senders-by-client", &Tables::senders_by_client},
    TableName{"codes", &Tables::codes},
    TableName{"addresses", &Tables::addresses},
    TableName{"addresses-by-client", &Tables::addresses_by_client},
    TableName{"decorations", &Tables::decorations, Since::later},
    TableName{"receipts", &Tables::receipts},
    TableName{"receipts-by-client", &Tables::receipts_by_client},
    TableName{"receipts-unresolved", &Tables::receipts_unresolved},
    TableName{"mail-seen", &Tables::mail_seen},
    TableName{"documents", &Tables::documents},
    TableName{"documents-by-client", &Tables::documents_by_client},
    TableName{"documents-by-period", &Tables::documents_by_period},
    TableName{"documents-by-digest", &Tables::documents_by_digest},
    TableName{"outbox", &Tables::outbox},
    TableName{"outbox-due", &Tables::outbox_due},
    TableName{"notices", &Tables::notices},
    TableName{"objects", &Tables::objects},
    TableName{"recipes", &Tables::recipes, Since::later},
    TableName{"near-misses", &Tables::near_misses, Since::later},
    TableName{"journal", &Tables::journal},
    TableName{"counters", &Tables::counters, Since::later},
    TableName{"usage", &Tables::usage, Since::later},
    TableName{"notices-of-day", &Tables::notices_of_day, Since::later},
};

} // namespace kwit
