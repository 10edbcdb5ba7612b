// The 22 cases of espoofer (Chen, Paxson, Jiang: "Composition Kills", USENIX Security 2020), as
// they come to a milter: server a1 to a19 from outside, client a1 to a3 from an account of the same
// provider. In each the border is as gullible as those of the paper: it found a pass for whatever
// the attack lets it take for the author.
#include "core/archive/outbox.hh"
#include "tests/unit/intake/house.hh"

#include <doctest/doctest.h>

namespace kwit {

namespace {

using Lines = std::vector<std::string>;

struct Attack {
    std::string_view name;
    std::string mail_from;
    Lines from;        ///< the header lines that are about the author
    std::string found; ///< what the border wrote
    Reason reason;
    std::string login{};
};

/// Attacks on the checks of the envelope and the signature.
std::vector<Attack> attacks_on_results() {
    const Lines anna = {"From: <anna@kunde.example>"};
    return {
        {"a1: a subdomain that does not exist",
         "any@mailfrom.notexist.kunde.example",
         anna,
         "spf=pass smtp.mailfrom=any@mailfrom.notexist.kunde.example",
         Reason::sender_not_authenticated},
        {"a2: an envelope sender taken for none, so that HELO is checked",
         "(any@kunde.example",
         anna,
         "spf=pass smtp.helo=attack.example smtp.mailfrom=\"(any@kunde.example\"",
         Reason::sender_not_authenticated},
        {"a3: NUL in the selector",
         "any@attack.example",
         {"DKIM-Signature: v=1; a=rsa-sha256; d=kunde.example; "
          "s=selector._domainkey.attack.example.",
          anna.front()},
         "dkim=pass header.d=kunde.example",
         Reason::sender_not_authenticated},
        {"a4: a quote in d=",
         "any@attack.example",
         anna,
         "dkim=pass header.d=kunde.example'a.attack.example",
         Reason::sender_not_authenticated},
        {"a5: a comment in the envelope sender",
         "any@kunde.example(a.attack.example",
         anna,
         "spf=pass smtp.mailfrom=any@kunde.example(a.attack.example",
         Reason::sender_not_authenticated},
        {"a6: a quote in the envelope sender",
         "any@kunde.example'@any.attack.example",
         anna,
         "spf=pass smtp.mailfrom=any@kunde.example'@any.attack.example",
         Reason::sender_not_authenticated},
        {"a7: a route in the envelope sender",
         "@kunde.example,@any.example:'any@attack.example",
         anna,
         "spf=pass smtp.mailfrom=@kunde.example,@any.example:'any@attack.example",
         Reason::sender_not_authenticated}};
}

/// Attacks on the reading of From:. The border read the author it was meant to read. Where a folded
/// name is the only From: (Postfix hands no such line to a milter), the author is the attacker, for
/// whom its own domain vouches.
std::vector<Attack> attacks_on_from() {
    const std::string first = "From: <first@attack.example>";
    const std::string anna = "From: <anna@kunde.example>";
    const std::string found =
        "dmarc=pass header.from=kunde.example; dkim=pass header.d=attack.example; "
        "dkim=pass header.d=kunde.example";
    const auto attack = [&](std::string_view name, Lines from, Reason reason) {
        return Attack{name, "any@attack.example", std::move(from), found, reason};
    };
    const Reason ambiguous = Reason::sender_ambiguous;
    return {
        attack("a8: two From", {first, anna}, ambiguous),
        attack(
            "a9: a space before the first From", {" From: <first@attack.example>", anna}, ambiguous
        ),
        attack(
            "a10: a space behind the second From", {first, "From : <anna@kunde.example>"}, ambiguous
        ),
        attack("a11: a folded name", {"From\n : <first@attack.example>", anna}, ambiguous),
        attack(
            "a12: a folded name, and Sender",
            {"From\n : <first@attack.example>", "Sender: <anna@kunde.example>"},
            Reason::sender_not_registered
        ),
        attack(
            "a13: a folded name, and Resent-From",
            {"From\n : <first@attack.example>", "Resent-From: <anna@kunde.example>"},
            Reason::sender_not_registered
        ),
        attack(
            "a14: two authors", {"From: <first@attack.example>, <anna@kunde.example>"}, ambiguous
        ),
        attack(
            "a15: an encoded author",
            {"From: =?utf-8?B?PGFubmFAa3VuZGUuZXhhbXBsZT4=?=,<second@attack.example>"},
            ambiguous
        ),
        attack(
            "a16: a route", {"From: <@attack.example,@any.example:anna@kunde.example>"}, ambiguous
        ),
        attack(
            "a17: a quoted pair",
            {"From: <anna@kunde.example>\\,<second@attack.example>"},
            ambiguous
        ),
        attack(
            "a18: a bare author before another",
            {"From: anna@kunde.example,<second@attack.example>"},
            ambiguous
        ),
        attack(
            "a19: an author behind the author",
            {"From: <any@attack.example>anna@kunde.example"},
            ambiguous
        )};
}

/// Attacks by somebody who may send for the same domain; the provider signs what its users send.
std::vector<Attack> attacks_by_login() {
    const std::string eve = "eve@kunde.example";
    return {
        {"client a1: two From",
         eve,
         {"From: <eve@kunde.example>", "From: <anna@kunde.example>"},
         "none",
         Reason::sender_ambiguous,
         eve},
        {"client a2: two authors",
         eve,
         {"From: <eve@kunde.example>, <anna@kunde.example>"},
         "none",
         Reason::sender_ambiguous,
         eve},
        {"client a3: another author",
         eve,
         {"From: <anna@kunde.example>"},
         "none",
         Reason::sender_not_authenticated,
         eve}};
}

class Target {
public:
    Target() {
        Settings settings = house_.settings();
        settings.trust.authserv_ids = {"mx.example.com"};
        house_.configure(std::move(settings));
    }

