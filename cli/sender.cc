#include "cli/commands.hh"
#include "cli/listing.hh"
#include "cli/values.hh"
#include "core/archive/directory.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

struct AddSender {
    std::string client;
    std::string email;
    std::string code;
    std::string name;
    std::string login;
};

Result<Done> add(Context& context, const AddSender& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    const Sender wanted{
        .client = options.client,
        .email = options.email,
        .code = options.code,
        .name = options.name,
        .login = options.login,
        .created_at = context.by.at};
    const Sender sender = TRY(add_sender(*archive, wanted, context.by));
    print_made(context.out, sender, sender.code);
    return Done::yes;
}

struct ListSenders {
    std::string client;
    std::string email;
    PageOptions page{};
};

std::vector<std::string> cells(const Sender& sender) {
    return {
        sender.email,
        sender.client,
        sender.code,
        sender.name,
        sender.login,
        readable_time(sender.created_at)};
}

Result<Done> list(Context& context, const ListSenders& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    if (!options.client.empty()) TRY(get_client(*archive, options.client));
    const SenderFilter filter{.client = options.client, .email = options.email};
    const auto senders = TRY(list_senders(*archive, filter, options.page.page()));
    print_list(
        context.out,
        {{"EMAIL"}, {"CLIENT"}, {"CODE"}, {"NAME"}, {"LOGIN"}, {"SINCE"}},
        cells,
        senders
    );
    return Done::yes;
}

struct SetSender {
    std::string client;
    std::string email;
    std::optional<std::string> code{};
    std::optional<std::string> name{};
    std::optional<std::string> login{};
};

Result<Done> set(Context& context, const SetSender& options) {
    if (!options.code && !options.name && !options.login)
        return fail(Kind::misuse, "nothing to set", "give --code, --name or --login");
    const auto archive = TRY(open_archive(context, Access::read_write));
    const SenderChange change{.name = options.name, .login = options.login, .code = options.code};
    const Changed changed =
        TRY(set_sender(*archive, options.client, options.email, change, context.by));
    const auto sender = TRY(find_sender(*archive, options.client, options.email));
    if (sender) print_set(context.out, *sender, sender->code, changed);
    return Done::yes;
}

struct OneSender {
    std::string client;
    std::string email;
};

Result<Done> remove(Context& context, const OneSender& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(remove_sender(*archive, options.client, options.email, context.by));
    return Done::yes;
}

} // namespace

Commands sender_commands() {
    return {
        command<AddSender>(
            "sender add",
            "Registers a person who may send for a client, and prints the code that belongs into "
            "the subject of the mails. One person may serve several clients, with a code for each.",
            "kwit sender add 10023 anna@kunde.example --name Anna",
            [](AddSender& o) -> Arguments {
                return {
                    {"CLIENT", &o.client, "the client", Need::required},
                    {"EMAIL", &o.email, "the address in the From: of the mails", Need::required},
                    {"--code CODE",
                     &o.code,
                     R"(at most 16 of letters, digits and "-" (else six random digits))"},
                    {"--name NAME", &o.name, "the person's name"},
                    {"--login USER",
                     &o.login,
                     "the SASL login that stands for this address, when it is another name"}};
            },
            add
        ),
        command<ListSenders>(
            "sender list",
            "Lists the senders, all or those of a client.",
            "kwit sender list 10023",
            [](ListSenders& o) {
                return with_page(
                    {{"--client,CLIENT CLIENT", &o.client, "of this client alone"},
                     {"--email EMAIL", &o.email, "this address alone"}},
                    o.page
                );
            },
            list
        ),
        command<SetSender>(
            "sender set",
            "Changes a sender. A code that is replaced is never used again.",
            "kwit sender set 10023 anna@kunde.example --login anna",
            [](SetSender& o) -> Arguments {
                return {
                    {"CLIENT", &o.client, "the client", Need::required},
                    {"EMAIL", &o.email, "the sender's address", Need::required},
                    {"--code CODE", &o.code, "a new code"},
                    {"--name NAME", &o.name, "the person's name"},
                    {"--login USER", &o.login, R"(the SASL login; "": none)"}};
            },
            set
        ),
        command<OneSender>(
            "sender remove",
            "Removes a sender: mail from that address is no longer taken for the client.",
            "kwit sender remove 10023 anna@kunde.example",
            [](OneSender& o) -> Arguments {
                return {
                    {"CLIENT", &o.client, "the client", Need::required},
                    {"EMAIL", &o.email, "the sender's address", Need::required}};
            },
            remove
        ),
    };
}

} // namespace kwit::cli
