#include "core/outbox/sheet.hh"

#include "core/base/text.hh"
#include "core/outbox/vcard.hh"
#include "tests/unit/outbox/office.hh"

#include <doctest/doctest.h>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

const ImportAddress tagged = {
    .address = address,
    .client = "10023",
    .policy = "tagged",
    .created_at = at("2026-11-21T10:00:00Z")};

const ImportAddress suppliers = {
    .address = "s6aeqbmhvm-rechnungen@in.example.com",
    .client = "10023",
    .policy = "open",
    .symbol = "ER",
    .extension = "rechnungen",
    .label = "Eingangsrechnungen",
    .created_at = at("2026-11-21T10:00:00Z")};

const Sender anna = {
    .client = "10023", .email = "anna@kunde.example", .code = "932498", .name = "Anna"};

Card card_of(
    const ImportAddress& one,
    const std::vector<Sender>& senders,
    const std::string& locale = "en",
    const Settings& settings = office_settings()
) {
    auto card = make_card(
        {.id = "10023", .name = "Kunde sp. z o.o.", .locale = locale},
        {one},
        senders,
        settings,
        texts(),
        at("2026-11-21T12:00:00Z")
    );
    REQUIRE_GOOD(card);
    return *std::move(card);
}

bool says(const std::string& text, std::string_view what) {
    return text.find(what) != std::string::npos;
}

std::string unfolded(std::string text) {
    constexpr std::string_view fold = "\r\n ";
    for (std::size_t at = text.find(fold); at != std::string::npos; at = text.find(fold, at))
        text.erase(at, fold.size());
    return text;
}

/// The words of a policy that differs from the built-in one.
std::string words_of(void (*change)(Policy&)) {
    Settings settings = office_settings();
    change(settings.policies["tagged"]);
    const Card card = card_of(tagged, {}, "en", settings);
    return join(policy_in_words(card.addresses.front(), texts(), "en"), " ");
}

} // namespace

