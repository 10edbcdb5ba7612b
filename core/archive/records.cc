#include "core/archive/records.hh"

#include "core/base/json.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <functional>
#include <limits>

namespace kwit {

namespace {

// ── writing ──────────────────────────────────────────────────────────────────────────────────────

/// What the MTA handed us may be any bytes; JSON and CBOR texts are UTF-8.
std::string clean(const std::string& text) {
    if (is_utf8(text)) return text;
    std::string out;
    each_code_point(text, [&](char32_t c) { append_utf8(out, c); });
    return out;
}

Json text_or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return clean(text);
}

Json number_or_null(std::uint64_t number) {
    if (number == 0) return nullptr;
    return number;
}

Json time_or_null(const std::optional<Time>& time) {
    if (!time) return nullptr;
    return rfc3339(*time);
}

template <typename List>
Json list_of_records(const List& list) {
    Json out = Json::array();
    for (const auto& item : list)
        out.push_back(to_json(item));
    return out;
}

Json list_of_texts(const std::vector<std::string>& list) {
    Json out = Json::array();
    for (const std::string& item : list)
        out.push_back(clean(item));
    return out;
}

Json codes_of(const std::vector<Finding>& findings) {
    Json out = Json::array();
    for (const Finding& finding : findings)
        out.push_back(code_of(finding.reason));
    return out;
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────

/// Reads the members of one map and remembers the first thing that is not as it has to be.
class Fields {
public:
    explicit Fields(const Json& map) : map_(map) {
        if (!map.is_object()) bad("it is no map");
    }

    std::string text(const char* name) {
        const Json* value = find(name);
        if (value == nullptr) return {};
        if (!value->is_string()) return bad_field<std::string>(name);
        return value->get<std::string>();
    }

    /// A text that identifies the record: never empty.
    std::string name_text(const char* name) {
        std::string value = text(name);
        if (value.empty()) bad(fmt::format(R"(it has no "{}")", name));
        return value;
    }

    template <typename Number>
    Number number(const char* name) {
        const Json* value = find(name);
        if (value == nullptr) return 0;
        if (!value->is_number_unsigned()) return bad_field<Number>(name);
        const auto whole = value->get<std::uint64_t>();
        if (whole > std::numeric_limits<Number>::max()) return bad_field<Number>(name);
        return static_cast<Number>(whole);
    }

    bool flag(const char* name) {
        const Json* value = find(name);
        if (value == nullptr) return false;
        if (!value->is_boolean()) return bad_field<bool>(name);
        return value->get<bool>();
    }

    std::optional<Time> time(const char* name) {
        const std::string written = text(name);
        if (written.empty()) return std::nullopt;
        const auto time = parse_rfc3339(written);
        if (!time) bad(fmt::format(R"(its "{}" is no time: "{}")", name, written));
        return time;
    }

    Time time_or_zero(const char* name) { return time(name).value_or(Time{}); }

    /// One of the words of an enumeration.
    template <typename Value>
    Value word(const char* name, std::optional<Value> (*named)(std::string_view)) {
        const std::string written = text(name);
        const auto value = named(written);
        if (!value) bad(fmt::format(R"(its "{}" is unknown: "{}")", name, written));
        return value.value_or(Value{});
    }

    std::vector<std::string> texts(const char* name) {
        std::vector<std::string> out;
        each(name, [&](const Json& item) {
            if (item.is_string())
                out.push_back(item.get<std::string>());
            else
                bad_field<bool>(name);
        });
        return out;
    }

    template <typename Record>
    std::vector<Record> records(const char* name, void (*read)(Fields&, Record&)) {
        std::vector<Record> out;
        each(name, [&](const Json& item) {
            Fields fields(item);
            read(fields, out.emplace_back());
            if (!fields.problem().empty())
                bad(fmt::format("in \"{}\": {}", name, fields.problem()));
        });
        return out;
    }

    /// The member, or null when it is missing or null.
    const Json* find(const char* name) {
        if (!map_.is_object()) return nullptr;
        const auto found = map_.find(name);
        return found == map_.end() || found->is_null() ? nullptr : &*found;
    }

    void bad(const std::string& problem) {
        if (problem_.empty()) problem_ = problem;
    }

    template <typename Value>
    Value bad_field(const char* name) {
        bad(fmt::format("its \"{}\" has the wrong type", name));
        return Value{};
    }

    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    void each(const char* name, const std::function<void(const Json&)>& step) {
        const Json* list = find(name);
        if (list == nullptr) return;
        if (!list->is_array()) {
            bad_field<bool>(name);
            return;
        }
        for (const Json& item : *list)
            step(item);
    }

    const Json& map_; // of the caller, for as long as this reads it
    std::string problem_{};
};

void read(Fields& fields, Client& client) {
    client.id = fields.name_text("id");
    client.name = fields.text("name");
    client.locale = fields.text("locale");
    client.notify = fields.texts("notify");
    client.digest = fields.texts("digest");
    client.created_at = fields.time_or_zero("created_at");
}

void read(Fields& fields, Sender& sender) {
    sender.client = fields.name_text("client");
    sender.email = fields.name_text("email");
    sender.code = fields.name_text("code");
    sender.name = fields.text("name");
    sender.login = fields.text("login");
    sender.certificate = fields.text("certificate");
    if (!fields.text("alignment").empty())
        sender.alignment = fields.word<Alignment>("alignment", alignment_named);
    sender.arc = fields.flag("arc");
    sender.via = fields.text("via");
    sender.secret = fields.text("secret");
    sender.old_secret = fields.text("old_secret");
    sender.old_secret_until = fields.time("old_secret_until");
    sender.created_at = fields.time_or_zero("created_at");
}

void read(Fields& fields, ImportAddress& address) {
    address.address = fields.name_text("address");
    address.client = fields.name_text("client");
    address.policy = fields.name_text("policy");
    address.symbol = fields.text("symbol");
    address.extension = fields.text("extension");
    address.label = fields.text("label");
    address.enabled = fields.flag("enabled");
    address.disabled_reason = fields.text("disabled_reason");
    address.expires_at = fields.time("expires_at");
    address.replaced_by = fields.text("replaced_by");
    address.created_at = fields.time_or_zero("created_at");
}

void read(Fields& fields, Finding& finding) {
    finding.reason = fields.word("reason", reason_named);
    finding.detail = fields.text("detail");
    if (fields.find("part") != nullptr) finding.part = fields.number<std::uint32_t>("part");
    const Json* values = fields.find("values");
    if (values == nullptr) return;
    if (!values->is_object()) {
        fields.bad_field<bool>("values");
        return;
    }
    for (const auto& [name, value] : values->items()) {
        if (!value.is_string())
            fields.bad_field<bool>("values");
        else
            finding.values[name] = value.get<std::string>();
    }
}

void read(Fields& fields, PartRecord& part) {
    part.number = fields.number<std::uint32_t>("number");
    part.path = fields.text("path");
    part.name = fields.text("name");
    part.raw_name = fields.text("raw_name");
    part.media_type = fields.text("media_type");
    part.size = fields.number<std::uint64_t>("size");
    part.sha256 = fields.text("sha256");
    part.disposition = fields.word("disposition", disposition_named);
    part.reason = fields.text("reason");
    part.document = fields.text("document");
    part.in = fields.number<std::uint32_t>("in");
}

void read(Fields& fields, NoticeRecord& notice) {
    notice.kind = fields.word("kind", notice_kind_named);
    notice.to = fields.name_text("to");
    notice.state = fields.name_text("state");
    notice.at = fields.time("at");
    notice.queue_id = fields.text("queue_id");
    notice.outbox = fields.text("outbox");
}

void read(Fields& fields, Receipt& receipt) {
    receipt.id = fields.name_text("id");
    receipt.received_at = fields.time_or_zero("received_at");
    receipt.queue_id = fields.text("queue_id");
    receipt.address = fields.text("address");
    receipt.client = fields.text("client");
    receipt.sender = fields.text("sender");
    receipt.envelope_from = fields.text("envelope_from");
    receipt.client_address = fields.text("client_address");
    receipt.authenticated_by = fields.text("authenticated_by");
    receipt.subject = fields.text("subject");
    receipt.message_id = fields.text("message_id");
    receipt.verdict = fields.word("verdict", verdict_named);
    receipt.findings = fields.records<Finding>("findings", read);
    receipt.parts = fields.records<PartRecord>("parts", read);
    receipt.documents = fields.texts("documents");
    receipt.notices = fields.records<NoticeRecord>("notices", read);
    receipt.original = fields.text("original");
    receipt.original_removed_at = fields.time("original_removed_at");
    receipt.size = fields.number<std::uint64_t>("size");
    receipt.suggestion = fields.text("suggestion");
    receipt.note = fields.text("note");
    receipt.flags = fields.texts("flags");
    receipt.resolved_at = fields.time("resolved_at");
    receipt.resolved_by = fields.text("resolved_by");
}

void read(Fields& fields, EmbeddedFile& file) {
    file.name = fields.text("name");
    file.media_type = fields.text("media_type");
    file.size = fields.number<std::uint64_t>("size");
    file.kind = fields.text("kind");
}

void read(Fields& fields, Document& document) {
    document.id = fields.name_text("id");
    document.receipt = fields.text("receipt");
    document.client = fields.name_text("client");
    document.address = fields.text("address");
    document.category = fields.text("category");
    document.period = fields.text("period");
    document.code = fields.text("code");
    document.user = fields.text("user");
    document.sender = fields.text("sender");
    document.sha256 = fields.name_text("sha256");
    document.size = fields.number<std::uint64_t>("size");
    document.media_type = fields.text("media_type");
    document.filename = fields.text("filename");
    document.received_at = fields.time_or_zero("received_at");
    document.status = fields.text("status");
    document.inspected = fields.number<std::uint32_t>("inspected");
    document.pages = fields.number<std::uint32_t>("pages");
    document.title = fields.text("title");
    document.kind = fields.text("kind");
    document.flags = fields.texts("flags");
    document.active = fields.texts("active");
    document.embedded = fields.records<EmbeddedFile>("embedded", read);
}

void read(Fields& fields, OutboxRow& row) {
    row.id = fields.name_text("id");
    row.kind = fields.word("kind", notice_kind_named);
    row.to = fields.name_text("to");
    row.state = fields.name_text("state");
    row.attempts = fields.number<std::uint32_t>("attempts");
    row.next_attempt = fields.time("next_attempt");
    row.last_error = fields.text("last_error");
    row.created_at = fields.time_or_zero("created_at");
    row.retried_at = fields.time("retried_at");
    if (fields.find("held") != nullptr) row.held = fields.word("held", held_named);
    if (!is_letter(row.kind)) {
        row.receipt = fields.name_text("receipt");
        return;
    }
    row.client = fields.text("client");
    row.domain = fields.text("domain");
    row.subject = fields.name_text("subject");
    row.text = fields.name_text("text");
    row.html = fields.text("html");
    row.locale = fields.text("locale");
    row.receipts = fields.texts("receipts");
    row.to_sender = fields.flag("to_sender");
}

Error damaged(const std::string& name, const std::string& problem) {
    return {
        Kind::corrupt,
        fmt::format("the record of {} is damaged: {}", name, problem),
        "run kwit verify and restore the index from a backup"};
}

} // namespace

Json to_json(const Client& client) {
    return {
        {"id", clean(client.id)},
        {"name", text_or_null(client.name)},
        {"locale", text_or_null(client.locale)},
        {"notify", list_of_texts(client.notify)},
        {"digest", list_of_texts(client.digest)},
        {"created_at", rfc3339(client.created_at)},
    };
}

Json to_json(const Sender& sender) {
    return {
        {"client", clean(sender.client)},
        {"email", clean(sender.email)},
        {"code", clean(sender.code)},
        {"name", text_or_null(sender.name)},
        {"login", text_or_null(sender.login)},
        {"certificate", text_or_null(sender.certificate)},
        {"alignment", sender.alignment ? Json(name_of(*sender.alignment)) : Json()},
        {"arc", sender.arc},
        {"via", text_or_null(sender.via)},
        {"secret", text_or_null(sender.secret)},
        {"old_secret", text_or_null(sender.old_secret)},
        {"old_secret_until", time_or_null(sender.old_secret_until)},
        {"created_at", rfc3339(sender.created_at)},
    };
}

Json to_json(const ImportAddress& address) {
    return {
        {"address", clean(address.address)},
        {"client", clean(address.client)},
        {"policy", clean(address.policy)},
        {"symbol", text_or_null(address.symbol)},
        {"extension", text_or_null(address.extension)},
        {"label", text_or_null(address.label)},
        {"enabled", address.enabled},
        {"disabled_reason", text_or_null(address.disabled_reason)},
        {"expires_at", time_or_null(address.expires_at)},
        {"replaced_by", text_or_null(address.replaced_by)},
        {"created_at", rfc3339(address.created_at)},
    };
}

Json to_json(const Finding& finding) {
    Json values = Json::object();
    for (const auto& [name, value] : finding.values)
        values[clean(name)] = clean(value);
    return {
        {"reason", code_of(finding.reason)},
        {"detail", text_or_null(finding.detail)},
        {"values", values},
        {"part", finding.part ? Json(*finding.part) : Json()},
    };
}

Json to_json(const PartRecord& part) {
    return {
        {"number", part.number},
        {"path", text_or_null(part.path)},
        {"name", text_or_null(part.name)},
        {"raw_name", text_or_null(part.raw_name)},
        {"media_type", text_or_null(part.media_type)},
        {"size", part.size},
        {"sha256", text_or_null(part.sha256)},
        {"disposition", name_of(part.disposition)},
        {"reason", text_or_null(part.reason)},
        {"document", text_or_null(part.document)},
        {"in", number_or_null(part.in)},
    };
}

Json to_json(const NoticeRecord& notice) {
    return {
        {"kind", name_of(notice.kind)},
        {"to", clean(notice.to)},
        {"state", text_or_null(notice.state)},
        {"at", time_or_null(notice.at)},
        {"queue_id", text_or_null(notice.queue_id)},
        {"outbox", text_or_null(notice.outbox)},
    };
}

Json to_json(const Receipt& receipt) {
    return {
        {"id", clean(receipt.id)},
        {"received_at", rfc3339(receipt.received_at)},
        {"queue_id", text_or_null(receipt.queue_id)},
        {"address", text_or_null(receipt.address)},
        {"client", text_or_null(receipt.client)},
        {"sender", text_or_null(receipt.sender)},
        {"envelope_from", clean(receipt.envelope_from)}, // empty is a value: the null sender
        {"client_address", text_or_null(receipt.client_address)},
        {"authenticated_by", text_or_null(receipt.authenticated_by)},
        {"subject", text_or_null(receipt.subject)},
        {"message_id", text_or_null(receipt.message_id)},
        {"verdict", name_of(receipt.verdict)},
        {"reasons", codes_of(receipt.findings)},
        {"parts", list_of_records(receipt.parts)},
        {"documents", list_of_texts(receipt.documents)},
        {"notices", list_of_records(receipt.notices)},
        {"resolved_at", time_or_null(receipt.resolved_at)},
        {"resolved_by", text_or_null(receipt.resolved_by)},
        {"findings", list_of_records(receipt.findings)},
        {"original", text_or_null(receipt.original)},
        {"original_removed_at", time_or_null(receipt.original_removed_at)},
        {"size", receipt.size},
        {"suggestion", text_or_null(receipt.suggestion)},
        {"note", text_or_null(receipt.note)},
        {"flags", list_of_texts(receipt.flags)},
    };
}

Json to_json(const EmbeddedFile& file) {
    return {
        {"name", text_or_null(file.name)},
        {"media_type", text_or_null(file.media_type)},
        {"size", number_or_null(file.size)},
        {"kind", text_or_null(file.kind)},
    };
}

Json to_json(const Document& document) {
    return {
        {"id", clean(document.id)},
        {"receipt", text_or_null(document.receipt)},
        {"client", clean(document.client)},
        {"address", text_or_null(document.address)},
        {"category", text_or_null(document.category)},
        {"period", text_or_null(document.period)},
        {"code", text_or_null(document.code)},
        {"user", text_or_null(document.user)},
        {"sender", text_or_null(document.sender)},
        {"sha256", clean(document.sha256)},
        {"size", document.size},
        {"media_type", text_or_null(document.media_type)},
        {"filename", text_or_null(document.filename)},
        {"received_at", rfc3339(document.received_at)},
        {"status", text_or_null(document.status)},
        {"pages", number_or_null(document.pages)},
        {"title", text_or_null(document.title)},
        {"kind", text_or_null(document.kind)},
        {"flags", list_of_texts(document.flags)},
        {"active", list_of_texts(document.active)},
        {"embedded", list_of_records(document.embedded)},
        {"inspected", number_or_null(document.inspected)},
    };
}

Json to_json(const OutboxRow& row) {
    return {
        {"id", clean(row.id)},
        {"kind", name_of(row.kind)},
        {"to", clean(row.to)},
        {"state", clean(row.state)},
        {"attempts", row.attempts},
        {"next_attempt", time_or_null(row.next_attempt)},
        {"receipt", text_or_null(row.receipt)},
        {"last_error", text_or_null(row.last_error)},
        {"created_at", rfc3339(row.created_at)},
        {"retried_at", time_or_null(row.retried_at)},
        {"client", text_or_null(row.client)},
        {"domain", text_or_null(row.domain)},
        {"subject", text_or_null(row.subject)},
        {"text", text_or_null(row.text)},
        {"html", text_or_null(row.html)},
        {"locale", text_or_null(row.locale)},
        {"held", row.held == Held::no ? Json() : Json(name_of(row.held))},
        {"receipts", list_of_texts(row.receipts)},
        {"to_sender", row.to_sender},
    };
}

template <typename Record>
std::string encode(const Record& record) {
    return to_cbor(to_json(record));
}

template <typename Record>
Result<Record> decode(std::string_view bytes, const std::string& name) {
    const auto map = from_cbor(bytes);
    if (!map) return fail(damaged(name, map.error().what));
    Fields fields(*map);
    Record record{};
    read(fields, record);
    if (!fields.problem().empty()) return fail(damaged(name, fields.problem()));
    return record;
}

template std::string encode(const Client&);
template std::string encode(const Sender&);
template std::string encode(const ImportAddress&);
template std::string encode(const Receipt&);
template std::string encode(const Document&);
template std::string encode(const OutboxRow&);
template Result<Client> decode(std::string_view, const std::string&);
template Result<Sender> decode(std::string_view, const std::string&);
template Result<ImportAddress> decode(std::string_view, const std::string&);
template Result<Receipt> decode(std::string_view, const std::string&);
template Result<Document> decode(std::string_view, const std::string&);
template Result<OutboxRow> decode(std::string_view, const std::string&);

} // namespace kwit
