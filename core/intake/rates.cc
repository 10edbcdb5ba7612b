#include "core/intake/rates.hh"

#include "core/archive/usage.hh"

#include <fmt/format.h>

#include <string_view>

namespace kwit {

namespace {

const RateLimit& limit_for(const RateSettings& rates, UsedBy by) {
    switch (by) {
    case UsedBy::address:
        return rates.address;
    case UsedBy::sender:
        return rates.sender;
    case UsedBy::client:
        break;
    }
    return rates.client;
}

/// One limit as it is written in the configuration.
struct Rate {
    std::string_view key;
    std::uint64_t most; ///< 0: none
    std::uint64_t used;
    std::uint64_t more;
};

bool is_over(const Rate& rate) {
    return rate.most != 0 && (rate.used >= rate.most || rate.more > rate.most - rate.used);
}

Error over(const UsageKey& who, const Rate& rate) {
    return {
        .kind = Kind::temporary,
        .what = fmt::format(
            "{} {} has reached its limit: {} of {} ({})",
            name_of(who.by),
            who.name,
            rate.used,
            rate.most,
            rate.key
        ),
        .remedy = fmt::format(
            "nothing: the sender's server tries again; or raise {} in [limits.{}]",
            rate.key,
            name_of(who.by)
        ),
        .cause = Cause::rate_limited};
}

Result<void> check(
    const Archive& archive,
    const RateSettings& rates,
    const UsageKey& who,
    std::uint64_t size,
    Time now
) {
    const RateLimit& limit = limit_for(rates, who.by);
    if (limit == RateLimit{}) return {};
    const RecentUsage usage = TRY(load_usage(archive, who.by, who.name, now));
    for (const Rate& rate :
         {Rate{"mails_per_hour", limit.mails_per_hour, usage.hour.mails, 1},
          Rate{"mails_per_day", limit.mails_per_day, usage.day.mails, 1},
          Rate{"bytes_per_hour", limit.bytes_per_hour, usage.hour.bytes, size},
          Rate{"bytes_per_day", limit.bytes_per_day, usage.day.bytes, size}})
        if (is_over(rate)) return fail(over(who, rate));
    return {};
}

std::vector<UsageKey> recipient_keys(const RecipientFacts& recipient) {
    return {{UsedBy::address, recipient.address.address}, {UsedBy::client, recipient.client.id}};
}

std::vector<UsageKey> all_keys(const RecipientFacts& recipient, const Outcome& outcome) {
    std::vector<UsageKey> keys = recipient_keys(recipient);
    if (!outcome.authenticated_by.empty()) keys.push_back({UsedBy::sender, outcome.sender});
    return keys;
}

} // namespace

Result<void> check_recipient_rates(
    const Archive& archive,
    const RateSettings& rates,
    const RecipientFacts& recipient,
    std::uint64_t size,
    Time now
) {
    for (const UsageKey& who : recipient_keys(recipient))
        TRY(check(archive, rates, who, size, now));
    return {};
}

Result<void> check_rates(
    const Archive& archive,
    const RateSettings& rates,
    const RecipientFacts& recipient,
    const Outcome& outcome,
    std::uint64_t size,
    Time now
) {
    for (const UsageKey& who : all_keys(recipient, outcome))
        TRY(check(archive, rates, who, size, now));
    return {};
}

std::vector<UsageKey>
usage_keys(const RateSettings& rates, const RecipientFacts& recipient, const Outcome& outcome) {
    std::vector<UsageKey> keys = all_keys(recipient, outcome);
    std::erase_if(keys, [&](const UsageKey& who) {
        return limit_for(rates, who.by) == RateLimit{};
    });
    return keys;
}

} // namespace kwit
