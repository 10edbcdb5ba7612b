#include "cli/address_show.hh"

#include "cli/values.hh"
#include "core/archive/directory.hh"
#include "core/archive/records.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "core/model/address_state.hh"
#include "core/outbox/card.hh"
#include "core/outbox/sheet.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit::cli {

namespace {

struct ShowAddress {
    std::string address;
    std::string sender;
    bool vcard = false;
};

/// The address that this one replaces. An address is rotated once, so that there is but one.
Result<std::optional<ImportAddress>>
replaced_by(const Archive& archive, const ImportAddress& address) {
    const auto addresses = TRY(list_addresses(archive, {.client = address.client}));
    const auto old =
        std::find_if(addresses.begin(), addresses.end(), [&](const ImportAddress& other) {
            return other.replaced_by == address.address;
        });
    return old == addresses.end() ? std::optional<ImportAddress>() : std::optional(*old);
}

Result<std::vector<Sender>>
senders_of(const Archive& archive, const ImportAddress& address, const std::string& wanted) {
    if (wanted.empty()) return list_senders(archive, {.client = address.client});
    auto sender = TRY(find_sender(archive, address.client, wanted));
    if (sender) return std::vector<Sender>{*std::move(sender)};
    return fail(
        Kind::refused,
        fmt::format("{} is no sender of client {}", wanted, address.client),
        fmt::format("see kwit sender list {}", address.client)
    );
}

/// The card of the one address. A replaced one has none: people are to use the new one.
Result<outbox::Card> card_of(
    const Context& context,
    const Archive& archive,
    const ImportAddress& address,
    const std::string& sender,
    const Texts& texts
) {
    const Client client = TRY(get_client(archive, address.client));
    const auto senders = TRY(senders_of(archive, address, sender));
    outbox::Card card =
        TRY(outbox::make_card(client, {address}, senders, context.settings, texts, context.by.at));
    if (!sender.empty()) card.reader = senders.front().email;
    return card;
}

/// What there is to show, of one moment.
struct Shown {
    ImportAddress address;
    std::optional<ImportAddress> replaces{};
    outbox::Card card{};
};

void print_record(Context& context, const Shown& shown) {
    const ImportAddress& address = shown.address;
    std::string replaces;
    if (shown.replaces)
        replaces = fmt::format(
            "{} (taken until {})",
            shown.replaces->address,
            readable_time(shown.replaces->expires_at)
        );
    print_lines(
        context.out,
        {{"address", address.address},
         {"client", address.client},
         {"policy", address.policy},
         {"symbol", address.symbol},
         {"extension", address.extension},
         {"label", address.label},
         {"state", std::string(name_of(state_of(address, context.by.at)))},
         {"reason", address.disabled_reason},
         {"expires", readable_time(address.expires_at)},
         {"replaced by", address.replaced_by},
         {"replaces", replaces},
         {"since", readable_time(address.created_at)}}
    );
}

void print_sheet(Printer& out, const outbox::Card& card, const Texts& texts) {
    if (card.addresses.empty()) return;
    const std::string text = outbox::sheet_of(card, texts);
    out.line("");
    for (const std::string_view line :
         split(std::string_view(text).substr(0, text.size() - 1), '\n'))
        out.line(line);
}

Json json_of(const Shown& shown, Time time, const Texts& texts) {
    Json object = to_json(shown.address);
    object["state"] = name_of(state_of(shown.address, time));
    object["replaces"] = shown.replaces ? Json(shown.replaces->address) : Json();
    if (shown.card.addresses.empty()) return object;
    const outbox::CardAddress& address = shown.card.addresses.front();
    const Json card = outbox::to_json(shown.card, texts);
    const std::string link = outbox::plain_link(address);
    object["locale"] = shown.card.locale;
    object["policy_in_words"] = outbox::policy_in_words(address, texts, shown.card.locale);
    object["guidelines"] = card["addresses"][0]["guidelines"];
    object["mailto"] = link.empty() ? Json() : Json(link);
    object["senders"] = card["addresses"][0]["senders"];
    return object;
}

Result<void> check(const Context& context, const ShowAddress& options, const Shown& shown) {
    if (!options.vcard) return {};
    if (context.out.json()) return fail(Kind::misuse, "--json and --vcard contradict", "give one");
    if (!shown.card.addresses.empty()) return {};
    return fail(
        Kind::refused,
        fmt::format("address {} was replaced", shown.address.address),
        fmt::format("kwit address show {} --vcard", shown.address.replaced_by)
    );
}

/// A policy that left the configuration keeps nobody from seeing the record.
Result<outbox::Card> card_or_none(
    const Context& context,
    const Archive& archive,
    const ImportAddress& address,
    const ShowAddress& options,
    const Texts& texts
) {
    auto card = card_of(context, archive, address, options.sender, texts);
    const bool is_needed = options.vcard || !options.sender.empty();
    if (!card && !is_needed && card.error().kind == Kind::misuse) return outbox::Card{};
    return card;
}

const Texts& texts_for(const ImportAddress& address, const Texts& texts) {
    return texts.of(std::string(behind_at(address.address)));
}

Result<Shown> look(const Context& context, const ShowAddress& options, const Texts& all) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    Shown shown{.address = {}};
    shown.address = TRY(get_address(*archive, options.address));
    shown.replaces = TRY(replaced_by(*archive, shown.address));
    const Texts& texts = texts_for(shown.address, all);
    shown.card = TRY(card_or_none(context, *archive, shown.address, options, texts));
    TRY(check(context, options, shown));
    return shown;
}

Result<Done> show(Context& context, const ShowAddress& options) {
    // The texts first: as the archive's owner they may be out of reach.
    const Texts all = TRY(Texts::load_for(context.settings));
    const Shown shown = TRY(look(context, options, all));
    const Texts& texts = texts_for(shown.address, all);
    if (options.vcard) {
        context.out.raw(as_bytes(outbox::vcard_of(shown.card, texts)));
    } else if (context.out.json()) {
        context.out.object(json_of(shown, context.by.at, texts));
    } else {
        print_record(context, shown);
        print_sheet(context.out, shown.card, texts);
    }
    return Done::yes;
}

} // namespace

Result<ImportAddress> get_address(const Archive& archive, const std::string& text) {
    auto address = TRY(find_address(archive, text));
    if (address) return *std::move(address);
    return fail(
        Kind::refused,
        fmt::format("there is no import address {}", text),
        "kwit address list shows those there are"
    );
}

Command address_show_command() {
    return command<ShowAddress>(
        "address show",
        "Shows an import address, and in the client's language what people need to use it: the "
        "policy in words, links that begin a mail, with subjects where they are wanted.",
        "kwit address show faktury+1543030448@in.example.com --sender anna@kunde.example",
        [](ShowAddress& o) -> Arguments {
            return {
                {"ADDRESS", &o.address, "the import address", Need::required},
                {"--sender EMAIL",
                 &o.sender,
                 "tagged: with the code of this sender alone, to be given to them"},
                {"--vcard", &o.vcard, "as a contact for address books (vCard 3.0) instead"}};
        },
        show
    );
}

} // namespace kwit::cli
