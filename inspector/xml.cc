#include "inspector/xml.hh"

#include "core/base/text.hh"
#include "core/inspect/wire.hh"
#include "inspector/source.hh"
#include "inspector/text.hh"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace kwit::inspector {

namespace {

using namespace std::string_view_literals;

// ── reading ──────────────────────────────────────────────────────────────────────────────────────

constexpr std::size_t piece_size = 32768;

/// The next bytes; empty: the end.
std::string read_piece(int descriptor, std::uint64_t at) {
    std::string piece(piece_size, '\0');
    ssize_t got = 0;
    do
        got = ::pread(descriptor, piece.data(), piece.size(), static_cast<off_t>(at));
    while (got < 0 && errno == EINTR);
    if (got < 0) throw Unreadable(std::generic_category().message(errno));
    piece.resize(static_cast<std::size_t>(got));
    return piece;
}

// ── the encoding (XML 1.0, appendix F) ───────────────────────────────────────────────────────────

struct Coded {
    xmlCharEncoding encoding;
    std::size_t mark = 0; ///< bytes of the byte order mark
};

struct Beginning {
    std::string_view bytes;
    Coded coded;
};

constexpr std::array beginnings = {
    Beginning{"\xEF\xBB\xBF"sv, {XML_CHAR_ENCODING_UTF8, 3}},
    Beginning{"\xFF\xFE"sv, {XML_CHAR_ENCODING_UTF16LE, 2}},
    Beginning{"\xFE\xFF"sv, {XML_CHAR_ENCODING_UTF16BE, 2}},
    Beginning{"<\0"sv, {XML_CHAR_ENCODING_UTF16LE}},
    Beginning{"\0<"sv, {XML_CHAR_ENCODING_UTF16BE}},
};

bool is_wide(xmlCharEncoding encoding) {
    return encoding == XML_CHAR_ENCODING_UTF16LE || encoding == XML_CHAR_ENCODING_UTF16BE;
}

/// The name in the XML declaration; empty: none.
std::string declared_encoding(std::string head) {
    std::erase(head, '\0'); // of UTF-16: all of a declaration is ASCII
    const std::string_view text = trim(head);
    const std::string_view declaration = text.substr(0, text.find("?>"));
    if (!declaration.starts_with("<?xml")) return {};
    const std::size_t key = declaration.find("encoding");
    if (key == std::string_view::npos) return {};
    const std::size_t begin = declaration.find_first_of("\"'", key);
    if (begin == std::string_view::npos) return {};
    const std::size_t end = declaration.find(declaration[begin], begin + 1);
    return lower(declaration.substr(begin + 1, end - begin - 1));
}

/// Nothing: the bytes and what they are declared as do not fit, or we do not read that.
std::optional<Coded> coding_of(const std::string& bytes, const std::string& declared) {
    Coded coded{XML_CHAR_ENCODING_UTF8};
    for (const Beginning& beginning : beginnings)
        if (coded.mark == 0 && !is_wide(coded.encoding) && bytes.starts_with(beginning.bytes))
            coded = beginning.coded;
    if (is_wide(coded.encoding))
        return declared.empty() || declared.starts_with("utf-16") ? std::optional(coded)
                                                                  : std::nullopt;
    if (declared.empty() || declared == "utf-8" || declared == "us-ascii" || declared == "ascii")
        return coded;
    if (declared == "iso-8859-1" && coded.mark == 0) return Coded{XML_CHAR_ENCODING_8859_1};
    return std::nullopt;
}

// ── what is an invoice ───────────────────────────────────────────────────────────────────────────

struct Invoice {
    std::string_view root;
    std::string_view space; ///< its namespace; with "/" at the end all that begin so
    std::string_view kind;
    std::array<std::string_view, 2> number; ///< where it stands below the root; empty: no deeper
};

constexpr std::array invoices = {
    Invoice{"Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", "ubl", {"ID", ""}},
    Invoice{
        "CreditNote",
        "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
        "ubl",
        {"ID", ""}},
    Invoice{
        "CrossIndustryInvoice",
        "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
        "cii",
        {"ExchangedDocument", "ID"}},
    // Each version of the schema has a number and a date in it.
    Invoice{"Faktura", "http://crd.gov.pl/wzor/", "ksef", {"Fa", "P_2"}},
};

const Invoice* invoice_with(std::string_view root, std::string_view space) {
    const auto* const row = std::find_if(invoices.begin(), invoices.end(), [&](const Invoice& one) {
        const bool any_below = one.space.ends_with('/');
        return one.root == root && (any_below ? space.starts_with(one.space) : space == one.space);
    });
    return row == invoices.end() ? nullptr : row;
}

// ── the parser's events ──────────────────────────────────────────────────────────────────────────

constexpr unsigned max_depth = 256; // as libxml2 has it where it builds trees

std::string_view text_of(const xmlChar* text) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libxml2's bytes are unsigned
    return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

class Reading {
public:
    void set_parser(xmlParserCtxtPtr parser) { parser_ = parser; }

