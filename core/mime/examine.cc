#include "core/mime/examine.hh"

#include "core/base/sha256.hh"
#include "core/base/text.hh"
#include "core/mime/cid.hh"
#include "core/mime/decode.hh"
#include "core/mime/filename.hh"
#include "core/mime/holder.hh"
#include "core/mime/magic.hh"
#include "core/mime/outline.hh"
#include "core/mime/walk.hh"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace kwit::mime {

namespace {

constexpr std::size_t buffer_size = 65536;

/// Whether the bytes of a leaf that stands as the mail's text are text indeed: a document sent as
/// text/plain without a name is a document.
bool reads_as_text(Format format, std::string_view head) {
    switch (format) {
    case Format::text:
    case Format::html:
    case Format::xml:
    case Format::empty:
    case Format::unknown:
        return true;
    case Format::pdf:
        return !head.starts_with("%PDF-"); // a text that speaks of PDFs
    default:
        return false;
    }
}

PartFacts facts_of(const Leaf& leaf, std::uint32_t number) {
    PartFacts part;
    part.number = number;
    part.raw_name = leaf.content.filename;
    part.name = clean_filename(part.raw_name);
    part.path = "mail > " + (part.name.empty() ? fmt::format("part {}", number) : part.name);
    part.media_type = leaf.content.media_type;
    part.presentation = leaf.content.presentation;
    part.place = leaf.place;
    part.nested_mail = leaf.nested_mail;
    part.begin = leaf.begin;
    part.end = leaf.end;
    return part;
}

/// Whether what is called a text may be one to a reader, too: "#!" makes it a program.
bool may_be_read(Format format) {
    return format == Format::text || format == Format::html || format == Format::executable ||
           format == Format::unknown;
}

void note_files_in_text(UuScanner& scanner, PartFacts& part) {
    scanner.finish();
    const bool is_text = part.place == Place::body || may_be_read(part.format);
    if (scanner.found() && is_text && part.holds == Holder::none) part.holds = Holder::uuencode;
}

void note_size(const PictureReader& picture, PartFacts& part) {
    if (!picture.size()) return;
    part.width = picture.size()->width;
    part.height = picture.size()->height;
}

/// Tells by the head of the content what it is, and what it holds.
void recognise_part(PartFacts& part, std::string_view head) {
    part.format = recognise(head, part.size);
    part.holds = holder_of(part, head);
    // A mail with a PDF near its beginning is no PDF behind a little rubbish.
    if (part.holds == Holder::mail) part.format = Format::text;
}

/// Takes the decoded bytes of one leaf: hashes them, tells their format by the head, and keeps them
/// where they are wanted.
class Sink {
public:
    using Wanted = std::function<bool(const PartFacts&)>;

    Sink(PartFacts& part, const Wanted& wanted, const MakeTemp& make_temp, CidScanner& cids)
        : part_(part), wanted_(wanted), make_temp_(make_temp), cids_(cids) {}

    Result<void> take(std::string_view bytes) {
        if (may_be_uuencoded(part_)) files_in_text_.feed(bytes);
        part_.size += bytes.size();
        hash_.update(bytes);
        if (part_.media_type == "text/html" && part_.place == Place::body) cids_.feed(bytes);
        if (decided_) {
            picture_.feed(bytes);
            return file_ ? file_->write(as_bytes(bytes)) : Result<void>{};
        }
        head_ += bytes;
        if (head_.size() >= magic_head) return decide();
        return {};
    }

    Result<std::optional<TempFile>> finish() && {
        if (!decided_) TRY(decide());
        cids_.finish();
        note_files_in_text(files_in_text_, part_);
        note_size(picture_, part_);
        part_.digest = Digest(std::move(hash_).finish());
        return std::move(file_);
    }

private:
    Result<void> decide() {
        decided_ = true;
        const std::string_view head = std::string_view(head_).substr(0, magic_head);
        recognise_part(part_, head);
        picture_ = PictureReader(part_.format);
        picture_.feed(head_);
        if (part_.place == Place::body && !reads_as_text(part_.format, head))
            part_.place = Place::other;
        // Elsewhere this is a PDF behind a little rubbish; here it is a text that mentions one.
        if (part_.place == Place::body && part_.format == Format::pdf) part_.format = Format::text;
        if (wanted_(part_)) {
            file_ = TRY(make_temp_());
            TRY(file_->write(as_bytes(head_)));
        }
        head_ = {};
        return {};
    }