    /// What SMTP answers, as the reason's code; "taken" for 250.
    std::string answer_to(const Attack& attack) {
        test::Mail mail = test::mail_with_pdf("[FZ] 11/2024 (932498)");
        mail.headers.erase(mail.headers.begin()); // its From
        mail.headers.insert(mail.headers.begin(), attack.from.begin(), attack.from.end());
        mail.headers.insert(
            mail.headers.begin(), "Authentication-Results: mx.example.com; " + attack.found
        );
        Connection connection = house_.connect();
        connection.mail({"<" + attack.mail_from + ">"}, attack.login, "");
        connection.rcpt("<" + house_.tagged + ">", house_.tagged);
        const Answer answer = test::House::content(connection, mail);
        return answer.refusal ? std::string(code_of(answer.refusal->finding.reason)) : "taken";
    }

    bool untouched() {
        house_.refusals().flush();
        const auto owed = list_outbox(house_.archive());
        REQUIRE_GOOD(owed);
        return house_.documents().empty() && owed->empty();
    }

private:
    test::House house_;
};

} // namespace

TEST_SUITE("intake/attacks") {
    TEST_CASE("no attack on the sender check files a document or causes a mail") {
        std::vector<Attack> all;
        for (const auto& some : {attacks_on_results(), attacks_on_from(), attacks_by_login()})
            all.insert(all.end(), some.begin(), some.end());
        CHECK(all.size() == 22);
        Target target;
        for (const Attack& attack : all) {
            CAPTURE(attack.name);
            CHECK(target.answer_to(attack) == code_of(attack.reason));
            CHECK(target.untouched());
        }
        // The same mail goes in where the border found what an attack cannot give it.
        const Attack none{
            "no attack",
            "anna@kunde.example",
            {"From: <anna@kunde.example>"},
            "dkim=pass header.d=kunde.example",
            Reason::busy};
        CHECK(target.answer_to(none) == "taken");
        CHECK_FALSE(target.untouched());
    }
}

} // namespace kwit
