// A small office for tests of core/intake: an archive in a directory of its own with one client,
// one sender, one tagged and one open address, and mails that are handed in as the MTA would.
#pragma once

#include "core/archive/directory.hh"
#include "core/archive/documents.hh"
#include "core/archive/receipts.hh"
#include "core/config/config.hh"
#include "core/intake/connection.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <string>
#include <vector>

namespace kwit::test {

/// A mail as the MTA hands it over: header lines "Name: value" and a body with CRLF.
struct Mail {
    std::vector<std::string> headers;
    std::string body;
};

inline const std::string pdf =
    "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// From the registered sender with one PDF.
inline Mail mail_with_pdf(const std::string& subject, const std::string& document = pdf) {
    return {
        .headers =
            {"From: Anna <anna@kunde.example>",
             "To: faktury@in.example.com",
             "Subject: " + subject,
             "Date: Sat, 21 Nov 2026 10:00:00 +0100",
             "Message-ID: <1@kunde.example>",
             "MIME-Version: 1.0",
             "Content-Type: multipart/mixed; boundary=b"},
        .body = "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
                "--b\r\nContent-Type: application/pdf; name=faktura.pdf\r\n"
                "Content-Disposition: attachment; filename=\"faktura.pdf\"\r\n\r\n" +
                document + "\r\n--b--\r\n"};
}

/// The code of what was refused; empty when nothing was.
inline std::string reason_of(const Answer& answer) {
    return answer.refusal ? std::string(code_of(answer.refusal->finding.reason)) : std::string();
}

class House {
public:
    House() {
        Settings settings;
        settings.archive = {
            .path = dir_.path() / "archive", .min_free = 0, .map_size = 64ULL << 20};
        settings.domains.push_back(
            {.name = "in.example.com", .locale = "en", .timezone = "UTC", .base = "faktury"}
        );
        settings.policies["tagged"] = tagged_policy();
        settings.policies["open"] = open_policy();
        configure(std::move(settings));
        fill();
    }

    void configure(Settings settings) {
        auto texts = Texts::load({});
        REQUIRE_GOOD(texts);
        snapshot_ =
            std::make_shared<const Snapshot>(Snapshot{std::move(settings), *std::move(texts)});
    }

    [[nodiscard]] Settings settings() const { return snapshot_->settings; }

    [[nodiscard]] const std::filesystem::path& path() const {
        return snapshot_->settings.archive.path;
    }

    ArchiveDoor& door() { return door_; }

    Refusals& refusals() { return refusals_; }

    Admission& admission() { return admission_; }

    Intake& intake() { return intake_; }

    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const { return snapshot_; }

    Archive& archive() {
        if (!archive_) archive_ = *door_.get();
        return *archive_;
    }

    /// Lets go of the archive, as the milter does between mails.
    void forget() { archive_.reset(); }

    std::string tagged;
    std::string open;

    Connection connect() {
        Connection connection(intake_, snapshot_);
        connection.connected("mail.kunde.example", "192.0.2.1");
        return connection;
    }

    /// MAIL and RCPTs; the answer to the last RCPT.
    static Answer envelope(
        Connection& connection,
        const std::vector<std::string>& recipients,
        const std::string& login = ""
    ) {
        connection.mail({"<anna@kunde.example>"}, login, "");
        Answer answer;
        for (const std::string& recipient : recipients)
            answer = connection.rcpt("<" + recipient + ">", recipient);
        return answer;
    }

    /// Everything from DATA on; stops at the first answer that ends the mail.
    static Answer
    content(Connection& connection, const Mail& mail, const std::string& queue_id = "4ABCD") {
        if (const Answer answer = connection.data(queue_id); answer.what != Answer::What::go_on)
            return answer;
        return after_data(connection, mail, queue_id);
    }

    /// What an MTA tells that speaks a protocol without DATA.
    static Answer
    after_data(Connection& connection, const Mail& mail, const std::string& queue_id = "4ABCD") {
        for (const std::string& line : mail.headers) {
            const std::size_t colon = line.find(':');
            connection.header(line.substr(0, colon), line.substr(colon + 1));
        }
        if (const Answer answer = connection.end_of_headers(queue_id);
            answer.what != Answer::What::go_on)
            return answer;
        if (const Answer answer = connection.body(as_bytes(mail.body));
            answer.what != Answer::What::go_on)
            return answer;
        return connection.end(queue_id);
    }

    Answer send(
        const std::vector<std::string>& recipients, const Mail& mail, const std::string& login = ""
    ) {
        Connection connection = connect();
        envelope(connection, recipients, login);
        return content(connection, mail);
    }

    std::vector<Receipt> receipts() {
        auto listed = list_receipts(archive());
        REQUIRE_GOOD(listed);
        return *listed;
    }

    std::vector<Document> documents() {
        auto listed = list_documents(archive());
        REQUIRE_GOOD(listed);
        return *listed;
    }

    Time time = *parse_rfc3339("2026-11-21T12:00:00Z");

private:
    void fill() {
        const auto made = Archive::open(snapshot_->settings.archive);
        REQUIRE_GOOD(made);
        Archive& fresh = **made;
        const By by{"test", time};
        REQUIRE_GOOD(add_client(
            fresh, {.id = "10023", .name = "Kunde", .notify = {"books@office.example"}}, by
        ));
        REQUIRE_GOOD(add_sender(
            fresh, {.client = "10023", .email = "anna@kunde.example", .code = "932498"}, by
        ));
        const auto address = add_tagged_address(
            fresh, {.client = "10023", .domain = "in.example.com", .base = "faktury"}, by
        );
        REQUIRE_GOOD(address);
        tagged = address->address;
        const auto open_address = add_open_address(
            fresh,
            {.client = "10023",
             .domain = "in.example.com",
             .symbol = "ER",
             .extension = "rechnungen"},
            by
        );
        REQUIRE_GOOD(open_address);
        open = open_address->address;
    }

    TempDir dir_;
    std::shared_ptr<const Snapshot> snapshot_ = nullptr;
    ArchiveDoor door_{
        ArchiveSettings{.path = dir_.path() / "archive", .min_free = 0, .map_size = 64ULL << 20}};
    Refusals refusals_{door_};
    Admission admission_;
    Intake intake_{
        .archive = door_, .admission = admission_, .refusals = &refusals_, .clock = [this] {
            return time;
        }};
    std::shared_ptr<Archive> archive_;
};

} // namespace kwit::test
