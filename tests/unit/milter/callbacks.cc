#include "milter/door.hh"
#include "tests/unit/intake/house.hh"
#include "tests/unit/milter/fake_libmilter.hh"

#include <array>

namespace kwit {

namespace {

constexpr unsigned long all_actions = 0x1ff;
constexpr unsigned long all_steps = 0x1fffff;

/// An MTA that talks to the registered callbacks over one connection.
class Mta {
public:
    explicit Mta(
        test::House& house, unsigned long actions = all_actions, unsigned long steps = all_steps
    )
        : milter_house_{.intake = house.intake(), .busy = busy_, .snapshot = [&house] {
                            return house.snapshot();
                        }} {
        milter::open_house(milter_house_);
        REQUIRE_GOOD(milter::register_callbacks());
        unsigned long more1 = 0;
        unsigned long more2 = 0;
        REQUIRE(
            test::registered().xxfi_negotiate(
                &context, actions, steps, 0, 0, &asked_actions, &asked_steps, &more1, &more2
            ) == SMFIS_CONTINUE
        );
    }

    Mta(const Mta&) = delete;
    Mta& operator=(const Mta&) = delete;

    ~Mta() { test::registered().xxfi_close(&context); }

    sfsistat mail() { return with_words(test::registered().xxfi_envfrom, {"<a@kunde.example>"}); }

    sfsistat rcpt(const std::string& address) {
        return with_words(test::registered().xxfi_envrcpt, {"<" + address + ">"});
    }

    sfsistat content(const test::Mail& mail) {
        const smfiDesc& call = test::registered();
        if (const sfsistat status = call.xxfi_data(&context); status != SMFIS_CONTINUE)
            return status;
        for (const std::string& line : mail.headers) {
            const std::size_t colon = line.find(':');
            std::string name = line.substr(0, colon);
            std::string value = line.substr(colon + 1);
            last_header_status = call.xxfi_header(&context, name.data(), value.data());
        }
        if (const sfsistat status = call.xxfi_eoh(&context); status != SMFIS_CONTINUE)
            return status;
        std::string body = mail.body;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libmilter speaks unsigned
        // char
        call.xxfi_body(&context, reinterpret_cast<unsigned char*>(body.data()), body.size());
        return call.xxfi_eom(&context);
    }

    SMFICTX context{};
    unsigned long asked_actions = 0;
    unsigned long asked_steps = 0;
    sfsistat last_header_status = SMFIS_CONTINUE;

private:
    template <typename Callback>
    sfsistat with_words(Callback callback, std::vector<std::string> words) {
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        return callback(&context, argv.data());
    }

