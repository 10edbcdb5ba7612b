// The named set of choices for an import address; see docs/configuration.md for each key.
#pragma once

#include "core/model/format.hh"

#include <map>
#include <string>
#include <vector>

namespace kwit {

/// Where category and period of a document come from.
enum class Route {
    subject, ///< all from the subject tag, and the user's code with it
    address, ///< the category is the address's symbol, the period is the date of the mail
};

enum class Senders { registered, anyone };

enum class Authentication {
    required,
    preferred, ///< filed from a registered sender, but only an authenticated one is written to
    off,
};

/// What becomes of a mail when something of it cannot be filed.
enum class OnFailure {
    reject,  ///< a 5xx with the explanation
    reply,   ///< taken; the sender is told how to correct it
    forward, ///< taken; the notification addresses get it as it came
};

/// What becomes of a PDF with something in it that could act when it is opened.
enum class ActiveContent {
    ignore,
    flag, ///< filed, and the document says so
    refuse,
};

struct Policy {
    std::string name;
    Route route = Route::subject;
    Senders senders = Senders::registered;
    Authentication authentication = Authentication::required;
    bool spf_suffices = false;    ///< SPF of the envelope sender authenticates without DKIM
    bool secret_suffices = false; ///< so does the sender's secret in the address
    std::vector<std::string> categories{}; ///< codes the subject tag may name, in order
    std::map<std::string, std::map<std::string, std::string>>
        labels{}; ///< locale -> category -> label
    std::vector<Format> formats{};
    std::vector<std::string> annex{}; ///< patterns of file names (core/model/file_pattern.hh)
    ActiveContent active_content = ActiveContent::flag;
    OnFailure on_failure = OnFailure::reply;
    bool tell_sender = false; ///< on_success names "sender"
    bool tell_notify = false; ///< on_success names "notify"
};

} // namespace kwit