    PartFacts& part_;
    const Wanted& wanted_;
    const MakeTemp& make_temp_;
    CidScanner& cids_;
    Sha256 hash_{};
    std::string head_{};
    UuScanner files_in_text_{};
    bool decided_ = false;
    PictureReader picture_{Format::unknown};
    std::optional<TempFile> file_{};
};

void note_damage(const Leaf& leaf, const Decoder& decoder, PartFacts& part) {
    part.damage = decoder.damage();
    if (!leaf.content.encoding_known) part.damage.push_back(Damage::encoding_unknown);
    if (leaf.truncated) part.damage.push_back(Damage::truncated);
}

Result<std::optional<TempFile>>
decode_leaf(const File& mail, const Leaf& leaf, PartFacts& part, Sink sink) {
    Decoder decoder(leaf.content.encoding);
    std::vector<std::byte> buffer(buffer_size);
    std::string decoded;
    for (std::uint64_t at = leaf.begin; at < leaf.end;) {
        const std::uint64_t most = std::min<std::uint64_t>(buffer.size(), leaf.end - at);
        const std::size_t count = TRY(mail.read_at(at, std::span(buffer).first(most)));
        if (count == 0)
            return fail(
                Kind::temporary,
                fmt::format(
                    "cannot read {}: it ends at {} of {} bytes", mail.name(), at, mail.size()
                )
            );
        at += count;
        decoded.clear();
        decoder.feed(Bytes(buffer).first(count), decoded);
        TRY(sink.take(decoded));
    }
    decoded.clear();
    decoder.finish(decoded);
    TRY(sink.take(decoded));
    note_damage(leaf, decoder, part);
    return std::move(sink).finish();
}

/// The files of the parts that somebody may want. Each is an open descriptor, so a content has one
/// only once, and a format has no more than a mail may have documents, and one: such a mail is not
/// filed for anybody who takes that format.
class Files {
public:
    Files(const std::set<Format>& wanted, std::uint64_t documents, Kept kept)
        : wanted_(wanted), documents_(documents), kept_(kept) {}

    [[nodiscard]] bool want(const PartFacts& part) const {
        if (kept_ == Kept::everything) return true;
        if (part.holds != Holder::none) return kept_ == Kept::holders && holders_ <= documents_;
        if (part.place == Place::body || !wanted_.contains(part.format)) return false;
        const auto count = counts_.find(part.format);
        return count == counts_.end() || count->second <= documents_;
    }

    void add(const PartFacts& part, TempFile file) {
        if (!files_.try_emplace(*part.digest, std::move(file)).second) return;
        if (part.holds != Holder::none)
            ++holders_;
        else
            ++counts_[part.format];
    }

    std::map<Digest, TempFile> release() && { return std::move(files_); }

private:
    const std::set<Format>& wanted_;
    std::uint64_t documents_;
    Kept kept_;
    std::uint64_t holders_ = 0;
    std::map<Format, std::uint64_t> counts_{};
    std::map<Digest, TempFile> files_{};
};

bool same_leaf(const Leaf& ours, const WalkedLeaf& theirs) {
    if (theirs.nested_mail) return ours.nested_mail;
    const bool empty = ours.begin == ours.end && theirs.begin >= theirs.end;
    // GMime takes the length of the line end before a delimiter from the one behind it.
    const std::uint64_t low = std::min(ours.end, theirs.end);
    const std::uint64_t high = std::max(ours.end, theirs.end);
    return empty || (ours.begin == theirs.begin && high - low <= 1);
}

/// Two readings of one structure: where they differ, a third program may read either.
void compare(const Outline& ours, const Walked& theirs, std::vector<std::string>& ambiguities) {
    const bool same = theirs.readable && std::equal(
                                             ours.leaves.begin(),
                                             ours.leaves.end(),
                                             theirs.leaves.begin(),
                                             theirs.leaves.end(),
                                             same_leaf
                                         );
    if (!same) add_once(ambiguities, "structure-differs");
    for (const WalkWarning& warning : theirs.warnings) {
        // An attached mail is not looked into, so what is odd in it is nobody's business yet.
        const bool nested =
            std::any_of(ours.leaves.begin(), ours.leaves.end(), [&](const Leaf& leaf) {
                return leaf.nested_mail && leaf.begin <= warning.offset &&
                       warning.offset < leaf.end;
            });
        if (!nested) add_once(ambiguities, warning.word);
    }
}

bool may_be_walked(const Outline& outline) {
    const auto& words = outline.ambiguities;
    return outline.over.empty() &&
           std::find(words.begin(), words.end(), "text-outside-parts") == words.end();
}

/// The decoded bytes of a leaf, whatever it is.
Result<std::optional<TempFile>>
decode_whole(const File& mail, const Leaf& leaf, const MakeTemp& make_temp) {
    const Sink::Wanted any = [](const PartFacts&) { return true; };
    CidScanner cids;
    PartFacts part = facts_of(leaf, 1);
    return decode_leaf(mail, leaf, part, Sink(part, any, make_temp, cids));
}

} // namespace