    void begin_element(std::string_view name, std::string_view space) {
        if (++depth_ > max_depth) return damage("it is nested too deeply");
        if (depth_ == 1) return begin_root(name, space);
        const bool on_the_way = invoice_ != nullptr && matched_ + 2 == depth_ && !found_ &&
                                matched_ < invoice_->number.size() &&
                                invoice_->number.at(matched_) == name;
        if (on_the_way) ++matched_;
    }

    void end_element() {
        if (is_at_number()) found_ = true;
        if (matched_ + 1 == depth_ && matched_ > 0) --matched_;
        --depth_;
    }

    void take_text(std::string_view text) {
        if (!is_at_number()) return;
        constexpr std::size_t enough = 4 * inspect::max_text; // cleaning it takes some away
        facts_.id += text.substr(0, enough - std::min(facts_.id.size(), enough));
    }

    void note_dtd() {
        facts_.state = XmlFacts::State::dtd;
        stop();
    }

    void note_error(const xmlError& error) {
        if (error.level < XML_ERR_ERROR || over_) return;
        if (error.code == XML_ERR_NO_MEMORY) out_of_memory_ = true;
        const std::string said = error.message == nullptr ? "it is not well formed" : error.message;
        damage(fmt::format("line {}: {}", error.line, trim(said)));
    }

    void damage(const std::string& said) {
        facts_.state = XmlFacts::State::damaged;
        facts_.said = clean_text(said);
        stop();
    }

    [[nodiscard]] bool over() const { return over_; }

    [[nodiscard]] XmlFacts facts() && {
        if (out_of_memory_) throw std::bad_alloc();
        if (facts_.state != XmlFacts::State::invoice) facts_.id.clear();
        facts_.id = clean_text(facts_.id);
        return std::move(facts_);
    }

private:
    void begin_root(std::string_view name, std::string_view space) {
        invoice_ = invoice_with(name, space);
        if (invoice_ == nullptr) return stop(); // nothing behind it matters
        facts_.state = XmlFacts::State::invoice;
        facts_.kind = invoice_->kind;
    }

    /// Inside of the element, and of none of its own.
    [[nodiscard]] bool is_at_number() const {
        if (invoice_ == nullptr || found_ || matched_ + 1 != depth_ || matched_ == 0) return false;
        return matched_ == invoice_->number.size() || invoice_->number.at(matched_).empty();
    }

    void stop() {
        over_ = true;
        xmlStopParser(parser_);
    }

