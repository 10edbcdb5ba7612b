// kwit: the command of the mail admin and of the accountant. The door to CLI11, and the one place
// that knows exit codes.
#include "cli/command.hh"
#include "cli/man.hh"
#include "core/base/descriptors.hh"
#include "core/base/encode.hh"
#include "core/base/identity.hh"
#include "core/base/log.hh"
#include "core/base/text.hh"
#include "core/config/config.hh"
#include "core/config/nearest.hh"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <span>
#include <sstream>

namespace kwit::cli {

namespace {

constexpr int exit_done = 0;
constexpr int exit_no = 1;      // the answer is no: refused, damaged, not found
constexpr int exit_wrong = 2;   // usage or configuration
constexpr int exit_archive = 3; // the archive cannot be used

int exit_code_of(Kind kind) {
    switch (kind) {
    case Kind::temporary:
        return exit_archive;
    case Kind::refused:
    case Kind::corrupt:
        return exit_no;
    case Kind::misuse:
        return exit_wrong;
    }
    return exit_wrong;
}

void complain(const Error& error) {
    std::string text = "kwit: ";
    for (const std::string_view line : split(error.what, '\n'))
        text += terminal_text(line) + "\n";
    if (!error.remedy.empty()) text += "  " + terminal_text(error.remedy) + "\n";
    std::fputs(text.c_str(), stderr);
}

struct Global {
    std::string config;
    bool json = false;
};

/// The words that stand before a command of two words, with what they are about.
const std::map<std::string, std::string, std::less<>>& groups() {
    static const std::map<std::string, std::string, std::less<>> all = {
        {"client", "Clients: the companies whose books are kept."},
        {"notify", "Notification addresses: who is told of a client's imports and failures."},
        {"notice", "Notices: how the mails look that kwit sends, and whether they arrive."},
        {"sender", "Senders: who may send for a client, with the codes of the subject."},
        {"address", "Import addresses: what documents are sent to."},
        {"receipt", "Receipts: what came in, and what became of it."},
        {"document", "Documents: the files that were filed."},
        {"part", "Parts: what is ignored in the mails of a client, such as its suppliers' logos."},
        {"outbox", "Outbox: the mails that kwit owes."},
        {"journal", "Journal: the chain of every change."},
    };
    return all;
}

// ── from the table of commands to the parser ─────────────────────────────────────────────────────

/// Gives one argument to the parser.
class Binder {
public:
    Binder(CLI::App& app, const Argument& argument) : app_(app), help_(argument.help) {
        const auto space = argument.name.find(' ');
        name_ = argument.name.substr(0, space);
        if (space != std::string::npos) value_ = argument.name.substr(space + 1);
    }

    CLI::Option* operator()(std::string* target) { return app_.add_option(name_, *target, help_); }

    CLI::Option* operator()(std::optional<std::string>* target) {
        // An empty text is a value as well: it takes away what was there.
        return app_.add_option_function<std::string>(
            name_, [target](const std::string& text) { *target = text; }, help_
        );
    }

    CLI::Option* operator()(std::vector<std::string>* target) {
        CLI::Option* const option = app_.add_option(name_, *target, help_);
        // "--to A FILE" must not take the file for a second recipient.
        return name_.front() == '-' ? option->allow_extra_args(false) : option;
    }

    CLI::Option* operator()(std::optional<std::size_t>* target) {
        return app_.add_option_function<std::string>(
            name_,
            [target, name = name_](const std::string& text) {
                *target = parse_number(text);
                if (!*target)
                    throw CLI::ValidationError(name, R"(")" + text + R"(" is no whole number)");
            },
            help_
        );
    }

    CLI::Option* operator()(bool* target) { return app_.add_flag(name_, *target, help_); }

