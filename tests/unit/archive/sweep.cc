#include "core/archive/sweep.hh"

#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/object_rows.hh"
#include "core/archive/outbox.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <atomic>
#include <fstream>
#include <thread>

namespace kwit {

namespace {

using test::at_ten;
using test::settled_mail;
using test::told;
using test::World;

using Texts = std::vector<std::string>;

constexpr Milliseconds day = std::chrono::hours(24);
constexpr Milliseconds keep_originals = 90 * day; // of a configuration that says nothing
constexpr Milliseconds moment{1};

By sweeper(Time at) {
    return {"root", at};
}

/// What was told, as "what name".
struct Told {
    Texts texts{};

    SweepStep step() {
        return [this](const Swept& swept) {
            texts.push_back(std::string(name_of(swept.what)) + " " + swept.name);
        };
    }
};

/// Sweeps and says what went.
Texts swept(Archive& archive, Time at) {
    Told told;
    REQUIRE_GOOD(sweep(archive, sweeper(at), told.step()));
    return told.texts;
}

Digest digest_of(const Receipt& receipt) {
    const auto digest = Digest::parse(receipt.original);
    REQUIRE_GOOD(digest);
    return *digest;
}

bool is_there(const Archive& archive, const Digest& digest) {
    return std::filesystem::exists(object_path(archive, digest));
}

Receipt again(const Archive& archive, const Receipt& receipt) {
    const auto found = get_receipt(archive, receipt.id);
    REQUIRE_GOOD(found);
    return *found;
}

/// The last entry of the journal.
Json last_entry(const Archive& archive) {
    const auto entries =
        list_journal(archive, {.order = lmdb::Order::descending, .limit = std::size_t{1}});
    REQUIRE_GOOD(entries);
    REQUIRE(entries->size() == 1);
    return entries->front();
}

Receipt kept_draft(Archive& archive, ReceiptDraft draft) {
    const auto kept = keep(archive, test::mail_of(std::move(draft)));
    REQUIRE_GOOD(kept);
    const auto receipt = get_receipt(archive, kept->front().receipt_id);
    REQUIRE_GOOD(receipt);
    return *receipt;
}

/// A file of an object that no row names, published at ten.
Digest orphan_of(const Archive& archive, std::string_view bytes) {
    const Digest digest = test::object_of(archive, bytes);
    test::set_changed(object_path(archive, digest), at_ten());
    return digest;
}

/// As another program with this configuration sees the archive.
std::unique_ptr<Archive>
opened_with(World& world, std::optional<std::chrono::seconds> keep_originals_for) {
    world.close();
    ArchiveSettings settings = test::settings_in(world.dir());
    settings.keep_originals = keep_originals_for;
    auto archive = Archive::open(settings);
    REQUIRE_GOOD(archive);
    return std::move(*archive);
}

} // namespace

TEST_SUITE("archive/sweep") {
    TEST_CASE("an original goes when its time is over, and not at that very moment") {
        World world;
        Archive& archive = world.archive();
        const Receipt receipt = settled_mail(archive, "1");
        const Digest original = digest_of(receipt);

        CHECK(swept(archive, at_ten() + keep_originals).empty());
        CHECK(is_there(archive, original));

        const Time now = at_ten() + keep_originals + moment;
        CHECK(swept(archive, now) == Texts{"original " + original.hex()});
        CHECK_FALSE(is_there(archive, original));
        const Receipt after = again(archive, receipt);
        CHECK(after.original == original.hex());
        CHECK(after.original_removed_at == now);
        const Json entry = last_entry(archive);
        CHECK(entry["what"] == "original-removed");
        CHECK(entry["by"] == "root");
        CHECK(entry["about"]["receipt"] == receipt.id);
        CHECK(entry["about"]["sha256"] == original.hex());
        CHECK(entry["about"]["keep_originals"] == 90 * 24 * 3600);
        CHECK(test::faults_of(archive).empty());
        CHECK(swept(archive, now + keep_originals).empty());
    }

    TEST_CASE("who asks for a removed original is told when and why it went") {
        World world;
        const Receipt receipt = settled_mail(world.archive(), "1");
        REQUIRE_GOOD(original_of(receipt));
        CHECK(*original_of(receipt) == digest_of(receipt));
        swept(world.archive(), at_ten() + keep_originals + moment);
        const auto gone = original_of(again(world.archive(), receipt));
        REQUIRE_FALSE(gone.has_value());
        CHECK(gone.error().kind == Kind::refused);
        CHECK(
            told(gone.error()) ==
            "the mail of receipt " + receipt.id +
                " was removed on 2027-02-19T10:00:00.001Z: nothing more was to be done, and "
                "[archive] keep_originals was over; its documents are kept; a backup of before may "
                "still have the mail"
        );
    }

    TEST_CASE("documents never go, whatever their age, nor an original that is one as well") {
        World world;
        Archive& archive = world.archive();
        const Receipt receipt = settled_mail(archive, "1");
        ReceiptDraft draft = test::draft_of(archive, "%PDF-2", "2");
        draft.receipt.original = Digest(sha256("%PDF-2")).hex(); // the mail itself was filed
        draft.notices.clear();
        const Receipt both = kept_draft(archive, draft);
        for (const char* text : {"%PDF-1", "%PDF-2"})
            test::set_changed(object_path(archive, Digest(sha256(text))), at_ten());

        const Time late = at_ten() + 100 * keep_originals;
        const Digest own_mail = test::object_of(archive, "Subject: mail of 2\r\n\r\n");
        test::set_changed(object_path(archive, own_mail), at_ten());
        CHECK(
            swept(archive, late) ==
            Texts{"original " + receipt.original, "unreferenced " + own_mail.hex()}
        );
        CHECK(is_there(archive, Digest(sha256("%PDF-1"))));
        CHECK(is_there(archive, Digest(sha256("%PDF-2"))));
        CHECK_FALSE(again(archive, both).original_removed_at.has_value());
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("originals stay while somebody may need them, and their time begins then") {
        World world;
        Archive& archive = world.archive();

        struct Case {
            std::string label;
            Verdict verdict;
            std::string notice; ///< what became of it: queued, sent, bounced, dead
        };

        const Time late = at_ten() + 100 * keep_originals;
        for (const Case& c :
             {Case{"failed", Verdict::failed, "sent"},
              Case{"partial", Verdict::partial, "sent"},
              Case{"a notice came back", Verdict::imported, "bounced"},
              Case{"a notice was given up", Verdict::imported, "dead"},
              Case{"a notice waits", Verdict::imported, "queued"}}) {
            CAPTURE(c.label);
            ReceiptDraft draft = test::draft_of(archive, "%PDF-" + c.label, c.label);
            draft.receipt.verdict = c.verdict;
            const Receipt receipt = kept_draft(archive, draft);
            const std::string outbox = receipt.notices.front().outbox;
            if (c.notice == "sent" || c.notice == "bounced")
                REQUIRE_GOOD(mark_sent(archive, outbox, "4F2B99", test::office()));
            if (c.notice == "bounced") REQUIRE_GOOD(mark_bounced(archive, outbox, test::office()));
            if (c.notice == "dead") REQUIRE_GOOD(mark_dead(archive, outbox, "no", test::office()));
            CHECK(swept(archive, late).empty());
            CHECK_FALSE(idle_since(again(archive, receipt)).has_value());

            const Time settled = at_ten() + day;
            if (c.notice == "queued")
                REQUIRE_GOOD(mark_sent(archive, outbox, "4F2B99", test::office()));
            else
                REQUIRE_GOOD(resolve_receipt(archive, receipt.id, {"biuro", settled}));
            const Time since = c.notice == "queued" ? at_ten() : settled;
            CHECK(idle_since(again(archive, receipt)) == since);
            CHECK(swept(archive, since + keep_originals).empty());
            CHECK(
                swept(archive, since + keep_originals + moment) ==
                Texts{"original " + receipt.original}
            );
        }
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("a mail of several receipts goes when none of them needs it any more") {
        World world;
        Archive& archive = world.archive();
        const Receipt one = settled_mail(archive, "1");
        ReceiptDraft draft = test::draft_of(archive, "%PDF-1", "for another address");
        draft.receipt.original = one.original;
        draft.receipt.verdict = Verdict::failed;
        draft.notices.clear();
        const Receipt two = kept_draft(archive, draft);
        const Time late = at_ten() + 2 * keep_originals;
        const Digest unused =
            test::object_of(archive, "Subject: mail of for another address\r\n\r\n");
        std::filesystem::remove(object_path(archive, unused));

        CHECK(swept(archive, late).empty());
        CHECK_FALSE(again(archive, one).original_removed_at.has_value());

        REQUIRE_GOOD(resolve_receipt(archive, two.id, test::office()));
        std::vector<std::string> receipts;
        REQUIRE_GOOD(sweep(archive, sweeper(late), [&](const Swept& swept) {
            receipts = swept.receipts;
        }));
        CHECK(receipts == Texts{one.id, two.id});
        CHECK(again(archive, one).original_removed_at == late);
        CHECK(again(archive, two).original_removed_at == late);
        CHECK_FALSE(is_there(archive, digest_of(one)));
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("how long originals are kept is configured, for ever as well") {
        World world;
        settled_mail(world.archive(), "1");
        {
            const auto archive = opened_with(world, std::nullopt);
            CHECK(swept(*archive, at_ten() + 1000 * keep_originals).empty());
        }
        const auto archive = opened_with(world, std::chrono::seconds(1));
        CHECK(swept(*archive, at_ten() + std::chrono::seconds(1)).empty());
        CHECK(swept(*archive, at_ten() + std::chrono::seconds(1) + moment).size() == 1);
    }

    TEST_CASE("a file that no row names goes when it is older than a day, not at a day") {
        World world;
        Archive& archive = world.archive();
        const Digest orphan = orphan_of(archive, "left by a crash");
        Told told;
        const auto young = sweep(archive, sweeper(at_ten() + day), told.step());
        REQUIRE_GOOD(young);
        CHECK(told.texts.empty());
        CHECK(young->young.count == 1);
        CHECK(young->young.bytes == 15);
        CHECK(is_there(archive, orphan));

        CHECK(swept(archive, at_ten() + day + moment) == Texts{"unreferenced " + orphan.hex()});
        CHECK_FALSE(is_there(archive, orphan));
        const Json entry = last_entry(archive);
        CHECK(entry["what"] == "objects-removed");
        CHECK(entry["about"]["objects"].size() == 1);
        CHECK(entry["about"]["objects"][0]["sha256"] == orphan.hex());
        CHECK(entry["about"]["objects"][0]["size"] == 15);
    }

    TEST_CASE("what is no object of ours is told and stays, whatever its age") {
        World world;
        Archive& archive = world.archive();
        const auto objects = archive.path() / "objects";
        const Digest orphan = orphan_of(archive, "in its place");
        const auto elsewhere = objects / orphan.hex();
        std::filesystem::copy(object_path(archive, orphan), elsewhere);
        std::ofstream(objects / "notes.txt") << "x";
        const Digest linked = orphan_of(archive, "linked to");
        const auto link = object_path(archive, linked);
        std::filesystem::remove(link);
        std::filesystem::create_symlink("/etc/hostname", link);
        for (const auto& path : {elsewhere, objects / "notes.txt"})
            test::set_changed(path, at_ten());

        Texts gone = swept(archive, at_ten() + 9 * day);
        std::sort(gone.begin(), gone.end());
        Texts expected{
            "foreign " + elsewhere.string(),
            "foreign " + (objects / "notes.txt").string(),
            "foreign " + link.string(),
            "unreferenced " + orphan.hex()};
        std::sort(expected.begin(), expected.end());
        CHECK(gone == expected);
        CHECK(std::filesystem::exists(elsewhere));
        CHECK(std::filesystem::is_symlink(link));
        CHECK_FALSE(is_there(archive, orphan));
    }

    TEST_CASE("a dry run tells what a sweep does, and changes nothing") {
        World world;
        Archive& archive = world.archive();
        const Receipt receipt = settled_mail(archive, "1");
        const Digest orphan = orphan_of(archive, "left by a crash");
        std::ofstream(archive.path() / "objects" / "notes.txt") << "x";
        const Time now = at_ten() + keep_originals + moment;
        const auto head = journal_head(archive);
        Told told;
        const auto report = look_for_rubbish(archive, now, told.step());
        REQUIRE_GOOD(report);
        CHECK(report->originals.count == 1);
        CHECK(report->originals.bytes == 27);
        CHECK(report->unreferenced.count == 1);
        CHECK(report->unreferenced.bytes == 15);
        CHECK(report->foreign.count == 1);
        CHECK(is_there(archive, orphan));
        CHECK(is_there(archive, digest_of(receipt)));
        CHECK(journal_head(archive)->n == head->n);
        CHECK_FALSE(again(archive, receipt).original_removed_at.has_value());
        CHECK(told.texts == swept(archive, now));
        CHECK_FALSE(is_there(archive, orphan));
    }

    TEST_CASE("a sweep that was cut off after the receipts let go is finished by the next one") {
        World world;
        Archive& archive = world.archive();
        const Receipt receipt = settled_mail(archive, "1");
        const auto path = object_path(archive, digest_of(receipt));
        const auto aside = world.dir().path() / "aside";
        std::filesystem::copy(path, aside);
        swept(archive, at_ten() + keep_originals + moment);
        std::filesystem::copy(aside, path); // as if the file had not gone
        test::set_changed(path, at_ten());
        CHECK(test::faults_of(archive).empty());
        CHECK(
            swept(archive, at_ten() + keep_originals + 2 * moment) ==
            Texts{"unreferenced " + receipt.original}
        );
    }

    TEST_CASE("transactions are short: many files go in pieces of at most 64") {
        World world;
        Archive& archive = world.archive();
        for (int i = 0; i < 130; ++i)
            orphan_of(archive, "orphan " + std::to_string(i));
        const auto before = archive.transactions();
        CHECK(swept(archive, at_ten() + 2 * day).size() == 130);
        CHECK(archive.transactions() >= before + 3);
        std::size_t removed = 0;
        const auto entries = list_journal(archive);
        REQUIRE_GOOD(entries);
        for (const Json& entry : *entries) {
            if (entry["what"] != "objects-removed") continue;
            CHECK(entry["about"]["objects"].size() <= 64);
            removed += entry["about"]["objects"].size();
        }
        CHECK(removed == 130);
    }

    TEST_CASE("a mail whose object was swept on its way in is told to come again, and is taken then"
    ) {
        World world;
        Archive& archive = world.archive();
        const ReceiptDraft draft = test::draft_of(archive, "%PDF-1", "1");
        const Digest digest(sha256("%PDF-1"));
        // It lay there for a day before the mail named it: a milter that was stopped meanwhile.
        test::set_changed(object_path(archive, digest), at_ten());
        test::set_changed(object_path(archive, digest_of(draft.receipt)), at_ten());
        CHECK(swept(archive, at_ten() + day + moment).size() == 2);

        const auto kept = keep(archive, test::mail_of(draft));
        REQUIRE_FALSE(kept.has_value());
        CHECK(kept.error().kind == Kind::temporary);
        CHECK(
            told(kept.error()) == "object " + draft.receipt.original +
                                      " is not there any more, it was swept; do the same "
                                      "again"
        );
        CHECK(list_receipts(archive)->empty());
        REQUIRE_GOOD(keep(archive, test::mail_of(test::draft_of(archive, "%PDF-1", "1"))));
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("an object that rows name and that is gone is damage, and no mail is taken on it") {
        World world;
        Archive& archive = world.archive();
        settled_mail(archive, "1");
        const ReceiptDraft draft = test::draft_of(archive, "%PDF-1", "again");
        std::filesystem::remove(object_path(archive, Digest(sha256("%PDF-1"))));
        const auto kept = keep(archive, test::mail_of(draft));
        REQUIRE_FALSE(kept.has_value());
        CHECK(kept.error().kind == Kind::corrupt);
    }

    TEST_CASE("what is published again counts as young, and a sweep leaves it to the mail") {
        World world;
        Archive& archive = world.archive();
        orphan_of(archive, "%PDF-1");
        const ReceiptDraft draft = test::draft_of(archive, "%PDF-1", "1");
        CHECK(swept(archive, now()).empty());
        REQUIRE_GOOD(keep(archive, test::mail_of(draft)));
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("what happens to a receipt after it was looked at counts") {
        World world;
        Archive& archive = world.archive();
        // Found first, looked at again last: the two that share a mail.
        const Receipt one = settled_mail(archive, "1");
        ReceiptDraft draft = test::draft_of(archive, "%PDF-1", "for another address");
        draft.receipt.original = one.original;
        draft.notices.clear();
        kept_draft(archive, draft);
        for (int i = 0; i < 64; ++i)
            settled_mail(archive, "other " + std::to_string(i));
        const Digest unused =
            test::object_of(archive, "Subject: mail of for another address\r\n\r\n");
        std::filesystem::remove(object_path(archive, unused));

        bool bounced = false;
        Told told;
        const SweepStep tell = told.step();
        const SweepStep bounce_once = [&](const Swept& swept) {
            tell(swept);
            if (std::exchange(bounced, true)) return;
            REQUIRE_GOOD(mark_bounced(archive, one.notices.front().outbox, test::office()));
        };
        REQUIRE_GOOD(sweep(archive, sweeper(at_ten() + 2 * keep_originals), bounce_once));
        CHECK(bounced);
        CHECK(told.texts.size() == 64);
        CHECK(is_there(archive, digest_of(one)));
        CHECK_FALSE(again(archive, one).original_removed_at.has_value());
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("the same mail that comes again after its original went has one again") {
        World world;
        Archive& archive = world.archive();
        const Receipt receipt = settled_mail(archive, "1");
        swept(archive, at_ten() + keep_originals + moment);
        ReceiptDraft draft = test::draft_of(archive, "%PDF-1", "mail 1");
        draft.identity.reset(); // judged anew
        const Receipt second = kept_draft(archive, draft);
        CHECK(second.original == receipt.original);
        CHECK(original_of(second).has_value());
        CHECK_FALSE(original_of(again(archive, receipt)).has_value());
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("mails that come in while a sweep runs are taken or told to come again, none is lost"
    ) {
        World world;
        Archive& archive = world.archive();
        constexpr int mails = 60;
        std::atomic<bool> done{false};
        std::atomic<int> taken{0};
        std::atomic<int> put_off{0};
        std::atomic<int> wrong{0};
        const auto send = [&](int thread) {
            for (int i = 0; i < mails; ++i) {
                // Bytes that come again and again: they are found, not written.
                const std::string text = "%PDF-" + std::to_string(i % 5);
                ReceiptDraft draft =
                    test::draft_of(archive, text, std::to_string(thread) + " " + std::to_string(i));
                // As if a day had passed between publishing and committing.
                for (const std::string& sha256 :
                     {draft.receipt.original, draft.documents.front().document.sha256}) {
                    std::error_code swept_already;
                    std::filesystem::last_write_time(
                        object_path(archive, *Digest::parse(sha256)),
                        std::chrono::file_clock::from_sys(at_ten()),
                        swept_already
                    );
                }
                const auto kept = keep(archive, test::mail_of(draft));
                if (kept)
                    ++taken;
                else if (kept.error().kind == Kind::temporary)
                    ++put_off;
                else
                    ++wrong;
            }
        };
        std::thread sweeps([&] {
            while (!done)
                if (!sweep(archive, sweeper(at_ten() + 2 * day), [](const Swept&) {})) ++wrong;
        });
        std::thread other(send, 1);
        send(2);
        other.join();
        done = true;
        sweeps.join();
        CHECK(wrong == 0);
        CHECK(taken + put_off == 2 * mails);
        CHECK(taken > 0);
        CHECK(list_receipts(archive)->size() == static_cast<std::size_t>(taken));
        CHECK(test::faults_of(archive).empty());
    }
}

} // namespace kwit
