#include "core/archive/warm_up.hh"

#include "tests/unit/archive/world.hh"

namespace kwit {

namespace {

using test::draft_of;
using test::mail_of;
using test::World;

/// One document, with an original of its own.
MailCommit mail_with(const Archive& archive, std::string_view document, std::string_view identity) {
    ReceiptDraft draft = draft_of(archive, document, identity);
    draft.receipt.original = test::object_of(archive, "mail " + std::string(identity)).hex();
    return mail_of(std::move(draft));
}

/// The same with an original that is made of an object and the document, by a recipe that nobody
/// follows here.
MailCommit mail_by_recipe(const Archive& archive) {
    ReceiptDraft draft = draft_of(archive, "%PDF-3", "three");
    const Digest original(sha256("the mail"));
    draft.receipt.original = original.hex();
    MailCommit mail = mail_of(std::move(draft));
    mail.recipe = PublishedRecipe{
        original,
        {.size = 8, .objects = {test::object_of(archive, "recipe"), Digest(sha256("%PDF-3"))}}};
    return mail;
}

} // namespace

TEST_SUITE("archive/warm_up") {
    TEST_CASE("what keep() writes under digests and at the ends of lists is what is read before") {
        World world;
        Archive& archive = world.archive();
        const MailCommit mail = mail_with(archive, "%PDF-1", "one");
        CHECK(warm_up(archive, mail) == 0);
        REQUIRE_GOOD(keep(archive, mail));
        // mail-seen; objects of original and document; documents-by-digest, -by-client, -by-period;
        // receipts-by-client
        CHECK(warm_up(archive, mail) == 7);
    }

    TEST_CASE("of another mail of the client only the ends of its lists are there") {
        World world;
        Archive& archive = world.archive();
        REQUIRE_GOOD(keep(archive, mail_with(archive, "%PDF-1", "one")));
        CHECK(warm_up(archive, mail_with(archive, "%PDF-2", "two")) == 3);
        MailCommit other = mail_with(archive, "%PDF-2", "two");
        other.receipts.front().receipt.client = "1002";
        CHECK(warm_up(archive, other) == 0);
    }

    TEST_CASE("an original that is made: its recipe and each object of that") {
        World world;
        Archive& archive = world.archive();
        const MailCommit mail = mail_by_recipe(archive);
        CHECK(warm_up(archive, mail) == 0);
        REQUIRE_GOOD(keep(archive, mail));
        // As above without the original's object, with the recipe's row, its object, and the
        // document once more.
        CHECK(warm_up(archive, mail) == 9);
    }

    TEST_CASE("it changes nothing, and what is no digest is passed over") {
        World world;
        Archive& archive = world.archive();
        MailCommit mail = mail_with(archive, "%PDF-1", "one");
        const auto before = archive.transactions();
        mail.receipts.front().receipt.original = "none";
        mail.receipts.front().documents.front().document.sha256.clear();
        mail.receipts.front().identity.reset();
        CHECK(warm_up(archive, mail) == 0);
        CHECK(archive.transactions() == before);
    }
}

} // namespace kwit
