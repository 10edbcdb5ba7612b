#include "cli/rehearsal.hh"

#include "tests/unit/intake/house.hh"

#include <algorithm>

namespace kwit::cli {

namespace {

std::string text_of(const test::Mail& mail) {
    std::string text;
    for (const std::string& header : mail.headers)
        text += header + "\r\n";
    return text + "\r\n" + mail.body;
}

/// The rehearsal of a mail from Anna, who has logged in.
Result<std::vector<Rehearsed>> try_out(
    test::House& house, const std::vector<std::string>& recipients, const std::string& message
) {
    const test::TempDir dir;
    TempFile file = TRY(TempFile::create(dir.path()));
    TRY(file.write(as_bytes(message)));
    const File mail = TRY(file.reader());
    std::vector<EmailAddress> addresses;
    for (const std::string& recipient : recipients)
        addresses.push_back(*EmailAddress::parse(recipient));
    const Envelope envelope{.sender = "anna@kunde.example", .login = "anna@kunde.example"};
    Intake intake{
        .archive = house.door(),
        .admission = house.admission(),
        .refusals = nullptr,
        .clock = [&house] { return house.time; },
        .temporary = dir.path()};
    return rehearse(intake, house.snapshot(), envelope, addresses, mail);
}

const std::string good_subject = "[FZ] 11/2026 (932498)";
const std::string document = "%PDF-1.4\r\n%%EOF\r\n";

} // namespace

TEST_SUITE("cli/rehearsal") {
    TEST_CASE("a good mail would be imported, and nothing is kept of it") {
        test::House house;
        const auto all =
            try_out(house, {house.tagged}, text_of(test::mail_with_pdf(good_subject, document)));
        REQUIRE_GOOD(all);
        REQUIRE(all->size() == 1);
        const Rehearsed& tagged = all->front();
        CHECK(tagged.verdict == Verdict::imported);
        CHECK(tagged.reply == "250 2.0.0 Ok");
        CHECK(tagged.findings.empty());
        REQUIRE(tagged.parts.size() == 2);
        CHECK(tagged.parts.at(1).disposition == Disposition::filed);
        CHECK(tagged.parts.at(1).sha256 == Digest(sha256(document)).hex());
        CHECK_FALSE(tagged.outcome.value().answers.empty());
        CHECK(house.receipts().empty());
        CHECK(house.documents().empty());
    }

    TEST_CASE("a file with bare line feeds is read as the MTA would hand it over") {
        test::House house;
        std::string message = text_of(test::mail_with_pdf(good_subject, document));
        const auto with_crlf = try_out(house, {house.tagged}, message);
        std::erase(message, '\r');
        const auto with_lf = try_out(house, {house.tagged}, message);
        REQUIRE_GOOD(with_crlf);
        REQUIRE_GOOD(with_lf);
        CHECK(with_lf->front().parts.at(1).sha256 == with_crlf->front().parts.at(1).sha256);
        CHECK(with_lf->front().parts.at(1).size == with_crlf->front().parts.at(1).size);
    }

    TEST_CASE("each recipient is told by itself: imported, unknown, no business of ours") {
        test::House house;
        const auto all = try_out(
            house,
            {house.open, "nobody@in.example.com", "eva@kunde.example"},
            text_of(test::mail_with_pdf("Rechnung"))
        );
        REQUIRE_GOOD(all);
        REQUIRE(all->size() == 3);
        CHECK(all->at(0).verdict == Verdict::imported);
        CHECK(all->at(1).verdict == Verdict::refused);
        CHECK(all->at(1).reply.value().starts_with("550 5.1.1 address-unknown: "));
        CHECK_FALSE(all->at(2).reply.has_value());
        CHECK_FALSE(all->at(2).verdict.has_value());
    }

    TEST_CASE("a mail refused by its header has a reply, and no parts as nobody looked") {
        test::House house;
        Settings settings = house.settings();
        settings.policies["tagged"].on_failure = OnFailure::reject;
        house.configure(settings);
        const auto all =
            try_out(house, {house.tagged}, text_of(test::mail_with_pdf("faktura listopad")));
        REQUIRE_GOOD(all);
        const Rehearsed& tagged = all->front();
        CHECK(tagged.verdict == Verdict::refused);
        CHECK(tagged.reply.value().starts_with("550"));
        REQUIRE_FALSE(tagged.findings.empty());
        CHECK(tagged.findings.front().reason == Reason::subject_malformed);
        CHECK(tagged.parts.empty());
    }

    TEST_CASE("what does not begin with a header field is no message") {
        test::House house;
        const auto all = try_out(house, {house.tagged}, "%PDF-1.4\n");
        REQUIRE_FALSE(all.has_value());
        CHECK(all.error().kind == Kind::misuse);
        CHECK(
            all.error().what == "the message does not begin with a header field: it is no message"
        );
    }
}

} // namespace kwit::cli
