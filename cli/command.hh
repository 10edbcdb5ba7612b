// A command of `kwit`: its words, help and options as a table that main.cc gives to the parser of
// the command line, and the function that runs it. Commands know neither that parser nor exit
// codes.
#pragma once

#include "cli/context.hh"
#include "core/archive/archive.hh"
#include "core/base/result.hh"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kwit::cli {

/// What a command has to say beside its output.
enum class Done {
    yes,
    no, ///< it ran, and the answer is no: damaged, not imported
};

/// Where the value of an argument goes; it belongs to the Command. A bool is a flag, a list may be
/// given several times.
using Target = std::variant<
    std::string*,
    std::optional<std::string>*,
    std::vector<std::string>*,
    std::optional<std::size_t>*,
    bool*>;

enum class Need { optional, required };

struct Argument {
    /// "ID" for one that is told by its place, "--name NAME" for an option, "--name,ID NAME" for
    /// what may be given in either way
    std::string name;
    Target target;
    std::string help;
    Need need = Need::optional;
};

using Arguments = std::vector<Argument>;

struct Command {
    std::string path; ///< "client add"
    std::string help; ///< one or two sentences
    std::string example;
    Arguments arguments;
    std::function<Result<Done>(Context&)> run;
};

using Commands = std::vector<Command>;

/// Everything that `kwit` can do, in the order of its help.
Commands all_commands();

/// A command with a struct of its own for its options; bind names the arguments that fill it.
template <typename Options>
Command command(
    std::string_view path,
    std::string_view help,
    std::string_view example,
    Arguments (*bind)(Options&),
    Result<Done> (*run)(Context&, const Options&)
) {
    const auto options = std::make_shared<Options>();
    return {
        .path = std::string(path),
        .help = std::string(help),
        .example = std::string(example),
        .arguments = bind(*options),
        .run = [options, run](Context& context) { return run(context, *options); }};
}

/// The options of every listing.
struct PageOptions {
    bool newest = false;
    std::optional<std::size_t> limit{};

    [[nodiscard]] Page page() const {
        return {.order = newest ? lmdb::Order::descending : lmdb::Order::ascending, .limit = limit};
    }
};

/// The arguments, and those of a listing behind them.
Arguments with_page(Arguments arguments, PageOptions& page);

/// For commands without options of their own.
struct NoOptions {};

Arguments no_arguments(NoOptions& options);

} // namespace kwit::cli
