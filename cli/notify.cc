#include "cli/commands.hh"
#include "cli/policies.hh"
#include "core/archive/directory.hh"
#include "core/base/json.hh"

namespace kwit::cli {

namespace {

struct Notify {
    std::string client;
    std::string email;
};

Arguments notify_arguments(Notify& o) {
    return {
        {"CLIENT", &o.client, "the client", Need::required},
        {"EMAIL", &o.email, "the notification address", Need::required}};
}

Result<Done> add(Context& context, const Notify& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(add_notify(*archive, options.client, options.email, context.by));
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
    for (const std::string& email : client.notify) {
        if (context.out.json())
            context.out.object(Json{{"client", client.id}, {"email", email}});
        else
            context.out.line(email);
    }
    return Done::yes;
}

} // namespace

Commands notify_commands() {
    return {
        command<Notify>(
            "notify add",
            "Adds a notification address to a client: it is told of imports and failures.",
            "kwit notify add 10023 office@example.com",
            notify_arguments,
            add
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
