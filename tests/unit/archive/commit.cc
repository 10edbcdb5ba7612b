#include "core/archive/commit.hh"

#include "core/archive/documents.hh"
#include "core/archive/journal.hh"
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <atomic>
#include <thread>

namespace kwit {

namespace {

using test::draft_of;
using test::mail_of;
using test::World;

void check_whole(const Archive& archive) {
    const auto report = verify(archive);
    REQUIRE_GOOD(report);
    for (const Fault& fault : report->faults)
        FAIL_CHECK(fault.what, " ", fault.name, ": ", fault.detail);
}

/// The one Kept of a mail with one receipt.
Kept kept_of(Archive& archive, const MailCommit& mail) {
    const auto kept = keep(archive, mail);
    REQUIRE_GOOD(kept);
    REQUIRE(kept->size() == 1);
    return kept->front();
}

} // namespace

TEST_SUITE("archive/commit") {
    TEST_CASE("a mail is kept with its document, its notice and its journal entry") {
        World world;
        Archive& archive = world.archive();
        const Kept kept = kept_of(archive, mail_of(draft_of(archive, "%PDF-1", "one")));
        CHECK(kept.how == Kept::How::filed);
        REQUIRE(kept.document_ids.size() == 1);

        const auto receipt = get_receipt(archive, kept.receipt_id);
        REQUIRE_GOOD(receipt);
        CHECK(receipt->documents == kept.document_ids);
        CHECK(receipt->parts.at(0).document == kept.document_ids.at(0));
        REQUIRE(receipt->notices.size() == 1);
        CHECK(receipt->notices.at(0).state == "queued");

        const auto document = get_document(archive, kept.document_ids.at(0));
        REQUIRE_GOOD(document);
        CHECK(document->receipt == kept.receipt_id);
        CHECK(document->client == "10023");
        CHECK(document->sender == "anna@kunde.example");
        CHECK(document->received_at == test::at_ten());
        CHECK(document->sha256 == Digest(sha256("%PDF-1")).hex());

        const auto row = get_outbox(archive, receipt->notices.at(0).outbox);
        REQUIRE_GOOD(row);
        CHECK(row->receipt == kept.receipt_id);
        CHECK(row->to == "anna@kunde.example");
        CHECK(row->next_attempt == test::at_ten());

        const auto entries = list_journal(archive, {.order = lmdb::Order::descending, .limit = 1});
        REQUIRE_GOOD(entries);
        const Json& entry = entries->front();
        CHECK(entry["what"] == "mail-kept");
        CHECK(entry["by"] == "kwit-milter");
        CHECK(entry["about"]["receipt"] == kept.receipt_id);
        CHECK(entry["about"]["documents"][0]["sha256"] == document->sha256);
        check_whole(archive);
    }

    TEST_CASE("the same mail twice is one receipt, one document and one notice") {
        World world;
        Archive& archive = world.archive();
        const MailCommit mail = mail_of(draft_of(archive, "%PDF-1", "one"));
        const Kept first = kept_of(archive, mail);
        const auto head = journal_head(archive);
        const Kept second = kept_of(archive, mail);
        CHECK(second.how == Kept::How::repeated);
        CHECK(second.receipt_id == first.receipt_id);
        CHECK(second.document_ids == first.document_ids);
        CHECK(list_receipts(archive)->size() == 1);
        CHECK(list_documents(archive)->size() == 1);
        CHECK(list_outbox(archive)->size() == 1);
        CHECK(journal_head(archive)->n == head->n);
        const auto seen = find_seen(
            archive, "Faktury+1543030448@in.example.com", *mail.receipts.front().identity
        );
        REQUIRE_GOOD(seen);
        REQUIRE(seen->has_value());
        CHECK((*seen)->id == first.receipt_id);
    }

    TEST_CASE("the same mail to another address, and another mail, are new") {
        World world;
        Archive& archive = world.archive();
        kept_of(archive, mail_of(draft_of(archive, "%PDF-1", "one")));
        ReceiptDraft elsewhere = draft_of(archive, "%PDF-1", "one");
        elsewhere.receipt.address = "faktury+1@in.example.com";
        CHECK(kept_of(archive, mail_of(elsewhere)).how == Kept::How::filed);
        CHECK(
            kept_of(archive, mail_of(draft_of(archive, "%PDF-1", "two"))).how == Kept::How::filed
        );
        CHECK(documents_with(archive, Digest(sha256("%PDF-1")))->size() == 3);
        check_whole(archive);
    }

    TEST_CASE("a refusal is told once and judged anew, a failure stands until more can be filed") {
        World world;
        Archive& archive = world.archive();
        ReceiptDraft refused = draft_of(archive, "%PDF-1", "one");
        refused.receipt.verdict = Verdict::refused;
        refused.documents.clear();
        refused.notices.clear();
        CHECK(kept_of(archive, mail_of(refused)).how == Kept::How::filed);
        CHECK_FALSE(find_seen(archive, test::tagged_address, *refused.identity)->has_value());
        CHECK(kept_of(archive, mail_of(refused)).how == Kept::How::repeated);

        ReceiptDraft failed = refused;
        failed.receipt.verdict = Verdict::failed;
        const Kept first = kept_of(archive, mail_of(failed));
        CHECK(first.how == Kept::How::filed);
        const Kept again = kept_of(archive, mail_of(failed));
        CHECK(again.how == Kept::How::repeated);
        CHECK(again.receipt_id == first.receipt_id);

        const ReceiptDraft better = draft_of(archive, "%PDF-1", "one");
        const Kept now = kept_of(archive, mail_of(better));
        CHECK(now.how == Kept::How::filed);
        CHECK(kept_of(archive, mail_of(failed)).receipt_id == now.receipt_id);
        check_whole(archive);
    }

    TEST_CASE("a mail whose object is missing, or of another size, leaves nothing at all") {
        World world;
        Archive& archive = world.archive();
        const auto head = journal_head(archive);
        ReceiptDraft missing = draft_of(archive, "%PDF-1", "one");
        missing.documents.at(0).document.sha256 = std::string(64, '0');
        ReceiptDraft longer = draft_of(archive, "%PDF-1", "two");
        longer.documents.at(0).document.size = 7;
        ReceiptDraft no_original = draft_of(archive, "%PDF-1", "three");
        no_original.receipt.original = std::string(64, '0');
        ReceiptDraft no_part = draft_of(archive, "%PDF-1", "four");
        no_part.documents.at(0).part = 3;

        struct Case {
            std::string what;
            ReceiptDraft draft;
            Kind kind;
        };

        const std::string zeros(64, '0');
        for (const Case& c : {
                 Case{
                     "object " + zeros + " is not there any more, it was swept",
                     missing,
                     Kind::temporary},
                 Case{
                     "object " + Digest(sha256("%PDF-1")).hex() + " has 6 bytes, 7 are expected",
                     longer,
                     Kind::corrupt},
                 Case{
                     "object " + zeros + " is not there any more, it was swept",
                     no_original,
                     Kind::temporary},
                 Case{"a document was made of part 3, which is not there", no_part, Kind::misuse},
             }) {
            const MailCommit mail{
                .receipts = {draft_of(archive, "%PDF-2", "good"), c.draft},
                .by = {"kwit-milter", test::at_ten()}};
            const auto kept = keep(archive, mail);
            REQUIRE_FALSE(kept.has_value());
            CHECK(kept.error().what == c.what);
            CHECK(kept.error().kind == c.kind);
        }
        CHECK(list_receipts(archive)->empty());
        CHECK(list_documents(archive)->empty());
        CHECK(journal_head(archive)->n == head->n);
        check_whole(archive);
    }

    TEST_CASE("ids ascend also when the clock goes back, and over a restart") {
        World world;
        std::vector<std::string> ids;
        for (const int minutes : {0, 5, -60, -61, 0}) {
            const Time at = test::at_ten() + std::chrono::minutes(minutes);
            ReceiptDraft draft = draft_of(world.archive(), "%PDF-1", std::to_string(ids.size()));
            const Kept kept = kept_of(world.archive(), mail_of(draft, at));
            ids.push_back(kept.receipt_id);
            ids.push_back(kept.document_ids.at(0));
            world.reopen();
        }
        CHECK(std::is_sorted(ids.begin(), ids.end()));
        CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    }

    TEST_CASE("of eight threads with six mails each all are kept, and a poisoned mail fails alone"
    ) {
        World world;
        Archive& archive = world.archive();
        std::atomic<int> filed = 0;
        std::atomic<int> failed = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&, i] {
                for (int k = 0; k < 6; ++k) {
                    const std::string name = std::to_string(i) + "-" + std::to_string(k);
                    ReceiptDraft draft = draft_of(archive, "%PDF-" + name, name);
                    if (i == 3 && k == 2)
                        draft.documents.at(0).document.sha256 = std::string(64, '0');
                    const auto kept = keep(archive, mail_of(draft));
                    ++(kept && kept->front().how == Kept::How::filed ? filed : failed);
                }
            });
        for (std::thread& thread : threads)
            thread.join();
        CHECK(filed == 47);
        CHECK(failed == 1);
        CHECK(list_receipts(archive)->size() == 47);
        check_whole(archive);
    }

    TEST_CASE("the same mail from many threads at once is one receipt") {
        World world;
        Archive& archive = world.archive();
        const MailCommit mail = mail_of(draft_of(archive, "%PDF-1", "one"));
        std::atomic<int> filed = 0;
        std::atomic<int> repeated = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] {
                const auto kept = keep(archive, mail);
                if (kept) ++(kept->front().how == Kept::How::filed ? filed : repeated);
            });
        for (std::thread& thread : threads)
            thread.join();
        CHECK(filed == 1);
        CHECK(repeated == 7);
        CHECK(list_receipts(archive)->size() == 1);
    }

    TEST_CASE("an exception in one change comes out at its caller, and the others go on") {
        World world;
        Archive& archive = world.archive();
        const auto throwing = [](lmdb::WriteTxn& /*txn*/) -> Result<void> {
            throw std::runtime_error("a bug");
        };
        CHECK_THROWS_AS(static_cast<void>(archive.change(throwing)), std::runtime_error);
        CHECK(
            kept_of(archive, mail_of(draft_of(archive, "%PDF-1", "one"))).how == Kept::How::filed
        );
    }

    TEST_CASE("an original that is too large to be sent counts as no forward") {
        World world;
        Archive& archive = world.archive();
        for (const std::uint64_t size : {101U, 100U, 99U}) {
            CAPTURE(size);
            ReceiptDraft draft = draft_of(archive, "%PDF-1", std::to_string(size));
            draft.receipt.size = size;
            draft.notices = {{.kind = NoticeKind::failure, .to = "books@office.example"}};
            MailCommit mail = mail_of(draft);
            mail.caps.forwards = 1;
            mail.forward_max = 100;
            REQUIRE_GOOD(keep(archive, mail));
        }
        const auto rows = list_outbox(archive);
        REQUIRE_GOOD(rows);
        std::vector<Held> held;
        for (const OutboxRow& row : *rows)
            held.push_back(row.held);
        CHECK(held == std::vector<Held>{Held::no, Held::no, Held::cap});
    }

    TEST_CASE("a full index refuses for the moment, and goes on when its map is larger") {
        const test::TempDir dir;
        ArchiveSettings settings = test::settings_in(dir);
        settings.map_size = 1U << 20;
        std::size_t kept = 0;
        {
            auto archive = Archive::open(settings);
            REQUIRE_GOOD(archive);
            bool full = false;
            for (int i = 0; i < 200 && !full; ++i) {
                ReceiptDraft draft = draft_of(**archive, "%PDF-1", std::to_string(i));
                draft.receipt.note = std::string(20000, 'n');
                const auto done = keep(**archive, mail_of(draft));
                if (done) {
                    ++kept;
                    continue;
                }
                full = true;
                CHECK(done.error().kind == Kind::temporary);
                CHECK(done.error().cause == Cause::storage_full);
            }
            REQUIRE(full);
            CHECK(list_receipts(**archive)->size() == kept);
            check_whole(**archive);
        }
        settings.map_size = 16U << 20;
        auto archive = Archive::open(settings);
        REQUIRE_GOOD(archive);
        CHECK(keep(**archive, mail_of(draft_of(**archive, "%PDF-1", "more"))).has_value());
        CHECK(list_receipts(**archive)->size() == kept + 1);
        check_whole(**archive);
    }
}

} // namespace kwit