    xmlParserCtxtPtr parser_ = nullptr;
    XmlFacts facts_{};
    const Invoice* invoice_ = nullptr;
    std::size_t depth_ = 0;
    std::size_t matched_ = 0; // elements of the way to the number
    bool found_ = false;
    bool over_ = false;
    bool out_of_memory_ = false;
};

Reading& reading(void* context) {
    return *static_cast<Reading*>(context);
}

xmlSAXHandler events() {
    xmlSAXHandler events{};
    events.initialized = XML_SAX2_MAGIC;
    events.startElementNs = [](void* context,
                               const xmlChar* name,
                               const xmlChar* /*prefix*/,
                               const xmlChar* space,
                               int /*spaces*/,
                               const xmlChar** /*declared*/,
                               int /*attributes*/,
                               int /*defaulted*/,
                               const xmlChar** /*values*/) {
        reading(context).begin_element(text_of(name), text_of(space));
    };
    events.endElementNs = [](void* context,
                             const xmlChar* /*name*/,
                             const xmlChar* /*prefix*/,
                             const xmlChar* /*space*/) { reading(context).end_element(); };
    events.characters = [](void* context, const xmlChar* text, int length) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as above
        const auto* const bytes = reinterpret_cast<const char*>(text);
        reading(context).take_text({bytes, static_cast<std::size_t>(length)});
    };
    events.cdataBlock = events.characters;
    events.internalSubset = [](void* context,
                               const xmlChar* /*name*/,
                               const xmlChar* /*external*/,
                               const xmlChar* /*system*/) { reading(context).note_dtd(); };
    events.serror = [](void* context, xmlErrorPtr error) { reading(context).note_error(*error); };
    return events;
}

struct Release {
    void operator()(xmlParserCtxtPtr parser) const noexcept { xmlFreeParserCtxt(parser); }
};

using Parser = std::unique_ptr<xmlParserCtxt, Release>;

Parser make_parser(Reading& reading, xmlCharEncoding encoding) {
    xmlSAXHandler handler = events(); // copied by the parser
    Parser parser(xmlCreatePushParserCtxt(&handler, &reading, nullptr, 0, nullptr));
    if (!parser) throw std::bad_alloc();
    reading.set_parser(parser.get());
    // The declaration is read by us: a converter that the library would open for it is a file.
    xmlCtxtUseOptions(parser.get(), XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_COMPACT);
    if (xmlSwitchEncoding(parser.get(), encoding) != 0) throw std::bad_alloc();
    return parser;
}

void parse(
    const Parser& parser, Reading& reading, int descriptor, std::string piece, std::uint64_t at
) {
    while (!piece.empty() && !reading.over()) {
        xmlParseChunk(parser.get(), piece.data(), static_cast<int>(piece.size()), 0);
        at += piece.size();
        piece = read_piece(descriptor, at);
    }
    if (!reading.over()) xmlParseChunk(parser.get(), nullptr, 0, 1);
    // Prefixes that stand for nothing are errors of another kind to it.
    const bool good = parser->wellFormed == 1 && parser->nsWellFormed == 1;
    if (!reading.over() && !good) reading.damage("it is not well formed");
}

} // namespace

void prepare_xml() {
    xmlInitParser();
}

XmlFacts look_into_xml(int descriptor, std::uint64_t size) {
    std::string piece = read_piece(descriptor, 0);
    if (piece.size() < std::min<std::uint64_t>(size, piece_size))
        throw Unreadable("it ends before it should");
    constexpr std::size_t declaration = 512;
    const std::string declared = declared_encoding(
        piece.starts_with("\xEF\xBB\xBF") ? piece.substr(3, declaration)
        : piece.starts_with("\xFF\xFE") || piece.starts_with("\xFE\xFF")
            ? piece.substr(2, declaration)
            : piece.substr(0, declaration)
    );
    const auto coded = coding_of(piece, declared);
    if (!coded)
        return {
            .state = XmlFacts::State::damaged,
            .said = clean_text(fmt::format("its encoding \"{}\" is not read here", declared))};
    Reading reading;
    const Parser parser = make_parser(reading, coded->encoding);
    parse(parser, reading, descriptor, piece.substr(coded->mark), coded->mark);
    return std::move(reading).facts();
}

} // namespace kwit::inspector
