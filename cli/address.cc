#include "cli/address_show.hh"
#include "cli/commands.hh"
#include "cli/listing.hh"
#include "cli/policies.hh"
#include "cli/values.hh"
#include "core/archive/directory.hh"
#include "core/config/syntax.hh"
#include "core/model/address_state.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

struct AddAddress {
    std::string client;
    std::string policy;
    std::string domain;
    std::string number;
    std::string symbol;
    std::string extension;
    std::string label;
    std::optional<std::string> expires{};
};

/// The time of --expires; "never" is none.
Result<std::optional<Time>> expiry(const std::optional<std::string>& text) {
    if (!text || *text == "never") return std::optional<Time>();
    const Time time = TRY(parse_when("--expires", *text));
    return std::optional<Time>(time);
}

/// What addresses of both kinds are made of.
template <typename New>
New wanted_of(
    const AddAddress& options, const DomainSettings& domain, const std::optional<Time>& expires_at
) {
    New wanted{};
    wanted.client = options.client;
    wanted.domain = domain.name;
    wanted.policy = options.policy;
    wanted.symbol = options.symbol;
    wanted.label = options.label;
    wanted.expires_at = expires_at;
    return wanted;
}

Result<ImportAddress> make(
    Archive& archive,
    const Policy& policy,
    const DomainSettings& domain,
    const AddAddress& options,
    const std::optional<Time>& expires_at,
    const By& by
) {
    if (policy.route == Route::subject) {
        auto wanted = wanted_of<NewTaggedAddress>(options, domain, expires_at);
        wanted.base = domain.base;
        wanted.number = options.number;
        return add_tagged_address(archive, wanted, by);
    }
    auto wanted = wanted_of<NewOpenAddress>(options, domain, expires_at);
    wanted.extension = options.extension;
    return add_open_address(archive, wanted, by);
}

Error not_for(const Policy& policy, std::string_view option, std::string_view why) {
    return {
        .kind = Kind::misuse,
        .what = fmt::format(R"({} is not for the policy "{}")", option, policy.name),
        .remedy = std::string(why)};
}

/// Which options the address of a policy takes and needs depends on its route.
Result<void> check_route(const Policy& policy, const AddAddress& options) {
    if (policy.route == Route::subject) {
        constexpr std::string_view why = "its documents are told by the subject of the mail; it "
                                         "takes --number";
        if (!options.symbol.empty()) return fail(not_for(policy, "--symbol", why));
        if (!options.extension.empty()) return fail(not_for(policy, "--extension", why));
        return {};
    }
    if (!options.number.empty())
        return fail(not_for(policy, "--number", "it takes --symbol and --extension"));
    if (options.symbol.empty() || options.extension.empty())
        return fail(
            Kind::misuse,
            fmt::format(
                R"(an address of the policy "{}" needs a symbol and an extension)", policy.name
            ),
            "give --symbol, the booking symbol of its documents, and --extension, the last part of "
            "the address"
        );
    return {};
}

Result<Done> add(Context& context, const AddAddress& options) {
    const Policy& policy = *TRY(policy_named(context.settings, options.policy));
    const DomainSettings& domain = *TRY(domain_named(context.settings, options.domain));
    TRY(check_route(policy, options));
    const auto expires_at = TRY(expiry(options.expires));
    const auto archive = TRY(open_archive(context, Access::read_write));
    const ImportAddress address =
        TRY(make(*archive, policy, domain, options, expires_at, context.by));
    print_made(context.out, address, address.address);
    return Done::yes;
}

struct ListAddresses {
    std::string client;
    std::string domain;
    PageOptions page{};
};

std::vector<std::string> cells(const ImportAddress& address) {
    return {
        address.address,
        address.client,
        address.policy,
        address.symbol,
        address.label,
        std::string(name_of(state_of(address, now()))),
        readable_time(address.expires_at)};
}

Result<Done> list(Context& context, const ListAddresses& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    if (!options.client.empty()) TRY(get_client(*archive, options.client));
    const AddressFilter filter{.client = options.client, .domain = options.domain};
    const auto addresses = TRY(list_addresses(*archive, filter, options.page.page()));
    print_list(
        context.out,
        {{"ADDRESS"}, {"CLIENT"}, {"POLICY"}, {"SYMBOL"}, {"LABEL"}, {"STATE"}, {"EXPIRES"}},
        cells,
        addresses
    );
    return Done::yes;
}

struct OneAddress {
    std::string address;
};

Arguments one_address(OneAddress& o) {
    return {{"ADDRESS", &o.address, "the import address", Need::required}};
}

struct SetAddress {
    std::string address;
    std::optional<std::string> policy{};
    std::optional<std::string> symbol{};
    std::optional<std::string> label{};
    std::optional<std::string> expires{};
};

Result<AddressChange> change_of(const Settings& settings, const SetAddress& options) {
    if (options.policy) TRY(policy_named(settings, *options.policy));
    AddressChange change{
        .policy = options.policy, .symbol = options.symbol, .label = options.label};
    if (options.expires) change.expires_at = TRY(expiry(options.expires));
    if (!change.policy && !change.symbol && !change.label && !change.expires_at)
        return fail(
            Kind::misuse, "nothing to set", "give --policy, --symbol, --label or --expires"
        );
    return change;
}

Result<void>
print_address(Context& context, const Archive& archive, const std::string& text, Changed changed) {
    const ImportAddress address = TRY(get_address(archive, text));
    print_set(context.out, address, address.address, changed);
    return {};
}

