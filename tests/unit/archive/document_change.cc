#include "core/archive/document_change.hh"

#include "core/archive/documents.hh"
#include "core/archive/journal.hh"
#include "core/archive/keys.hh"
#include "core/archive/records.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

namespace kwit {

namespace {

using test::office;

/// Two documents of client 10023 with Anna's code, and a client 1002 with a sender of its own.
struct Filed {
    test::World world{};
    std::vector<std::string> ids{};

    Filed() {
        REQUIRE_GOOD(add_client(archive(), {.id = "1002", .name = "Zweite"}, office()));
        REQUIRE_GOOD(add_sender(
            archive(), {.client = "1002", .email = "eva@zweite.example", .code = "7"}, office()
        ));
        for (const char* name : {"1", "2"}) {
            const auto kept = keep(
                archive(),
                test::mail_of(test::draft_of(archive(), std::string("%PDF-") + name, name))
            );
            REQUIRE_GOOD(kept);
            ids.push_back(kept->front().document_ids.at(0));
        }
    }

    Archive& archive() { return world.archive(); }

    Document document() {
        const auto found = get_document(archive(), ids.front());
        REQUIRE_GOOD(found);
        return *found;
    }

    /// "changed", "nothing differs" or the refusal.
    std::string set(const DocumentChange& change, std::vector<std::string> which = {}) {
        if (which.empty()) which = {ids.front()};
        const auto done = set_documents(archive(), which, change, {"anna", test::at_ten()});
        if (!done) return test::told(done.error());
        return done->front().changed == Changed::yes ? "changed" : "nothing differs";
    }

    std::size_t journal_size() { return list_journal(archive())->size(); }

