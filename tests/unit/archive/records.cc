#include "core/archive/records.hh"

#include "core/archive/keys.hh"
#include "core/archive/receipts.hh"
#include "core/base/json.hh"
#include "core/base/ulid.hh"
#include "tests/unit/archive/world.hh"

namespace kwit {

namespace {

Receipt full_receipt() {
    Receipt receipt;
    receipt.id = "01KAJ3N5G000000000000000AA";
    receipt.received_at = test::at_ten();
    receipt.queue_id = "4F2B01";
    receipt.address = test::tagged_address;
    receipt.client = "10023";
    receipt.sender = "anna@kunde.example";
    receipt.envelope_from = "anna@kunde.example";
    receipt.client_address = "192.0.2.1";
    receipt.authenticated_by = "dkim";
    receipt.subject = "[FZ] 13/2024 (932498)";
    receipt.message_id = "<1@kunde.example>";
    receipt.verdict = Verdict::partial;
    receipt.findings = {
        {Reason::period_invalid, "month", {{"read", "13"}}, std::nullopt},
        {Reason::part_not_accepted, "", {}, 3}};
    PartRecord part;
    part.number = 2;
    part.path = "mail > faktura 17.pdf";
    part.name = "faktura 17.pdf";
    part.raw_name = "../faktura 17.pdf";
    part.media_type = "application/pdf";
    part.size = 48213;
    part.sha256 = std::string(64, '9');
    part.disposition = Disposition::filed;
    part.document = "01KAJ3N5G000000000000000AB";
    part.in = 7;
    receipt.parts = {part};
    receipt.documents = {"01KAJ3N5G000000000000000AB"};
    receipt.notices = {
        {NoticeKind::confirmation,
         "anna@kunde.example",
         "sent",
         test::at_ten(),
         "4F2B02",
         "01KAJ3N5G000000000000000AC"}};
    receipt.original = std::string(64, 'a');
    receipt.original_removed_at = test::at_ten() + std::chrono::hours(24 * 91);
    receipt.size = 70000;
    receipt.suggestion = "[FZ] 11/2024 (932498)";
    receipt.note = "Orlen";
    receipt.flags = {"year-change"};
    receipt.resolved_at = test::at_ten();
    receipt.resolved_by = "biuro";
    return receipt;
}

} // namespace

TEST_SUITE("archive/records") {
    TEST_CASE("a receipt says the same after it was stored") {
        const Receipt receipt = full_receipt();
        const auto back = decode<Receipt>(encode(receipt), "receipt");
        REQUIRE_GOOD(back);
        CHECK(json_line(to_json(*back)) == json_line(to_json(receipt)));
        CHECK(back->findings == receipt.findings);
        CHECK(back->resolved_at == receipt.resolved_at);
    }

    TEST_CASE("a receipt in JSON has the fields of the interface, in their order") {
        CHECK(
            json_line(to_json(full_receipt())) ==
            R"~({"id":"01KAJ3N5G000000000000000AA","received_at":"2026-11-21T10:00:00.000Z",)~"
            R"~("queue_id":"4F2B01","address":"faktury+1543030448@in.example.com",)~"
            R"~("client":"10023","sender":"anna@kunde.example",)~"
            R"~("envelope_from":"anna@kunde.example","client_address":"192.0.2.1",)~"
            R"~("authenticated_by":"dkim","subject":"[FZ] 13/2024 (932498)",)~"
            R"~("message_id":"<1@kunde.example>","verdict":"partial",)~"
            R"~("reasons":["period-invalid","part-not-accepted"],)~"
            R"~("parts":[{"number":2,"path":"mail > faktura 17.pdf","name":"faktura 17.pdf",)~"
            R"~("raw_name":"../faktura 17.pdf","media_type":"application/pdf","size":48213,)~"
            R"~("sha256":"9999999999999999999999999999999999999999999999999999999999999999",)~"
            R"~("disposition":"filed","reason":null,"document":"01KAJ3N5G000000000000000AB",)~"
            R"~("in":7}],)~"
            R"~("documents":["01KAJ3N5G000000000000000AB"],)~"
            R"~("notices":[{"kind":"confirmation","to":"anna@kunde.example","state":"sent",)~"
            R"~("at":"2026-11-21T10:00:00.000Z","queue_id":"4F2B02",)~"
            R"~("outbox":"01KAJ3N5G000000000000000AC"}],)~"
            R"~("resolved_at":"2026-11-21T10:00:00.000Z","resolved_by":"biuro",)~"
            R"~("findings":[{"reason":"period-invalid","detail":"month","values":{"read":"13"},)~"
            R"~("part":null},{"reason":"part-not-accepted","detail":null,"values":{},"part":3}],)~"
            R"~("original":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",)~"
            R"~("original_removed_at":"2027-02-20T10:00:00.000Z",)~"
            R"~("size":70000,"suggestion":"[FZ] 11/2024 (932498)","note":"Orlen",)~"
            R"~("flags":["year-change"]})~"
        );
    }

