#include "tests/crash/office.hh"

#include "core/archive/directory.hh"
#include "core/archive/documents.hh"
#include "core/archive/journal.hh"
#include "core/archive/objects.hh"
#include "core/archive/originals.hh"
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/archive/verify.hh"
#include "core/base/base64.hh"
#include "core/base/json.hh"
#include "tests/crash/calls.hh"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

namespace kwit::crash {

namespace {

constexpr const char* anna = "anna@kunde.example";
constexpr const char* domain = "in.example.com";
constexpr const char* client = "10023";

Time noon() {
    return *parse_rfc3339("2026-11-21T12:00:00Z");
}

By office() {
    return {"test", noon()};
}

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

std::string part(const std::string& type, const std::string& name, const std::string& bytes) {
    return fmt::format(
        "--b\r\nContent-Type: {0}; name=\"{1}\"\r\nContent-Disposition: attachment; "
        "filename=\"{1}\"\r\n\r\n{2}\r\n",
        type,
        name,
        bytes
    );
}

test::Mail mail_with(const std::string& id, const std::string& subject, const std::string& parts) {
    test::Mail mail = test::mail_with_pdf(subject);
    mail.headers.at(4) = "Message-ID: " + id;
    mail.body = "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n" + parts + "--b--\r\n";
    return mail;
}

// ── what is told ─────────────────────────────────────────────────────────────────────────────────

std::string told(const Receipt& receipt) {
    std::vector<std::string> reasons;
    for (const Finding& finding : receipt.findings)
        reasons.emplace_back(code_of(finding.reason));
    return fmt::format(
        "receipt {} {} {} from {} <{}> by {} \"{}\" original {} {} {}",
        receipt.address,
        receipt.client,
        name_of(receipt.verdict),
        receipt.sender,
        receipt.envelope_from,
        receipt.authenticated_by,
        receipt.subject,
        receipt.original,
        receipt.size,
        fmt::join(reasons, " ")
    );
}

std::string told(const PartRecord& part) {
    return fmt::format(
        "part {} {} \"{}\" {} {} {} {} {}",
        part.number,
        part.path,
        part.name,
        part.sha256,
        part.size,
        name_of(part.disposition),
        part.reason,
        part.document.empty() ? "" : "filed"
    );
}

std::string told(const Archive& archive, const Document& document) {
    const auto digest = Digest::parse(document.sha256);
    const bool present = digest && must(has_object(archive, *digest, document.size));
    return fmt::format(
        "document {} {} {} {} {} {} {} \"{}\" {} {}",
        document.client,
        document.category,
        document.period,
        document.code,
        document.user,
        document.sha256,
        document.size,
        document.filename,
        document.status,
        present ? "there" : "MISSING"
    );
}

/// Whether the mail comes back as it came, and how it is kept.
std::string told_of_original(const Archive& archive, const Receipt& receipt) {
    const Digest digest = must(Digest::parse(receipt.original));
    const auto read = read_original(archive, digest, [](Bytes) -> Result<void> { return {}; });
    const bool whole = must(has_object(archive, digest, receipt.size));
    return fmt::format("original {}, {}", read ? "there" : "MISSING", whole ? "whole" : "a recipe");
}

std::string told(const Archive& archive, const NoticeRecord& notice) {
    const auto row = must(find_outbox(archive, notice.outbox));
    return fmt::format(
        "notice {} {} {}, outbox {}",
        name_of(notice.kind),
        notice.to,
        notice.state,
        row ? fmt::format("{} {} {}", name_of(row->kind), row->to, row->state) : "-"
    );
}

std::vector<std::string> story_of(const Archive& archive, const Receipt& receipt) {
    std::vector<std::string> lines = {told(receipt)};
    for (const PartRecord& part : receipt.parts)
        lines.push_back(told(part));
    for (const std::string& id : receipt.documents)
        lines.push_back(told(archive, must(get_document(archive, id))));
    for (const NoticeRecord& notice : receipt.notices)
        lines.push_back(told(archive, notice));
    if (!receipt.original.empty()) lines.push_back(told_of_original(archive, receipt));
    return lines;
}

/// What may lie in an archive beside objects.
bool is_expected(const std::string& path) {
    static const std::set<std::string> known = {
        "objects", "objects/sha256", "index", "index/data.mdb", "index/lock.mdb"};
    return known.contains(path) || path.starts_with("objects/sha256/");
}

} // namespace

// ── mails ────────────────────────────────────────────────────────────────────────────────────────

Letter tagged_letter(const std::string& id, const std::string& document) {
    return {
        id,
        {tagged_to},
        mail_with(id, "[FZ] 11/2026 (932498)", part("application/pdf", "faktura.pdf", document)),
        anna};
}

Letter large_letter(const std::string& id) {
    const std::string document = test::pdf + "% " + std::string(20'000, 'x') + "\n";
    std::string characters;
    append_base64(as_bytes(document), characters);
    std::string lines = "--b\r\nContent-Type: application/pdf; name=\"gross.pdf\"\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\n";
    for (std::size_t at = 0; at < characters.size(); at += 76)
        lines += characters.substr(at, 76) + "\r\n";
    return {id, {tagged_to}, mail_with(id, "[FZ] 11/2026 (932498)", lines), anna};
}

Letter open_letter(const std::string& id) {
    return {
        id,
        {open_to, other_open_to},
        mail_with(
            id,
            "Ihre Rechnungen",
            part("application/pdf", "eins.pdf", test::pdf + "% one\n") +
                part("application/pdf", "zwei.pdf", test::pdf + "% two\n")
        )};
}

Letter failing_letter(const std::string& id) {
    return {
        id,
        {open_to},
        mail_with(
            id, "Rechnung", part("application/x-tar", "rechnung.tar", std::string(700, 'x'))
        )};
}

Letter forged_letter(const std::string& id) {
    Letter letter = tagged_letter(id);
    letter.login.clear();
    letter.refused = true;
    return letter;
}

// ── comparing ────────────────────────────────────────────────────────────────────────────────────

Stories stories_of(const Archive& archive) {
    Stories stories;
    std::map<std::string, int> journal;
    for (const Json& entry : must(list_journal(archive)))
        if (entry["what"] == "mail-kept") ++journal[entry["about"]["receipt"].get<std::string>()];
    for (const Receipt& receipt : must(list_receipts(archive))) {
        auto& story = stories[receipt.message_id];
        for (std::string& line : story_of(archive, receipt))
            story.push_back(std::move(line));
        story.push_back(fmt::format("journal {}", journal[receipt.id]));
        journal.erase(receipt.id);
    }
    if (!journal.empty()) stories["(none)"] = {"a journal entry of a receipt that is not there"};
    return stories;
}

std::vector<std::string> faults_of(const Archive& archive) {
    const VerifyReport report = must(verify(archive));
    std::vector<std::string> faults;
    for (const Fault& fault : report.faults)
        faults.push_back(fmt::format("{} {}: {}", fault.what, fault.name, fault.detail));
    for (const auto& file : std::filesystem::recursive_directory_iterator(archive.path()))
        if (const auto path = file.path().lexically_relative(archive.path()).string();
            !is_expected(path))
            faults.push_back("rubbish that no one looks for: " + path);
    std::set<std::string> owed;
    std::size_t documents = 0;
    for (const Receipt& receipt : must(list_receipts(archive))) {
        documents += receipt.documents.size();
        for (const NoticeRecord& notice : receipt.notices)
            owed.insert(notice.outbox);
    }
    for (const OutboxRow& row : must(list_outbox(archive)))
        if (!owed.contains(row.id)) faults.push_back("an outbox row without a receipt");
    if (must(list_documents(archive)).size() != documents)
        faults.emplace_back("documents without a receipt");
    return faults;
}

// ── the office ───────────────────────────────────────────────────────────────────────────────────

std::shared_ptr<const Snapshot> Office::snapshot() {
    static const auto the = [] {
        Settings settings;
        settings.archive = {.min_free = 0};
        settings.domains.push_back(
            {.name = domain,
             .locale = "en",
             .timezone = "UTC",
             .from = "Office <noreply@in.example.com>",
             .base = "faktury"}
        );
        settings.policies["tagged"] = tagged_policy();
        settings.policies["open"] = open_policy();
        return std::make_shared<const Snapshot>(Snapshot{std::move(settings), must(Texts::load({}))}
        );
    }();
    return the;
}

ArchiveSettings Office::settings_for(const std::filesystem::path& archive) {
    return {.path = archive, .min_free = 0, .map_size = 64ULL << 20};
}

Office::Office(std::filesystem::path archive)
    : path_(std::move(archive)), settings_(settings_for(path_)), door_(settings_), refusals_(door_),
      intake_{.archive = door_, .admission = admission_, .refusals = &refusals_, .clock = noon} {}

Archive& Office::archive() {
    if (!archive_) archive_ = must(door_.get());
    return *archive_;
}

void Office::make() {
    if (!archive_) archive_ = must(Archive::open(settings_));
}

void Office::fill(Fill fill) {
    Archive& fresh = archive();
    const auto make = [&](const std::string& what, const auto& add) {
        const auto made = add();
        if (!made && made.error().kind != Kind::refused) // there already
            throw std::runtime_error(made.error().what);
        note("made " + what);
    };
    make(client, [&] {
        return add_client(
            fresh, {.id = client, .name = "Kunde", .notify = {"books@office.example"}}, office()
        );
    });
    make(anna, [&] {
        return add_sender(fresh, {.client = client, .email = anna, .code = "932498"}, office());
    });
    for (const std::string& address : {tagged_to, open_to, other_open_to}) {
        if (fill == Fill::least && address != tagged_to) continue;
        const std::string number = address.substr(8, 10);
        make(address, [&] {
            return add_tagged_address(
                fresh,
                {.client = client,
                 .domain = domain,
                 .base = "faktury",
                 .policy = address == tagged_to ? "tagged" : "open",
                 .number = number,
                 .symbol = address == tagged_to ? "" : "ER"},
                office()
            );
        });
    }
    archive_.reset(); // the milter opens it anew
}

bool Office::has(const std::string& made) {
    if (made == client) return must(find_client(archive(), made)).has_value();
    if (made == anna) return must(find_sender(archive(), client, made)).has_value();
    return must(find_address(archive(), made)).has_value();
}

bool Office::take(const Letter& letter) {
    Connection connection(intake_, snapshot());
    connection.connected("mail.kunde.example", "192.0.2.1");
    test::House::envelope(connection, letter.to, letter.login);
    const Answer answer = test::House::content(connection, letter.mail);
    const bool taken = answer.what == Answer::What::take || answer.what == Answer::What::deliver;
    if (!taken) flush(); // within two seconds, at the latest
    note((taken ? "250 " : "5xx ") + letter.id);
    return taken;
}

void Office::take_together(const std::vector<Letter>& letters) {
    // A change that waits inside of a commit until all others wait for theirs.
    std::atomic<std::size_t> links = 0;
    on_call([&](std::string_view call, std::string_view, Side side) {
        if (call == "link" && side == Side::after) ++links;
    });
    const std::size_t all = 2 * letters.size(); // a document and an original each
    Archive& shared = archive();
    std::atomic<bool> holding = false;
    std::jthread holder([&] {
        must(shared.change([&](lmdb::WriteTxn&) -> Result<void> {
            holding = true;
            for (int i = 0; i < 2000 && links < all; ++i)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
            return {};
        }));
    });
    while (!holding)
        std::this_thread::yield();
    std::vector<std::jthread> threads;
    threads.reserve(letters.size());
    for (const Letter& letter : letters)
        threads.emplace_back([&] { take(letter); });
    threads.clear();
    holder.join();
    on_call({});
    note(fmt::format("transactions {}", shared.transactions()));
}

} // namespace kwit::crash
