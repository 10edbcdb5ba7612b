#include "core/outbox/card.hh"

#include "core/base/json.hh"
#include "tests/unit/outbox/office.hh"

#include <doctest/doctest.h>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

Client kunde(const std::string& locale = "") {
    return {.id = "10023", .name = "Kunde sp. z o.o.", .locale = locale};
}

std::vector<Sender> two_senders() {
    return {
        {.client = "10023", .email = "anna@kunde.example", .code = "932498", .name = "Anna"},
        {.client = "10023", .email = "jan@kunde.example", .code = "118822"}};
}

ImportAddress tagged() {
    return {.address = address, .client = "10023", .policy = "tagged"};
}

ImportAddress open() {
    return {
        .address = "s6aeqbmhvm-rechnungen@in.example.com",
        .client = "10023",
        .policy = "open",
        .symbol = "ER",
        .extension = "rechnungen",
        .label = "Eingangsrechnungen"};
}

Card card_of(
    const std::vector<ImportAddress>& addresses,
    const std::vector<Sender>& senders,
    const std::string& locale = "",
    std::string_view time = "2026-11-21T12:00:00Z"
) {
    auto card = make_card(kunde(locale), addresses, senders, office_settings(), texts(), at(time));
    REQUIRE_GOOD(card);
    return *std::move(card);
}

std::string shown(const Card& card) {
    return text_of(card, texts());
}

bool says(const std::string& text, std::string_view what) {
    return text.find(what) != std::string::npos;
}

} // namespace

