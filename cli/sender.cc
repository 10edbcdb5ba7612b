#include "cli/commands.hh"
#include "cli/listing.hh"
#include "cli/values.hh"
#include "core/archive/directory.hh"
#include "core/archive/token.hh"
#include "core/base/text.hh"
#include "core/config/syntax.hh"
#include "core/intake/written_address.hh"

#include <fmt/format.h>

namespace kwit::cli {

namespace {

// ── how a sender may be authenticated ────────────────────────────────────────────────────────────

/// As written; what was not given is nothing.
struct ProofOptions {
    std::optional<std::string> login{};
    std::optional<std::string> certificate{};
    std::optional<std::string> alignment{};
    std::optional<std::string> arc{};
    std::optional<std::string> via{};

    [[nodiscard]] bool any() const { return login || certificate || alignment || arc || via; }
};

Arguments with_proofs(Arguments arguments, ProofOptions& o) {
    arguments.push_back(
        {"--login USER",
         &o.login,
         R"(the SASL login that stands for this sender, when it is another name; "": none)"}
    );
    arguments.push_back(
        {"--certificate NAME",
         &o.certificate,
         R"(name or fingerprint of the TLS client certificate that stands for this sender; "": none)"}
    );
    arguments.push_back(
        {"--alignment HOW",
         &o.alignment,
         R"(strict or relaxed: how near the domain that vouches must be; "": as the intake domain)"}
    );
    arguments.push_back(
        {"--arc WHETHER", &o.arc, "yes or no: what a trusted ARC sealer found counts"}
    );
    arguments.push_back(
        {"--via DOMAIN",
         &o.via,
         R"(a forwarder that vouches for this sender, whatever it forwards; "": none)"}
    );
    return arguments;
}

Result<std::optional<Alignment>> parse_alignment(const std::string& text) {
    if (text.empty()) return std::optional<Alignment>();
    if (const auto alignment = alignment_named(text)) return alignment;
    return fail(
        Kind::misuse,
        fmt::format("--alignment: \"{}\" is no alignment", text),
        "use relaxed or strict"
    );
}

Result<bool> parse_arc(const std::string& text) {
    if (text == "yes" || text == "no") return text == "yes";
    return fail(
        Kind::misuse, fmt::format("--arc: \"{}\" is neither yes nor no", text), "use yes or no"
    );
}

Result<SenderChange> change_of(const ProofOptions& options) {
    SenderChange change{
        .login = options.login, .certificate = options.certificate, .via = options.via};
    if (options.alignment) change.alignment = TRY(parse_alignment(*options.alignment));
    if (options.arc) change.arc = TRY(parse_arc(*options.arc));
    return change;
}

/// For the listing: what counts beside the usual.
std::string proofs_of(const Sender& sender) {
    std::vector<std::string> words;
    if (sender.alignment) words.emplace_back(name_of(*sender.alignment));
    if (!sender.login.empty()) words.push_back("login " + sender.login);
    if (!sender.certificate.empty()) words.push_back("certificate " + sender.certificate);
    if (sender.arc) words.emplace_back("arc");
    if (!sender.via.empty()) words.push_back("via " + sender.via);
    if (!sender.secret.empty()) words.emplace_back("secret");
    return join(words, ", ");
}

// ── the commands ─────────────────────────────────────────────────────────────────────────────────

struct AddSender {
    std::string client;
    std::string email;
    std::string code;
    std::string name;
    ProofOptions proofs{};
};

Result<Done> add(Context& context, const AddSender& options) {
    const SenderChange proofs = TRY(change_of(options.proofs));
    const auto archive = TRY(open_archive(context, Access::read_write));
    const Sender wanted{
        .client = options.client,
        .email = options.email,
        .code = options.code,
        .name = options.name,
        .login = proofs.login.value_or(""),
        .certificate = proofs.certificate.value_or(""),
        .alignment = proofs.alignment.value_or(std::nullopt),
        .arc = proofs.arc.value_or(false),
        .via = proofs.via.value_or(""),
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
        proofs_of(sender),
        readable_time(sender.created_at)};
}

Result<Done> list(Context& context, const ListSenders& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    if (!options.client.empty()) TRY(get_client(*archive, options.client));
    const SenderFilter filter{.client = options.client, .email = options.email};
    const auto senders = TRY(list_senders(*archive, filter, options.page.page()));
    print_list(
        context.out,
        {{"EMAIL"}, {"CLIENT"}, {"CODE"}, {"NAME"}, {"PROOF"}, {"SINCE"}},
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
    ProofOptions proofs{};
};

Result<Done> set(Context& context, const SetSender& options) {
    if (!options.code && !options.name && !options.proofs.any())
        return fail(
            Kind::misuse,
            "nothing to set",
            "give --code, --name, --login, --certificate, --alignment, --arc or --via"
        );
    SenderChange change = TRY(change_of(options.proofs));
    change.name = options.name;
    change.code = options.code;
    const auto archive = TRY(open_archive(context, Access::read_write));
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

Error no_such(const OneSender& wanted) {
    return {
        .kind = Kind::refused,
        .what = fmt::format("{} is no sender of client {}", wanted.email, wanted.client),
        .remedy = fmt::format("see kwit sender list {}", wanted.client)};
}

/// The secret itself is not known to us.
std::string secret_of(const Sender& sender) {
    if (sender.secret.empty()) return {};
    if (!sender.old_secret_until) return "yes";
    return "yes; the one before it until " + readable_time(sender.old_secret_until);
}

Result<Done> show(Context& context, const OneSender& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const auto sender = TRY(find_sender(*archive, options.client, options.email));
    if (!sender) return fail(no_such(options));
    if (context.out.json()) {
        context.out.object(to_json(*sender));
        return Done::yes;
    }
    print_lines(
        context.out,
        {{"email", sender->email},
         {"client", sender->client},
         {"code", sender->code},
         {"name", sender->name},
         {"login", sender->login},
         {"certificate", sender->certificate},
         {"alignment",
          sender->alignment ? std::string(name_of(*sender->alignment)) : "as the intake domain"},
         {"arc", sender->arc ? "yes" : "no"},
         {"via", sender->via},
         {"secret", secret_of(*sender)},
         {"since", readable_time(sender->created_at)}}
    );
    return Done::yes;
}

// ── the secret in the address ────────────────────────────────────────────────────────────────────

struct SecretOptions {
    OneSender sender{};
    std::string old_for = "14d";
    bool remove = false;
};

/// The end of the secret before: now for "0".
Result<Time> end_of_old(const std::string& text, Time now) {
    if (text == "0") return now;
    if (const auto span = syntax::duration(text)) return now + *span;
    return fail(
        Kind::misuse,
        fmt::format(R"("{}" of --old-for is no duration)", text),
        "write 14d or 12h, or 0 to end it now"
    );
}

/// The client's addresses to which a secret may be written; `refused` when there is none.
Result<std::vector<EmailAddress>>
places_for_secret(const Context& context, const Archive& archive, const std::string& client) {
    const auto addresses = TRY(list_addresses(archive, {.client = client}));
    std::vector<EmailAddress> places;
    for (const ImportAddress& address : addresses) {
        const auto policy = context.settings.policies.find(address.policy);
        if (policy == context.settings.policies.end() || !policy->second.secret_suffices) continue;
        places.push_back(TRY(EmailAddress::parse(address.address)));
        TRY(with_secret(places.back(), draw_secret())); // before anything is changed
    }
    if (!places.empty()) return places;
    return fail(
        Kind::refused,
        fmt::format("client {} has no import address whose policy takes a secret", client),
        "set secret_suffices = true in its [policy.NAME]"
    );
}

Result<Done> remove_secret(Context& context, const OneSender& wanted) {
    const auto archive = TRY(open_archive(context, Access::read_write));
    const Changed changed =
        TRY(kwit::remove_secret(*archive, wanted.client, wanted.email, context.by));
    const auto sender = TRY(find_sender(*archive, wanted.client, wanted.email));
    if (!sender) return fail(no_such(wanted));
    print_set(context.out, *sender, sender->email, changed);
    return Done::yes;
}

/// The addresses with the secret: the only time that it is told.
Result<void>
print_secret(Printer& out, const NewSecret& made, const std::vector<EmailAddress>& places) {
    Json object = to_json(made.sender);
    object["addresses"] = Json::array();
    for (const EmailAddress& place : places) {
        const EmailAddress whole = TRY(with_secret(place, made.secret));
        object["addresses"].push_back(whole.text());
        if (!out.json()) out.line(whole.text());
    }
    if (out.json()) {
        out.object(object);
        return {};
    }
    out.line("kwit keeps only a digest of the secret, so note the address now");
    if (made.sender.old_secret_until)
        out.line("the one before it counts until " + readable_time(made.sender.old_secret_until));
    return {};
}

Result<Done> secret(Context& context, const SecretOptions& options) {
    const OneSender& wanted = options.sender;
    if (options.remove) return remove_secret(context, wanted);
    const Time old_until = TRY(end_of_old(options.old_for, context.by.at));
    const auto archive = TRY(open_archive(context, Access::read_write));
    TRY(get_client(*archive, wanted.client));
    const auto places = TRY(places_for_secret(context, *archive, wanted.client));
    const NewSecret made =
        TRY(rotate_secret(*archive, wanted.client, wanted.email, old_until, context.by));
    TRY(print_secret(context.out, made, places));
    return Done::yes;
}

// ── removing ─────────────────────────────────────────────────────────────────────────────────────

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
            "Registers a person who may send for a client, or with @DOMAIN everybody there, and "
            "prints "
            "the code that belongs into the subject of the mails. One person may serve several "
            "clients, with a code for each.",
            "kwit sender add 10023 anna@kunde.example --name Anna",
            [](AddSender& o) {
                return with_proofs(
                    {{"CLIENT", &o.client, "the client", Need::required},
                     {"EMAIL",
                      &o.email,
                      "the address in the From: of the mails, or @DOMAIN",
                      Need::required},
                     {"--code CODE",
                      &o.code,
                      R"(at most 16 of letters, digits and "-" (else six random digits))"},
                     {"--name NAME", &o.name, "the person's name"}},
                    o.proofs
                );
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
        command<OneSender>(
            "sender show",
            "Shows one sender, and how its mail may be authenticated.",
            "kwit sender show 10023 anna@kunde.example",
            [](OneSender& o) -> Arguments {
                return {
                    {"CLIENT", &o.client, "the client", Need::required},
                    {"EMAIL", &o.email, "the sender's address, or @DOMAIN", Need::required}};
            },
            show
        ),
        command<SetSender>(
            "sender set",
            "Changes a sender. A code that is replaced is never used again.",
            "kwit sender set 10023 anna@kunde.example --via forwarder.example",
            [](SetSender& o) {
                return with_proofs(
                    {{"CLIENT", &o.client, "the client", Need::required},
                     {"EMAIL", &o.email, "the sender's address, or @DOMAIN", Need::required},
                     {"--code CODE", &o.code, "a new code"},
                     {"--name NAME", &o.name, "the person's name"}},
                    o.proofs
                );
            },
            set
        ),
        command<SecretOptions>(
            "sender secret",
            "Gives a sender a new secret and prints the import address with it: mail to that "
            "address counts as this sender's, where the policy has secret_suffices = true.",
            "kwit sender secret 10023 anna@kunde.example",
            [](SecretOptions& o) -> Arguments {
                return {
                    {"CLIENT", &o.sender.client, "the client", Need::required},
                    {"EMAIL", &o.sender.email, "the sender's address, or @DOMAIN", Need::required},
                    {"--old-for DURATION",
                     &o.old_for,
                     "how long the secret before it still counts: 14d (the default), 0 when it got "
                     "into wrong hands"},
                    {"--remove", &o.remove, "take the secret away instead"}};
            },
            secret
        ),
        command<OneSender>(
            "sender remove",
            "Removes a sender: mail from that address is no longer taken for the client.",
            "kwit sender remove 10023 anna@kunde.example",
            [](OneSender& o) -> Arguments {
                return {
                    {"CLIENT", &o.client, "the client", Need::required},
                    {"EMAIL", &o.email, "the sender's address, or @DOMAIN", Need::required}};
            },
            remove
        ),
    };
}

} // namespace kwit::cli
