#include "core/archive/by_hand.hh"

#include "core/archive/documents.hh"
#include "core/archive/journal.hh"
#include "core/archive/receipts.hh"
#include "core/archive/verify.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

namespace kwit {

namespace {

using test::office;

const std::string sheet = "PK spreadsheet";

/// A partial mail: part 2 is filed, parts 3 and 4 (a spreadsheet, twice) are not.
struct Partial {
    test::World world{};
    std::string receipt_id{};

    Partial() {
        ReceiptDraft draft = test::draft_of(archive(), "%PDF-1", "one");
        draft.receipt.verdict = Verdict::partial;
        draft.receipt.findings = {{Reason::part_not_accepted, "office", {}, 3}};
        for (const std::uint32_t number : {3U, 4U})
            draft.receipt.parts.push_back(
                {.number = number,
                 .name = "kosten.xlsx",
                 .size = sheet.size(),
                 .sha256 = Digest(sha256(sheet)).hex(),
                 .disposition = Disposition::refused,
                 .reason = "part-not-accepted"}
            );
        const auto kept = keep(archive(), test::mail_of(draft));
        REQUIRE_GOOD(kept);
        receipt_id = kept->front().receipt_id;
    }

    Archive& archive() { return world.archive(); }

    Receipt receipt() {
        const auto found = get_receipt(archive(), receipt_id);
        REQUIRE_GOOD(found);
        return *found;
    }

    std::size_t documents() { return list_documents(archive())->size(); }

    Json last_entry() {
        const auto entries = list_journal(archive());
        REQUIRE_GOOD(entries);
        return entries->back();
    }

    bool is_whole() {
        const auto report = verify(archive());
        REQUIRE_GOOD(report);
        return report->faults.empty() && report->unreferenced.empty();
    }

    HandDraft draft(const std::string& bytes = sheet) {
        HandDraft draft;
        draft.document.client = "10023";
        draft.document.category = "INNE";
        draft.document.period = "2026-10";
        draft.document.sha256 = test::object_of(archive(), bytes).hex();
        draft.document.size = bytes.size();
        draft.document.media_type = "application/octet-stream";
        draft.document.filename = "kosten.xlsx";
        return draft;
    }

    Result<HandKept> file(HandDraft draft, bool resolve = false) {
        return file_by_hand(
            archive(),
            {.drafts = {std::move(draft)},
             .receipt = receipt_id,
             .resolve = resolve,
             .by = {"anna", test::at_ten() + std::chrono::hours(2)}}
        );
    }

