// The words of the notices, asserted whole where people read them.
#include "core/outbox/body.hh"
#include "tests/unit/outbox/office.hh"

#include <doctest/doctest.h>

using namespace kwit;
using namespace kwit::outbox;
using namespace kwit::test;

namespace {

bool says(const Notice& notice, std::string_view what) {
    return notice.text.find(what) != std::string::npos;
}

} // namespace

TEST_SUITE("outbox/text") {

    TEST_CASE("the confirmation says what was filed where") {
        NoticeFacts facts = facts_of(NoticeKind::confirmation);
        add_document(facts, "faktura 17.pdf");
        CHECK(
            rendered(facts, "pl").text ==
            R"(Dzień dobry,

Dziękujemy. Z Państwa wiadomości „[FZ] 11/2024 (932498)” przyjęto 1 dokument.

Firma: Kunde sp. z o.o. (10023)
Adres importu: faktury+1543030448@in.example.com
Kategoria: FZ (faktura zakupowa)
Okres: 11/2024
Nadawca: anna@kunde.example
Temat: [FZ] 11/2024 (932498)
Otrzymano: 2026-11-21 13:00
Pokwitowanie: 01JDA0000000000000000000C1

Co stało się z załącznikami:
1. faktura 17.pdf (48,2 kB): przyjęto
   Dokument 01JDA0000000000000000000D1, SHA-256 aaaaaaaaaaaa…

W razie pytań prosimy odpowiedzieć na tę wiadomość: odpowiedź trafi na adres biuro@example.com.
)"
        );
    }

    TEST_CASE("a provider's question is passed on as one, not as a failure") {
        NoticeFacts facts = facts_of(NoticeKind::failure);
        facts.receipt.verdict = Verdict::failed;
        facts.receipt.sender = "forwarding-noreply@google.com";
        facts.receipt.subject = "(#123456789) Gmail Forwarding Confirmation";
        facts.receipt.findings = {
            {.reason = Reason::forwarding_confirmation,
             .values = {{"address", address}, {"provider", "Gmail"}}}};
        const Notice notice = rendered(facts);
        CHECK(notice.subject == "Please confirm: forwarding to " + address + " (Kunde sp. z o.o.)");
        CHECK(says(notice, "only if you have set this up or had it set up."));
        CHECK(says(notice, "Subject: (#123456789) Gmail Forwarding Confirmation"));
        CHECK(says(notice, "kwit receipt resolve " + receipt_id));
        CHECK_FALSE(says(notice, "could not be imported"));
    }

    TEST_CASE("a mail to a replaced address says that the new one is to be used") {
        NoticeFacts facts = facts_of(NoticeKind::import);
        add_document(facts, "rechnung.pdf");
        facts.receipt.flags = {"address-replaced"};
        for (const char* locale : {"en", "de", "pl"})
            CHECK(
                says(rendered(facts, locale), texts().text(locale, "notice.flag.address-replaced"))
            );
        facts.successor = "faktury+2@in.example.com";
        CHECK(says(rendered(facts), "please use the new address faktury+2@in.example.com, and"));
        for (const char* locale : {"de", "pl"})
            CHECK(says(rendered(facts, locale), facts.successor));
    }

    TEST_CASE("the correction says what is wrong, shows the subject that would do, and the rules") {
        CHECK(
            rendered(malformed(NoticeKind::correction)).text ==
            R"(Hello,

We could not file anything from your mail “faktura listopad”. Please correct what is named here and send the mail again with its attachments.

Category, period and code are missing from the subject “faktura listopad”; please send the mail again with a subject of the form [CATEGORY] MM/YYYY (CODE).

Subject as we read it: faktura listopad
Which category is it? Please choose one of these subjects:
Corrected subject: [FK] 11/2026 (932498) – cost invoice
Write a new mail with it: mailto:faktury%2B1543030448@in.example.com?subject=%5BFK%5D%2011%2F2026%20%28932498%29
Corrected subject: [FZ] 11/2026 (932498) – purchase invoice
Write a new mail with it: mailto:faktury%2B1543030448@in.example.com?subject=%5BFZ%5D%2011%2F2026%20%28932498%29
Corrected subject: [FS] 11/2026 (932498) – sales invoice
Write a new mail with it: mailto:faktury%2B1543030448@in.example.com?subject=%5BFS%5D%2011%2F2026%20%28932498%29
Corrected subject: [INNE] 11/2026 (932498) – other documents (e.g. contracts, protocols)
Write a new mail with it: mailto:faktury%2B1543030448@in.example.com?subject=%5BINNE%5D%2011%2F2026%20%28932498%29

Company: Kunde sp. z o.o. (10023)
Import address: faktury+1543030448@in.example.com
Sender: anna@kunde.example
Subject: faktura listopad
Received: 2026-11-21 13:00
Receipt: 01JDA0000000000000000000C1

Please send documents like this:
Subject: [CATEGORY] MM/YYYY (CODE), for example [FK] 11/2026 (932498)
CATEGORY is one of these:
FK: cost invoice
FZ: purchase invoice
FS: sales invoice
INNE: other documents (e.g. contracts, protocols)
MM/YYYY is the month and year the documents belong to.
CODE is your own code: 932498
Sender: your registered address anna@kunde.example
Attachments: each document as a file of its own, in one of these formats: PDF, JPEG, PNG, TIFF

If anything is unclear, please reply to this mail: your answer reaches biuro@example.com.
)"
        );
    }

    TEST_CASE("one corrected subject is not asked about") {
        NoticeFacts facts = malformed(NoticeKind::correction);
        facts.receipt.suggestion = "[FZ] 11/2026 (932498)";
        const Notice notice = rendered(facts);
        CHECK_FALSE(says(notice, "Which category"));
        CHECK(says(notice, "Corrected subject: [FZ] 11/2026 (932498) – purchase invoice\n"));
    }

    TEST_CASE("the failure notice puts each reason beside its file") {
        NoticeFacts facts = facts_of(NoticeKind::failure);
        facts.receipt.subject = "Ihre Rechnung 4711";
        add_document(facts, "rechnung.pdf");
        add_refused(facts, "agb.docx");
        CHECK(
            rendered(facts, "de").text ==
            R"(Guten Tag,

Eine E-Mail von anna@kunde.example an faktury+1543030448@in.example.com wurde nur zum Teil importiert: 1 Beleg abgelegt. Was nicht abgelegt wurde, steht unten.

Firma: Kunde sp. z o.o. (10023)
Importadresse: faktury+1543030448@in.example.com
Kategorie: FZ (Einkaufsrechnung)
Zeitraum: 11/2024
Absender: anna@kunde.example
Betreff: Ihre Rechnung 4711
Eingang: 2026-11-21 13:00
Quittung: 01JDA0000000000000000000C1

Was aus den Anhängen wurde:
1. rechnung.pdf (48,2 kB): abgelegt
   Beleg 01JDA0000000000000000000D1, SHA-256 aaaaaaaaaaaa…
2. agb.docx (12,0 kB): NICHT abgelegt
   Die Datei „agb.docx“ ist ein Office-Dokument und kann nicht angenommen werden; bitte speichern Sie sie in einem dieser Formate und senden Sie sie erneut: PDF, JPEG.

Die E-Mail ist so angehängt, wie sie gesendet wurde, mit ihren eigenen Anhängen, damit sich von Hand erfassen lässt, was nicht abgelegt wurde. Auf dem Server zeigt „kwit receipt show 01JDA0000000000000000000C1“ mehr darüber (70,0 kB), und „kwit receipt original 01JDA0000000000000000000C1“ gibt die E-Mail selbst aus.

Wenn etwas unklar ist, antworten Sie bitte auf diese E-Mail: Ihre Antwort erreicht biuro@example.com.
)"
        );
    }

    TEST_CASE("of a file that came out of others is said which") {
        NoticeFacts facts = facts_of(NoticeKind::confirmation);
        facts.receipt.parts.push_back(
            {.number = 2,
             .path = "mail > weiter.eml > re.zip\r\n3. b.pdf",
             .name = "re.zip",
             .size = 900,
             .disposition = Disposition::container}
        );
        add_document(facts, "17.pdf");
        facts.receipt.parts.back().in = 2;
        const Notice notice = rendered(facts, "de");
        CHECK(says(
            notice, "2. 17.pdf (48,2 kB): abgelegt\n   aus weiter.eml > re.zip 3. b.pdf\n   Beleg "
        ));
        CHECK(says(notice, "1. re.zip (900 B): geöffnet, der Inhalt wird einzeln beurteilt\n"));
    }

    TEST_CASE("a file that a person filed meanwhile is told without what was wrong with it") {
        NoticeFacts facts = facts_of(NoticeKind::failure);
        facts.receipt.verdict = Verdict::partial;
        add_document(facts, "faktura.pdf");
        add_refused(facts, "agb.docx");
        CHECK(rendered(facts).text.find("cannot be taken") != std::string::npos);
        facts.receipt.parts.back().disposition = Disposition::filed;
        facts.receipt.parts.back().document = "01JDA0000000000000000000D9";
        const std::string text = rendered(facts).text;
        CHECK(text.find("cannot be taken") == std::string::npos);
        CHECK(text.find("Document 01JDA0000000000000000000D9") != std::string::npos);
    }

    TEST_CASE("a mail that is too large, or gone, is told by its receipt") {
        NoticeFacts facts = malformed(NoticeKind::failure);
        facts.original_size = 30ULL << 20;
        CHECK(says(rendered(facts), "The mail is too large to be attached (70.0 kB)."));
        CHECK(says(rendered(facts), "kwit receipt original " + receipt_id));
        facts.original_size.reset();
        CHECK(says(rendered(facts), "is no longer kept"));
    }

    TEST_CASE("a mail refused for its sender is told without being passed on") {
        NoticeFacts facts = facts_of(NoticeKind::failure);
        facts.receipt.verdict = Verdict::refused;
        facts.receipt.parts.clear();
        facts.receipt.original.clear();
        facts.original_size.reset();
        facts.receipt.findings.push_back(
            {.reason = Reason::sender_not_registered,
             .values = {{"address", address}, {"from", "eve@evil.example"}}}
        );
        facts.receipt.sender = "eve@evil.example";
        const Notice notice = rendered(facts);
        CHECK(notice.subject == "Mail refused: eve@evil.example (Kunde sp. z o.o.)");
        CHECK(says(notice, "was refused; nothing of it was filed, and it is not passed on."));
        CHECK(says(notice, "eve@evil.example is not registered as a sender"));
        CHECK_FALSE(says(notice, "attached"));
    }

    TEST_CASE("what needs a person's eye is told as a sentence") {
        NoticeFacts facts = facts_of(NoticeKind::import);
        add_document(facts, "a.pdf");
        facts.receipt.flags = {"period-of-receipt", "year-change", "of-tomorrow"};
        for (const std::string& locale : Texts::locales()) {
            const Notice notice = rendered(facts, locale);
            for (const char* flag : {"period-of-receipt", "year-change"})
                CHECK(says(notice, texts().text(locale, std::string("notice.flag.") + flag)));
            CHECK_FALSE(says(notice, "of-tomorrow"));
        }
    }

    TEST_CASE("a category without a label, a client that is gone, a part without a name") {
        NoticeFacts facts = facts_of(NoticeKind::import);
        add_document(facts, "");
        facts.documents.front().category = "ER";
        facts.client.reset();
        facts.address.reset();
        const Notice notice = rendered(facts);
        CHECK(says(notice, "Category: ER\n"));
        CHECK(says(notice, "Company: 10023 (10023)\n"));
        CHECK(says(notice, "1. unnamed attachment, application/pdf (48.2 kB): filed\n"));
        CHECK(notice.subject == "Imported 1 document: ER 11/2024 (10023)");
    }

    TEST_CASE("the symbol of an address is named also where nothing was filed") {
        NoticeFacts facts = malformed(NoticeKind::failure);
        facts.address->symbol = "ER";
        CHECK(says(rendered(facts), "Category: ER\n"));
    }

    TEST_CASE("two hundred files are listed, what is beyond is counted") {
        NoticeFacts facts = facts_of(NoticeKind::failure);
        for (std::size_t i = 0; i < Voice::max_items; ++i)
            add_refused(facts, "x" + std::to_string(i) + ".docx");
        CHECK_FALSE(says(rendered(facts), "more; receipt"));
        CHECK(says(rendered(facts), "\n200. x199.docx"));
        add_refused(facts, "last.docx");
        CHECK(says(rendered(facts), "… and 1 more; receipt " + receipt_id + " lists all of them."));
        CHECK_FALSE(says(rendered(facts), "201. "));
    }

    TEST_CASE("hostile names of files stay on their line and are cut") {
        NoticeFacts facts = facts_of(NoticeKind::import);
        add_document(facts, "a.pdf\r\n\r\n2. b.pdf (1 kB): filed");
        add_document(facts, std::string(10000, 'y'));
        add_document(facts, "fdp.\u202eexe");
        const Notice notice = rendered(facts);
        CHECK(says(notice, "1. a.pdf 2. b.pdf (1 kB): filed (48.2 kB): filed\n"));
        CHECK(says(notice, "2. " + std::string(120, 'y') + "… (48.2 kB): filed\n"));
        CHECK(says(notice, "3. fdp.\uFFFDexe (48.2 kB): filed\n"));
    }

    TEST_CASE("every text of a notice is in the catalogue of every language") {
        for (const NoticeKind kind :
             {NoticeKind::confirmation,
              NoticeKind::correction,
              NoticeKind::import,
              NoticeKind::failure})
            for (const Verdict verdict :
                 {Verdict::imported, Verdict::partial, Verdict::failed, Verdict::refused})
                for (const std::string& locale : Texts::locales()) {
                    NoticeFacts facts = malformed(kind);
                    add_document(facts, "a.pdf");
                    for (int i = 0; i <= static_cast<int>(Disposition::refused); ++i) {
                        facts.receipt.parts.push_back(
                            {.number = 100U + static_cast<std::uint32_t>(i),
                             .name = "x",
                             .sha256 = digest_of_zeros,
                             .disposition = static_cast<Disposition>(i)}
                        );
                    }
                    facts.receipt.verdict = verdict;
                    const Notice notice = rendered(facts, locale);
                    CAPTURE(notice.text);
                    CHECK_FALSE(says(notice, "notice."));
                    CHECK(notice.subject.find("notice.") == std::string::npos);
                    CHECK(notice.subject.find('?') == std::string::npos);
                }
    }
}
