#include "core/inspect/wire.hh"

#include "core/base/json.hh"
#include "core/base/text.hh"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace kwit::inspect {

namespace {

// ── words of the protocol ────────────────────────────────────────────────────────────────────────

template <typename Value>
using Names = std::pair<std::string_view, Value>;

constexpr std::array looks = {
    Names<Look>{"pdf", Look::pdf},
    Names<Look>{"xml", Look::xml},
    Names<Look>{"zip", Look::zip},
    Names<Look>{"tnef", Look::tnef},
    Names<Look>{"cms", Look::cms}};
constexpr std::array openings = {
    Names<Opening::State>{"opened", Opening::State::opened},
    Names<Opening::State>{"encrypted", Opening::State::encrypted},
    Names<Opening::State>{"damaged", Opening::State::damaged},
    Names<Opening::State>{"over-members", Opening::State::over_members},
    Names<Opening::State>{"over-unpacked", Opening::State::over_unpacked}};
constexpr std::array withholdings = {
    Names<std::optional<Withheld>>{"no", std::nullopt},
    Names<std::optional<Withheld>>{"encrypted", Withheld::encrypted},
    Names<std::optional<Withheld>>{"method", Withheld::method},
    Names<std::optional<Withheld>>{"damaged", Withheld::damaged},
    Names<std::optional<Withheld>>{"link", Withheld::link}};
constexpr std::array hows = {
    Names<Ended::How>{"exited", Ended::How::exited},
    Names<Ended::How>{"killed", Ended::How::killed}};
constexpr std::array states = {
    Names<PdfFacts::State>{"readable", PdfFacts::State::readable},
    Names<PdfFacts::State>{"encrypted", PdfFacts::State::encrypted},
    Names<PdfFacts::State>{"damaged", PdfFacts::State::damaged}};
constexpr std::array xml_states = {
    Names<XmlFacts::State>{"invoice", XmlFacts::State::invoice},
    Names<XmlFacts::State>{"other", XmlFacts::State::other},
    Names<XmlFacts::State>{"dtd", XmlFacts::State::dtd},
    Names<XmlFacts::State>{"damaged", XmlFacts::State::damaged}};
constexpr std::array<std::string_view, 3> invoice_kinds = {"ubl", "cii", "ksef"};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
    for (const auto& [name, known] : table)
        if (known == value) return name;
    return {};
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────

/// Reads the members of one map; the first that is not as it has to be spoils it all.
class Reader {
public:
    explicit Reader(const Json& map) : map_(map), good_(map.is_object()) {}

    std::string text(const char* name) {
        const Json* const value = find(name);
        if (value == nullptr || !value->is_string()) return bad<std::string>();
        auto text = value->get<std::string>();
        if (text.size() > max_text || !is_utf8(text)) return bad<std::string>();
        return text;
    }

    /// Any bytes.
    std::string bytes(const char* name, std::size_t most) {
        const Json* const value = find(name);
        if (value == nullptr || !value->is_binary() || value->get_binary().size() > most)
            return bad<std::string>();
        const auto& binary = value->get_binary();
        return {binary.begin(), binary.end()};
    }

    std::uint64_t number(const char* name, std::uint64_t most) {
        const Json* const value = find(name);
        if (value == nullptr || !value->is_number_unsigned()) return bad<std::uint64_t>();
        const auto number = value->get<std::uint64_t>();
        return number <= most ? number : bad<std::uint64_t>();
    }

    bool flag(const char* name) {
        const Json* const value = find(name);
        return value != nullptr && value->is_boolean() ? value->get<bool>() : bad<bool>();
    }

    template <typename Table>
    auto word(const char* name, const Table& table) {
        const std::string written = text(name);
        for (const auto& [known, value] : table)
            if (known == written) return value;
        return bad<decltype(table.front().second)>();
    }

    /// The list's members as far as they are within the limit; one more spoils it.
    const Json& list(const char* name, std::size_t most) {
        static const Json none = Json::array();
        const Json* const value = find(name);
        const bool fits = value != nullptr && value->is_array() && value->size() <= most;
        good_ = good_ && fits;
        return fits ? *value : none;
    }

