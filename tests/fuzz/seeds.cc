// Writes the seeds of every fuzz target: fuzz-seeds DIRECTORY makes DIRECTORY/TARGET/NAME. All of
// it is made up here.
#include "core/archive/records.hh"
#include "core/inspect/wire.hh"
#include "tests/unit/mime/mail.hh"
#include "tests/unit/tnef_maker.hh"
#include "tests/unit/tricks/tables.hh"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace kwit::fuzz {

namespace {

using Seeds = std::vector<std::string>;

constexpr std::size_t max_mail = 8000; ///< of a seed

Time ten() {
    return parse_rfc3339("2026-11-21T10:00:00Z").value();
}

Seeds mails() {
    using namespace test;
    const std::string encoded =
        "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n";
    const std::string quoted = part(
        "Content-Type: application/octet-stream; name*0*=utf-8''Fa%C5; name*1*=%BCktura.pdf\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n",
        quoted_printable(pdf)
    );
    const std::string alternative = multipart("alternative", {text_part, html_part}, "=_alt");
    const std::string nested = part(
        "Content-Type: message/rfc822\r\n",
        "From: b@c.example\r\nSubject: y\r\n" + multipart("mixed", {pdf_part()}, "=_in")
    );
    Seeds out = {
        mail_of(multipart("mixed", {text_part, pdf_part()})),
        mail_of(multipart("mixed", {alternative, pdf_part(), quoted})),
        mail_of(multipart("related", {alternative, logo_part})),
        mail_of(multipart("mixed", {text_part, nested}, "a b")),
        mail_of(multipart("digest", {nested, part("", "Subject: a\r\n\r\nx")})),
        mail_of(part(encoded, base64(pdf))),
        mail_of(multipart("mixed", {part(encoded, "JVBERg==\r\nLTEuNA==\r\n")})),
        mail_of("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + encoded + "\r\nJVB"),
        mail_of("Content-Type: multipart/mixed; boundary=b\r\nContent-Type: text/plain\r\n\r\n--b "
                "\t\r\n\r\nx\r\n--b--\r\nContent-Type: a/b\r\n"),
        mail_of("Content-Type: multipart/mixed (x); boundary*0=\"a\"; boundary*1=b\r\n\r\n--ab\n"
                "A : b\n\nx\n--ab--"),
        "From: a@b.example, \"B C\" <b@c.example>\nTo: g:a@b.example;\n\nx\r--b\n",
        mail_of("Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n"
                "--r\r\n\r\nx\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n"
                "Reporting-MTA: dns; mx.example.com\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
                "--r--\r\n"),
    };
    for (const auto& tricks :
         {header_tricks(),
          boundary_tricks(),
          structure_tricks(),
          encoding_tricks(),
          name_tricks(),
          content_tricks()})
        for (const Trick& trick : tricks)
            if (trick.mail.size() < max_mail) out.push_back(trick.mail);
    return out;
}

const Seeds subjects = {
    "[FZ] 11/2024 (932498)",
    "Re: WG: [EXT] [FK] 1.2025 (A-77) Rechnung 4711",
    "[FZ|FK] 13/2024 (1) [FS] 2024-11 (2)",
    "FZ 11/2024 932498",
    "\xEF\xBC\xBB\x46\x5A\xEF\xBC\xBD\xC2\xA0"
    "11-2024 (932\xC2\xAD"
    "498)",
    "*** SPAM *** [A\xCC\x88\xC3\x96] 12/99 ((x))",
};

const Seeds results = {
    "mx.example.com; none",
    "mx.example.com 1; dkim=pass (2048-bit key) header.d=kunde.example header.i=@kunde.example",
    "mx.example.com; spf=fail reason=\"no \\\"match\\\"\" smtp.mailfrom=a@b.example; dmarc=pass "
    "header.from=b.example",
    "\"mx.example.com\"/1; arc/1=none policy.x = \"y\" (a (b) c); auth=pass smtp.auth=anna",
    "mx.example.com; dkim=temperror; iprev=permerror policy.iprev=192.0.2.1",
};

const Seeds headers = {
    "\"Anna, Buch\" <anna@kunde.example>, b@c.example (B)",
    "=?utf-8?q?J=C3=B6rg?= <joerg@b\xC3\xBC"
    "cher.example>",
    "Team:a@b.example,<@x.example:c@d.example>;",
    "Sat, 21 Nov 2026 10:00:00 +0100 (CET)",
    "21 Nov 26 10:00 EST",
    "v=1; a=rsa-sha256; c=relaxed/simple; d=kunde.example; s=s1;\r\n h=From : To; l=10; bh=AA==; "
    "b=AB\r\n CD",
    "i=1; cv=none; d=kunde.example; s=s1; a=rsa-sha256; b=AA",
    "i=1; mx.example.com; dkim=pass header.d=kunde.example",
    "multipart/mixed; boundary=\"=_a b\"; charset = (x) utf-8",
    "application/pdf; name*0*=iso-8859-2''Fa%BFka; name*1=\".pdf\"; name=\"x\\\\y.pdf\"",
    "attachment; filename=\"=?utf-8?B?RmFrdHVyYQ==?= =?utf-8?Q?_1.pdf?=\"",
    "attachment; filename=Rechnung 17.pdf; size=1",
    "<logo@x.example>",
    "Base64 (comment)",
    "Final-Recipient: rfc822; a@b.example\r\nAction: delayed\r\n\r\nAction: failed\r\n",
};

const Seeds words = {
    "=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?=",
    "=?iso-8859-1?q?a=E4_b?= x =?utf-16?b?/v8AYQ==?=",
    "=?utf-8*de?B?w6Q=?==?x-nobody?Q?=41=?=",
    "../../etc/passwd",
    "C:\\Users\\anna\\Rechnung.pdf",
    "invoice_\xE2\x80\xAE"
    "fdp.exe",
    "CON.pdf. .",
    "a\xCC\x88\xEF\xBF\xBD\xE2\x80\x8B.pdf",
    "=SUM(A1)\r\n\t@x",
    "<b onclick=\"x\">&amp;",
};

const Seeds encoded = {
    "JVBERi0xLjQK\r\nJVBERg==\r\nLTEuNA==",
    "JVBE*Ri0x=A",
    "=25PDF=2D1=\r\n.4 =\t \r\nx  \r\n=3",
    "%PDF-1.4\n%%EOF",
    "\x89PNG\r\n\x1A\n",
    "PK\x03\x04"
    "word/document.xml",
    "<?xml version=\"1.0\"?><a><img src='cid:logo@x'>",
    "II*",
    "MZ\x90",
    "\xEF\xBB\xBF<html><IMG SRC=\"CID:logo%40x\">",
};

const Seeds addresses = {
    "anna@kunde.example",
    "\"anna b\"@B\xC3\x9C"
    "CHER.example",
    "faktury+1543030448@in.example.com",
    "faktury+1543030448.k7m2q9x4tck7m2q9@in.example.com",
    "docs+1.2.3@xn--bcher-kva.example.",
    "a+2Bb@[192.0.2.1]",
};

const Seeds configurations = {
    "[archive]\ndirectory = \"/var/lib/kwit\"\n\n[milter]\nsocket = \"unix:/run/kwit/milter\"\n"
    "mode = \"0660\"\n\n[[domain]]\nname = \"in.example.com\"\nlocale = \"pl\"\n"
    "timezone = \"Europe/Warsaw\"\n",
    "[limits]\nmessage = \"50MiB\"\nparts = 1000\nheader_bytes = \"256KiB\"\n\n[trust]\n"
    "authserv_ids = [\"mx.example.com\"]\n",
    "[[policy]]\nname = \"rechnungen\"\nformats = [\"pdf\", \"jpeg\"]\non_failure = \"forward\"\n"
    "active_content = \"refuse\"\n",
    "[outbox]\nsmtp = \"smtp://127.0.0.1:10026\"\nretry_for = \"90d\"\nat = \"07:00\"\n",
    "\"a\".b = 1979-05-27T07:32:00Z\nc = [1, [2.5e3, 0xff], {d = '''x'''}]\n[limits]\nparts = -1",
    "inet:10025@localhost",
    "Kanzlei <kanzlei@example.com>",
    "20MiB",
    "-- \nKanzlei\n",
};

Receipt receipt() {
    Receipt out;
    out.id = "01KAJ3N5G000000000000000AA";
    out.received_at = ten();
    out.sender = "anna@kunde.example";
    out.verdict = Verdict::partial;
    out.findings = {{Reason::period_invalid, "month", {{"read", "13"}}, 2}};
    out.parts = {{.number = 2, .name = "a.pdf", .sha256 = std::string(64, '9')}};
    out.notices = {{.kind = NoticeKind::failure, .to = "b@c.example", .state = "sent"}};
    out.resolved_at = ten();
    return out;
}

Seeds records() {
    Document document;
    document.id = "01KAJ3N5G000000000000000AB";
    document.received_at = ten();
    document.period = "2024-11";
    document.flags = {"repaired"};
    document.active = {"javascript"};
    document.embedded = {{"factur-x.xml", "text/xml", 17, "factur-x"}};
    OutboxRow row{.id = "01KAJ3N5G000000000000000AC", .kind = NoticeKind::summary};
    row.next_attempt = ten();
    row.receipts = {"01KAJ3N5G000000000000000AA"};
    row.held = Held::digest;
    Sender sender{.client = "1", .email = "a@b.example", .code = "77"};
    sender.alignment = Alignment::strict;
    return {
        encode(receipt()),
        encode(document),
        encode(row),
        encode(sender),
        encode(Client{"1", "N", "de", {"a@b.example"}, {"a@b.example"}, ten()}),
        encode(ImportAddress{.address = "t-e@in.example.com", .client = "1", .policy = "open"})};
}

Seeds messages() {
    using namespace inspect;
    PdfFacts pdf;
    pdf.pages = 3;
    pdf.title = "Faktura";
    pdf.active = {"javascript"};
    pdf.embedded = {{"factur-x.xml", "text/xml", 17, "factur-x"}};
    PdfFacts damaged;
    damaged.state = PdfFacts::State::damaged;
    damaged.said = "no page tree";
    return {
        encode(Hello{}),
        encode(Hello{.trouble = "no seccomp"}),
        encode(Request{.cpu_seconds = 5, .memory = 1U << 29U}),
        encode(Word(Started{})),
        encode(Word(NotNow{"busy"})),
        encode(Word(GaveUp{"memory"})),
        encode(Word(Ended{Ended::How::killed, 11})),
        encode(Word(pdf)),
        encode(Word(damaged)),
        std::string(3000, '\x7F'), // strings within strings
        std::string(3000, '\x9F')};
}

/// Streams of one attachment: with a title and data, and with everything in its properties.
Seeds streams() {
    using test::attribute;
    using test::little;
    const std::string head =
        little(0x223E9F78, 4) + little(1, 2) + attribute(1, 0x69007, little(1250, 8));
    const std::string begins = attribute(2, 0x69002, std::string(14, '\0'));
    const std::string name = little(0x3707001F, 4) + little(1, 4) + little(4, 4) +
                             std::string("a\0\0\0", 4); // one letter in UTF-16
    const std::string data = little(0x37010102, 4) + little(1, 4) + little(8, 4) + "%PDF-1.4";
    return {
        head,
        head + begins + attribute(2, 0x18010, "A.PDF") + attribute(2, 0x6800F, "%PDF-1.4"),
        head + begins + attribute(2, 0x69005, little(2, 4) + name + data),
    };
}

void write(const std::filesystem::path& directory, const Seeds& seeds) {
    std::filesystem::create_directories(directory);
    unsigned number = 0;
    for (const std::string& seed : seeds)
        std::ofstream(directory / std::to_string(++number), std::ios::binary) << seed;
}

} // namespace

void write_all(const std::filesystem::path& directory) {
    write(directory / "mail", mails());
    write(directory / "unpacking", mails());
    write(directory / "tnef", streams());
    write(directory / "subject", subjects);
    write(directory / "auth_results", results);
    write(directory / "headers", headers);
    write(directory / "words", words);
    write(directory / "decoders", encoded);
    write(directory / "address", addresses);
    write(directory / "configuration", configurations);
    write(directory / "records", records());
    write(directory / "inspector", messages());
}

} // namespace kwit::fuzz

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: fuzz-seeds DIRECTORY\n", stderr);
        return 2;
    }
    kwit::fuzz::write_all(arguments[1]);
    return 0;
}
