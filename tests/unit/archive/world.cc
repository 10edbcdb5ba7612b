#include "tests/unit/archive/world.hh"

#include "core/archive/journal.hh"
#include "core/archive/outbox.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"

#include <chrono>
#include <stdexcept>

namespace kwit::test {

namespace {

template <typename T>
T good(Result<T>&& result) {
    if (!result) throw std::runtime_error(told(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

} // namespace

Time at_ten() {
    return Time(Milliseconds(1795255200000));
}

By office() {
    return {"biuro", at_ten()};
}

ArchiveSettings settings_in(const TempDir& dir) {
    ArchiveSettings settings;
    settings.path = dir.path() / "archive";
    settings.min_free = 1;
    settings.map_size = 64ULL << 20;
    return settings;
}

std::string told(const Error& error) {
    return error.what + (error.remedy.empty() ? "" : "; " + error.remedy);
}

std::string last_change(const Archive& archive) {
    const auto entries = list_journal(archive, {.order = lmdb::Order::descending, .limit = 1});
    REQUIRE_GOOD(entries);
    REQUIRE(entries->size() == 1);
    return entries->front()["what"].get<std::string>() + " by " +
           entries->front()["by"].get<std::string>();
}

World::World() {
    reopen();
    good(add_client(
        *archive_,
        {.id = "10023", .name = "Kunde GmbH", .locale = "pl", .notify = {"biuro@kunde.example"}},
        office()
    ));
    good(add_sender(
        *archive_,
        {.client = "10023", .email = "anna@kunde.example", .code = "932498", .name = "Anna"},
        office()
    ));
    good(add_tagged_address(
        *archive_,
        {.client = "10023", .domain = "in.example.com", .base = "faktury", .number = "1543030448"},
        office()
    ));
}

void World::reopen() {
    archive_.reset();
    archive_ = good(Archive::open(settings_in(dir_)));
}

void World::close() {
    archive_.reset();
}

void World::tamper(const std::string& table, const std::string& key, std::string_view value) {
    archive_.reset();
    {
        const ArchiveSettings settings = settings_in(dir_);
        lmdb::Env env = good(
            lmdb::Env::open({.directory = settings.path / "index", .map_size = settings.map_size})
        );
        const auto tables = good(env.tables({table}));
        lmdb::WriteTxn txn = good(env.write());
        if (value.empty())
            good(txn.erase(tables.front(), key));
        else
            good(txn.put(tables.front(), key, value));
        good(std::move(txn).commit());
    }
    reopen();
}

Digest object_of(const Archive& archive, std::string_view bytes) {
    TempFile file = good(temp_file(archive));
    good(file.write(as_bytes(bytes)));
    const Digest digest(sha256(bytes));
    good(publish_object(archive, std::move(file), digest));
    return digest;
}

ReceiptDraft draft_of(const Archive& archive, std::string_view bytes, std::string_view identity) {
    const std::string mail = "Subject: mail of " + std::string(identity) + "\r\n\r\n";
    ReceiptDraft draft;
    draft.receipt.received_at = at_ten();
    draft.receipt.queue_id = "4F2B01";
    draft.receipt.address = tagged_address;
    draft.receipt.client = "10023";
    draft.receipt.sender = "anna@kunde.example";
    draft.receipt.envelope_from = "anna@kunde.example";
    draft.receipt.authenticated_by = "dkim";
    draft.receipt.subject = "[FZ] 11/2024 (932498)";
    draft.receipt.verdict = Verdict::imported;
    draft.receipt.original = object_of(archive, mail).hex();
    draft.receipt.size = mail.size();
    const Digest digest = object_of(archive, bytes);
    PartRecord part;
    part.number = 2;
    part.name = "faktura 17.pdf";
    part.media_type = "application/pdf";
    part.size = bytes.size();
    part.sha256 = digest.hex();
    part.disposition = Disposition::filed;
    draft.receipt.parts = {part};
    DocumentDraft document;
    document.part = 2;
    document.document.category = "FZ";
    document.document.period = "2024-11";
    document.document.code = "932498";
    document.document.user = "anna@kunde.example";
    document.document.sha256 = digest.hex();
    document.document.size = bytes.size();
    document.document.media_type = "application/pdf";
    document.document.filename = "faktura 17.pdf";
    draft.documents = {document};
    draft.notices = {{NoticeKind::confirmation, "anna@kunde.example"}};
    draft.identity = Digest(sha256(identity));
    return draft;
}

Receipt settled_mail(Archive& archive, std::string_view name) {
    const auto kept = good(keep(
        archive,
        mail_of(draft_of(archive, "%PDF-" + std::string(name), "mail " + std::string(name)))
    ));
    const Receipt receipt = good(get_receipt(archive, kept.front().receipt_id));
    good(mark_sent(archive, receipt.notices.front().outbox, "4F2B99", {"kwit-milter", at_ten()}));
    return good(get_receipt(archive, receipt.id));
}

void set_changed(const std::filesystem::path& path, Time at) {
    std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(at));
}

std::vector<std::string> faults_of(const Archive& archive) {
    std::vector<std::string> out;
    const VerifyReport report = good(verify(archive));
    for (const Fault& fault : report.faults)
        out.push_back(fault.what + " " + fault.name);
    return out;
}

MailCommit mail_of(ReceiptDraft draft, Time at) {
    return {.receipts = {std::move(draft)}, .by = {"kwit-milter", at}};
}

} // namespace kwit::test
