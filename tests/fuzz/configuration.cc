// The configuration file: settings, or mistakes that each name the file; never anything else.
#include "core/base/text.hh"
#include "core/config/config.hh"
#include "core/config/syntax.hh"
#include "tests/fuzz/input.hh"

namespace kwit::fuzz {

namespace {

void run(std::string_view text) {
    const auto settings = parse_settings(text, "kwit.toml");
    if (!settings) {
        HOLDS(settings.error().kind == Kind::misuse);
        HOLDS(settings.error().what.starts_with("kwit.toml"));
        return;
    }
    for (const std::string& warning : warnings(*settings, 1000))
        HOLDS(!warning.empty());
}

void small_texts(std::string_view text) {
    if (const auto size = syntax::size(text)) HOLDS(syntax::size(syntax::size_text(*size)) == size);
    if (const auto time = syntax::duration(text)) HOLDS(time->count() > 0);
    if (const auto mode = syntax::mode(text)) HOLDS(*mode <= 0777);
    if (const auto socket = syntax::socket(text))
        HOLDS(socket->path.empty() != socket->host.empty());
    if (const auto box = syntax::mailbox(text)) HOLDS(box->find('@') != std::string::npos);
    if (const auto lines = syntax::signature(text)) HOLDS(is_plain_text(*lines));
    static_cast<void>(syntax::is_smtp_url(text));
    static_cast<void>(syntax::time_of_day(text));
    static_cast<void>(syntax::is_local_base(text));
}

} // namespace

} // namespace kwit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = kwit::fuzz::text_of(data, size);
    kwit::fuzz::run(text);
    kwit::fuzz::small_texts(text);
    return 0;
}
