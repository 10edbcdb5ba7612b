#include "core/archive/originals.hh"

#include "core/archive/backup.hh"
#include "core/archive/inspect.hh"
#include "core/archive/keys.hh"
#include "core/archive/object_rows.hh"
#include "core/archive/outbox.hh"
#include "core/archive/restore.hh"
#include "core/archive/sweep.hh"
#include "core/archive/verify.hh"
#include "core/base/base64.hh"
#include "core/base/json.hh"
#include "core/base/sha256.hh"
#include "tests/unit/archive/world.hh"

#include <algorithm>
#include <fstream>
#include <set>

namespace kwit {

namespace {

using test::at_ten;
using test::told;
using test::World;

using Texts = std::vector<std::string>;

/// A document large enough to be worth a recipe.
std::string document_named(std::string_view name) {
    return "%PDF-" + std::string(name) + std::string(30'000, 'x');
}

std::string in_lines(std::string_view content) {
    std::string characters;
    append_base64(as_bytes(content), characters);
    std::string out;
    for (std::size_t at = 0; at < characters.size(); at += 76)
        out += characters.substr(at, 76) + "\r\n";
    return out;
}

/// A mail with this document, whose publishing is another matter.
struct Mail {
    std::string document;
    std::string raw;

    explicit Mail(std::string_view name)
        : document(document_named(name)),
          raw("Subject: " + std::string(name) + "\r\n\r\n" + in_lines(document) + "--b--\r\n") {}

    [[nodiscard]] Digest digest() const { return Digest(sha256(raw)); }

    [[nodiscard]] Digest document_digest() const { return Digest(sha256(document)); }

    [[nodiscard]] std::vector<Stretch> stretches() const {
        const std::uint64_t begin = raw.find("\r\n\r\n") + 4;
        return {{begin, raw.size() - 7, document_digest()}};
    }
};

TempFile written(const Archive& archive, std::string_view bytes) {
    TempFile file = *temp_file(archive);
    REQUIRE_GOOD(file.write(as_bytes(bytes)));
    return file;
}

Result<std::optional<PublishedRecipe>> published(const Archive& archive, const Mail& mail) {
    const TempFile file = written(archive, mail.raw);
    return publish_recipe(archive, *file.reader(), mail.digest(), mail.stretches());
}

/// The draft of such a mail; its document is published.
ReceiptDraft draft_of(const Archive& archive, const Mail& mail, std::string_view identity) {
    ReceiptDraft draft = test::draft_of(archive, mail.document, identity);
    std::filesystem::remove(object_path(archive, *Digest::parse(draft.receipt.original)));
    draft.receipt.original = mail.digest().hex();
    draft.receipt.size = mail.raw.size();
    return draft;
}

Receipt committed(Archive& archive, MailCommit commit) {
    const auto kept = keep(archive, commit);
    REQUIRE_GOOD(kept);
    Receipt receipt = *get_receipt(archive, kept->front().receipt_id);
    for (const NoticeRecord& notice : receipt.notices)
        REQUIRE_GOOD(mark_sent(archive, notice.outbox, "4F2B99", {"kwit-milter", at_ten()}));
    return receipt;
}

/// Kept with a recipe, nothing more to be done.
Receipt kept(Archive& archive, const Mail& mail, std::string_view identity = "1") {
    MailCommit commit = test::mail_of(draft_of(archive, mail, identity));
    auto recipe = published(archive, mail);
    REQUIRE_GOOD(recipe);
    REQUIRE(recipe->has_value());
    commit.recipe = *recipe;
    return committed(archive, std::move(commit));
}

/// Kept whole.
Receipt kept_whole(Archive& archive, const Mail& mail, std::string_view identity = "1") {
    MailCommit commit = test::mail_of(draft_of(archive, mail, identity));
    test::object_of(archive, mail.raw);
    return committed(archive, std::move(commit));
}

std::string text_of(const Archive& archive, const Digest& original) {
    std::string out;
    const auto read = read_original(archive, original, [&](Bytes bytes) -> Result<void> {
        out += as_text(bytes);
        return {};
    });
    return read ? out : told(read.error());
}

std::string text_of(const File& file) {
    std::string out;
    REQUIRE_GOOD(read_object(file, [&](Bytes bytes) -> Result<void> {
        out += as_text(bytes);
        return {};
    }));
    return out;
}

bool is_there(const Archive& archive, const Digest& digest) {
    return std::filesystem::exists(object_path(archive, digest));
}

std::optional<RecipeRow> row_of(const Archive& archive, const Digest& original) {
    const auto txn = archive.read();
    return *load_recipe(archive, *txn, original);
}

ObjectRow object_row(const Archive& archive, const Digest& digest) {
    const auto txn = archive.read();
    const auto row = *load_object(archive, *txn, digest);
    return row ? *row : ObjectRow{};
}

/// As if the disk had changed one bit.
void flip(const Archive& archive, const Digest& digest, std::streamoff at) {
    const auto path = object_path(archive, digest);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(at);
    file.put(byte);
}

Texts swept(Archive& archive, Time at) {
    Texts texts;
    REQUIRE_GOOD(sweep(archive, {"root", at}, [&](const Swept& what) {
        texts.push_back(std::string(name_of(what.what)) + " " + what.name);
    }));
    return texts;
}

using Faults = std::set<std::string>;

Faults faults_in(const Archive& archive) {
    const Texts faults = test::faults_of(archive);
    return {faults.begin(), faults.end()};
}

const Time much_later = at_ten() + std::chrono::hours(24 * 91);

std::uint64_t schema_of(const Archive& archive) {
    const auto record = inspect_record(archive, "meta", "schema");
    REQUIRE_GOOD(record);
    return from_cbor(record->value)->get<std::uint64_t>();
}

} // namespace

TEST_SUITE("archive/originals") {
    TEST_CASE("a mail is kept without its documents, and comes back to the byte") {
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        const Receipt receipt = kept(archive, mail);

        CHECK_FALSE(is_there(archive, mail.digest()));
        const auto row = row_of(archive, mail.digest());
        REQUIRE(row.has_value());
        CHECK(row->size == mail.raw.size());
        REQUIRE(row->objects.size() == 2);
        CHECK(row->objects.back() == mail.document_digest());
        CHECK(std::filesystem::file_size(object_path(archive, row->objects.front())) < 300);

        world.reopen();
        CHECK(text_of(world.archive(), mail.digest()) == mail.raw);
        const auto file = open_original(world.archive(), mail.digest());
        REQUIRE_GOOD(file);
        CHECK(text_of(*file) == mail.raw);
        CHECK(*original_size(world.archive(), mail.digest()) == mail.raw.size());
        CHECK(test::faults_of(world.archive()).empty());
    }

    TEST_CASE("an original that is an object is read in the same way") {
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        kept_whole(archive, mail);
        CHECK(is_there(archive, mail.digest()));
        CHECK(text_of(archive, mail.digest()) == mail.raw);
        CHECK(text_of(*open_original(archive, mail.digest())) == mail.raw);
        CHECK(*original_size(archive, mail.digest()) == mail.raw.size());
        flip(archive, mail.digest(), 100);
        CHECK(text_of(archive, mail.digest()).find("is damaged; restore it") != std::string::npos);
        std::filesystem::remove(object_path(archive, mail.digest()));
        CHECK(text_of(archive, mail.digest()).find("is missing; restore it") != std::string::npos);
        CHECK_FALSE(original_size(archive, mail.digest())->has_value());
    }

    TEST_CASE("no recipe is made of a document whose object is not what the mail has") {
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        test::object_of(archive, mail.document);
        REQUIRE(published(archive, mail)->has_value());
        flip(archive, mail.document_digest(), 20'000);
        const auto recipe = published(archive, mail);
        REQUIRE_GOOD(recipe);
        CHECK_FALSE(recipe->has_value());
    }

    TEST_CASE("of two documents one may be encoded otherwise than it looks") {
        World world;
        Archive& archive = world.archive();
        Mail mail("1");
        const std::string other = document_named("other");
        std::string odd = in_lines(other);
        odd.insert(7'800, "\r\n"); // an empty line in the middle: the object does not know of it
        const std::uint64_t begin = mail.raw.size();
        mail.raw += odd;
        std::vector<Stretch> stretches = mail.stretches();
        stretches.front().end = begin - 7;
        stretches.push_back({begin, mail.raw.size(), Digest(sha256(other))});
        test::object_of(archive, mail.document);
        test::object_of(archive, other);
        const TempFile file = written(archive, mail.raw);
        const auto recipe = publish_recipe(archive, *file.reader(), mail.digest(), stretches);
        REQUIRE_GOOD(recipe);
        REQUIRE(recipe->has_value());
        CHECK((*recipe)->row.objects.size() == 2);
        CHECK((*recipe)->row.objects.back() == mail.document_digest());
    }

    TEST_CASE("no recipe is made that does not make the mail of this digest") {
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        test::object_of(archive, mail.document);
        const TempFile file = written(archive, mail.raw);
        const auto recipe =
            publish_recipe(archive, *file.reader(), Digest(sha256("another")), mail.stretches());
        REQUIRE_GOOD(recipe);
        CHECK_FALSE(recipe->has_value());
    }

    TEST_CASE("a recipe is committed only when all that it names is there") {
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        MailCommit commit = test::mail_of(draft_of(archive, mail, "1"));
        commit.recipe = *published(archive, mail);
        const Digest file = commit.recipe->row.objects.front();
        for (const Digest& digest : commit.recipe->row.objects) {
            const auto path = object_path(archive, digest);
            std::filesystem::rename(path, path.string() + ".away");
            CHECK_FALSE(keep(archive, commit).has_value());
            std::filesystem::rename(path.string() + ".away", path);
        }
        CHECK(list_receipts(archive)->empty());
        CHECK_FALSE(row_of(archive, mail.digest()).has_value());
        REQUIRE_GOOD(keep(archive, commit));
        CHECK(object_row(archive, file).originals == 1);
    }

    TEST_CASE("a mail that was kept stays as it was kept") {
        const Mail mail("1");
        SUBCASE("whole, then with a recipe") {
            World world;
            kept_whole(world.archive(), mail, "1");
            kept(world.archive(), mail, "2");
            CHECK_FALSE(row_of(world.archive(), mail.digest()).has_value());
            CHECK(object_row(world.archive(), mail.digest()).originals == 2);
            CHECK(text_of(world.archive(), mail.digest()) == mail.raw);
            CHECK(test::faults_of(world.archive()).empty());
        }
        SUBCASE("with a recipe, then whole") {
            World world;
            kept(world.archive(), mail, "1");
            kept_whole(world.archive(), mail, "2");
            const auto row = row_of(world.archive(), mail.digest());
            REQUIRE(row.has_value());
            CHECK(object_row(world.archive(), mail.digest()).originals == 0);
            CHECK(object_row(world.archive(), row->objects.front()).originals == 2);
            CHECK(text_of(world.archive(), mail.digest()) == mail.raw);
            CHECK(test::faults_of(world.archive()).empty());
        }
        SUBCASE("with a recipe, twice") {
            World world;
            kept(world.archive(), mail, "1");
            kept(world.archive(), mail, "2");
            CHECK(object_row(world.archive(), mail.document_digest()).originals == 2);
            CHECK(object_row(world.archive(), mail.document_digest()).documents == 2);
            CHECK(test::faults_of(world.archive()).empty());
        }
    }

    TEST_CASE("a document with the bytes of a mail changes nothing about how the mail is kept") {
        World world;
        const Mail mail("one");
        kept(world.archive(), mail);
        REQUIRE_GOOD(
            keep(world.archive(), test::mail_of(test::draft_of(world.archive(), mail.raw, "2")))
        );
        kept(world.archive(), mail, "3");
        CHECK(test::faults_of(world.archive()).empty());
        CHECK(text_of(world.archive(), mail.digest()) == mail.raw);
    }

    TEST_CASE("two receipts of one mail count for all that it is made of") {
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        MailCommit commit = test::mail_of(draft_of(archive, mail, "1"));
        commit.receipts.push_back(draft_of(archive, mail, "2"));
        commit.recipe = *published(archive, mail);
        REQUIRE_GOOD(keep(archive, commit));
        const RecipeRow row = *row_of(archive, mail.digest());
        for (const Digest& object : row.objects)
            CHECK(object_row(archive, object).originals == 2);
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("a repeated mail writes no recipe") {
        World world;
        Archive& archive = world.archive();
        kept(archive, Mail("1"), "same");
        const Mail again("2");
        MailCommit commit = test::mail_of(draft_of(archive, again, "same"));
        commit.recipe = *published(archive, again);
        CHECK(keep(archive, commit)->front().how == Kept::How::repeated);
        CHECK_FALSE(row_of(archive, again.digest()).has_value());
    }

    TEST_CASE("an object that a recipe names stays although no document names it") {
        // Such as a document of a recipient for whom the mail was only repeated.
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        ReceiptDraft draft = draft_of(archive, mail, "1");
        draft.documents.clear();
        MailCommit commit = test::mail_of(std::move(draft));
        commit.recipe = *published(archive, mail);
        committed(archive, std::move(commit));
        const Digest recipe = row_of(archive, mail.digest())->objects.front();
        for (const Digest& object : {recipe, mail.document_digest()})
            test::set_changed(object_path(archive, object), at_ten());
        const Time two_days_later = at_ten() + std::chrono::hours(48);
        CHECK(swept(archive, two_days_later).empty());
        CHECK(text_of(archive, mail.digest()) == mail.raw);

        CHECK(
            swept(archive, much_later) ==
            Texts{"original " + mail.digest().hex(), "unreferenced " + mail.document_digest().hex()}
        );
        CHECK_FALSE(is_there(archive, recipe));
        CHECK_FALSE(is_there(archive, mail.document_digest()));
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("with an original its recipe goes, and its document stays") {
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        const Receipt receipt = kept(archive, mail);
        const Digest recipe = row_of(archive, mail.digest())->objects.front();
        const std::uint64_t size = std::filesystem::file_size(object_path(archive, recipe));
        const auto report = look_for_rubbish(archive, much_later, [](const Swept&) {});
        REQUIRE_GOOD(report);
        CHECK(report->originals.bytes == size);
        CHECK(swept(archive, much_later) == Texts{"original " + mail.digest().hex()});
        CHECK_FALSE(is_there(archive, recipe));
        CHECK(is_there(archive, mail.document_digest()));
        CHECK(object_row(archive, mail.document_digest()).documents == 1);
        CHECK(object_row(archive, mail.document_digest()).originals == 0);
        CHECK_FALSE(row_of(archive, mail.digest()).has_value());
        CHECK(get_receipt(archive, receipt.id)->original_removed_at == much_later);
        CHECK(test::faults_of(archive).empty());
        kept(archive, mail, "2"); // and may come again
        CHECK(text_of(archive, mail.digest()) == mail.raw);
    }

    TEST_CASE("an original stays while one of its receipts needs it") {
        World world;
        Archive& archive = world.archive();
        const Mail mail("1");
        kept(archive, mail, "1");
        MailCommit commit = test::mail_of(draft_of(archive, mail, "2"));
        commit.receipts.front().receipt.verdict = Verdict::partial;
        commit.recipe = *published(archive, mail);
        const Receipt unresolved = committed(archive, std::move(commit));
        CHECK(swept(archive, much_later).empty());
        CHECK(text_of(archive, mail.digest()) == mail.raw);
        REQUIRE_GOOD(resolve_receipt(archive, unresolved.id, {"office", at_ten()}));
        CHECK(swept(archive, much_later) == Texts{"original " + mail.digest().hex()});
        CHECK(test::faults_of(archive).empty());
    }

    TEST_CASE("verify makes every mail, and names those that cannot be made") {
        const Mail mail("1");
        const std::string lost = "original-lost " + mail.digest().hex();
        SUBCASE("all is whole") {
            World world;
            kept(world.archive(), mail);
            kept_whole(world.archive(), Mail("2"), "2");
            const auto report = verify(world.archive(), {.jobs = 2});
            REQUIRE_GOOD(report);
            CHECK(report->recipes == 1);
            CHECK(report->objects == 4);
            CHECK(report->faults.empty());
        }
        SUBCASE("a document is damaged") {
            World world;
            kept(world.archive(), mail);
            flip(world.archive(), mail.document_digest(), 9);
            CHECK(
                faults_in(world.archive()) ==
                Faults{"object-damaged " + mail.document_digest().hex(), lost}
            );
        }
        SUBCASE("the recipe is damaged, or gone") {
            World world;
            kept(world.archive(), mail);
            const Digest recipe = row_of(world.archive(), mail.digest())->objects.front();
            const auto size = std::filesystem::file_size(object_path(world.archive(), recipe));
            flip(world.archive(), recipe, static_cast<std::streamoff>(size) - 1);
            CHECK(faults_in(world.archive()) == Faults{"object-damaged " + recipe.hex(), lost});
            CHECK(text_of(world.archive(), mail.digest()).find("is not mail") != std::string::npos);
            CHECK_FALSE(open_original(world.archive(), mail.digest()).has_value());
            std::filesystem::remove(object_path(world.archive(), recipe));
            CHECK(faults_in(world.archive()) == Faults{"object-missing " + recipe.hex(), lost});
        }
        SUBCASE("only what came since then") {
            World world;
            kept(world.archive(), mail);
            const auto none = verify(world.archive(), {.since = much_later});
            CHECK(none->recipes == 0);
            const auto all = verify(world.archive(), {.since = at_ten()});
            CHECK(all->recipes == 1);
            CHECK(all->objects == 2);
        }
    }

    TEST_CASE("verify compares the rows of recipes with what refers to them") {
        World world;
        const Mail mail("1");
        const Receipt receipt = kept(world.archive(), mail);
        const std::string key = keys::digest(mail.digest());
        const RecipeRow row = *row_of(world.archive(), mail.digest());
        const auto stored = [](std::uint64_t size, const std::vector<Digest>& objects) {
            Json list = Json::array();
            for (const Digest& object : objects)
                list.push_back(object.hex());
            return to_cbor({{"size", size}, {"objects", list}});
        };
        const auto faults_with = [&](const std::string& value) {
            world.tamper("recipes", key, value);
            Texts faults = test::faults_of(world.archive());
            std::sort(faults.begin(), faults.end());
            return faults;
        };
        const std::string recipe = row.objects.front().hex();
        const std::string document = row.objects.back().hex();
        CHECK(
            faults_with(stored(row.size + 1, row.objects)) ==
            Texts{"index-inconsistent receipts " + receipt.id}
        );
        CHECK(
            faults_with(stored(row.size, {row.objects.front()})) ==
            Texts{"index-inconsistent objects " + document}
        );
        CHECK(
            faults_with("x").front() == "index-inconsistent objects " + std::min(recipe, document)
        );
        CHECK(faults_with("x").back() == "record-damaged recipes " + mail.digest().hex());
        world.tamper(
            "recipes", keys::digest(Digest(sha256("nobody's"))), stored(5, {mail.digest()})
        );
        const Texts faults = faults_with(stored(row.size, row.objects));
        const std::string unneeded =
            "index-inconsistent recipes " + Digest(sha256("nobody's")).hex();
        CHECK(std::find(faults.begin(), faults.end(), unneeded) != faults.end());
    }

    TEST_CASE("a backup has what originals are made of, and a restored archive makes them") {
        World world;
        const Mail mail("1");
        kept(world.archive(), mail);
        const auto backup = world.dir().path() / "backup";
        REQUIRE_GOOD(make_backup(world.archive(), backup, {.copy = true, .prune = true}));
        ArchiveSettings settings = test::settings_in(world.dir());
        const auto copy = open_backup(backup, settings);
        REQUIRE_GOOD(copy);
        CHECK(text_of(**copy, mail.digest()) == mail.raw);
        CHECK(test::faults_of(**copy).empty());
        settings.path = world.dir().path() / "restored";
        const auto restored = restore_backup(**copy, settings, {}, test::office());
        REQUIRE_GOOD(restored);
        CHECK(restored->restored);
        const auto archive = Archive::open(settings);
        REQUIRE_GOOD(archive);
        CHECK(text_of(**archive, mail.digest()) == mail.raw);
        CHECK(test::faults_of(**archive).empty());
    }

    TEST_CASE("an index of before recipes is what an older kwit reads until there is a recipe") {
        World world;
        world.tamper("meta", "schema", to_cbor(1));
        kept_whole(world.archive(), Mail("1"), "1");
        CHECK(schema_of(world.archive()) == 1);
        kept(world.archive(), Mail("2"), "2");
        CHECK(schema_of(world.archive()) == 2);
        CHECK(test::faults_of(world.archive()).empty());
    }
}

} // namespace kwit