    [[nodiscard]] const std::string& value() const { return value_; }

private:
    CLI::App& app_;
    std::string name_;
    std::string value_;
    std::string help_;
};

void bind(CLI::App& app, const Argument& argument) {
    Binder binder(app, argument);
    CLI::Option* const option = std::visit(binder, argument.target);
    if (argument.need == Need::required) option->required();
    if (!std::holds_alternative<bool*>(argument.target)) option->type_name(binder.value());
}

/// Unknown words are told by us, with the nearest known one.
CLI::App* add_word(CLI::App& app, const std::string& name, const std::string& help) {
    CLI::App* const word = app.add_subcommand(name, help);
    word->fallthrough();
    word->allow_extras();
    word->require_subcommand(0, 1);
    return word;
}

CLI::App* word_for(CLI::App& app, const std::string& path) {
    const auto space = path.find(' ');
    if (space == std::string::npos) return &app;
    const std::string first = path.substr(0, space);
    for (CLI::App* known : app.get_subcommands([](const CLI::App*) { return true; }))
        if (known->get_name() == first) return known;
    return add_word(app, first, groups().at(first));
}

using Bound = std::map<const CLI::App*, const Command*>;

Bound bind_all(CLI::App& app, const Commands& commands) {
    Bound bound;
    for (const Command& command : commands) {
        CLI::App& parent = *word_for(app, command.path);
        const std::string word = command.path.substr(command.path.rfind(' ') + 1);
        // The list of commands has the first sentence of each.
        const auto first = std::min(command.help.find(". "), command.help.size() - 1) + 1;
        CLI::App* const own = add_word(parent, word, command.help.substr(0, first));
        const std::string rest = std::string(trim(command.help.substr(first)));
        own->footer(rest + (rest.empty() ? "" : "\n\n") + "Example:\n  " + command.example);
        for (const Argument& argument : command.arguments)
            bind(*own, argument);
        bound[own] = &command;
    }
    return bound;
}

void bind_global(CLI::App& app, Global& global) {
    const char* const from_environment = std::getenv("KWIT_CONFIG");
    global.config = from_environment != nullptr ? from_environment : "/etc/kwit/kwit.toml";
    app.allow_extras();
    app.require_subcommand(0, 1);
    app.set_version_flag("--version", "kwit " KWIT_VERSION, "the version of this program");
    app.add_option("--config", global.config, "the configuration (else $KWIT_CONFIG)")
        ->type_name("FILE");
    app.add_flag("--json", global.json, "one JSON object a line, times in UTC, sizes in bytes");
    app.footer(
        "Global options stand before or after the command. \"kwit COMMAND --help\" tells more.\n"
        "Exit code: 0 done; 1 the answer is no (refused, damaged, not found); 2 wrong usage or\n"
        "configuration; 3 the archive cannot be used."
    );
}

// ── what was typed ───────────────────────────────────────────────────────────────────────────────

/// The last word of the command that was understood.
const CLI::App& deepest(const CLI::App& app) {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty())
        at = at->get_subcommands().front();
    return *at;
}

/// "kwit client add"
std::string spelled(const CLI::App& app) {
    const CLI::App* const parent = app.get_parent();
    return parent == nullptr ? "kwit" : spelled(*parent) + " " + app.get_name();
}

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* word : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(word->get_name());
    return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* at = &app; at != nullptr; at = at->get_parent())
        for (const CLI::Option* option : at->get_options())
            for (const std::string& name : option->get_lnames())
                names.push_back("--" + name);
    return names;
}

/// What is said about a word that nobody knows.
Error unknown(const CLI::App& app, const std::string& word) {
    const std::string command = spelled(app);
    const bool option = word.starts_with("-");
    const std::string name = word.substr(0, word.find('='));
    const auto known = option ? options_of(app) : commands_of(app);
    const auto nearest = nearest_word(name, known);
    Error error{.kind = Kind::misuse, .what = {}, .remedy = command + " --help tells more"};
    if (option)
        error.what = fmt::format("{} has no option {}", command, name);
    else if (known.empty())
        error.what = fmt::format(R"("{}" is one word too many for {})", word, command);
    else
        error.what = fmt::format(R"("{}" is no command of {})", word, command);
    if (nearest) error.remedy = fmt::format("did you mean {}?", *nearest);
    return error;
}

Error missing_command(const CLI::App& app) {
    return {
        .kind = Kind::misuse,
        .what = "say what to do: " + spelled(app) + " COMMAND",
        .remedy = "the commands are " + join(commands_of(app), ", ")};
}

/// What was asked for: a command with its options filled in, or the text of --help or --version.
using Asked = std::variant<const Command*, std::string>;

