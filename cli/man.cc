#include "cli/man.hh"

#include "core/base/text.hh"

#include <fmt/format.h>

#include <set>
#include <vector>

namespace kwit::cli {

namespace {

bool is_list(const Argument& argument) {
    return std::holds_alternative<std::vector<std::string>*>(argument.target);
}

std::string in_italics(std::string_view word) {
    return fmt::format("\\fI{}\\fR", roff_text(word));
}

/// "\-\-name \fINAME\fR", "\fIID\fR", or both where it may be given in either way.
std::string styled(const Argument& argument, std::string_view between) {
    const std::string_view whole = argument.name;
    const auto space = whole.find(' ');
    std::vector<std::string> ways;
    for (const std::string_view name : split(whole.substr(0, space), ',')) {
        const bool is_placed = !name.starts_with('-');
        ways.push_back(is_placed ? in_italics(name) : fmt::format("\\fB{}\\fR", roff_text(name)));
        if (!is_placed && space != std::string_view::npos)
            ways.back() += " " + in_italics(whole.substr(space + 1));
    }
    return join(ways, between);
}

/// How it stands in the line that shows a command's form.
std::string in_form(const Argument& argument) {
    std::string text = styled(argument, " | ");
    if (is_list(argument)) text += " ...";
    return argument.need == Need::required ? text : "[" + text + "]";
}

std::string form(const Command& command) {
    std::string line = fmt::format("\\fBkwit {}\\fR", roff_text(command.path));
    for (const Argument& argument : command.arguments)
        line += " " + in_form(argument);
    return line;
}

void add(std::string& page, const Command& command) {
    page += fmt::format(".TP\n{}\n{}\n", form(command), roff_text(command.help));
    if (!command.arguments.empty()) {
        page += ".RS\n";
        for (const Argument& argument : command.arguments)
            page += fmt::format(".TP\n{}\n{}\n", styled(argument, ", "), roff_text(argument.help));
        page += ".RE\n";
    }
    page += fmt::format(".IP\nExample: \\fB{}\\fR\n", roff_text(command.example));
}

/// In the order of the table, a heading before the first command of each group.
std::string all_of(const Commands& commands, const Groups& groups) {
    std::string text;
    std::set<std::string> told;
    for (const Command& command : commands) {
        const std::string first = command.path.substr(0, command.path.find(' '));
        if (told.insert(first).second) {
            const auto group = groups.find(first);
            text += fmt::format(
                ".SS {}\n", roff_text(group == groups.end() ? "kwit " + first : group->second)
            );
        }
        add(text, command);
    }
    return text;
}

constexpr std::string_view head = R"(.SH NAME
kwit \- looks after the documents that kwit\-milter takes in by e\-mail
.SH SYNOPSIS
\fBkwit\fR [\fB\-\-config\fR \fIFILE\fR] [\fB\-\-json\fR] \fICOMMAND\fR ...
.SH DESCRIPTION
The command of the mail admin and of the accountant: it keeps clients, senders and import addresses, shows what came in and
what became of it, and proves that nothing is lost.
Started as root it takes the identity of the archive's owner first; others are told how to become that user.
It may run while
.BR kwit\-milter (8)
does; what it changes holds for the next recipient.
.SH OPTIONS
They may stand before or after the command.
.TP
\fB\-\-config\fR \fIFILE\fR
The configuration; left out: $KWIT_CONFIG, else
.IR /etc/kwit/kwit.toml .
.TP
\fB\-\-json\fR
One JSON object a line, with the field names of the records; times in UTC (RFC 3339), sizes in bytes.
.TP
\fB\-\-help\fR
What there is; behind a command: its options.
.TP
\fB\-\-version\fR
The version of this program.
.SH COMMANDS
)";

constexpr std::string_view tail = R"(.SH FILES
.TP
.I /etc/kwit/kwit.toml
The configuration.
.TP
.I /var/lib/kwit
The archive, unless the configuration says otherwise.
.SH ENVIRONMENT
.TP
.B KWIT_CONFIG
The configuration, where \fB\-\-config\fR is not given.
.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
The answer is no: refused, damaged, not found.
.TP
.B 2
Wrong usage or configuration.
.TP
.B 3
The archive cannot be used.
.SH SEE ALSO
.BR kwit\-milter (8),
.BR kwit.toml (5)
)";

} // namespace

std::string roff_text(std::string_view text) {
    std::string out;
    bool begins = true; // a dot or a quote at the beginning of a line is a request
    for (const char c : text) {
        if (begins && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if (c == '\'')
            out += "\\(aq";
        else
            out += c;
        begins = c == '\n';
    }
    return out;
}

std::string man_page(const Commands& commands, const Groups& groups, std::string_view version) {
    return fmt::format(
        ".\\\" Made by kwit --man; the texts are those of --help.\n.TH KWIT 1 \"\" \"kwit {}\" "
        "\"kwit\"\n{}{}{}",
        roff_text(version),
        head,
        all_of(commands, groups),
        tail
    );
}

} // namespace kwit::cli
