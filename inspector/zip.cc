#include "inspector/zip.hh"

#include "core/base/text.hh"
#include "inspector/text.hh"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>

namespace kwit::inspector {

namespace {

struct Free {
    void operator()(archive* reader) const noexcept { archive_read_free(reader); }
};

using Reader = std::unique_ptr<archive, Free>;

/// The document as libarchive asks for it. Nothing is thrown through its C code.
struct Feed {
    const Document& document;
    std::int64_t at = 0;
    std::string trouble{};
    std::array<char, 65536> piece{};
};

Feed& feed_of(void* data) {
    return *static_cast<Feed*>(data);
}

la_ssize_t read_piece(archive* /*reader*/, void* data, const void** bytes) noexcept {
    Feed& feed = feed_of(data);
    try {
        const auto at = static_cast<std::uint64_t>(feed.at);
        const std::size_t got = feed.document.read_at(at, feed.piece);
        feed.at += static_cast<std::int64_t>(got);
        *bytes = feed.piece.data();
        return static_cast<la_ssize_t>(got);
    } catch (const std::exception& trouble) {
        feed.trouble = trouble.what();
        return ARCHIVE_FATAL;
    }
}

la_int64_t skip(archive* /*reader*/, void* data, la_int64_t request) noexcept {
    Feed& feed = feed_of(data);
    const la_int64_t left = static_cast<la_int64_t>(feed.document.size()) - feed.at;
    const la_int64_t skipped = std::max<la_int64_t>(0, std::min(request, left));
    feed.at += skipped;
    return skipped;
}

la_int64_t seek(archive* /*reader*/, void* data, la_int64_t offset, int whence) noexcept {
    Feed& feed = feed_of(data);
    const auto size = static_cast<la_int64_t>(feed.document.size());
    if (whence == SEEK_CUR) offset += feed.at;
    if (whence == SEEK_END) offset += size;
    if (offset < 0 || offset > size) return ARCHIVE_FATAL;
    feed.at = offset;
    return offset;
}

/// libarchive keeps something of each entry in memory, so where there are very many they are
/// counted before.
constexpr std::uint64_t very_many = 20'000;

/// Entries of the ZIP, directories too, and of other ones that stand in it unpacked.
std::uint64_t count_entries(const Document& document) {
    constexpr std::string_view mark = "PK\1\2";
    constexpr std::size_t overlap = mark.size() - 1;
    std::array<char, 65536> buffer{};
    std::uint64_t count = 0;
    std::size_t kept = 0;
    for (std::uint64_t at = 0;;) {
        const std::size_t got = document.read_at(at, std::span(buffer).subspan(kept));
        if (got == 0) return count;
        at += got;
        const std::string_view text(buffer.data(), kept + got);
        for (std::size_t found = text.find(mark); found != std::string_view::npos;
             found = text.find(mark, found + mark.size()))
            ++count;
        kept = std::min(overlap, text.size());
        const std::string rest(text.substr(text.size() - kept));
        std::copy(rest.begin(), rest.end(), buffer.begin());
    }
}

/// A ZIP that is nothing but its end, which libarchive does not take for one.
bool is_empty(const Document& document) {
    constexpr std::size_t end_record = 22;
    std::array<char, 4> head{};
    return document.size() == end_record && document.read_at(0, head) == head.size() &&
           std::string_view(head.data(), head.size()) == "PK\5\6";
}

std::string_view said_by(archive* reader) {
    const char* const said = archive_error_string(reader);
    return said == nullptr ? std::string_view("it is no ZIP") : std::string_view(said);
}

/// To libarchive memory that ran out is an error like others.
void check_memory(archive* reader) {
    if (archive_errno(reader) == ENOMEM) throw std::bad_alloc();
}

Opening damaged(archive* reader) {
    check_memory(reader);
    return {.state = Opening::State::damaged, .said = clean_text(said_by(reader))};
}

Reader open(Feed& feed) {
    Reader reader(archive_read_new());
    if (!reader) throw std::bad_alloc();
    archive_read_support_format_zip_seekable(reader.get());
    archive_read_set_callback_data(reader.get(), &feed);
    archive_read_set_read_callback(reader.get(), read_piece);
    archive_read_set_skip_callback(reader.get(), skip);
    archive_read_set_seek_callback(reader.get(), seek);
    return reader;
}

bool is_directory(archive_entry* entry) {
    return archive_entry_filetype(entry) == AE_IFDIR;
}

/// A directory and no more: one that has bytes may be a document all the same.
bool is_mere_directory(archive_entry* entry, bool sound) {
    return sound && is_directory(entry) && archive_entry_size_is_set(entry) != 0 &&
           archive_entry_size(entry) == 0;
}

/// What the name of an entry is written in: APPNOTE.TXT knows only two.
void begin(archive_entry* entry, Output& output) {
    const char* const name = archive_entry_pathname(entry);
    std::string_view text = name == nullptr ? std::string_view() : std::string_view(name);
    while (is_directory(entry) && text.ends_with('/')) // libarchive adds one where there is none
        text.remove_suffix(1);
    output.begin(text, is_utf8(text) ? "" : "CP437");
}

/// A name that cannot be read is no damage of what it names.
bool is_about_name(std::string_view said) {
    return said.starts_with("Pathname") || said.starts_with("Linkname");
}

/// Writes the member; what keeps its bytes from being taken.
std::optional<Withheld> write_member(archive* reader, Output& output) {
    std::array<char, 65536> piece{};
    for (;;) {
        const la_ssize_t got = archive_read_data(reader, piece.data(), piece.size());
        if (got == 0) return std::nullopt;
        if (got < 0) check_memory(reader);
        if (got < 0)
            return said_by(reader).starts_with("Unsupported") ? Withheld::method
                                                              : Withheld::damaged;
        output.write({piece.data(), static_cast<std::size_t>(got)});
    }
}

std::optional<Withheld> take(archive* reader, archive_entry* entry, bool sound, Output& output) {
    if (archive_entry_is_data_encrypted(entry) != 0) return Withheld::encrypted;
    if (archive_entry_filetype(entry) == AE_IFLNK) return Withheld::link;
    // Of directories, devices and the like libarchive gives no bytes, though the ZIP may have some.
    if (archive_entry_filetype(entry) != AE_IFREG) return Withheld::damaged;
    if (archive_entry_size_is_set(entry) != 0)
        output.expect_bytes(static_cast<std::uint64_t>(archive_entry_size(entry)));
    const auto withheld = write_member(reader, output);
    if (!withheld && !sound) return Withheld::damaged;
    return withheld;
}

std::optional<Withheld>
read_member(archive* reader, archive_entry* entry, bool sound, Output& output) {
    begin(entry, output);
    const auto withheld = take(reader, entry, sound, output);
    if (withheld)
        output.withhold(*withheld);
    else
        output.end();
    return withheld;
}

Opening read_entries(archive* reader, Output& output) {
    std::uint64_t members = 0;
    std::uint64_t encrypted = 0;
    for (;;) {
        archive_entry* entry = nullptr;
        const int result = archive_read_next_header(reader, &entry);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return damaged(reader);
        const bool sound = result == ARCHIVE_OK || is_about_name(said_by(reader));
        if (is_mere_directory(entry, sound)) continue;
        ++members;
        if (read_member(reader, entry, sound, output) == Withheld::encrypted) ++encrypted;
    }
    const bool closed = members > 0 && encrypted == members;
    return {.state = closed ? Opening::State::encrypted : Opening::State::opened};
}

} // namespace

Opening unpack_zip(const Document& document, Output& output) {
    const std::uint64_t entries = count_entries(document);
    if (entries > very_many) output.expect_members(entries);
    if (is_empty(document)) return {.state = Opening::State::opened};
    Feed feed{document};
    const Reader reader = open(feed);
    const bool opened = archive_read_open1(reader.get()) == ARCHIVE_OK;
    Opening opening = opened ? read_entries(reader.get(), output) : damaged(reader.get());
    if (!feed.trouble.empty()) throw Unreadable(feed.trouble);
    return opening;
}

void warm_up_zip() {
    using namespace std::string_literals;
    // One empty file with a name in UTF-8: what reading it takes is made now.
    const std::string name = "\xC5\x82";
    const std::string both = "\x0A\0\0\x08\0\0\0\0\x21\0"s + std::string(12, '\0') + "\2\0\0\0"s;
    const std::string local = "PK\3\4"s + both + name;
    const std::string central = "PK\1\2\x0A\0"s + both + std::string(14, '\0') + name;
    const auto size = [](const std::string& part) {
        return std::string(1, static_cast<char>(part.size())) + std::string(3, '\0');
    };
    const std::string bytes = local + central + "PK\5\6"s + std::string(4, '\0') + "\1\0\1\0"s +
                              size(central) + size(local) + std::string(2, '\0');
    const Reader reader(archive_read_new());
    if (!reader) return;
    archive_read_support_format_zip_seekable(reader.get());
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
        archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK)
        return;
    archive_entry_pathname(entry);
    char nothing = 0;
    archive_read_data(reader.get(), &nothing, 1);
}

} // namespace kwit::inspector
