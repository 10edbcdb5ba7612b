#include "core/base/log.hh"

#include "core/base/complaints.hh"
#include "core/base/encode.hh"
#include "core/base/file.hh"
#include "core/base/text.hh"
#include "core/base/time.hh"

#include <boost/log/core.hpp>
#include <boost/log/expressions.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/sync_frontend.hpp>
#include <boost/log/sinks/syslog_backend.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/log/sources/severity_logger.hpp>
#include <boost/log/utility/exception_handler.hpp>
#include <boost/make_shared.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <shared_mutex>

namespace kwit::log {

namespace {

namespace expressions = boost::log::expressions;
namespace sinks = boost::log::sinks;

constexpr std::string_view file_prefix = "file:";
constexpr const char* ident = "kwit"; // openlog(3) keeps the pointer

// NOLINTNEXTLINE(modernize-type-traits,misc-use-anonymous-namespace): a macro of Boost.Log
BOOST_LOG_ATTRIBUTE_KEYWORD(severity, "Severity", Level)

/// One write call a line, so that lines of several threads or processes do not mix.
bool write_line(int fd, std::string_view line) {
    while (!line.empty()) {
        const ssize_t written = ::write(fd, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        line.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

class StderrBackend
    : public sinks::basic_formatted_sink_backend<char, sinks::synchronized_feeding> {
public:
    static void consume(const boost::log::record_view& /*record*/, const std::string& line) {
        write_line(STDERR_FILENO, line + '\n');
    }
};

Result<Fd> open_log(const std::string& path) {
    constexpr mode_t mode = 0640;
    Fd file{::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, mode)};
    if (!file) {
        Error error = system_error("open log " + path, errno);
        error.kind = Kind::misuse;
        error.remedy = fmt::format("make its directory, writable for the user kwit runs as");
        return fail(std::move(error));
    }
    return file;
}

class FileBackend : public sinks::basic_formatted_sink_backend<char, sinks::synchronized_feeding> {
public:
    FileBackend(std::string path, Fd file) : path_(std::move(path)), file_(std::move(file)) {}

    // The sink's front end holds a lock while it calls us.
    void consume(const boost::log::record_view& /*record*/, const std::string& line) {
        if (!is_current()) reopen();
        if (write_line(file_.get(), line + '\n')) return;
        write_line(STDERR_FILENO, line + '\n'); // better there than nowhere
    }

private:
    /// Whether the name still leads to the file in hand; not after a rotation.
    [[nodiscard]] bool is_current() const {
        struct stat named {};

        struct stat held {};

        return ::stat(path_.c_str(), &named) == 0 && ::fstat(file_.get(), &held) == 0 &&
               named.st_dev == held.st_dev && named.st_ino == held.st_ino;
    }

    /// Stays with the old file when the new one cannot be had: it can still be read.
    void reopen() {
        Result<Fd> file = open_log(path_);
        if (file) file_ = std::move(*file);
    }

    std::string path_;
    Fd file_;
};

using Sink = boost::shared_ptr<sinks::sink>;

Sink stderr_sink() {
    auto sink = boost::make_shared<sinks::synchronous_sink<StderrBackend>>();
    sink->set_formatter(expressions::stream << expressions::smessage);
    return sink;
}

Result<Sink> file_sink(const std::string& path) {
    Fd file = TRY(open_log(path));
    auto sink = boost::make_shared<sinks::synchronous_sink<FileBackend>>(
        boost::make_shared<FileBackend>(path, std::move(file))
    );
    sink->set_formatter([](const auto& record, auto& line) {
        line << rfc3339(now()) << ' ' << record[expressions::smessage];
    });
    return Sink(sink);
}

Sink syslog_sink() {
    auto backend = boost::make_shared<sinks::syslog_backend>(
        boost::log::keywords::facility = sinks::syslog::mail,
        boost::log::keywords::use_impl = sinks::syslog::native,
        boost::log::keywords::ident = ident
    );
    sinks::syslog::custom_severity_mapping<Level> mapping("Severity");
    mapping[Level::debug] = sinks::syslog::debug;
    mapping[Level::info] = sinks::syslog::info;
    mapping[Level::warning] = sinks::syslog::warning;
    mapping[Level::error] = sinks::syslog::error;
    backend->set_severity_mapper(mapping);
    auto sink = boost::make_shared<sinks::synchronous_sink<sinks::syslog_backend>>(backend);
    sink->set_formatter(expressions::stream << expressions::smessage);
    return sink;
}

Result<Sink> sink_named(const std::string& name) {
    if (name == "stderr") return stderr_sink();
    if (name == "syslog") return syslog_sink();
    if (name.starts_with(file_prefix)) return file_sink(name.substr(file_prefix.size()));
    return fail(
        Kind::misuse,
        fmt::format("cannot log to \"{}\": no such sink", terminal_text(name)),
        "name stderr, syslog or file:PATH"
    );
}

/// The one sink of the process. Boost.Log's core is global anyway; this keeps a change of sink
/// apart from lines under way, so that none is lost or written twice.
class Output {
public:
    Output() : sink_(stderr_sink()) {
        const auto core = boost::log::core::get();
        core->set_exception_handler(boost::log::make_exception_suppressor());
        core->add_sink(sink_);
        core->set_filter(severity >= Level::info);
    }

    void change(Sink sink, Level level) {
        const std::unique_lock lock(changing_);
        const auto core = boost::log::core::get();
        core->remove_sink(sink_);
        sink_ = std::move(sink);
        core->add_sink(sink_);
        core->set_filter(severity >= level);
        // libmilter calls syslog(3) itself: its lines shall look like ours, whatever our sink is.
        ::openlog(ident, LOG_PID, LOG_MAIL);
    }

    void put(Level level, const std::string& line) {
        const std::shared_lock lock(changing_);
        BOOST_LOG_SEV(source_, level) << line;
    }

private:
    std::shared_mutex changing_;
    Sink sink_;
    boost::log::sources::severity_logger_mt<Level> source_;
};

Output& output() {
    static Output only;
    return only;
}

/// The complaints of the process, as the log is.
class GuardedComplaints {
public:
    std::optional<std::string> tell(const Error& error, Level level) {
        const std::scoped_lock lock(mutex_);
        return complaints_.tell(error, static_cast<int>(level), Complaints::Clock::now());
    }

    std::vector<std::pair<Level, std::string>> rest(Rest rest) {
        const auto time =
            rest == Rest::all ? Complaints::Clock::time_point::max() : Complaints::Clock::now();
        std::vector<std::pair<Level, std::string>> lines;
        const std::scoped_lock lock(mutex_);
        for (auto& [level, line] : complaints_.rest(time))
            lines.emplace_back(static_cast<Level>(level), std::move(line));
        return lines;
    }

private:
    std::mutex mutex_;
    Complaints complaints_;
};

GuardedComplaints& complaints() {
    static GuardedComplaints only;
    return only;
}

std::string_view mark_of(Level level) {
    switch (level) {
    case Level::debug:
        return "debug: ";
    case Level::info:
        return "";
    case Level::warning:
        return "warning: ";
    case Level::error:
        return "error: ";
    }
    return "";
}

} // namespace

Result<void> set_up(const Options& options) {
    Sink sink = TRY(sink_named(options.sink));
    output().change(std::move(sink), options.level);
    return {};
}

void write(Level level, std::string_view queue_id, std::string_view text) {
    const std::string id = queue_id.empty() ? "-" : log_text(queue_id);
    output().put(level, fmt::format("{}: {}{}", id, mark_of(level), log_text(text)));
}

void debug(std::string_view queue_id, std::string_view text) {
    write(Level::debug, queue_id, text);
}

void info(std::string_view queue_id, std::string_view text) {
    write(Level::info, queue_id, text);
}

void warning(std::string_view queue_id, std::string_view text) {
    write(Level::warning, queue_id, text);
}

void error(std::string_view queue_id, std::string_view text) {
    write(Level::error, queue_id, text);
}

void error(std::string_view queue_id, const Error& error) {
    const std::string text = sentence_of(error);
    for (const std::string_view line : split(text, '\n'))
        write(Level::error, queue_id, line);
}

bool complain(std::string_view queue_id, const Error& error) {
    const bool mends_itself =
        error.cause == Cause::restart_needed || error.cause == Cause::rate_limited;
    return complain(queue_id, error, mends_itself ? Level::warning : Level::error);
}

bool complain(std::string_view queue_id, const Error& error, Level level) {
    const auto told = complaints().tell(error, level);
    const std::string text = told ? *told : sentence_of(error);
    for (const std::string_view line : split(text, '\n'))
        write(told ? level : Level::debug, queue_id, line);
    return told.has_value();
}

void tell_held_back(Rest rest) {
    for (const auto& [level, line] : complaints().rest(rest))
        write(level, "", line);
}

} // namespace kwit::log