    TEST_CASE("what is empty is null, but the null sender is empty") {
        const Json receipt = to_json(Receipt{});
        CHECK(receipt["sender"].is_null());
        CHECK(receipt["resolved_at"].is_null());
        CHECK(receipt["envelope_from"] == "");
        CHECK(receipt["reasons"] == Json::array());
    }

    TEST_CASE("bytes of a mail that are no text cannot spoil a record") {
        Receipt receipt = full_receipt();
        receipt.envelope_from = "a\xff@b.example";
        const auto back = decode<Receipt>(encode(receipt), "receipt");
        REQUIRE_GOOD(back);
        CHECK(back->envelope_from == "a\xEF\xBF\xBD@b.example");
    }

    TEST_CASE("the other records say the same after they were stored") {
        const Client client{"1", "N", "de", {"a@b.example"}, {"a@b.example"}, test::at_ten()};
        CHECK(
            json_line(to_json(*decode<Client>(encode(client), ""))) == json_line(to_json(client))
        );
        Sender sender{
            .client = "1",
            .email = "a@b.example",
            .code = "77",
            .name = "A",
            .login = "login",
            .certificate = "certificate",
            .alignment = Alignment::strict,
            .arc = true,
            .via = "forwarder.example",
            .secret = "new",
            .old_secret = "old",
            .old_secret_until = test::at_ten(),
            .created_at = test::at_ten()};
        CHECK(
            json_line(to_json(sender)) ==
            R"({"client":"1","email":"a@b.example","code":"77","name":"A","login":"login",)"
            R"("certificate":"certificate","alignment":"strict","arc":true,)"
            R"("via":"forwarder.example","secret":"new","old_secret":"old",)"
            R"("old_secret_until":"2026-11-21T10:00:00.000Z","created_at":"2026-11-21T10:00:00.000Z"})"
        );
        for (const auto alignment : {sender.alignment, std::optional<Alignment>()}) {
            sender.alignment = alignment;
            CHECK(
                json_line(to_json(*decode<Sender>(encode(sender), ""))) ==
                json_line(to_json(sender))
            );
        }
        const ImportAddress address{
            "t-e@in.example.com",
            "1",
            "open",
            "ER",
            "e",
            "L",
            false,
            "closed",
            test::at_ten(),
            "u-e@in.example.com",
            test::at_ten()};
        CHECK(
            json_line(to_json(*decode<ImportAddress>(encode(address), ""))) ==
            json_line(to_json(address))
        );
        Document document;
        document.id = "01KAJ3N5G000000000000000AB";
        document.client = "1";
        document.sha256 = std::string(64, '9');
        document.size = 7;
        document.period = "2024-11";
        document.received_at = test::at_ten();
        document.inspected = 1;
        document.pages = 3;
        document.title = "Faktura";
        document.flags = {"repaired", "active-content"};
        document.active = {"javascript"};
        document.embedded = {{"factur-x.xml", "text/xml", 17, "factur-x"}, {}};
        CHECK(decode<Document>(encode(document), "")->embedded == document.embedded);
        CHECK(
            json_line(to_json(*decode<Document>(encode(document), ""))) ==
            json_line(to_json(document))
        );
        const OutboxRow row{
            "01KAJ3N5G000000000000000AC",
            NoticeKind::failure,
            "a@b.example",
            "dead",
            3,
            test::at_ten(),
            "01KAJ3N5G000000000000000AA",
            "away",
            test::at_ten()};
        CHECK(json_line(to_json(*decode<OutboxRow>(encode(row), ""))) == json_line(to_json(row)));
    }