    [[nodiscard]] bool good() const { return good_; }

    void spoil() { good_ = false; }

private:
    const Json* find(const char* name) {
        if (!good_) return nullptr;
        const auto found = map_.find(name);
        return found == map_.end() ? nullptr : &*found;
    }

    template <typename Value>
    std::remove_const_t<Value> bad() {
        good_ = false;
        return {};
    }

    const Json& map_; // of the caller, for as long as this reads it
    bool good_;
};

std::vector<std::string> read_texts(Reader& reader, const char* name, std::size_t most) {
    std::vector<std::string> texts;
    for (const Json& item : reader.list(name, most)) {
        const Json wrapped{{"text", item}};
        Reader one(wrapped);
        texts.push_back(one.text("text"));
        if (!one.good()) reader.spoil();
    }
    return texts;
}

std::vector<EmbeddedFile> read_embedded(Reader& reader) {
    std::vector<EmbeddedFile> files;
    for (const Json& item : reader.list("embedded", max_embedded)) {
        Reader one(item);
        EmbeddedFile file;
        file.name = one.text("name");
        file.media_type = one.text("media_type");
        file.size = one.number("size", std::numeric_limits<std::uint64_t>::max());
        file.kind = one.text("kind");
        if (!one.good()) reader.spoil();
        files.push_back(std::move(file));
    }
    return files;
}

PdfFacts read_pdf(Reader& reader) {
    PdfFacts facts;
    facts.state = reader.word("state", states);
    facts.said = reader.text("said");
    facts.pages = static_cast<std::uint32_t>(reader.number("pages", max_pages));
    facts.title = reader.text("title");
    facts.repaired = reader.flag("repaired");
    facts.owner_password = reader.flag("owner_password");
    facts.active = read_texts(reader, "active", max_active);
    facts.embedded = read_embedded(reader);
    if (facts.state == PdfFacts::State::readable && facts.pages == 0) reader.spoil();
    return facts;
}

XmlFacts read_xml(Reader& reader) {
    XmlFacts facts;
    facts.state = reader.word("state", xml_states);
    facts.kind = reader.text("kind");
    facts.id = reader.text("id");
    facts.said = reader.text("said");
    const bool known =
        std::find(invoice_kinds.begin(), invoice_kinds.end(), facts.kind) != invoice_kinds.end();
    if (facts.state == XmlFacts::State::invoice && !known) reader.spoil();
    return facts;
}

Ended read_ended(Reader& reader) {
    Ended ended;
    ended.how = reader.word("how", hows);
    ended.number = static_cast<int>(reader.number("number", 255));
    return ended;
}

constexpr auto any_size = std::numeric_limits<std::uint64_t>::max();

Member read_member(Reader& reader) {
    Member member;
    member.name = reader.bytes("name", max_member_name);
    member.charset = reader.text("charset");
    member.offset = reader.number("offset", any_size);
    member.size = reader.number("size", any_size);
    member.withheld = reader.word("withheld", withholdings);
    if (member.withheld && member.size > 0) reader.spoil();
    return member;
}

Opened read_opened(Reader& reader) {
    Opened opened;
    opened.opening.state = reader.word("state", openings);
    opened.opening.said = reader.text("said");
    opened.members = static_cast<std::uint32_t>(
        reader.number("members", std::numeric_limits<std::uint32_t>::max())
    );
    opened.unpacked = reader.number("unpacked", any_size);
    return opened;
}

std::optional<Word> read_word(Reader& reader) {
    const std::string is = reader.text("is");
    if (is == "started") return Started{};
    if (is == "not-now") return NotNow{reader.text("why")};
    if (is == "gave-up") return GaveUp{reader.text("why")};
    if (is == "ended") return read_ended(reader);
    if (is == "pdf") return read_pdf(reader);
    if (is == "member") return read_member(reader);
    if (is == "opened") return read_opened(reader);
    if (is == "xml") return read_xml(reader);
    return std::nullopt;
}

Error no_message() {
    return {Kind::corrupt, "the message is none of the protocol"};
}

/// The map in the bytes.
Result<Json> map_of(std::string_view bytes) {
    if (bytes.size() > max_message) return fail(no_message());
    return from_cbor(bytes).map_error([](const Error&) { return no_message(); });
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────────

Json json_of(const Started& /*started*/) {
    return {{"is", "started"}};
}

Json json_of(const NotNow& word) {
    return {{"is", "not-now"}, {"why", word.why}};
}

Json json_of(const GaveUp& word) {
    return {{"is", "gave-up"}, {"why", word.why}};
}

Json json_of(const Ended& word) {
    return {
        {"is", "ended"},
        {"how", name_in(hows, word.how)},
        {"number", static_cast<unsigned>(word.number)}};
}

Json json_of(const PdfFacts& facts) {
    Json embedded = Json::array();
    for (const EmbeddedFile& file : facts.embedded)
        embedded.push_back(Json{
            {"name", file.name},
            {"media_type", file.media_type},
            {"size", file.size},
            {"kind", file.kind}});
    return {
        {"is", "pdf"},
        {"state", name_in(states, facts.state)},
        {"said", facts.said},
        {"pages", facts.pages},
        {"title", facts.title},
        {"repaired", facts.repaired},
        {"owner_password", facts.owner_password},
        {"active", facts.active},
        {"embedded", std::move(embedded)}};
}

Json json_of(const Member& member) {
    return {
        {"is", "member"},
        {"name", Json::binary({member.name.begin(), member.name.end()})},
        {"charset", member.charset},
        {"offset", member.offset},
        {"size", member.size},
        {"withheld", name_in(withholdings, member.withheld)}};
}

Json json_of(const Opened& opened) {
    return {
        {"is", "opened"},
        {"state", name_in(openings, opened.opening.state)},
        {"said", opened.opening.said},
        {"members", opened.members},
        {"unpacked", opened.unpacked}};
}

Json json_of(const XmlFacts& facts) {
    return {
        {"is", "xml"},
        {"state", name_in(xml_states, facts.state)},
        {"kind", facts.kind},
        {"id", facts.id},
        {"said", facts.said}};
}

} // namespace

std::string encode(const Hello& hello) {
    return to_cbor(Json{{"speaks", hello.speaks}, {"trouble", hello.trouble}});
}

std::string encode(const Request& request) {
    return to_cbor(Json{
        {"look", name_in(looks, request.look)},
        {"cpu_seconds", request.cpu_seconds},
        {"memory", request.memory},
        {"members", request.members},
        {"unpacked", request.unpacked}});
}

std::string encode(const Word& word) {
    return to_cbor(std::visit([](const auto& it) { return json_of(it); }, word));
}

Result<Hello> decode_hello(std::string_view bytes) {
    const Json map = TRY(map_of(bytes));
    Reader reader(map);
    Hello hello;
    hello.speaks = static_cast<std::uint32_t>(
        reader.number("speaks", std::numeric_limits<std::uint32_t>::max())
    );
    hello.trouble = reader.text("trouble");
    if (!reader.good()) return fail(no_message());
    return hello;
}

Result<Request> decode_request(std::string_view bytes) {
    const Json map = TRY(map_of(bytes));
    Reader reader(map);
    Request request;
    request.look = reader.word("look", looks);
    request.cpu_seconds = static_cast<std::uint32_t>(
        reader.number("cpu_seconds", std::numeric_limits<std::uint32_t>::max())
    );
    request.memory = reader.number("memory", any_size);
    request.members = static_cast<std::uint32_t>(
        reader.number("members", std::numeric_limits<std::uint32_t>::max())
    );
    request.unpacked = reader.number("unpacked", any_size);
    if (!reader.good()) return fail(no_message());
    return request;
}

Result<Word> decode_word(std::string_view bytes) {
    const Json map = TRY(map_of(bytes));
    Reader reader(map);
    auto word = read_word(reader);
    if (!word || !reader.good()) return fail(no_message());
    return *std::move(word);
}

} // namespace kwit::inspect
