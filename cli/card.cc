#include "cli/card.hh"

#include "cli/queued.hh"
#include "core/archive/directory.hh"
#include "core/archive/letters.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "core/outbox/card.hh"
#include "core/outbox/notice.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli {

namespace {

struct CardOptions {
    std::string client;
    bool send = false;
};

Result<outbox::Card>
card_of(const Context& context, const Archive& archive, const std::string& id, const Texts& texts) {
    const Client client = TRY(get_client(archive, id));
    const auto addresses = TRY(list_addresses(archive, {.client = client.id}));
    const auto senders = TRY(list_senders(archive, {.client = client.id}));
    return outbox::make_card(client, addresses, senders, context.settings, texts, context.by.at);
}

void print_card(Printer& out, const outbox::Card& card, const Texts& texts) {
    if (out.json()) {
        out.object(outbox::to_json(card, texts));
        return;
    }
    const std::string text = outbox::text_of(card, texts);
    for (const std::string_view line :
         split(std::string_view(text).substr(0, text.size() - 1), '\n'))
        out.line(line);
}

/// What keeps a card from being of use to anybody.
Result<void> check_sendable(const outbox::Card& card, const std::vector<Sender>& senders) {
    const std::string& client = card.client.id;
    if (std::none_of(card.addresses.begin(), card.addresses.end(), outbox::is_usable))
        return fail(
            Kind::refused,
            fmt::format("client {} has no enabled address for registered senders", client),
            fmt::format(
                "kwit address add {} --policy tagged makes one, kwit address enable switches one "
                "on",
                client
            )
        );
    if (senders.empty())
        return fail(
            Kind::refused,
            fmt::format("client {} has no sender", client),
            fmt::format("register one: kwit sender add {} EMAIL", client)
        );
    return {};
}

/// One letter for each sender who can be written to; the others are named.
Result<Done>
send_cards(Context& context, Archive& archive, const outbox::Card& card, const Texts& texts) {
    const auto senders = TRY(list_senders(archive, {.client = card.client.id}));
    TRY(check_sendable(card, senders));
    std::vector<Letter> letters;
    std::vector<std::string> problems;
    for (const Sender& sender : senders) {
        const auto mailable = outbox::check_recipient(sender.email, context.settings);
        auto letter = outbox::letter_to(sender, card, texts);
        if (mailable && letter)
            letters.push_back(*std::move(letter));
        else if (!mailable)
            problems.push_back("no card was mailed: " + mailable.error().what);
    }
    const auto ids = TRY(queue_letters(archive, letters, context.by));
    TRY(print_queued(context.out, archive, ids));
    if (problems.empty()) return Done::yes;
    return fail(
        Kind::refused,
        join(problems, "\n"),
        fmt::format("give them what kwit client card {} shows in another way", card.client.id)
    );
}

Result<Done> run(Context& context, const CardOptions& options) {
    // The texts first: as the archive's owner they may be out of reach.
    const Texts texts = TRY(Texts::load_for(context.settings));
    const auto archive =
        TRY(open_archive(context, options.send ? Access::read_write : Access::read_only));
    const outbox::Card card = TRY(card_of(context, *archive, options.client, texts));
    if (options.send) return send_cards(context, *archive, card, texts);
    print_card(context.out, card, texts);
    return Done::yes;
}

} // namespace

Command card_command() {
    return command<CardOptions>(
        "client card",
        "Shows how documents are sent for a client: addresses, senders with their codes, subjects. "
        "With --send each registered sender gets a mail with what is theirs; it is printed which.",
        "kwit client card 10023 --send",
        [](CardOptions& o) -> Arguments {
            return {
                {"ID", &o.client, "the client", Need::required},
                {"--send", &o.send, "mail it to each registered sender instead, each time anew"}};
        },
        run
    );
}

} // namespace kwit::cli