    TEST_CASE("a letter and what is held say the same after they were stored") {
        OutboxRow letter{.id = "01KAJ3N5G000000000000000AC", .kind = NoticeKind::summary};
        letter.to = "a@b.example";
        letter.domain = "in.example.com";
        letter.subject = "many";
        letter.text = "one\ntwo\n";
        letter.html = "<p>one</p>\n";
        letter.locale = "de";
        letter.receipts = {"01KAJ3N5G000000000000000AA", "01KAJ3N5G000000000000000AB"};
        letter.to_sender = true;
        const auto back = decode<OutboxRow>(encode(letter), "");
        REQUIRE_GOOD(back);
        CHECK(json_line(to_json(*back)) == json_line(to_json(letter)));
        CHECK(back->receipts == letter.receipts);
        OutboxRow held{.id = "01KAJ3N5G000000000000000AD", .kind = NoticeKind::import};
        held.to = "a@b.example";
        held.receipt = letter.receipts.front();
        held.held = Held::digest;
        const auto again = decode<OutboxRow>(encode(held), "");
        REQUIRE_GOOD(again);
        CHECK(again->held == Held::digest);
    }

    TEST_CASE("fields that a later kwit adds are passed over") {
        Json map = to_json(full_receipt());
        map["colour"] = "green";
        CHECK(decode<Receipt>(to_cbor(map), "receipt").has_value());
    }

    TEST_CASE("damaged bytes are told as damage, field by field") {
        struct Case {
            std::string field;
            Json value;
            std::string problem;
        };

        for (const Case& c : {
                 Case{"id", nullptr, "it has no \"id\""},
                 Case{"id", 7, "its \"id\" has the wrong type"},
                 Case{"received_at", "yesterday", "its \"received_at\" is no time: \"yesterday\""},
                 Case{"verdict", "maybe", "its \"verdict\" is unknown: \"maybe\""},
                 Case{"size", -1, "its \"size\" has the wrong type"},
                 Case{"documents", {1}, "its \"documents\" has the wrong type"},
                 Case{"documents", "x", "its \"documents\" has the wrong type"},
                 Case{"parts", {7}, "in \"parts\": it is no map"},
                 Case{
                     "parts",
                     {{{"number", 1ULL << 32}, {"disposition", "filed"}}},
                     "in \"parts\": its \"number\" has the wrong type"},
                 Case{
                     "findings",
                     {{{"reason", "x"}}},
                     "in \"findings\": its \"reason\" is unknown: \"x\""},
             }) {
            CAPTURE(c.problem);
            Json map = to_json(full_receipt());
            map[c.field] = c.value;
            const auto receipt = decode<Receipt>(to_cbor(map), "receipts 1");
            REQUIRE_FALSE(receipt.has_value());
            CHECK(receipt.error().kind == Kind::corrupt);
            CHECK(receipt.error().what == "the record of receipts 1 is damaged: " + c.problem);
            CHECK(receipt.error().remedy == "run kwit verify and restore the index from a backup");
        }
    }

    TEST_CASE("no prefix of a record and no flipped byte is a crash") {
        const std::string bytes = encode(full_receipt());
        for (std::size_t size = 0; size < bytes.size(); ++size)
            CHECK_FALSE(decode<Receipt>(bytes.substr(0, size), "receipt").has_value());
        for (std::size_t at = 0; at < bytes.size(); ++at)
            for (const unsigned flip : {0x01U, 0x20U, 0x80U, 0xFFU}) {
                std::string wrong = bytes;
                wrong[at] = static_cast<char>(static_cast<unsigned char>(wrong[at]) ^ flip);
                const auto receipt = decode<Receipt>(wrong, "receipt");
                if (!receipt) CHECK(receipt.error().kind == Kind::corrupt);
            }
    }

    TEST_CASE("a damaged record is damage to whoever reads it") {
        test::World world;
        const auto kept =
            keep(world.archive(), test::mail_of(test::draft_of(world.archive(), "%PDF", "one")));
        REQUIRE_GOOD(kept);
        const std::string id = kept->front().receipt_id;
        world.tamper("receipts", keys::ulid(*Ulid::parse(id)), "\xa1\x61");
        const auto receipt = find_receipt(world.archive(), id);
        REQUIRE_FALSE(receipt.has_value());
        CHECK(receipt.error().kind == Kind::corrupt);
        const auto all = list_receipts(world.archive());
        REQUIRE_FALSE(all.has_value());
        CHECK(all.error().kind == Kind::corrupt);
    }
}

} // namespace kwit
