#include "cli/commands.hh"
#include "cli/listing.hh"
#include "cli/values.hh"
#include "core/archive/decorations.hh"
#include "core/archive/receipts.hh"
#include "core/base/text.hh"
#include "core/model/digest.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

namespace kwit::cli {

namespace {

constexpr std::size_t mails_looked_at = 1000; // the newest of the client
constexpr std::size_t least_digits = 12;      // as notices and `kwit receipt show` quote them

struct OnePart {
    std::string digest;
    std::string client;
    bool force = false;
};

bool is_beginning(std::string_view text) {
    return text.size() >= least_digits && std::all_of(text.begin(), text.end(), [](char c) {
               return is_digit(c) || (c >= 'a' && c <= 'f');
           });
}

/// Where the content stands in what came in for the client.
struct Seen {
    std::string name{}; ///< of its newest part that has one
    std::size_t mails = 0;
    std::set<Digest> inside{}; ///< what came out of it
};

using SeenByDigest = std::map<std::string, Seen>;

/// What came out of the part, at whatever depth.
void look_inside(const Receipt& receipt, std::uint32_t holder, std::set<Digest>& inside) {
    std::set<std::uint32_t> holders{holder};
    for (const PartRecord& part : receipt.parts) { // what came out of a part stands behind it
        if (!holders.contains(part.in)) continue;
        holders.insert(part.number);
        if (const auto digest = Digest::parse(part.sha256)) inside.insert(*digest);
    }
}

void look_at(const Receipt& receipt, const std::string& beginning, SeenByDigest& seen) {
    SeenByDigest here;
    for (const PartRecord& part : receipt.parts) {
        if (part.sha256.empty() || !part.sha256.starts_with(beginning)) continue;
        Seen& one = here[part.sha256];
        one.mails = 1;
        if (one.name.empty()) one.name = part.name;
        look_inside(receipt, part.number, one.inside);
    }
    for (const auto& [digest, found] : here) {
        Seen& one = seen[digest];
        ++one.mails;
        if (one.name.empty()) one.name = found.name;
        one.inside.insert(found.inside.begin(), found.inside.end());
    }
}

/// What begins so in the newest mails of the client.
Result<SeenByDigest>
seen_parts(const Archive& archive, const std::string& client, const std::string& beginning) {
    SeenByDigest seen;
    TRY(each_receipt(
        archive,
        {.client = client},
        {.order = lmdb::Order::descending, .limit = mails_looked_at},
        [&](const Receipt& receipt) -> Result<lmdb::Walk> {
            look_at(receipt, beginning, seen);
            return lmdb::Walk::on;
        }
    ));
    return seen;
}

Error no_digest(const std::string& text) {
    return {
        Kind::misuse,
        fmt::format(R"("{}" is no SHA-256)", text),
        fmt::format(
            "give its 64 hexadecimal digits, or the first {} or more of a part that has come: kwit "
            "receipt show ID",
            least_digits
        )};
}

/// The digest that is meant among those that are known.
template <typename Known>
Result<Digest> digest_among(const Known& known, const std::string& beginning, Error none) {
    if (known.size() == 1) return Digest::parse(known.begin()->first);
    if (known.empty()) return fail(std::move(none));
    return fail(
        Kind::refused,
        fmt::format("{} parts begin with {}", known.size(), beginning),
        "give more of its digits"
    );
}

struct Meant {
    Digest digest;
    Seen seen{};
};

Result<Meant> meant_of(const Archive& archive, const OnePart& options) {
    const std::string text = lower(trim(options.digest));
    const auto whole = Digest::parse(text);
    if (!whole && !is_beginning(text)) return fail(no_digest(options.digest));
    const SeenByDigest seen = TRY(seen_parts(archive, options.client, text));
    if (whole) {
        const auto found = seen.find(text);
        return Meant{*whole, found == seen.end() ? Seen{} : found->second};
    }
    Error none{
        Kind::refused,
        fmt::format(
            "no part of the newest {} mails for client {} begins with {}",
            mails_looked_at,
            options.client,
            text
        ),
        "give all 64 digits of what has not come yet"};
    const Digest digest = TRY(digest_among(seen, text, std::move(none)));
    return Meant{digest, seen.begin()->second};
}

std::string where_seen(const Seen& seen, const std::string& client) {
    if (seen.mails == 0)
        return fmt::format(
            "it is in none of the newest {} mails for client {}: check the digits",
            mails_looked_at,
            client
        );
    const std::string name = seen.name.empty() ? "a part without a name" : seen.name;
    return fmt::format("{}, in {} of the newest mails for client {}", name, seen.mails, client);
}

Result<Done> ignore(Context& context, const OnePart& options) {
    const auto archive = TRY(open_existing_archive(context));
    const Meant meant = TRY(meant_of(*archive, options));
    const Filed filed = options.force ? Filed::ignore_all_the_same : Filed::refuse;
    const Markable content{meant.digest, meant.seen.name, meant.seen.inside};
    const Changed changed =
        TRY(ignore_content(*archive, options.client, content, filed, context.by));
    const auto all = TRY(list_decorations(*archive, options.client));
    for (const Decoration& one : all)
        if (one.sha256 == meant.digest.hex()) print_set(context.out, one, one.sha256, changed);
    if (!context.out.json()) context.out.line(where_seen(meant.seen, options.client));
    return Done::yes;
}

/// Of those that are marked.
Result<Digest> marked_digest(const Archive& archive, const OnePart& options) {
    const std::string text = lower(trim(options.digest));
    if (!is_beginning(text)) return fail(no_digest(options.digest));
    const auto all = TRY(list_decorations(archive, options.client));
    std::map<std::string, std::string> known;
    for (const Decoration& one : all)
        if (one.sha256.starts_with(text)) known.emplace(one.sha256, one.name);
    Error none{
        Kind::refused,
        fmt::format("{} is not ignored for client {}", text, options.client),
        fmt::format("see kwit part list --client {}", options.client)};
    return digest_among(known, text, std::move(none));
}

Result<Done> take(Context& context, const OnePart& options) {
    const auto archive = TRY(open_existing_archive(context));
    const Digest digest = TRY(marked_digest(*archive, options));
    const Decoration taken = TRY(take_content(*archive, options.client, digest, context.by));
    print_made(context.out, taken, taken.sha256);
    return Done::yes;
}

struct ListParts {
    std::string client;
    PageOptions page{};
};

std::vector<std::string> cells(const Decoration& one) {
    return {one.client, readable_time(one.created_at), one.sha256, one.name};
}

Result<Done> list(Context& context, const ListParts& options) {
    const auto archive = TRY(open_archive(context, Access::read_only));
    const auto all = TRY(list_decorations(*archive, options.client, options.page.page()));
    print_list<Decoration>(
        context.out, {{"CLIENT"}, {"IGNORED SINCE"}, {"SHA-256"}, {"NAME"}}, cells, all
    );
    return Done::yes;
}

Arguments ignore_arguments(OnePart& o) {
    return {
        {"DIGEST",
         &o.digest,
         "SHA-256 of the part, or its first 12 digits or more",
         Need::required},
        {"--client CLIENT", &o.client, "in whose mails", Need::required},
        {"--force", &o.force, "also what is a document of the client, or holds one"}};
}

Arguments take_arguments(OnePart& o) {
    return {
        {"DIGEST",
         &o.digest,
         "SHA-256 of the part, or its first 12 digits or more",
         Need::required},
        {"--client CLIENT", &o.client, "in whose mails", Need::required}};
}

} // namespace

Commands part_commands() {
    return {
        command<OnePart>(
            "part ignore",
            "Takes parts with this content for decorations of the client's mails from now on: the "
            "logo that stands in every mail of a supplier. What came before stays as it is.",
            "kwit part ignore 9f2c5d0b77aa --client 10023",
            ignore_arguments,
            ignore
        ),
        command<OnePart>(
            "part take",
            "Takes the mark back: such parts are judged as any others again.",
            "kwit part take 9f2c5d0b77aa --client 10023",
            take_arguments,
            take
        ),
        command<ListParts>(
            "part list",
            "Lists the parts that are ignored.",
            "kwit part list --client 10023",
            [](ListParts& o) -> Arguments {
                return with_page({{"--client CLIENT", &o.client, "of this client alone"}}, o.page);
            },
            list
        ),
    };
}

} // namespace kwit::cli
