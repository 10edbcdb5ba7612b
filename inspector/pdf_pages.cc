#include "inspector/pdf_pages.hh"

#include "core/inspect/wire.hh"

#include <vector>

namespace kwit::inspector {

namespace {

constexpr unsigned max_ancestors = 100;

/// What QPDFExc calls an object.
std::string name_of(const QPDFObjectHandle& object) {
    return "object " + object.getObjGen().unparse(' ');
}

class Counter {
public:
    explicit Counter(const std::set<std::string>& empty_streams) : empty_streams_(empty_streams) {}

    Pages count(QPDFObjectHandle root) {
        if (!root.isDictionary()) {
            pages_.problem = "it has no page tree";
            return pages_;
        }
        nodes_.push_back(root);
        while (!nodes_.empty() && pages_.problem.empty()) {
            QPDFObjectHandle node = nodes_.back();
            nodes_.pop_back();
            take(node);
        }
        return pages_;
    }

private:
    void take(QPDFObjectHandle& node) {
        if (pages_.found + pages_.lost > inspect::max_pages)
            pages_.problem = "it has more pages than can be";
        else if (node.isDictionary() && node.hasKey("/Kids"))
            take_kids(node);
        else if (!node.isDictionary() || is_lost(node))
            ++pages_.lost;
        else
            ++pages_.found;
    }

    void take_kids(QPDFObjectHandle& node) {
        // A page may stand in the tree twice, a branch only once.
        if (node.isIndirect() && !branches_.insert(node.getObjGen()).second) {
            pages_.problem = "its page tree runs in a circle";
            return;
        }
        QPDFObjectHandle kids = node.getKey("/Kids");
        if (!kids.isArray()) {
            ++pages_.lost;
            return;
        }
        for (const QPDFObjectHandle& kid : kids.aitems())
            nodes_.push_back(kid);
    }

    /// What stands there as a reference and leads to nothing, or to a stream whose data is gone.
    [[nodiscard]] bool is_gone(QPDFObjectHandle object) const {
        if (!object.isIndirect()) return false;
        return object.isNull() || (object.isStream() && empty_streams_.contains(name_of(object)));
    }

    [[nodiscard]] bool has_lost_contents(QPDFObjectHandle& page) const {
        const auto entries = page.getDictAsMap();
        const auto contents = entries.find("/Contents");
        if (contents == entries.end()) return false; // an empty page
        QPDFObjectHandle value = contents->second;
        if (!value.isArray()) return is_gone(value);
        for (const QPDFObjectHandle& piece : value.aitems())
            if (is_gone(piece)) return true;
        return false;
    }

    /// The page's own resources, or those of an ancestor.
    static QPDFObjectHandle resources_of(QPDFObjectHandle node) {
        for (unsigned i = 0; i < max_ancestors && node.isDictionary(); ++i) {
            QPDFObjectHandle resources = node.getKey("/Resources");
            if (resources.isDictionary()) return resources;
            node = node.getKey("/Parent");
        }
        return QPDFObjectHandle::newNull();
    }

    [[nodiscard]] bool has_lost_pictures(QPDFObjectHandle& page) const {
        QPDFObjectHandle resources = resources_of(page);
        if (!resources.isDictionary()) return false;
        QPDFObjectHandle pictures = resources.getKey("/XObject");
        if (!pictures.isDictionary()) return false;
        for (const auto& [name, picture] : pictures.getDictAsMap())
            if (is_gone(picture)) return true;
        return false;
    }

    [[nodiscard]] bool is_lost(QPDFObjectHandle& page) const {
        return has_lost_contents(page) || has_lost_pictures(page);
    }

    const std::set<std::string>& empty_streams_;
    std::vector<QPDFObjectHandle> nodes_{};
    std::set<QPDFObjGen> branches_{};
    Pages pages_{};
};

} // namespace

Pages count_pages(QPDF& pdf, const std::set<std::string>& empty_streams) {
    return Counter(empty_streams).count(pdf.getRoot().getKey("/Pages"));
}

} // namespace kwit::inspector
