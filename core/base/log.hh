// The log: one line for each thing worth telling, which begins with the queue id of the mail it is
// about ("-" for none), so that grep for one id tells the mail's life. The door to Boost.Log.
//
// The log is the process's own, like standard error: set_up() is called by main (and again when the
// configuration is read again), everybody writes. Before set_up() lines go to standard error from
// level info on. Every function may be called from any thread. Lines pass log_text(), so nothing
// foreign can begin a line of its own; a line that cannot be written to its file goes to standard
// error.
#pragma once

#include "core/base/result.hh"

#include <string>
#include <string_view>

namespace kwit::log {

enum class Level { debug, info, warning, error };

struct Options {
    std::string sink = "stderr"; ///< stderr, syslog (facility mail, ident kwit) or file:PATH
    Level level = Level::info;   ///< the least that is written
};

/// Sends lines elsewhere from now on. A file is opened for appending with mode 0640 and opened
/// again by itself when its name leads to another file, so it may be rotated by renaming. On an
/// error everything stays as it was.
Result<void> set_up(const Options& options);

/// Lines of standard error and syslog are "4WxYz: warning: text", those of a file begin with the
/// time (RFC 3339, UTC). The level is named unless it is info.
void write(Level level, std::string_view queue_id, std::string_view text);

void debug(std::string_view queue_id, std::string_view text);
void info(std::string_view queue_id, std::string_view text);
void warning(std::string_view queue_id, std::string_view text);
void error(std::string_view queue_id, std::string_view text);

/// What went wrong and its remedy: one line for each line of `what`, the remedy on the last.
void error(std::string_view queue_id, const Error& error);

/// The same for what may come with every mail for as long as its cause lasts: told once a minute
/// for each cause, with the number of those that were held back (complaints.hh). Whether it was
/// told now. What mends itself (an index that is opened anew, a limit on use) is a warning.
bool complain(std::string_view queue_id, const Error& error);
bool complain(std::string_view queue_id, const Error& error, Level level);

/// Tells what was held back a minute ago and was followed by nothing; `all`: however long ago. For
/// who has nothing else to do.
enum class Rest { of_a_minute, all };
void tell_held_back(Rest rest = Rest::of_a_minute);

} // namespace kwit::log
