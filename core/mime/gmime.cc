#include "core/base/text.hh"
#include "core/mime/walk.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmime/gmime.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <string_view>

namespace kwit::mime {

namespace {

struct Unref {
    void operator()(gpointer object) const noexcept { g_object_unref(object); }
};

template <typename T>
using Owned = std::unique_ptr<T, Unref>;

struct FreeOptions {
    void operator()(GMimeParserOptions* options) const noexcept {
        g_mime_parser_options_free(options);
    }
};

/// One warning may come for each header; no more than so many are kept.
constexpr std::size_t max_warnings = 100;

std::string_view word_of(GMimeParserWarning warning, const gchar* item) {
    switch (warning) {
    case GMIME_CRIT_CONFLICTING_HEADER:
        // Of the others a mail may have several; what matters of those we count ourselves.
        return item != nullptr && starts_with_word(item, "content-") ? "conflicting-header" : "";
    case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
        return "multipart-without-boundary";
    case GMIME_CRIT_NESTING_OVERFLOW:
        return "nesting-overflow";
    case GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT:
        return "part-without-content";
    default:
        return "";
    }
}

void keep_warning(gint64 offset, GMimeParserWarning warning, const gchar* item, gpointer data) {
    auto& warnings = *static_cast<std::vector<WalkWarning>*>(data);
    const std::string_view word = word_of(warning, item);
    if (word.empty() || warnings.size() >= max_warnings) return;
    warnings.push_back({offset > 0 ? static_cast<std::uint64_t>(offset) : 0, std::string(word)});
}

std::string media_type_of(GMimeObject* object) {
    GMimeContentType* type = g_mime_object_get_content_type(object);
    if (type == nullptr) return {};
    const char* major = g_mime_content_type_get_media_type(type);
    const char* minor = g_mime_content_type_get_media_subtype(type);
    return lower(
        std::string(major == nullptr ? "" : major) + "/" + (minor == nullptr ? "" : minor)
    );
}

/// The object as one of its class, or null; GMime's own macros cast in the way of C.
template <typename T>
T* as(GMimeObject* object, GType type) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): GObject's inheritance.
    auto* instance = reinterpret_cast<GTypeInstance*>(object);
    if (g_type_check_instance_is_a(instance, type) == 0) return nullptr;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    return reinterpret_cast<T*>(object);
}

WalkedLeaf leaf_of(GMimeObject* object) {
    WalkedLeaf leaf;
    leaf.media_type = media_type_of(object);
    leaf.nested_mail = as<GMimeMessagePart>(object, g_mime_message_part_get_type()) != nullptr;
    auto* part = as<GMimePart>(object, g_mime_part_get_type());
    GMimeDataWrapper* content = part == nullptr ? nullptr : g_mime_part_get_content(part);
    GMimeStream* stream = content == nullptr ? nullptr : g_mime_data_wrapper_get_stream(content);
    if (stream == nullptr) return leaf;
    leaf.begin = static_cast<std::uint64_t>(stream->bound_start);
    leaf.end = static_cast<std::uint64_t>(stream->bound_end);
    return leaf;
}

/// Caps bounds the depth of what comes here.
void collect(GMimeObject* object, std::vector<WalkedLeaf>& leaves) {
    if (object == nullptr) return;
    auto* multipart = as<GMimeMultipart>(object, g_mime_multipart_get_type());
    if (multipart == nullptr) {
        leaves.push_back(leaf_of(object));
        return;
    }
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; ++i)
        collect(g_mime_multipart_get_part(multipart, i), leaves);
}

} // namespace

Result<Walked> walk(const File& mail) {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
    // GMime moves the position of its descriptor: it gets one of its own, not a copy of the file's.
    const std::string again = fmt::format("/proc/self/fd/{}", mail.descriptor());
    const int fd = open(again.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(system_error("open " + mail.name() + " again", errno));
    Walked out;
    const Owned<GMimeStream> stream(
        g_mime_stream_fs_new_with_bounds(fd, 0, static_cast<gint64>(mail.size()))
    );
    const std::unique_ptr<GMimeParserOptions, FreeOptions> options(g_mime_parser_options_new());
    g_mime_parser_options_set_warning_callback(options.get(), keep_warning, &out.warnings);
    const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    g_mime_parser_set_persist_stream(parser.get(), TRUE);
    g_mime_parser_set_format(parser.get(), GMIME_FORMAT_MESSAGE);
    const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options.get()));
    if (!message) return out;
    out.readable = true;
    collect(g_mime_message_get_mime_part(message.get()), out.leaves);
    return out;
}

} // namespace kwit::mime
