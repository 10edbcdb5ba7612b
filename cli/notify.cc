#include "cli/commands.hh"
#include "cli/listing.hh"
#include "cli/policies.hh"
#include "core/archive/directory.hh"
#include "core/base/json.hh"
#include "core/base/text.hh"
#include "core/outbox/notice.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

struct Notify {
    std::string client;
    std::string email;
};

struct SetNotify {
    std::string client;
    std::string email;
    std::string digest;
};

constexpr const char* digest_help =
    "daily: one mail a day about imports, at digest_at of the domain; off: a mail for each";

Result<Telling> telling_named(const std::string& word) {
    if (word.empty() || word == "off") return Telling::at_once;
    if (word == "daily") return Telling::daily;
    return fail(
        Kind::misuse,
        fmt::format(R"("{}" of --digest is not understood)", word),
        "write --digest daily or --digest off"
    );
}

Arguments notify_arguments(Notify& o) {
    return {
        {"CLIENT", &o.client, "the client", Need::required},
        {"EMAIL", &o.email, "the notification address", Need::required}};
}

bool is_daily(const Client& client, const std::string& email) {
    return telling_of(client, email) == Telling::daily;
}

Json json_of(const Client& client, const std::string& email) {
    return {
        {"client", client.id},
        {"email", email},
        {"digest", is_daily(client, email) ? Json("daily") : Json()}};
}

void print(Printer& out, const Client& client, const std::string& email) {
    if (out.json())
        out.object(json_of(client, email));
    else
        out.line(is_daily(client, email) ? email + " (daily digest)" : email);
}

/// The address as the client has it: in lower case where that is all the same.
Result<Done> print_one(Printer& out, const Archive& archive, const SetNotify& options) {
    const Client client = TRY(get_client(archive, options.client));
    for (const std::string& email : client.notify)
        if (same_word(email, options.email)) print(out, client, email);
    return Done::yes;
}

Result<Done> add(Context& context, const SetNotify& options) {
    const Telling telling = TRY(telling_named(options.digest));
    TRY(outbox::check_recipient(options.email, context.settings));
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(add_notify(*archive, options.client, options.email, context.by, telling));
    return print_one(context.out, *archive, options);
}

Result<Done> set(Context& context, const SetNotify& options) {
    const Telling telling = TRY(telling_named(options.digest));
    const auto archive = TRY(open_archive(context, Access::read_write));
    const Changed changed =
        TRY(set_notify(*archive, options.client, options.email, telling, context.by));
    TRY(print_one(context.out, *archive, options));
    print_unchanged(context.out, changed);
    return Done::yes;
}

Result<Done> remove(Context& context, const Notify& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(remove_notify(
        *archive, options.client, options.email, needs_notify(context.settings), context.by
    ));
    return Done::yes;
}

struct ListNotify {
    std::string client;
};

Result<Done> list(Context& context, const ListNotify& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const Client client = TRY(get_client(*archive, options.client));
    for (const std::string& email : client.notify)
        print(context.out, client, email);
    return Done::yes;
}

} // namespace

Commands notify_commands() {
    return {
        command<SetNotify>(
            "notify add",
            "Adds a notification address to a client: it is told of imports and failures.",
            "kwit notify add 10023 office@example.com --digest daily",
            [](SetNotify& o) -> Arguments {
                return {
                    {"CLIENT", &o.client, "the client", Need::required},
                    {"EMAIL", &o.email, "the notification address", Need::required},
                    {"--digest WHEN", &o.digest, digest_help}};
            },
            add
        ),
        command<SetNotify>(
            "notify set",
            "Changes how a notification address is told. Failures are told at once in any case. "
            "What waits for the daily mail is still told in it.",
            "kwit notify set 10023 office@example.com --digest off",
            [](SetNotify& o) -> Arguments {
                return {
                    {"CLIENT", &o.client, "the client", Need::required},
                    {"EMAIL", &o.email, "the notification address", Need::required},
                    {"--digest WHEN", &o.digest, digest_help, Need::required}};
            },
            set
        ),
        command<Notify>(
            "notify remove",
            "Removes a notification address. The last one stays while the client has an address "
            "that suppliers write to: somebody must hear of what fails there.",
            "kwit notify remove 10023 office@example.com",
            notify_arguments,
            remove
        ),
        command<ListNotify>(
            "notify list",
            "Lists the notification addresses of a client.",
            "kwit notify list 10023",
            [](ListNotify& o) -> Arguments {
                return {{"CLIENT", &o.client, "the client", Need::required}};
            },
            list
        ),
    };
}

} // namespace kwit::cli