    milter::Busy busy_;
    milter::House milter_house_;
};

} // namespace

TEST_SUITE("milter/callbacks") {
    TEST_CASE("negotiation asks for nothing that is not offered") {
        test::House house;
        for (const unsigned long offered : {0UL, 0x3fUL, all_steps}) {
            CAPTURE(offered);
            const Mta mta(house, offered & all_actions, offered);
            CHECK((mta.asked_steps & ~offered) == 0);
            CHECK((mta.asked_actions & ~(offered & all_actions)) == 0);
        }
    }

    TEST_CASE("stages whose reply the MTA does not wait for are silent, others are answered") {
        test::House house;
        Mta quiet(house);
        CHECK(quiet.mail() == SMFIS_NOREPLY);
        quiet.rcpt(house.open);
        quiet.content(test::mail_with_pdf("x"));
        CHECK(quiet.last_header_status == SMFIS_NOREPLY);
        Mta old(house, 0x3f, 0);
        CHECK(old.mail() == SMFIS_CONTINUE);
        old.rcpt(house.open);
        old.content(test::mail_with_pdf("y"));
        CHECK(old.last_header_status == SMFIS_CONTINUE);
    }

    TEST_CASE("a client certificate counts when the MTA has verified it") {
        struct Case {
            std::string_view label;
            std::map<std::string, std::string> macros;
            unsigned long actions;
            bool taken;
        };

        constexpr unsigned long no_list =
            all_actions & ~static_cast<unsigned long>(SMFIF_SETSYMLIST);
        for (const Case& c : {
                 Case{"Postfix", {{"{cert_subject}", "Anna"}}, all_actions, true},
                 Case{
                     "Sendmail",
                     {{"{cert_subject}", "Anna"}, {"{verify}", "OK"}},
                     all_actions,
                     true},
                 Case{
                     "not verified",
                     {{"{cert_subject}", "Anna"}, {"{verify}", "FAIL"}},
                     all_actions,
                     false},
                 Case{
                     "nobody asked to verify",
                     {{"{cert_subject}", "Anna"}, {"{verify}", "NOT"}},
                     all_actions,
                     false},
                 Case{
                     "who did not hear what we want to know",
                     {{"{cert_subject}", "Anna"}},
                     no_list,
                     false},
                 Case{
                     "and says it all the same",
                     {{"{cert_subject}", "Anna"}, {"{verify}", "OK"}},
                     no_list,
                     true},
                 Case{"another one", {{"{cert_subject}", "anna"}}, all_actions, false},
                 Case{"none", {}, all_actions, false},
             }) {
            CAPTURE(c.label);
            test::House house;
            const By by{"test", house.time};
            REQUIRE_GOOD(set_sender(
                house.archive(), "10023", "anna@kunde.example", {.certificate = "Anna"}, by
            ));
            Mta mta(house, c.actions);
            mta.context.macros = c.macros;
            mta.mail();
            mta.rcpt(house.tagged);
            const sfsistat status = mta.content(test::mail_with_pdf("[FZ] 11/2024 (932498)"));
            CHECK(status == (c.taken ? SMFIS_DISCARD : SMFIS_REJECT));
        }
    }

    TEST_CASE("a fingerprint is compared as such, however it is written") {
        const std::string digits = "0123456789abcdef0123456789abcdef";
        test::House house;
        const By by{"test", house.time};
        const auto answer_to = [&](const std::string& registered) {
            REQUIRE_GOOD(set_sender(
                house.archive(), "10023", "anna@kunde.example", {.certificate = registered}, by
            ));
            Mta mta(house);
            mta.context.macros = {
                {"{verify}", "OK"},
                {"{cert_subject}", digits},
                {"{cert_fp}", "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF"}};
            mta.mail();
            mta.rcpt(house.tagged);
            return mta.content(test::mail_with_pdf("[FZ] 11/2024 (932498)"));
        };
        CHECK(answer_to(digits) == SMFIS_DISCARD);
        CHECK(answer_to("0123456789ABCDEF:0123456789ABCDEF") == SMFIS_DISCARD);
        CHECK(answer_to("1123456789abcdef0123456789abcdef") == SMFIS_REJECT);
        CHECK(answer_to(digits.substr(1)) == SMFIS_REJECT); // too short: the name of a certificate
    }

    TEST_CASE("a close may be the only callback of a connection") {
        test::House house;
        const Mta registers(house);
        SMFICTX fresh{};
        CHECK(test::registered().xxfi_close(&fresh) == SMFIS_CONTINUE);
    }

    TEST_CASE("a refusal begins with its reason, and per cent signs are doubled for libmilter") {
        test::House house;
        Mta mta(house);
        mta.mail();
        CHECK(mta.rcpt("no%body@in.example.com") == SMFIS_REJECT);
        CHECK(mta.context.code == "550");
        CHECK(mta.context.enhanced == "5.1.1");
        REQUIRE_FALSE(mta.context.lines.empty());
        CHECK(mta.context.lines[0].starts_with("address-unknown: "));
        CHECK(mta.context.lines[0].find("no%%body@in.example.com") != std::string::npos);
        CHECK(mta.rcpt(house.open) == SMFIS_CONTINUE);
    }

    TEST_CASE("at the re-entry a refusal is temporary, in code, enhanced code and status") {
        test::House house;
        Mta mta(house);
        mta.context.macros["{daemon_name}"] = reentry_daemon;
        mta.mail();
        CHECK(mta.rcpt("nobody@in.example.com") == SMFIS_TEMPFAIL);
        CHECK(mta.context.code == "450");
        CHECK(mta.context.enhanced == "4.1.1");
    }

    TEST_CASE("a login is xtext when the MTA is Sendmail, which alone has {auth_ssf}") {
        test::House house;
        for (const bool is_sendmail : {true, false}) {
            CAPTURE(is_sendmail);
            Mta mta(house);
            mta.context.macros["{auth_authen}"] = "anna@kunde.e+78ample";
            mta.context.macros["{auth_ssf}"] = is_sendmail ? "0" : "";
            mta.mail();
            mta.rcpt(house.tagged);
            CHECK(
                mta.content(test::mail_with_pdf("[FZ] 11/2024 (932498)")) ==
                (is_sendmail ? SMFIS_DISCARD : SMFIS_REJECT)
            );
        }
    }

    TEST_CASE("a mail for us alone is discarded after it is kept, a mixed one loses our recipient"
    ) {
        test::House house;
        Mta mta(house);
        mta.mail();
        mta.rcpt(house.open);
        CHECK(mta.content(test::mail_with_pdf("x")) == SMFIS_DISCARD);
        CHECK(house.receipts().size() == 1);
        mta.mail();
        mta.rcpt(house.open);
        mta.rcpt("someone@elsewhere.example");
        CHECK(mta.content(test::mail_with_pdf("y")) == SMFIS_CONTINUE);
        CHECK(mta.context.removed == std::vector<std::string>{"<" + house.open + ">"});
    }

    TEST_CASE("when_empty = delrcpt removes the recipients instead of discarding") {
        test::House house;
        Settings settings = house.settings();
        settings.milter.when_empty = MilterSettings::WhenEmpty::delrcpt;
        house.configure(settings);
        Mta mta(house);
        mta.mail();
        mta.rcpt(house.open);
        CHECK(mta.content(test::mail_with_pdf("x")) == SMFIS_CONTINUE);
        CHECK(mta.context.removed.size() == 1);
    }

    TEST_CASE("an MTA that offers no removing of recipients gets a mixed mail in two goes") {
        test::House house;
        Mta mta(house, all_actions & ~static_cast<unsigned long>(SMFIF_DELRCPT));
        mta.mail();
        CHECK(mta.rcpt(house.open) == SMFIS_CONTINUE);
        CHECK(mta.rcpt("someone@elsewhere.example") == SMFIS_TEMPFAIL);
        CHECK(mta.context.code == "451");
        CHECK(mta.content(test::mail_with_pdf("x")) == SMFIS_DISCARD);
        mta.mail();
        CHECK(mta.rcpt("someone@elsewhere.example") == SMFIS_CONTINUE);
        CHECK(mta.rcpt(house.open) == SMFIS_TEMPFAIL);
        CHECK(mta.content(test::mail_with_pdf("x")) == SMFIS_ACCEPT);
        CHECK(house.receipts().size() == 1);
        CHECK(mta.context.removed.empty());
    }

    TEST_CASE("an end without any recipient that was taken is not ours, whatever came before") {
        test::House house;
        Mta mta(house);
        mta.mail();
        mta.rcpt("nobody@in.example.com");
        CHECK(test::registered().xxfi_eom(&mta.context) == SMFIS_ACCEPT);
    }

    TEST_CASE("an MTA that does not let recipients be removed hears try again, and the next try "
              "files nothing twice") {
        test::House house;
        Mta mta(house);
        mta.context.removes = false;
        for (int i = 0; i < 2; ++i) {
            mta.mail();
            mta.rcpt(house.open);
            mta.rcpt("someone@elsewhere.example");
            CHECK(mta.content(test::mail_with_pdf("x")) == SMFIS_TEMPFAIL);
        }
        CHECK(house.receipts().size() == 1);
    }

    TEST_CASE("a session that libmilter never opened is answered try again") {
        test::House house;
        const Mta registers(house);
        SMFICTX fresh{};
        CHECK(test::registered().xxfi_eom(&fresh) == SMFIS_TEMPFAIL);
        CHECK(test::registered().xxfi_abort(&fresh) == SMFIS_TEMPFAIL);
    }

    TEST_CASE("an abort forgets the mail, and the connection takes the next one") {
        test::House house;
        Mta mta(house);
        mta.mail();
        mta.rcpt(house.open);
        test::registered().xxfi_abort(&mta.context);
        CHECK(test::registered().xxfi_eom(&mta.context) == SMFIS_TEMPFAIL);
        mta.mail();
        mta.rcpt(house.open);
        CHECK(mta.content(test::mail_with_pdf("x")) == SMFIS_DISCARD);
    }
}

} // namespace kwit