TEST_SUITE("outbox/card") {

    TEST_CASE("a card shows addresses, what each asks for, senders, codes and subjects") {
        CHECK(
            shown(card_of({tagged(), open()}, two_senders())) ==
            R"(Company: Kunde sp. z o.o. (10023)

Import address: faktury+1543030448@in.example.com
Please send documents like this:
Subject: [CATEGORY] MM/YYYY (CODE), for example [FK] 11/2026 (CODE)
CATEGORY is one of these:
FK: cost invoice
FZ: purchase invoice
FS: sales invoice
INNE: other documents (e.g. contracts, protocols)
MM/YYYY is the month and year the documents belong to.
Attachments: each document as a file of its own, in one of these formats: PDF, JPEG, PNG, TIFF

Anna <anna@kunde.example>
Code: 932498
Ready-made subjects for documents of 11/2026, each with a link that begins a new mail:
   [FK] 11/2026 (932498) – cost invoice
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFK%5D%2011%2F2026%20%28932498%29
   [FZ] 11/2026 (932498) – purchase invoice
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFZ%5D%2011%2F2026%20%28932498%29
   [FS] 11/2026 (932498) – sales invoice
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFS%5D%2011%2F2026%20%28932498%29
   [INNE] 11/2026 (932498) – other documents (e.g. contracts, protocols)
   mailto:faktury%2B1543030448@in.example.com?subject=%5BINNE%5D%2011%2F2026%20%28932498%29

jan@kunde.example
Code: 118822
Ready-made subjects for documents of 11/2026, each with a link that begins a new mail:
   [FK] 11/2026 (118822) – cost invoice
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFK%5D%2011%2F2026%20%28118822%29
   [FZ] 11/2026 (118822) – purchase invoice
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFZ%5D%2011%2F2026%20%28118822%29
   [FS] 11/2026 (118822) – sales invoice
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFS%5D%2011%2F2026%20%28118822%29
   [INNE] 11/2026 (118822) – other documents (e.g. contracts, protocols)
   mailto:faktury%2B1543030448@in.example.com?subject=%5BINNE%5D%2011%2F2026%20%28118822%29

Import address: s6aeqbmhvm-rechnungen@in.example.com
Label: Eingangsrechnungen
Category: ER
Please send documents like this:
Attachments: each document as a file of its own, in one of these formats: PDF
Anyone may send to this address, with any subject.
)"
        );
    }

    TEST_CASE("a sender is told the own code alone, at addresses that take it now") {
        ImportAddress off = tagged();
        off.address = "faktury+2@in.example.com";
        off.enabled = false;
        ImportAddress over = tagged();
        over.address = "faktury+3@in.example.com";
        over.expires_at = at("2026-11-21T12:00:00Z");
        const Card card = card_of({off, over, tagged(), open()}, two_senders(), "pl");
        const auto letter = letter_to(two_senders()[1], card, texts());
        REQUIRE(letter.has_value());
        CHECK(letter->kind == NoticeKind::card);
        CHECK(letter->to == "jan@kunde.example");
        CHECK(letter->client == "10023");
        CHECK(letter->domain == "in.example.com");
        CHECK(letter->subject == "Jak wysyłać dokumenty pocztą elektroniczną: Kunde sp. z o.o.");
        CHECK(
            letter->text ==
            R"(Dzień dobry,

Poniżej podajemy, jak wysyłać nam dokumenty firmy Kunde sp. z o.o. pocztą elektroniczną. Prosimy zachować tę wiadomość: kod jest przeznaczony tylko dla jej adresata.

Adres importu: faktury+1543030448@in.example.com

Dokumenty prosimy wysyłać w następujący sposób:
Temat: [KATEGORIA] MM/RRRR (KOD), na przykład [FK] 11/2026 (118822)
KATEGORIA to jedna z następujących:
FK: faktura kosztowa
FZ: faktura zakupowa
FS: faktura sprzedażowa
INNE: inne dokumenty (np. umowy, protokoły)
MM/RRRR to miesiąc i rok, których dotyczą dokumenty.
KOD to własny kod użytkownika: 118822
Nadawca: zarejestrowany adres jan@kunde.example
Załączniki: każdy dokument jako osobny plik, w jednym z formatów: PDF, JPEG, PNG, TIFF

Gotowe tematy dla dokumentów z okresu 11/2026, każdy z odnośnikiem, który otwiera nową wiadomość:
   [FK] 11/2026 (118822) – faktura kosztowa
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFK%5D%2011%2F2026%20%28118822%29
   [FZ] 11/2026 (118822) – faktura zakupowa
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFZ%5D%2011%2F2026%20%28118822%29
   [FS] 11/2026 (118822) – faktura sprzedażowa
   mailto:faktury%2B1543030448@in.example.com?subject=%5BFS%5D%2011%2F2026%20%28118822%29
   [INNE] 11/2026 (118822) – inne dokumenty (np. umowy, protokoły)
   mailto:faktury%2B1543030448@in.example.com?subject=%5BINNE%5D%2011%2F2026%20%28118822%29

W razie pytań prosimy odpowiedzieć na tę wiadomość: odpowiedź trafi na adres biuro@example.com.
)"
        );
        CHECK_FALSE(letter_to(two_senders()[0], card_of({off, open()}, two_senders()), texts()));
    }

    TEST_CASE("the example has a code only where the card is given to the one whose it is") {
        Card card = card_of({tagged()}, two_senders(), "pl");
        CHECK(says(shown(card), "na przykład [FK] 11/2026 (KOD)\n"));
        card.reader = "jan@kunde.example";
        CHECK(says(shown(card), "na przykład [FK] 11/2026 (118822)\n"));
    }

    TEST_CASE("addresses that take nothing are marked, and one that will end says when") {
        ImportAddress one = tagged();
        one.enabled = false;
        const Card off = card_of({one}, {});
        CHECK(says(shown(off), "\nThis address is switched off: mail to it is refused.\n"));
        CHECK(says(shown(off), "\nNo sender is registered for this company yet.\n"));
        CHECK(says(shown(off), "for example [FK] 11/2026 (CODE)\n"));
        CHECK_FALSE(is_usable(off.addresses.front()));
        one.enabled = true;
        one.expires_at = at("2026-11-21T12:00:00Z");
        CHECK(says(shown(card_of({one}, {})), "\nThis address has expired: "));
        one.expires_at = at("2026-11-21T12:00:00.001Z");
        const Card last = card_of({one}, {});
        CHECK(says(shown(last), "\nThis address is valid until: 2026-11-21 13:00\n"));
        CHECK(is_usable(last.addresses.front()));
    }

    TEST_CASE("the month is that of the domain's own zone") {
        const Card card = card_of({tagged()}, two_senders(), "", "2026-11-30T23:30:00Z");
        CHECK(card.addresses.front().period == "12/2026");
        CHECK(
            card.addresses.front().senders.front().subjects.front().subject ==
            "[FK] 12/2026 (932498)"
        );
    }

    TEST_CASE("as JSON a card says the same") {
        const Json json = to_json(card_of({tagged(), open()}, two_senders(), "de"), texts());
        CHECK(json["client"] == "10023");
        CHECK(json["locale"] == "de");
        REQUIRE(json["addresses"].size() == 2);
        const Json& first = json["addresses"][0];
        CHECK(first["address"] == address);
        CHECK(first["state"] == "enabled");
        CHECK(first["formats"] == Json({"pdf", "jpeg", "png", "tiff"}));
        CHECK(first["categories"][0] == Json({{"category", "FK"}, {"label", "Kostenrechnung"}}));
        REQUIRE(first["senders"].size() == 2);
        CHECK(first["senders"][0]["name"] == "Anna");
        CHECK(first["senders"][0]["code"] == "932498");
        CHECK(first["senders"][0]["subject"] == "[FK] 11/2026 (932498)");
        CHECK(first["senders"][0]["subjects"].size() == 4);
        CHECK(first["senders"][1]["name"].is_null());
        CHECK(
            first["senders"][1]["mailto"] == "mailto:faktury%2B1543030448@in.example.com?subject="
                                             "%5BFK%5D%2011%2F2026%20%28118822%29"
        );
        const std::string guidelines = first["guidelines"];
        CHECK(says(guidelines, "zum Beispiel [FK] 11/2026 (CODE)\n"));
        CHECK(json["addresses"][1]["symbol"] == "ER");
        CHECK(json["addresses"][1]["senders"] == Json::array());
    }

    TEST_CASE("names of people and companies stay on their line") {
        std::vector<Sender> senders = two_senders();
        senders[0].name = "Anna\nBcc: x\u202e";
        const Card card = card_of({tagged()}, senders);
        CHECK(says(shown(card), "\nAnna Bcc: x\ufffd <anna@kunde.example>\n"));
    }

    TEST_CASE("an address whose policy is not configured is named with a remedy") {
        ImportAddress one = tagged();
        one.policy = "gone";
        const auto card =
            make_card(kunde(), {one}, {}, office_settings(), texts(), at("2026-11-21T12:00:00Z"));
        REQUIRE_FALSE(card.has_value());
        CHECK(card.error().kind == Kind::misuse);
        CHECK(
            card.error().what == "import address faktury+1543030448@in.example.com has the policy "
                                 "\"gone\", which is not configured"
        );
        CHECK(card.error().remedy.find("[policy.gone]") != std::string::npos);
    }
}
