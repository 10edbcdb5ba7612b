#include "core/model/verdict.hh"

#include <algorithm>
#include <array>

namespace kwit {

namespace {

template <typename Value>
struct Named {
    Value value;
    std::string_view name;
};

constexpr std::array verdicts = {
    Named<Verdict>{Verdict::imported, "imported"},
    Named<Verdict>{Verdict::partial, "partial"},
    Named<Verdict>{Verdict::failed, "failed"},
    Named<Verdict>{Verdict::refused, "refused"},
};

constexpr std::array dispositions = {
    Named<Disposition>{Disposition::filed, "filed"},
    Named<Disposition>{Disposition::duplicate, "duplicate"},
    Named<Disposition>{Disposition::annex, "annex"},
    Named<Disposition>{Disposition::decoration, "decoration"},
    Named<Disposition>{Disposition::body, "body"},
    Named<Disposition>{Disposition::container, "container"},
    Named<Disposition>{Disposition::signature, "signature"},
    Named<Disposition>{Disposition::ignored, "ignored"},
    Named<Disposition>{Disposition::refused, "refused"},
};

constexpr std::array notice_kinds = {
    Named<NoticeKind>{NoticeKind::confirmation, "confirmation"},
    Named<NoticeKind>{NoticeKind::correction, "correction"},
    Named<NoticeKind>{NoticeKind::import, "import"},
    Named<NoticeKind>{NoticeKind::failure, "failure"},
    Named<NoticeKind>{NoticeKind::card, "card"},
    Named<NoticeKind>{NoticeKind::report, "report"},
    Named<NoticeKind>{NoticeKind::digest, "digest"},
    Named<NoticeKind>{NoticeKind::summary, "summary"},
    Named<NoticeKind>{NoticeKind::test, "test"},
};

constexpr std::array held_words = {
    Named<Held>{Held::no, "no"},
    Named<Held>{Held::digest, "digest"},
    Named<Held>{Held::cap, "cap"},
};

constexpr std::array rule_results = {
    Named<RuleAnswer::Result>{RuleAnswer::Result::pass, "pass"},
    Named<RuleAnswer::Result>{RuleAnswer::Result::refuse, "refuse"},
    Named<RuleAnswer::Result>{RuleAnswer::Result::not_asked, "not-asked"},
};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
    return std::find_if(
               table.begin(), table.end(), [&](const auto& row) { return row.value == value; }
    )->name;
}

template <typename Table>
auto value_in(const Table& table, std::string_view name)
    -> std::optional<decltype(table.front().value)> {
    const auto row =
        std::find_if(table.begin(), table.end(), [&](const auto& it) { return it.name == name; });
    if (row == table.end()) return std::nullopt;
    return row->value;
}

} // namespace

std::string_view name_of(Verdict verdict) {
    return name_in(verdicts, verdict);
}

std::string_view name_of(Disposition disposition) {
    return name_in(dispositions, disposition);
}

std::string_view name_of(NoticeKind kind) {
    return name_in(notice_kinds, kind);
}

std::string_view name_of(Held held) {
    return name_in(held_words, held);
}

std::optional<Held> held_named(std::string_view name) {
    return value_in(held_words, name);
}

std::string_view name_of(RuleAnswer::Result result) {
    return name_in(rule_results, result);
}

std::optional<Verdict> verdict_named(std::string_view name) {
    return value_in(verdicts, name);
}

std::optional<Disposition> disposition_named(std::string_view name) {
    return value_in(dispositions, name);
}

std::optional<NoticeKind> notice_kind_named(std::string_view name) {
    return value_in(notice_kinds, name);
}

} // namespace kwit
