#include "inspector/pdf_content.hh"

#include "core/base/text.hh"
#include "core/inspect/wire.hh"
#include "inspector/text.hh"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace kwit::inspector {

namespace {

using Object = QPDFObjectHandle;

// ── the beginning of a stream ────────────────────────────────────────────────────────────────────

constexpr std::size_t head_size = 4096;

struct Enough {};

/// Keeps the first bytes and calls the rest off: what unpacks to gigabytes is not unpacked.
class Head : public Pipeline {
public:
    Head() : Pipeline("head", nullptr) {}

    void write(const unsigned char* data, size_t length) override {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as text
        bytes_.append(
            reinterpret_cast<const char*>(data), std::min(length, head_size - bytes_.size())
        );
        if (bytes_.size() == head_size) throw Enough();
    }

    void finish() override {}

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_{};
};

/// The first bytes of a stream, unpacked; what cannot be unpacked has none.
std::string head_of(Object& stream) {
    Head head;
    try {
        stream.pipeStreamData(&head, 0, qpdf_dl_generalized, true);
    } catch (const Enough&) {
        return head.bytes();
    } catch (const QPDFExc&) {
        return head.bytes();
    }
    return head.bytes();
}

// ── what an embedded file is ─────────────────────────────────────────────────────────────────────

struct Invoice {
    std::string_view name;
    std::string_view kind;
};

constexpr std::array invoices = {
    Invoice{"factur-x.xml", "factur-x"},
    Invoice{"zugferd-invoice.xml", "zugferd"},
    Invoice{"xrechnung.xml", "xrechnung"},
};

constexpr std::array program_endings = {
    std::string_view(".exe"), std::string_view(".com"), std::string_view(".scr"),
    std::string_view(".pif"), std::string_view(".msi"), std::string_view(".dll"),
    std::string_view(".bat"), std::string_view(".cmd"), std::string_view(".ps1"),
    std::string_view(".vbs"), std::string_view(".vbe"), std::string_view(".js"),
    std::string_view(".jse"), std::string_view(".wsf"), std::string_view(".hta"),
    std::string_view(".jar"), std::string_view(".lnk"), std::string_view(".sh"),
    std::string_view(".app"), std::string_view(".cpl"), std::string_view(".reg"),
};

/// The root element of every version: Factur-X, ZUGFeRD 2 and XRechnung (CII), ZUGFeRD 1.
bool is_invoice(std::string head) {
    std::erase(head, '\0'); // UTF-16
    return head.find("CrossIndustryInvoice") != std::string::npos ||
           head.find("CrossIndustryDocument") != std::string::npos;
}

bool is_program(std::string_view name, std::string_view head) {
    for (const std::string_view ending : program_endings)
        if (name.ends_with(ending)) return true;
    for (const std::string_view mark :
         {"MZ",
          "\x7f"
          "ELF",
          "#!",
          "\xCA\xFE\xBA\xBE"})
        if (head.starts_with(mark)) return true;
    return false;
}

std::string kind_of(const std::string& shown_name, const std::string& head) {
    const std::string name = lower(shown_name);
    for (const Invoice& invoice : invoices)
        if (name == invoice.name && is_invoice(head)) return std::string(invoice.kind);
    return is_program(name, head) ? "program" : "";
}

std::string text_in(Object& dictionary, const char* key) {
    Object value = dictionary.getKey(key);
    return value.isString() ? clean_text(value.getUTF8Value()) : std::string();
}

std::uint64_t size_of(Object& stream) {
    Object parameters = stream.getDict().getKey("/Params");
    if (!parameters.isDictionary()) return 0;
    Object size = parameters.getKey("/Size");
    return size.isInteger() && size.getIntValue() > 0
               ? static_cast<std::uint64_t>(size.getIntValue())
               : 0;
}

/// "/application#2Fpdf" as people write it: qpdf has resolved the escape.
std::string media_type_of(Object& stream) {
    Object type = stream.getDict().getKey("/Subtype");
    return type.isName() ? clean_text(std::string_view(type.getName()).substr(1)) : std::string();
}

// ── the walk ─────────────────────────────────────────────────────────────────────────────────────

constexpr std::array actions = {
    std::pair<std::string_view, std::string_view>{"/JavaScript", "javascript"},
    std::pair<std::string_view, std::string_view>{"/Launch", "launch"},
    std::pair<std::string_view, std::string_view>{"/ImportData", "import-data"},
    std::pair<std::string_view, std::string_view>{"/SubmitForm", "submit-form"},
    std::pair<std::string_view, std::string_view>{"/GoToE", "go-to-embedded"},
    std::pair<std::string_view, std::string_view>{"/GoToR", "go-to-remote"},
    std::pair<std::string_view, std::string_view>{"/RichMediaExecute", "rich-media"},
};

class Walk {
public:
    explicit Walk(PdfFacts& facts) : facts_(facts) {}

    /// An object and everything that stands in it directly; references are objects of their own.
    void take(const Object& object) {
        pending_.push_back(object);
        while (!pending_.empty()) {
            Object next = pending_.back();
            pending_.pop_back();
            if (next.isStream()) next = next.getDict();
            if (next.isDictionary())
                look_at(next);
            else if (next.isArray())
                for (const Object& item : next.aitems())
                    add(item);
        }
    }

private:
    void add(const Object& value) {
        Object inner = value;
        if (!inner.isIndirect() && (inner.isDictionary() || inner.isArray()))
            pending_.push_back(inner);
    }

    void note(std::string_view word) {
        auto& words = facts_.active;
        if (std::find(words.begin(), words.end(), word) == words.end()) words.emplace_back(word);
    }

    void look_at(Object& dictionary) {
        look_for_action(dictionary);
        Object files = dictionary.getKey("/EF");
        if (files.isDictionary()) take_file(dictionary, files);
        for (const auto& [key, value] : dictionary.ditems())
            add(value);
    }

    void look_for_action(Object& dictionary) {
        Object type = dictionary.getKey("/Type");
        Object action = dictionary.getKey("/S");
        if (action.isName() && (!type.isName() || type.isNameAndEquals("/Action")))
            for (const auto& [name, word] : actions)
                if (action.getName() == name) note(word);
        Object script = dictionary.getKey("/JS");
        if (script.isString() || script.isStream()) note("javascript");
        Object form = dictionary.getKey("/XFA");
        if (form.isArray() || form.isStream()) note("xfa");
        if (dictionary.getKey("/Subtype").isNameAndEquals("/RichMedia")) note("rich-media");
    }

    void take_file(Object& specification, Object& files) {
        Object stream = files.getKey("/UF");
        if (!stream.isStream()) stream = files.getKey("/F");
        if (!stream.isStream() || !seen_.insert(stream.getObjGen()).second) return;
        EmbeddedFile file;
        file.name = text_in(specification, "/UF");
        if (file.name.empty()) file.name = text_in(specification, "/F");
        file.media_type = media_type_of(stream);
        file.size = size_of(stream);
        file.kind = kind_of(file.name, head_of(stream));
        if (file.kind == "program") note("embedded-program");
        if (facts_.embedded.size() < inspect::max_embedded)
            facts_.embedded.push_back(std::move(file));
    }

    PdfFacts& facts_;
    std::vector<Object> pending_{};
    std::set<QPDFObjGen> seen_{};
};

} // namespace

void look_at_objects(QPDF& pdf, PdfFacts& facts) {
    Walk walk(facts);
    walk.take(pdf.getTrailer());
    for (const Object& object : pdf.getAllObjects())
        walk.take(object);
}

} // namespace kwit::inspector
