#include "core/archive/archive.hh"

#include "core/base/file.hh"
#include "core/base/json.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

constexpr mode_t archive_mode = 0750;
constexpr mode_t index_mode = 0700;
constexpr std::string_view schema_key = "schema";

std::filesystem::path index_path(const ArchiveSettings& settings) {
    return settings.path / "index";
}

/// The version in the bytes; nothing when they are not a number.
std::optional<std::uint64_t> schema_in(std::string_view bytes) {
    const auto value = from_cbor(bytes);
    if (!value || !value->is_number_unsigned()) return std::nullopt;
    return value->get<std::uint64_t>();
}

Result<void> check_schema(std::string_view bytes, const std::filesystem::path& path) {
    const auto schema = schema_in(bytes);
    if (!schema)
        return fail(
            Kind::corrupt,
            fmt::format("the schema version of archive {} is damaged", path.string()),
            "restore the index from a backup"
        );
    if (*schema > schema_version)
        return fail(
            Kind::misuse,
            fmt::format(
                "archive {} has schema {}, this kwit reads up to {}",
                path.string(),
                *schema,
                schema_version
            ),
            "use the version of kwit that wrote it, or a newer one"
        );
    return {};
}

/// The index is named last, so where there is one all else is on disk. Its own name is not when who
/// made or restored the archive was killed right then.
Result<void> sync_places(const ArchiveSettings& settings) {
    TRY(sync_directory(settings.path));
    std::error_code unknown;
    if (std::filesystem::exists(index_path(settings) / "data.mdb", unknown)) return {};
    TRY(sync_directory(settings.path / "objects"));
    sync_parents(settings.path);
    return {};
}

Result<void> make_places(const ArchiveSettings& settings) {
    TRY(make_directories(settings.path, archive_mode, Durable::later));
    TRY(make_directories(settings.path / "objects" / "sha256", archive_mode, Durable::later));
    TRY(make_directories(index_path(settings), index_mode, Durable::later));
    return sync_places(settings);
}

} // namespace

Result<std::unique_ptr<Archive>>
Archive::open(const ArchiveSettings& settings, Access access, Reading reading) {
    if (access == Access::read_write) {
        TRY(make_places(settings));
    } else if (std::error_code unknown; !std::filesystem::exists(settings.path, unknown)) {
        return fail(
            Kind::temporary,
            "there is no archive at " + settings.path.string(),
            "correct path in the [archive] section, or make the first client: kwit client add"
        );
    }
    lmdb::Env env = TRY(lmdb::Env::open(
        {.directory = index_path(settings),
         .map_size = settings.map_size,
         .access = access,
         .reading = reading}
    ));
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
    std::unique_ptr<Archive> archive(new Archive(settings, std::move(env), access));
    TRY(archive->open_tables());
    return archive;
}

Result<void> Archive::open_tables() {
    // The version first: nothing is added to an index that a newer kwit wrote.
    const std::vector<lmdb::Table> first = TRY(env_.tables({"meta"}));
    tables_.meta = first.front();
    const bool versioned = TRY(check_version());
    for (const auto& [since, missing] :
         {std::pair{Since::beginning, lmdb::Missing::is_error},
          std::pair{Since::later, lmdb::Missing::reads_empty}})
        TRY(open_tables(since, missing));
    if (versioned || access_ != Access::read_write) return {};
    return put_version();
}

Result<void> Archive::open_tables(Since since, lmdb::Missing missing) {
    std::vector<std::string> names;
    std::vector<lmdb::Table Tables::*> places;
    for (const TableName& table : table_names) {
        if (table.since != since) continue;
        names.emplace_back(table.name);
        places.push_back(table.table);
    }
    const std::vector<lmdb::Table> tables = TRY(env_.tables(names, missing));
    for (std::size_t i = 0; i < places.size(); ++i)
        tables_.*places[i] = tables.at(i);
    return {};
}

Result<bool> Archive::check_version() const {
    const lmdb::ReadTxn txn = TRY(env_.read());
    const auto bytes = TRY(txn.get(tables_.meta, schema_key));
    if (bytes) TRY(check_schema(*bytes, path()));
    return bytes.has_value();
}

Result<void> Archive::put_version() {
    return change([&](lmdb::WriteTxn& txn) -> Result<void> {
        const auto bytes = TRY(txn.get(tables_.meta, schema_key));
        if (bytes) return check_schema(*bytes, path()); // another process was quicker
        return txn.put(tables_.meta, schema_key, to_cbor(schema_version));
    });
}

Result<void> Archive::raise_version(lmdb::WriteTxn& txn) const {
    const auto bytes = TRY(txn.get(tables_.meta, schema_key));
    if (bytes && schema_in(*bytes) == schema_version) return {};
    return txn.put(tables_.meta, schema_key, to_cbor(schema_version));
}

Result<void> Archive::change(const Change& change) {
    return group_.run(env_, change);
}

} // namespace kwit
