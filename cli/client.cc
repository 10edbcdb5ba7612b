#include "cli/card.hh"
#include "cli/commands.hh"
#include "cli/listing.hh"
#include "cli/locale.hh"
#include "cli/values.hh"
#include "core/archive/directory.hh"
#include "core/base/text.hh"
#include "core/outbox/notice.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

Result<void> print_client(Printer& out, const Archive& archive, const std::string& id) {
    const Client client = TRY(get_client(archive, id));
    print_made(out, client, client.id);
    return {};
}

struct AddClient {
    std::string id;
    std::string name;
    std::string locale;
    std::vector<std::string> notify{};
};

Result<Done> add(Context& context, const AddClient& options) {
    TRY(check_locale(options.locale));
    for (const std::string& email : options.notify)
        TRY(outbox::check_recipient(email, context.settings));
    const auto archive = TRY(open_archive(context, Access::read_write));
    const Client client{
        .id = options.id,
        .name = options.name,
        .locale = options.locale,
        .notify = options.notify,
        .created_at = context.by.at};
    TRY(add_client(*archive, client, context.by));
    TRY(print_client(context.out, *archive, options.id));
    return Done::yes;
}

std::vector<std::string> cells(const Client& client) {
    return {
        client.id,
        client.name,
        client.locale,
        join(client.notify, ", "),
        readable_time(client.created_at)};
}

Result<Done> list(Context& context, const PageOptions& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const auto clients = TRY(list_clients(*archive, options.page()));
    print_list(
        context.out, {{"ID"}, {"NAME"}, {"LOCALE"}, {"NOTIFIED"}, {"SINCE"}}, cells, clients
    );
    return Done::yes;
}

struct OneClient {
    std::string id;
};

Arguments one_client(OneClient& o) {
    return {{"ID", &o.id, "the client", Need::required}};
}

/// The client and what belongs to it, so that one look answers most questions about it.
struct WholeClient {
    Client client;
    std::vector<Sender> senders{};
    std::vector<ImportAddress> addresses{};
};

void print_json(Printer& out, const WholeClient& whole) {
    Json json = to_json(whole.client);
    json["senders"] = Json::array();
    json["addresses"] = Json::array();
    for (const Sender& sender : whole.senders)
        json["senders"].push_back(to_json(sender));
    for (const ImportAddress& address : whole.addresses)
        json["addresses"].push_back(to_json(address));
    out.object(json);
}

void print_text(Printer& out, const WholeClient& whole) {
    const Client& client = whole.client;
    print_lines(
        out,
        {{"id", client.id},
         {"name", client.name},
         {"locale", client.locale},
         {"notified", join(client.notify, ", ")},
         {"since", readable_time(client.created_at)}}
    );
    for (const Sender& sender : whole.senders)
        out.line(fmt::format("sender    {} (code {})", sender.email, sender.code));
    for (const ImportAddress& address : whole.addresses)
        out.line(fmt::format("address   {} ({})", address.address, address.policy));
}

Result<Done> show(Context& context, const OneClient& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    WholeClient whole{.client = TRY(get_client(*archive, options.id))};
    whole.senders = TRY(list_senders(*archive, {.client = options.id}));
    whole.addresses = TRY(list_addresses(*archive, {.client = options.id}));
    if (context.out.json())
        print_json(context.out, whole);
    else
        print_text(context.out, whole);
    return Done::yes;
}

struct SetClient {
    std::string id;
    std::optional<std::string> name{};
    std::optional<std::string> locale{};
};

Result<Done> set(Context& context, const SetClient& options) {
    if (!options.name && !options.locale)
        return fail(Kind::misuse, "nothing to set", "give --name or --locale");
    if (options.locale) TRY(check_locale(*options.locale));
    const auto archive = TRY(open_archive(context, Access::read_write));
    const ClientChange change{.name = options.name, .locale = options.locale};
    const Changed changed = TRY(set_client(*archive, options.id, change, context.by));
    const Client client = TRY(get_client(*archive, options.id));
    print_set(context.out, client, client.id, changed);
    return Done::yes;
}

Result<Done> remove(Context& context, const OneClient& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(remove_client(*archive, options.id, context.by));
    return Done::yes;
}

} // namespace

Commands client_commands() {
    return {
        command<AddClient>(
            "client add",
            "Adds a client, the company whose books are kept. The first one makes the archive.",
            R"(kwit client add 10023 --name "Kunde GmbH" --locale de --notify office@example.com)",
            [](AddClient& o) -> Arguments {
                return {
                    {"ID",
                     &o.id,
                     R"(your number for it: letters, digits, "-", "_", ".")",
                     Need::required},
                    {"--name NAME", &o.name, "the company's name", Need::required},
                    {"--locale LOCALE",
                     &o.locale,
                     "language of the notices: pl, de or en (else that of the domain)"},
                    {"--notify EMAIL",
                     &o.notify,
                     "an address that is told of imports and failures; may be repeated"}};
            },
            add
        ),
        command<PageOptions>(
            "client list",
            "Lists the clients.",
            "kwit client list",
            [](PageOptions& o) { return with_page({}, o); },
            list
        ),
        command<OneClient>(
            "client show",
            "Shows a client with its senders and addresses.",
            "kwit client show 10023",
            one_client,
            show
        ),
        command<SetClient>(
            "client set",
            "Changes the name or the language of a client.",
            "kwit client set 10023 --locale pl",
            [](SetClient& o) -> Arguments {
                return {
                    {"ID", &o.id, "the client", Need::required},
                    {"--name NAME", &o.name, "its new name"},
                    {"--locale LOCALE", &o.locale, R"(pl, de or en; "": that of the domain)"}};
            },
            set
        ),
        card_command(),
        command<OneClient>(
            "client remove",
            "Removes a client with its senders and addresses; one that has documents stays.",
            "kwit client remove 10023",
            one_client,
            remove
        ),
    };
}

} // namespace kwit::cli