TEST_SUITE("outbox/sheet") {
    TEST_CASE("the sheet of an open address says what happens with mail, and has a link") {
        CHECK(
            sheet_of(card_of(suppliers, {anna}), texts()) ==
            R"(Company: Kunde sp. z o.o. (10023)

Import address: s6aeqbmhvm-rechnungen@in.example.com
Label: Eingangsrechnungen
Category: ER
Please send documents like this:
Attachments: each document as a file of its own, in one of these formats: PDF
Anyone may send to this address, with any subject.
Write a new mail: mailto:s6aeqbmhvm-rechnungen@in.example.com

What happens with mail to this address:
- Documents are filed in the category ER, in the month in which the mail was written.
- What cannot be taken is passed on to the company with the reason, as it was sent.
- The company is told of what was filed.
)"
        );
    }

    TEST_CASE("the sheet of a tagged address has a subject and a link for each sender") {
        const std::string sheet = sheet_of(card_of(tagged, {anna}, "pl"), texts());
        CHECK(says(
            sheet,
            "mailto:faktury%2B1543030448@in.example.com?subject=%5BFK%5D%2011%2F2026%20%28932498%"
            "29\n"
        ));
        CHECK(says(
            sheet,
            R"(
Co dzieje się z wiadomościami wysłanymi na ten adres:
- Kategorię i miesiąc dokumentów odczytujemy z tematu.
- Przyjmowane są tylko wiadomości, co do których potwierdzono, że pochodzą od nadawcy.
- Jeśli czegoś nie można przyjąć, nadawca otrzymuje wiadomość z przyczyną i wskazówką, co zrobić.
- Nadawca otrzymuje potwierdzenie tego, co przyjęto.
)"
        ));
        CHECK_FALSE(says(sheet, "mailto:faktury%2B1543030448@in.example.com\n"));
    }

    TEST_CASE("every choice of a policy has its words") {
        CHECK(says(
            words_of([](Policy& policy) { policy.on_failure = OnFailure::reject; }),
            "refused at once"
        ));
        CHECK(says(words_of([](Policy& policy) { policy.tell_sender = false; }), "Nobody is told"));
        CHECK(says(
            words_of([](Policy& policy) { policy.tell_notify = true; }),
            "The sender gets a confirmation of what was filed. The company is told"
        ));
        CHECK(says(
            words_of([](Policy& policy) { policy.authentication = Authentication::preferred; }),
            "also taken when it is not shown to come from its sender"
        ));
        CHECK_FALSE(says(
            words_of([](Policy& policy) { policy.authentication = Authentication::off; }),
            "shown to"
        ));
    }

    TEST_CASE("a card of an address that was replaced is empty: people are to use the new one") {
        ImportAddress old = suppliers;
        old.replaced_by = "other@in.example.com";
        CHECK(card_of(old, {}).addresses.empty());
    }

    TEST_CASE("an address is a contact with the guidelines as its note") {
        CHECK(
            vcard_of(card_of(suppliers, {}, "de"), texts()) ==
            "BEGIN:VCARD\r\n"
            "VERSION:3.0\r\n"
            "FN:Kunde sp. z o.o.: Belege (Eingangsrechnungen)\r\n"
            "N:Kunde sp. z o.o.: Belege (Eingangsrechnungen);;;;\r\n"
            "ORG:Kunde sp. z o.o.\r\n"
            "EMAIL;TYPE=INTERNET:s6aeqbmhvm-rechnungen@in.example.com\r\n"
            "NOTE:Bitte senden Sie Belege so:\\nAnhänge: jeder Beleg als eigene Datei\\, \r\n"
            " in einem dieser Formate: PDF\r\n"
            "UID:s6aeqbmhvm-rechnungen@in.example.com\r\n"
            "REV:2026-11-21T10:00:00.000Z\r\n"
            "END:VCARD\r\n"
        );
    }

    TEST_CASE("a contact that everybody may get has nobody's code and nobody's address") {
        Sender jan = anna;
        jan.email = "jan@kunde.example";
        jan.code = "118822";
        for (const auto& senders : {std::vector{anna}, {anna, jan}, {}}) {
            const std::string contact = unfolded(vcard_of(card_of(tagged, senders), texts()));
            CAPTURE(contact);
            CHECK(says(contact, "FN:Kunde sp. z o.o.: documents\r\n"));
            CHECK(says(contact, "for example [FK] 11/2026 (CODE)\\n"));
            CHECK_FALSE(says(contact, "932498"));
            CHECK_FALSE(says(contact, "118822"));
            CHECK_FALSE(says(contact, "@kunde.example"));
        }
    }

    TEST_CASE("a contact for one sender has their code and address") {
        Card card = card_of(tagged, {anna});
        card.reader = anna.email;
        const std::string contact = unfolded(vcard_of(card, texts()));
        CHECK(says(contact, "for example [FK] 11/2026 (932498)\\n"));
        CHECK(says(contact, "CODE is your own code: 932498\\n"));
        CHECK(says(contact, "Sender: your registered address anna@kunde.example\\n"));
    }
}

TEST_SUITE("outbox/vcard") {
    TEST_CASE("whatever a contact holds, it stays in its value") {
        const std::string card = vcard(
            {.name = "a,b;c\\d\r\nEND:VCARD\xff\x1b",
             .email = "x@y.example",
             .note = "one\ntwo\n\n"}
        );
        CHECK(says(card, "FN:a\\,b\\;c\\\\d \\nEND:VCARD\ufffd \r\n"));
        CHECK(says(card, "NOTE:one\\ntwo\r\n"));
        CHECK_FALSE(says(card, "ORG"));
        CHECK(card.find("END:VCARD\r\n") == card.size() - 11);
    }

    TEST_CASE("lines are of 75 octets at most, and no character is cut") {
        const auto note = [](const std::string& text) {
            const std::string card = vcard({.name = "x", .email = "x@y.example", .note = text});
            return card.substr(card.find("NOTE:"), card.find("UID:") - card.find("NOTE:"));
        };
        const std::string fits(70, 'a');
        CHECK(note(fits) == "NOTE:" + fits + "\r\n");
        CHECK(note(fits + "b") == "NOTE:" + fits + "\r\n b\r\n");
        CHECK(note(std::string(69, 'a') + "ż") == "NOTE:" + std::string(69, 'a') + "\r\n ż\r\n");
        CHECK(
            note(fits + std::string(75, 'b')) ==
            "NOTE:" + fits + "\r\n " + std::string(74, 'b') + "\r\n b\r\n"
        );
    }
}
