// What kwit says to one event of an SMTP session. It names no SMTP codes: reply.hh turns a Refusal
// into them, for the milter and for `kwit check`.
#pragma once

#include "core/base/result.hh"
#include "core/model/reason.hh"
#include "core/model/settings.hh"

#include <optional>
#include <string>
#include <vector>

namespace kwit {

/// Something refused, with the language of the text that explains it.
struct Refusal {
    Finding finding;
    std::string locale;
    bool for_now = false; ///< whatever the reason says: 4xx instead of 5xx
};

struct Answer {
    enum class What {
        go_on,   ///< nothing to say yet
        let_go,  ///< no business of ours: the MTA does the rest without us
        refuse,  ///< the refusal says whether for good (5xx) or for now (4xx)
        take,    ///< kept; every recipient was ours: the MTA is done with the mail
        deliver, ///< kept; the MTA delivers to the recipients that are left without ours
    };

    What what = What::go_on;
    std::optional<Refusal> refusal{};
    std::vector<std::string>
        ours{}; ///< with take and deliver: import recipients as the MTA wrote them

    static Answer refuse(Finding finding, std::string locale) {
        return {.what = What::refuse, .refusal = Refusal{std::move(finding), std::move(locale)}};
    }
};

/// The answer to an error of ours, always for now (4xx): the sender's server tries again, nothing
/// is lost.
Finding finding_of(const Error& error);

/// A mail that is longer, or says that it will be, than [limits] message.
Finding too_large(const LimitSettings& limits);

} // namespace kwit
