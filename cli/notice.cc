#include "core/outbox/notice.hh"

#include "cli/commands.hh"
#include "cli/queued.hh"
#include "core/archive/directory.hh"
#include "core/archive/letters.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "core/outbox/samples.hh"
#include "core/outbox/wire.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

// ── preview ──────────────────────────────────────────────────────────────────────────────────────

struct Preview {
    std::string kind;
    std::string locale;
    std::string domain;
    std::string part;
};

/// The whole mail as it would go out.
Result<std::string> mail_of(const outbox::Notice& notice, const std::string& original) {
    std::optional<File> file;
    if (notice.attach) {
        TempFile temporary = TRY(TempFile::create(std::filesystem::temp_directory_path()));
        TRY(temporary.write(as_bytes(original)));
        file = TRY(temporary.reader());
    }
    outbox::Wire wire = TRY(outbox::Wire::of(notice, std::move(file)));
    std::string mail(wire.size(), '\0');
    TRY(wire.read(std::as_writable_bytes(std::span(mail))));
    return mail;
}

Json json_of(const outbox::Notice& notice) {
    return {
        {"sender", notice.sender},
        {"to", notice.to},
        {"subject", notice.subject},
        {"text", notice.text},
        {"html", notice.html}};
}

Result<Done> preview(Context& context, const Preview& options) {
    const Texts texts = TRY(Texts::load_for(context.settings));
    const outbox::SampleOrder order{
        .kind = options.kind, .locale = options.locale, .domain = options.domain};
    const outbox::NoticeFacts facts =
        TRY(outbox::sample(order, context.settings, texts, context.by.at));
    const outbox::Notice notice = TRY(outbox::render(facts, context.settings, texts));
    if (context.out.json()) {
        context.out.object(json_of(notice));
    } else if (options.part == "text") {
        context.out.raw(as_bytes(notice.text));
    } else if (options.part == "html") {
        context.out.raw(as_bytes(outbox::page_for_browser(notice)));
    } else if (options.part.empty() || options.part == "mail") {
        const std::string mail = TRY(mail_of(notice, outbox::sample_original(facts)));
        context.out.raw(as_bytes(mail));
    } else {
        return fail(
            Kind::misuse,
            fmt::format(R"(a mail has no part "{}")", options.part),
            "there are mail (all of it), text and html"
        );
    }
    return Done::yes;
}

// ── test ─────────────────────────────────────────────────────────────────────────────────────────

struct Test {
    std::string client;
};

/// The domain that a client's mails are sent for: that of its first address, else the first one.
Result<const DomainSettings*>
domain_of(const Context& context, const Archive& archive, const std::string& client) {
    const auto addresses = TRY(list_addresses(archive, {.client = client}));
    for (const ImportAddress& address : addresses) {
        const std::string name(behind_at(address.address));
        if (const DomainSettings* const domain = context.settings.domain(name)) return domain;
    }
    return &context.settings.domains.front();
}

/// The mails that can be sent, and why others cannot.
struct Tests {
    std::vector<Letter> letters{};
    std::vector<std::string> problems{};
};

Tests tests_for(
    const Context& context, const Client& client, const DomainSettings& domain, const Texts& texts
) {
    Tests tests;
    for (const std::string& to : client.notify) {
        const auto mailable = outbox::check_recipient(to, context.settings);
        if (mailable)
            tests.letters.push_back(outbox::test_letter(client, to, domain, texts));
        else
            tests.problems.push_back("no test was mailed: " + mailable.error().what);
    }
    return tests;
}

Result<Done> test(Context& context, const Test& options) {
    // The texts first: as the archive's owner they may be out of reach.
    const Texts texts = TRY(Texts::load_for(context.settings));
    const auto archive = TRY(open_existing_archive(context));
    const Client client = TRY(get_client(*archive, options.client));
    if (client.notify.empty())
        return fail(
            Kind::refused,
            fmt::format("client {} has no notification address", client.id),
            fmt::format("add one: kwit notify add {} EMAIL", client.id)
        );
    const DomainSettings* const domain = TRY(domain_of(context, *archive, client.id));
    const Tests tests = tests_for(context, client, *domain, texts.of(domain->name));
    const auto ids = TRY(queue_letters(*archive, tests.letters, context.by));
    TRY(print_queued(context.out, *archive, ids));
    if (tests.problems.empty()) return Done::yes;
    return fail(
        Kind::refused,
        join(tests.problems, "\n"),
        fmt::format("change them with kwit notify add and kwit notify remove {}", client.id)
    );
}

} // namespace

Commands notice_commands() {
    return {
        command<Preview>(
            "notice preview",
            "Prints a notice about an invented client as it would be sent, with the texts, name "
            "and logo of the configuration. The kinds are confirmation, correction, import, "
            "failure, digest, summary, card and test.",
            "kwit notice preview correction --locale pl > correction.eml",
            [](Preview& o) -> Arguments {
                return {
                    {"KIND", &o.kind, "which notice", Need::required},
                    {"--locale LOCALE", &o.locale, "pl, de or en (else the domain's)"},
                    {"--domain DOMAIN", &o.domain, "the intake domain (else the first one)"},
                    {"--part PART", &o.part, "mail (else this), or its text or html alone"}};
            },
            preview
        ),
        command<Test>(
            "notice test",
            "Mails a test to each notification address of a client, in the way that notices go; "
            "prints the ids in the outbox. kwit outbox list shows those that are still there.",
            "kwit notice test 10023",
            [](Test& o) -> Arguments {
                return {{"CLIENT", &o.client, "the client", Need::required}};
            },
            test
        ),
    };
}

} // namespace kwit::cli