Result<Asked> parse(CLI::App& app, const Bound& bound, std::span<char*> words) {
    try {
        app.parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::Success& asked) {
        std::ostringstream text;
        app.exit(asked, text, text);
        return Asked(text.str());
    } catch (const CLI::ParseError& error) {
        // An option with a slip of the pen is the likelier cause of one that is missing.
        const auto extra = app.remaining(true);
        if (!extra.empty()) return fail(unknown(deepest(app), extra.front()));
        return fail(Kind::misuse, error.what(), spelled(deepest(app)) + " --help tells more");
    }
    const CLI::App& last = deepest(app);
    const auto extra = app.remaining(true);
    if (!extra.empty()) return fail(unknown(last, extra.front()));
    const auto found = bound.find(&last);
    if (found == bound.end()) return fail(missing_command(last));
    return Asked(found->second);
}

// ── running ──────────────────────────────────────────────────────────────────────────────────────

/// The command as it can be typed again, also behind sudo, which hides our environment.
std::string command_line(std::span<char*> words, const Global& global) {
    std::string line;
    bool configured = false;
    for (const std::string_view word : words) {
        line += (line.empty() ? "" : " ") + shell_word(std::string(word));
        configured = configured || word == "--config" || word.starts_with("--config=");
    }
    if (!configured && std::getenv("KWIT_CONFIG") != nullptr)
        line += " --config " + shell_word(global.config);
    return line;
}

/// Who will stand in the journal: the person, also behind sudo.
std::string who() {
    const char* const behind_sudo = std::getenv("SUDO_USER");
    if (behind_sudo != nullptr && *behind_sudo != '\0') return behind_sudo;
    return current_user().name;
}

int run(const Command& command, const Global& global, const std::string& typed) {
    const auto settings = load_settings(global.config);
    if (!settings) {
        complain(settings.error());
        return exit_wrong;
    }
    if (const auto raised = raise_descriptor_limit(); !raised) complain(raised.error());
    Printer out(STDOUT_FILENO, global.json ? Form::json : Form::text);
    Context context{
        .settings = *settings,
        .out = out,
        .by = {.who = who(), .at = now()},
        .command_line = typed};
    const auto done = command.run(context);
    // What was printed until then is true, whatever came after it.
    const auto printed = out.finish();
    if (!done) {
        complain(done.error());
        return exit_code_of(done.error().kind);
    }
    if (!printed) {
        complain(printed.error());
        return exit_no;
    }
    return *done == Done::yes ? exit_done : exit_no;
}

/// The text of --help or --version.
int tell(const std::string& text) {
    Printer out(STDOUT_FILENO, Form::text);
    out.raw(as_bytes(text));
    const auto printed = out.finish();
    if (printed) return exit_done;
    complain(printed.error());
    return exit_no;
}

int start(std::span<char*> words) {
    std::setlocale(LC_CTYPE, "C.UTF-8"); // for the width of characters alone
    std::signal(SIGPIPE, SIG_IGN);       // the printer sees that nobody reads any more
    const auto logged = log::set_up({.sink = "stderr", .level = log::Level::error});
    if (!logged) complain(logged.error());
    CLI::App app("Looks after the documents that kwit-milter takes in by e-mail.", "kwit");
    app.set_help_flag("-h,--help", "tells what there is, and the options of a command");
    Global global;
    bind_global(app, global);
    const Commands commands = all_commands();
    // For the build, which makes kwit(1) of the same table that --help shows.
    if (words.size() == 2 && std::string_view(words[1]) == "--man")
        return tell(man_page(commands, groups(), KWIT_VERSION));
    const Bound bound = bind_all(app, commands);
    const auto asked = parse(app, bound, words);
    if (!asked) {
        complain(asked.error());
        return exit_wrong;
    }
    if (const auto* const text = std::get_if<std::string>(&*asked)) return tell(*text);
    return run(*std::get<const Command*>(*asked), global, command_line(words, global));
}

} // namespace

} // namespace kwit::cli

int main(int argc, char** argv) try {
    return kwit::cli::start(std::span(argv, static_cast<std::size_t>(argc)));

} catch (const std::exception& bug) {

    std::fprintf(stderr, "kwit: %s\n", bug.what());
    return EXIT_FAILURE;
}