Result<Done> set(Context& context, const SetAddress& options) {
    const AddressChange change = TRY(change_of(context.settings, options));
    const auto archive = TRY(open_archive(context, Access::read_write));
    const NeedsNotify needs = needs_notify(context.settings);
    const Changed changed = TRY(set_address(*archive, options.address, change, needs, context.by));
    TRY(print_address(context, *archive, options.address, changed));
    return Done::yes;
}

Result<Done> enable(Context& context, const OneAddress& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    const Changed changed = TRY(enable_address(*archive, options.address, context.by));
    TRY(print_address(context, *archive, options.address, changed));
    return Done::yes;
}

struct DisableAddress {
    std::string address;
    std::optional<std::string> reason{};
};

Result<Done> disable(Context& context, const DisableAddress& options) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    const Changed changed =
        TRY(disable_address(*archive, options.address, context.by, options.reason));
    TRY(print_address(context, *archive, options.address, changed));
    return Done::yes;
}

struct RotateAddress {
    std::string address;
    std::string grace;
};

Result<Milliseconds> grace_of(const std::string& text) {
    constexpr std::chrono::days usual{30};
    if (text.empty()) return Milliseconds(usual);
    if (text == "none") return Milliseconds(0);
    if (const auto duration = syntax::duration(text)) return Milliseconds(*duration);
    return fail(
        Kind::misuse,
        fmt::format(R"("{}" of --grace is no duration)", text),
        "write 30d, 12h, 30m or none"
    );
}

Result<Done> rotate(Context& context, const RotateAddress& options) {
    const Milliseconds grace = TRY(grace_of(options.grace));
    const auto archive = TRY(open_archive(context, Access::read_write));
    const Rotation made = TRY(rotate_address(*archive, options.address, grace, context.by));
    print_made(context.out, made.fresh, made.fresh.address);
    if (context.out.json()) {
        context.out.object(to_json(made.old));
        return Done::yes;
    }
    const bool is_taken = state_of(made.old, context.by.at) == AddressState::replaced;
    context.out.line(
        is_taken ? fmt::format(
                       "{} is taken until {}, then refused",
                       made.old.address,
                       readable_time(made.old.expires_at)
                   )
                 : fmt::format("{} is refused from now on", made.old.address)
    );
    return Done::yes;
}

Arguments add_arguments(AddAddress& o) {
    return {
        {"CLIENT", &o.client, "the client", Need::required},
        {"--policy POLICY",
         &o.policy,
         R"("tagged" for a client's own staff, "open" for suppliers, or one of your own)",
         Need::required},
        {"--domain DOMAIN", &o.domain, "the intake domain, where several are configured"},
        {"--number NUMBER", &o.number, "tagged: 1 to 20 digits (else ten random ones)"},
        {"--symbol SYMBOL", &o.symbol, "open: the booking symbol of its documents"},
        {"--extension EXTENSION",
         &o.extension,
         R"(open: the last part of the address, a-z, 0-9 and "-", at most 32)"},
        {"--label TEXT", &o.label, "what it is for, in your words"},
        {"--expires TIME", &o.expires, "mail is refused from then on"}};
}

Arguments set_arguments(SetAddress& o) {
    return {
        {"ADDRESS", &o.address, "the import address", Need::required},
        {"--policy POLICY", &o.policy, "another policy of the configuration"},
        {"--symbol SYMBOL", &o.symbol, "the booking symbol of documents to come"},
        {"--label TEXT", &o.label, "what it is for, in your words"},
        {"--expires TIME", &o.expires, R"(mail is refused from then on; "never": taken for good)"}};
}

} // namespace

Commands address_commands() {
    return {
        command<AddAddress>(
            "address add",
            "Makes an import address for a client and prints it.",
            "kwit address add 10023 --policy open --symbol ER --extension invoices",
            add_arguments,
            add
        ),
        command<ListAddresses>(
            "address list",
            "Lists the import addresses, all or those of a client.",
            "kwit address list 10023",
            [](ListAddresses& o) {
                return with_page(
                    {{"--client,CLIENT CLIENT", &o.client, "of this client alone"},
                     {"--domain DOMAIN", &o.domain, "in this domain alone"}},
                    o.page
                );
            },
            list
        ),
        address_show_command(),
        command<SetAddress>(
            "address set",
            "Changes an import address.",
            R"(kwit address set faktury+1543030448@in.example.com --label "office in Poznan")",
            set_arguments,
            set
        ),
        command<OneAddress>(
            "address enable",
            "Lets an import address take mail again.",
            "kwit address enable faktury+1543030448@in.example.com",
            one_address,
            enable
        ),
        command<DisableAddress>(
            "address disable",
            "Lets an import address refuse mail; nothing that came in is lost.",
            R"(kwit address disable faktury+1543030448@in.example.com --reason "books are closed")",
            [](DisableAddress& o) -> Arguments {
                return {
                    {"ADDRESS", &o.address, "the import address", Need::required},
                    {"--reason TEXT",
                     &o.reason,
                     R"(why, told to whoever writes to it meanwhile; "": none)"}};
            },
            disable
        ),
        command<RotateAddress>(
            "address rotate",
            "Makes a new address in the place of one that too many know, and prints it. The old "
            "one is taken for a while longer, so that senders can be told.",
            "kwit address rotate 4u7u5j3y3n-rechnungen@in.example.com --grace 60d",
            [](RotateAddress& o) -> Arguments {
                return {
                    {"ADDRESS", &o.address, "the import address", Need::required},
                    {"--grace DURATION",
                     &o.grace,
                     "how long the old one is taken (else 30d); none: it is refused at once"}};
            },
            rotate
        ),
    };
}

} // namespace kwit::cli