namespace {

/// All leaves, into parts and their files.
Result<void> decode_leaves(
    const File& mail,
    const std::vector<Leaf>& leaves,
    Files files,
    const MakeTemp& make_temp,
    Examined& out
) {
    const Sink::Wanted is_wanted = [&files](const PartFacts& part) { return files.want(part); };
    CidScanner cids;
    for (const Leaf& leaf : leaves) {
        PartFacts part = facts_of(leaf, static_cast<std::uint32_t>(out.facts.parts.size() + 1));
        auto file = TRY(decode_leaf(mail, leaf, part, Sink(part, is_wanted, make_temp, cids)));
        // That there are files in a text is seen only when it has gone by.
        if (!file && part.holds == Holder::uuencode && files.want(part))
            file = TRY(decode_whole(mail, leaf, make_temp));
        if (file) files.add(part, *std::move(file));
        out.facts.parts.push_back(std::move(part));
    }
    out.files = std::move(files).release();
    for (PartFacts& part : out.facts.parts)
        part.referenced = cids.refers_to(leaves[part.number - 1].content.content_id);
    return {};
}

} // namespace

Result<Examined> examine(
    const File& mail,
    const LimitSettings& limits,
    const std::set<Format>& wanted,
    const MakeTemp& make_temp,
    Kept kept
) {
    const Outline outline = TRY(read_outline(mail, limits));
    Examined out;
    out.facts.over = outline.over;
    out.facts.ambiguities = outline.ambiguities;
    if (may_be_walked(outline)) {
        const Walked walked = TRY(walk(mail));
        compare(outline, walked, out.facts.ambiguities);
    }
    Files files(wanted, limits.documents, kept);
    TRY(decode_leaves(mail, outline.leaves, std::move(files), make_temp, out));
    return out;
}

Result<std::optional<Extracted>> extract(
    const File& mail, const LimitSettings& limits, std::uint32_t number, const MakeTemp& make_temp
) {
    const Outline outline = TRY(read_outline(mail, limits));
    if (number == 0 || number > outline.leaves.size()) return std::optional<Extracted>();
    const Leaf& leaf = outline.leaves[number - 1];
    const Sink::Wanted any = [](const PartFacts&) { return true; };
    CidScanner cids;
    PartFacts part = facts_of(leaf, number);
    auto file = TRY(decode_leaf(mail, leaf, part, Sink(part, any, make_temp, cids)));
    if (!file) return std::optional<Extracted>();
    return std::optional(Extracted{std::move(part), std::move(*file)});
}

FileFacts::FileFacts(std::string_view name) {
    part_.number = 1;
    part_.raw_name = name;
    part_.name = clean_filename(name);
    part_.path = part_.name;
    part_.media_type = media_type_of(Format::unknown);
    part_.presentation = Presentation::attachment;
}

void FileFacts::take(Bytes bytes) {
    part_.size += bytes.size();
    hash_.update(bytes);
    if (may_be_uuencoded(part_)) files_in_text_.feed(as_text(bytes));
    if (decided_) {
        picture_.feed(as_text(bytes));
        return;
    }
    head_ += as_text(bytes);
    if (head_.size() >= magic_head) decide();
}

void FileFacts::decide() {
    decided_ = true;
    recognise_part(part_, std::string_view(head_).substr(0, magic_head));
    picture_ = PictureReader(part_.format);
    picture_.feed(head_);
    head_ = {};
}

PartFacts FileFacts::finish() && {
    if (!decided_) decide();
    note_files_in_text(files_in_text_, part_);
    note_size(picture_, part_);
    part_.digest = Digest(std::move(hash_).finish());
    return std::move(part_);
}

} // namespace kwit::mime