    HandDraft of_part(std::uint32_t number) {
        HandDraft made = draft();
        made.part = number;
        made.overrode = {Reason::part_not_accepted};
        return made;
    }
};

} // namespace

TEST_SUITE("archive/by_hand") {
    TEST_CASE("a part is filed as a document of its mail, and its twins are duplicates") {
        Partial partial;
        const auto kept = partial.file(partial.of_part(3));
        REQUIRE_GOOD(kept);
        REQUIRE(kept->filed.size() == 1);
        const Document& document = kept->filed.front().document;
        CHECK(kept->filed.front().how == HandFiled::How::filed);
        const Receipt receipt = partial.receipt();
        CHECK(document.receipt == receipt.id);
        CHECK(document.address == receipt.address);
        CHECK(document.sender == "anna@kunde.example");
        CHECK(document.received_at == receipt.received_at);
        CHECK(receipt.documents.back() == document.id);
        CHECK(receipt.parts.at(1).disposition == Disposition::filed);
        CHECK(receipt.parts.at(1).document == document.id);
        CHECK(receipt.parts.at(1).reason == "part-not-accepted");
        CHECK(receipt.parts.at(2).disposition == Disposition::duplicate);
        CHECK(receipt.parts.at(2).document == document.id);
        CHECK(is_unresolved(receipt));
        const Json entry = partial.last_entry();
        CHECK(entry["what"] == "document-imported");
        CHECK(entry["by"] == "anna");
        CHECK(entry["about"]["document"] == document.id);
        CHECK(entry["about"]["sha256"] == document.sha256);
        CHECK(entry["about"]["receipt"] == receipt.id);
        CHECK(entry["about"]["part"] == 3);
        CHECK(entry["about"]["overrode"] == Json{"part-not-accepted"});
        CHECK(partial.is_whole());
    }

    TEST_CASE("the receipt is settled in the same transaction when that is wanted") {
        Partial partial;
        REQUIRE_GOOD(partial.file(partial.of_part(3), true));
        CHECK(partial.receipt().resolved_by == "anna");
        CHECK(list_receipts(partial.archive(), {.resolution = Resolution::unresolved})->empty());
        CHECK(partial.last_entry()["what"] == "receipt-resolved");
        CHECK(partial.is_whole());
    }

    TEST_CASE("a file with the bytes of a part that was not filed is that part") {
        Partial partial;
        REQUIRE_GOOD(partial.file(partial.draft()));
        CHECK(partial.receipt().parts.at(1).disposition == Disposition::filed);
        CHECK(partial.last_entry()["about"]["part"] == 3);
    }

    TEST_CASE("a part that is filed as an annex is filed") {
        test::World world;
        ReceiptDraft draft = test::draft_of(world.archive(), "%PDF-1", "one");
        draft.receipt.parts.at(0).disposition = Disposition::annex;
        draft.documents.at(0).document.status = "annex";
        const auto kept = keep(world.archive(), test::mail_of(draft));
        REQUIRE_GOOD(kept);
        const auto receipt = get_receipt(world.archive(), kept->front().receipt_id);
        REQUIRE_GOOD(receipt);
        const PartRecord& part = receipt->parts.at(0);
        REQUIRE(part.document == receipt->documents.at(0));
        CHECK(get_document(world.archive(), part.document)->status == "annex");
        HandDraft again;
        again.document = *get_document(world.archive(), part.document);
        again.document.period = "2026-09"; // another document, so no repetition of it
        again.document.id.clear();
        again.part = part.number;
        const auto filed = file_by_hand(
            world.archive(), {.drafts = {again}, .receipt = receipt->id, .by = test::office()}
        );
        REQUIRE_FALSE(filed);
        CHECK(filed.error().what.find("is filed as document") != std::string::npos);
    }

    TEST_CASE("a file with other bytes belongs to the mail and changes no part") {
        Partial partial;
        REQUIRE_GOOD(partial.file(partial.draft("%PDF-2")));
        CHECK(partial.receipt().documents.size() == 2);
        CHECK(partial.receipt().parts.at(1).disposition == Disposition::refused);
        CHECK(partial.is_whole());
    }

    TEST_CASE("a document without a mail has no receipt, address or sender, and is from now") {
        Partial partial;
        const Time now = test::at_ten() + std::chrono::hours(3);
        const auto kept =
            file_by_hand(partial.archive(), {.drafts = {partial.draft()}, .by = {"anna", now}});
        REQUIRE_GOOD(kept);
        const auto document = get_document(partial.archive(), kept->filed.front().document.id);
        REQUIRE_GOOD(document);
        CHECK(document->receipt.empty());
        CHECK(document->address.empty());
        CHECK(document->sender.empty());
        CHECK(document->received_at == now);
        CHECK_FALSE(kept->receipt.has_value());
        CHECK(partial.is_whole());
    }

    TEST_CASE("the same again is the same document, and nothing is written") {
        Partial partial;
        const auto first = partial.file(partial.of_part(3));
        const Json last = partial.last_entry();
        const auto again = partial.file(partial.of_part(3));
        REQUIRE_GOOD(again);
        CHECK(again->filed.front().how == HandFiled::How::duplicate);
        CHECK(again->filed.front().document.id == first->filed.front().document.id);
        CHECK(partial.last_entry() == last);
        CHECK(partial.documents() == 2);
    }

    TEST_CASE("a part whose bytes are filed already is a duplicate of that document") {
        Partial partial;
        const auto before =
            file_by_hand(partial.archive(), {.drafts = {partial.draft()}, .by = office()});
        REQUIRE_GOOD(before);
        const auto kept = partial.file(partial.of_part(3));
        REQUIRE_GOOD(kept);
        CHECK(kept->filed.front().how == HandFiled::How::duplicate);
        const PartRecord part = partial.receipt().parts.at(1);
        CHECK(part.disposition == Disposition::duplicate);
        CHECK(part.document == before->filed.front().document.id);
        CHECK(partial.receipt().documents.size() == 1);
        CHECK(partial.last_entry()["what"] == "document-repeated");
        CHECK(partial.is_whole());
    }

    TEST_CASE("a second one is made where that is wanted, and the journal says so") {
        Partial partial;
        REQUIRE_GOOD(partial.file(partial.draft()));
        HandDraft second = partial.draft();
        second.twin = Twin::allow;
        const auto kept = partial.file(second);
        REQUIRE_GOOD(kept);
        CHECK(kept->filed.front().how == HandFiled::How::filed);
        CHECK(partial.documents() == 3);
        CHECK(partial.last_entry()["about"]["overrode"] == Json{"duplicate-refused"});
        CHECK(partial.is_whole());
    }

    TEST_CASE("other client, category or period is another document") {
        Partial partial;
        REQUIRE_GOOD(add_client(partial.archive(), {.id = "2", .name = "Zweite"}, office()));
        REQUIRE_GOOD(partial.file(partial.draft()));
        for (std::string Document::*field :
             {&Document::client, &Document::category, &Document::period}) {
            HandDraft other = partial.draft();
            other.document.*field = field == &Document::client     ? "2"
                                    : field == &Document::category ? "FK"
                                                                   : "2026-09";
            const auto kept = partial.file(other);
            REQUIRE_GOOD(kept);
            CHECK(kept->filed.front().how == HandFiled::How::filed);
        }
        CHECK(partial.is_whole());
    }

    TEST_CASE("what cannot be is refused, and nothing of the command is kept") {
        Partial partial;
        REQUIRE_GOOD(partial.file(partial.of_part(3)));
        const std::string filed = partial.receipt().documents.back();

        struct Case {
            std::string label;
            std::function<void(HandDraft&)> change;
            std::string answer;
        };

        for (const Case& c : {
                 Case{
                     "client",
                     [](HandDraft& d) { d.document.client = "1"; },
                     "there is no client 1; see kwit client list for those there are"},
                 Case{
                     "code",
                     [](HandDraft& d) { d.user.code = "1"; },
                     "code-unknown: 1 is no code of client 10023; see kwit sender list 10023"},
                 Case{
                     "period",
                     [](HandDraft& d) { d.document.period = "2026"; },
                     "\"2026\" is not a period; write it as YYYY-MM, for example 2026-11"},
                 Case{
                     "part",
                     [](HandDraft& d) { d.part = 9; },
                     "receipt " + partial.receipt_id + " has no part 9; see kwit receipt show " +
                         partial.receipt_id},
                 Case{
                     "part with other bytes",
                     [](HandDraft& d) { d.part = 2; },
                     "part 2 of receipt " + partial.receipt_id +
                         " has other bytes; run kwit verify"},
                 Case{
                     "part that is filed",
                     [](HandDraft& d) {
                         d.part = 3;
                         d.document.category = "FK";
                     },
                     "part 3 of receipt " + partial.receipt_id + " is filed as document " + filed +
                         "; change that one: kwit document set " + filed},
                 Case{
                     "object",
                     [](HandDraft& d) {
                         d.document.sha256 = std::string(64, 'a');
                         d.document.category = "FK";
                     },
                     "object " + std::string(64, 'a') +
                         " is not there any more, it was swept; do the same again"},
             }) {
            CAPTURE(c.label);
            HandDraft bad = partial.draft();
            c.change(bad);
            HandDraft good = partial.draft("%PDF-1");
            const auto kept = file_by_hand(
                partial.archive(),
                {.drafts = {good, bad}, .receipt = partial.receipt_id, .by = office()}
            );
            REQUIRE_FALSE(kept.has_value());
            CHECK(test::told(kept.error()) == c.answer);
        }
        CHECK(partial.documents() == 2);
        CHECK(partial.receipt().documents.size() == 2);
        const auto none = file_by_hand(
            partial.archive(),
            {.drafts = {partial.draft()}, .receipt = "01ARZ3NDEKTSV4RRFFQ69G5FAV", .by = office()}
        );
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error().what == "there is no receipt 01ARZ3NDEKTSV4RRFFQ69G5FAV");
    }
}

} // namespace kwit