    bool is_whole() {
        const auto report = verify(archive());
        REQUIRE_GOOD(report);
        for (const Fault& fault : report->faults)
            MESSAGE(fault.what << " " << fault.name << " " << fault.detail);
        return report->faults.empty();
    }
};

} // namespace

TEST_SUITE("archive/document_change") {
    TEST_CASE("every parameter is set, and what tells of the bytes stays") {
        Filed filed;
        const Document before = filed.document();
        CHECK(
            filed.set(
                {.client = "1002",
                 .category = "umowa najmu",
                 .period = "2025-01",
                 .code = "7",
                 .sender = "Ola@Zweite.example",
                 .address = "",
                 .filename = "umowa.pdf",
                 .status = "annex"}
            ) == "changed"
        );
        const Document after = filed.document();
        CHECK(after.client == "1002");
        CHECK(after.category == "umowa najmu");
        CHECK(after.period == "2025-01");
        CHECK(after.code == "7");
        CHECK(after.user == "eva@zweite.example");
        CHECK(after.sender == EmailAddress::parse("Ola@Zweite.example")->key());
        CHECK(after.address.empty());
        CHECK(after.filename == "umowa.pdf");
        CHECK(after.status == "annex");
        CHECK(after.sha256 == before.sha256);
        CHECK(after.size == before.size);
        CHECK(after.media_type == before.media_type);
        CHECK(after.received_at == before.received_at);
        CHECK(after.receipt == before.receipt);
        CHECK(filed.is_whole());
    }

    TEST_CASE("the journal has who, the fields that differ, and their old and new values alone") {
        Filed filed;
        CHECK(filed.set({.category = "FK", .period = "2024-11"}) == "changed");
        const auto entries = list_journal(filed.archive());
        REQUIRE_GOOD(entries);
        const Json& last = entries->back();
        CHECK(last["what"] == "document-changed");
        CHECK(last["by"] == "anna");
        CHECK(
            last["about"] ==
            Json{
                {"document", filed.ids.front()},
                {"before", {{"category", "FZ"}}},
                {"after", {{"category", "FK"}}}}
        );
    }

    TEST_CASE("a moved document is listed where it belongs now, and nowhere else") {
        Filed filed;
        CHECK(filed.set({.client = "1002", .period = "2025-01", .code = ""}) == "changed");
        const auto listed = [&](const DocumentFilter& filter) {
            return list_documents(filed.archive(), filter)->size();
        };
        CHECK(listed({.client = "10023"}) == 1);
        CHECK(listed({.client = "10023", .period = "2024-11"}) == 1);
        CHECK(listed({.client = "1002"}) == 1);
        CHECK(listed({.client = "1002", .period = "2024-11"}) == 0);
        CHECK(listed({.client = "1002", .period = "2025-01"}) == 1);
        CHECK(filed.is_whole());
    }

    TEST_CASE("a client can be removed when its documents have moved away, and not the other") {
        Filed filed;
        CHECK(filed.set({.client = "1002", .code = ""}, filed.ids) == "changed");
        CHECK_FALSE(remove_client(filed.archive(), "1002", office()).has_value());
        REQUIRE_GOOD(remove_client(filed.archive(), "10023", office()));
        CHECK(filed.is_whole());
    }

    TEST_CASE("where nothing differs nothing is written") {
        Filed filed;
        const std::size_t before = filed.journal_size();
        CHECK(filed.set({.category = "FZ", .code = "932498"}) == "nothing differs");
        CHECK(filed.set({.user = "ANNA@kunde.example"}) == "nothing differs");
        CHECK(filed.set({}) == "nothing differs");
        CHECK(filed.journal_size() == before);
    }

    TEST_CASE("code and user follow from each other") {
        Filed filed;
        CHECK(filed.set({.code = ""}) == "changed");
        CHECK(filed.document().user.empty());
        CHECK(filed.set({.user = "anna@kunde.example"}) == "changed");
        CHECK(filed.document().code == "932498");
        CHECK(filed.set({.user = ""}) == "changed");
        CHECK(filed.document().code.empty());
    }

    TEST_CASE("what cannot be is refused with what to do, and nothing is changed") {
        Filed filed;

        struct Case {
            std::string label;
            DocumentChange change;
            std::string answer;
        };

        const Document before = filed.document();
        const std::string text_rule = "; use 1 to 200 bytes of UTF-8 without control characters";
        for (const Case& c : {
                 Case{
                     "client",
                     {.client = "1"},
                     "there is no client 1; see kwit client list for "
                     "those there are"},
                 Case{
                     "another client with the code of the old one",
                     {.client = "1002"},
                     "document " + before.id +
                         " has the code 932498 of anna@kunde.example, a sender of client 10023 and "
                         "not of 1002; give the code of a sender of the new client too, or take it "
                         "away with --code \"\""},
                 Case{
                     "code of another client",
                     {.code = "7"},
                     "code-unknown: 7 is no code of client 10023; see kwit sender list 10023"},
                 Case{
                     "user of another client",
                     {.user = "eva@zweite.example"},
                     "eva@zweite.example is no sender of client 10023; see kwit sender list 10023"},
                 Case{
                     "code and user of two people",
                     {.code = "932498", .user = "eva@zweite.example"},
                     "\"932498\" is not the code of \"eva@zweite.example\"; give one of them; the "
                     "other follows from it"},
                 Case{
                     "address of another client",
                     {.client = "1002", .code = "", .address = std::string(test::tagged_address)},
                     std::string(test::tagged_address) +
                         " is no import address of client 1002; see kwit address list 1002"},
                 Case{
                     "period",
                     {.period = "2024-13"},
                     "\"2024-13\" is not a period; write it as YYYY-MM, for example 2026-11"},
                 Case{
                     "no category",
                     {.category = ""},
                     "\"\" cannot be used as category" + text_rule},
                 Case{
                     "category one over",
                     {.category = std::string(201, 'x')},
                     "\"" + std::string(200, 'x') + "\" cannot be used as category" + text_rule},
                 Case{
                     "status",
                     {.status = "gone"},
                     "\"gone\" cannot be used as status of a document; use filed or annex"},
             }) {
            CAPTURE(c.label);
            CHECK(filed.set(c.change) == c.answer);
        }
        CHECK(to_json(filed.document()) == to_json(before));
        CHECK(filed.set({.category = std::string(200, 'x')}) == "changed");
    }

    TEST_CASE("several documents are changed together or not at all") {
        Filed filed;
        const std::string unknown = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        CHECK(
            filed.set({.category = "FK"}, {filed.ids[0], unknown}) ==
            "there is no document " + unknown + "; see kwit document list"
        );
        CHECK(filed.document().category == "FZ");
        const auto done = set_documents(
            filed.archive(),
            {filed.ids[1], filed.ids[0], filed.ids[1]},
            {.category = "FK"},
            office()
        );
        REQUIRE_GOOD(done);
        REQUIRE(done->size() == 2);
        CHECK(done->at(0).document.id == filed.ids[1]);
        CHECK(filed.document().category == "FK");
    }

    TEST_CASE("as many documents as one change takes, and one more") {
        Filed filed;
        std::vector<std::string> many(max_documents_set, filed.ids.front());
        CHECK(filed.set({.category = "FK"}, many) == "changed");
        many.push_back(filed.ids.front());
        CHECK(
            filed.set({.category = "FS"}, many) ==
            "1001 documents in one change, the limit is 1000; give them in several commands"
        );
    }

    TEST_CASE("a document of a sender who left keeps its code while other things change") {
        Filed filed;
        REQUIRE_GOOD(remove_sender(filed.archive(), "10023", "anna@kunde.example", office()));
        CHECK(filed.set({.category = "FK"}) == "changed");
        CHECK(filed.document().code == "932498");
    }

    TEST_CASE("verify finds an index row that a moved document left behind") {
        Filed filed;
        const auto id = Ulid::parse(filed.ids.front());
        filed.world.tamper(
            "documents-by-client", keys::pair("1002", keys::ulid(*id)), std::string_view("\0", 1)
        );
        const auto report = verify(filed.archive());
        REQUIRE_GOOD(report);
        REQUIRE(report->faults.size() == 1);
        CHECK(report->faults.front().name == "documents-by-client " + filed.ids.front());
        CHECK(report->faults.front().detail == "its document belongs elsewhere");
    }
}

} // namespace kwit
