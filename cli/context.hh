// What a command is run with: the configuration, where its output goes, and who runs it. The way to
// the archive leads through here, as it belongs to one user.
#pragma once

#include "cli/print.hh"
#include "core/archive/archive.hh"
#include "core/base/result.hh"
#include "core/model/settings.hh"

#include <memory>
#include <string>

namespace kwit::cli {

struct Context {
    const Settings& settings;
    Printer& out;
    By by;
    std::string command_line; ///< as it was typed, quoted for a shell
};

/// Takes the identity of the archive's owner, or of [milter] user when the archive is yet to be
/// made, which needs root; nothing to do for that user itself. After it files of the caller may be
/// out of reach: read them before.
///
/// With Access::read_write started as root the directory of a new archive is made too.
Result<void> take_owners_identity(const Context& context, Access access);

/// take_owners_identity(), then the archive. Every error is `temporary`: to the caller they all
/// mean that the archive cannot be used.
Result<std::unique_ptr<Archive>>
open_archive(const Context& context, Access access, Reading reading = Reading::anywhere);

/// The same for changes to what must be there already: no archive is made where there is none, as
/// when its disk is not mounted.
Result<std::unique_ptr<Archive>> open_existing_archive(const Context& context);

/// The error of something that keeps the archive from being used.
Error unusable(Error error);

/// A word for a POSIX shell, quoted where needed.
std::string shell_word(const std::string& word);

} // namespace kwit::cli
