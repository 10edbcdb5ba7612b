#include "core/outbox/html.hh"

#include "core/base/encode.hh"
#include "core/base/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kwit::outbox {

namespace {

// Mail programs know no style sheets that are fetched, and some none at all: each element has its
// style with it. The sheet in the head only re-colours and narrows, where it is understood.
constexpr std::string_view sheet =
    R"(:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
.page { background: #14181d !important; color: #e6e9ed !important; }
.sheet { background: #1e242b !important; border-color: #36404a !important; color: #e6e9ed !important; }
.line { border-color: #36404a !important; }
.muted { color: #a3adb8 !important; }
.box { background: #262d35 !important; border-color: #36404a !important; }
.good { background: #173524 !important; color: #b7e4c7 !important; }
.doubtful { background: #3a2f10 !important; color: #f5dd9b !important; }
.bad { background: #421d1b !important; color: #f8c9c4 !important; }
.is-good { color: #8fd6a8 !important; }
.is-bad { color: #f5a59d !important; }
.logo { background: #ffffff !important; }
a { color: #7ab8ff !important; }
}
@media (max-width: 480px) {
.sheet { border-radius: 0 !important; }
.inner { padding-left: 16px !important; padding-right: 16px !important; }
.stack { display: block !important; width: auto !important; padding-right: 0 !important; text-align: left !important; white-space: normal !important; }
.head-row { display: none !important; }
.under { padding-top: 0 !important; border-top: 0 !important; }
}
)";

constexpr std::string_view table =
    R"(<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">)";
constexpr std::string_view wrap = "overflow-wrap:anywhere;word-break:break-word";
constexpr std::string_view muted_colour = "#5c6975";
constexpr std::string_view line_colour = "#dfe4ea";

std::string_view class_of(Tone tone) {
    switch (tone) {
    case Tone::plain:
        return "plain";
    case Tone::good:
        return "good";
    case Tone::doubtful:
        return "doubtful";
    case Tone::bad:
        return "bad";
    case Tone::muted:
        return "muted";
    }
    return "plain";
}

struct Colours {
    std::string_view background;
    std::string_view text;
};

/// Of a box that asks for attention.
Colours colours_of(Tone tone) {
    switch (tone) {
    case Tone::good:
        return {"#e6f4ea", "#14532d"};
    case Tone::doubtful:
        return {"#fff4d6", "#6b4a00"};
    case Tone::bad:
        return {"#fde8e6", "#7f1d1d"};
    case Tone::plain:
    case Tone::muted:
        break;
    }
    return {"#ffffff", "#1f2933"};
}

bool is_box(Tone tone) {
    return tone == Tone::good || tone == Tone::doubtful || tone == Tone::bad;
}

/// What others wrote may run from right to left; it does not take its neighbours along.
std::string isolated(std::string_view text) {
    return fmt::format("<bdi>{}</bdi>", html_text(text));
}

std::string muted(std::string_view html, std::string_view more = "") {
    return fmt::format(
        R"(<span class="muted" style="color:{};{}">{}</span>)", muted_colour, more, html
    );
}

/// "Company: Kunde (10023)" in two cells; a line without a name, or with one that would push all
/// values aside, takes both.
std::string row_of(std::string_view line, std::string_view cell_style) {
    constexpr std::string_view mark = ": ";
    constexpr std::size_t max_name = 20; // bytes
    const std::size_t colon = line.find(mark);
    if (colon > max_name) // or nowhere
        return fmt::format(
            "<tr><td colspan=\"2\" style=\"{};{}\">{}</td></tr>\n",
            cell_style,
            wrap,
            html_text(line)
        );
    return fmt::format(
        "<tr><td class=\"stack muted\" valign=\"top\" style=\"{};padding-right:16px;"
        "white-space:nowrap;color:{}\">{}</td>\n"
        "<td class=\"stack under\" valign=\"top\" width=\"100%\" style=\"{};{}\">{}</td></tr>\n",
        cell_style,
        muted_colour,
        html_text(line.substr(0, colon)),
        cell_style,
        wrap,
        isolated(line.substr(colon + mark.size()))
    );
}

constexpr std::string_view cell = "padding:3px 0";

struct AsHtml {
    std::string operator()(const Paragraph& paragraph) const {
        if (paragraph.text.empty()) return {};
        if (is_box(paragraph.tone)) {
            const Colours colours = colours_of(paragraph.tone);
            return fmt::format(
                "<div class=\"{}\" style=\"margin:0 0 16px;padding:12px 16px;border-radius:6px;"
                "background:{};color:{};{}\">{}</div>\n",
                class_of(paragraph.tone),
                colours.background,
                colours.text,
                wrap,
                html_text(paragraph.text)
            );
        }
        const std::string text = html_text(paragraph.text);
        return fmt::format(
            "<p style=\"margin:0 0 16px;{}\">{}</p>\n",
            wrap,
            paragraph.tone == Tone::muted ? muted(text, "font-size:13px") : text
        );
    }

    std::string operator()(const Lines& lines) const {
        if (lines.intro.empty() && lines.lines.empty()) return {};
        std::string html = intro_of(lines.intro);
        html += R"(<div style="margin:0 0 16px">)";
        html += fmt::format("{}\n", table);
        for (const std::string& line : lines.lines)
            html += line_of(line);
        return html + "</table></div>\n";
    }

    std::string operator()(const Items& items) const {
        if (items.items.empty()) return {};
        std::string html = intro_of(items.intro);
        html += fmt::format(
            "<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" "
            "style=\"border-collapse:collapse;margin:0 0 16px\">\n<tr class=\"head-row\">{}{}</tr>"
            "\n",
            title_of(items.name_title),
            title_of(items.outcome_title)
        );
        for (const Item& item : items.items)
            html += item_of(item);
        html += "</table>\n";
        return html + (*this)(Paragraph{.text = items.more, .tone = Tone::muted});
    }

    std::string operator()(const Choices& choices) const {
        std::string html;
        for (const std::string& intro : choices.intro)
            html += (*this)(Paragraph{.text = intro});
        if (choices.choices.empty()) return html;
        html += "<div style=\"margin:0 0 16px\">\n";
        for (const Choice& choice : choices.choices)
            html += choice_of(choice, choices.button);
        return html + "</div>\n";
    }

private:
    static std::string intro_of(const std::string& intro) {
        if (intro.empty()) return {};
        return fmt::format(
            "<p style=\"margin:24px 0 8px;font-weight:bold;{}\">{}</p>\n", wrap, html_text(intro)
        );
    }

    static std::string link_to(std::string_view link, std::string_view text) {
        return fmt::format(
            R"(<a href="{}" style="color:#0b5cad;{}">{}</a>)",
            html_text(link),
            wrap,
            html_text(text)
        );
    }

    static std::string line_of(std::string_view line) {
        const std::string_view words = trim(line);
        if (!words.starts_with("mailto:")) return row_of(line, cell);
        return fmt::format(
            "<tr><td colspan=\"2\" style=\"{}\">{}</td></tr>\n", cell, link_to(words, words)
        );
    }

    static std::string title_of(std::string_view title) {
        return fmt::format(
            "<th class=\"line muted\" scope=\"col\" align=\"left\" style=\"padding:0 16px 6px 0;"
            "font-size:13px;font-weight:normal;text-align:left;color:{};border-bottom:1px solid "
            "{}\">{}</th>",
            muted_colour,
            line_colour,
            html_text(title)
        );
    }

    static std::string outcome_of(const Item& item) {
        switch (item.tone) {
        case Tone::good:
            return fmt::format(
                R"(<span class="is-good" style="color:#14713a">&#10003; {}</span>)",
                html_text(item.outcome)
            );
        case Tone::doubtful:
        case Tone::bad:
            return fmt::format(
                R"(<strong class="is-bad" style="color:#b3261e">&#10007; {}</strong>)",
                html_text(item.outcome)
            );
        case Tone::plain:
        case Tone::muted:
            break;
        }
        return muted(html_text(item.outcome));
    }

    static std::string item_of(const Item& item) {
        std::string below;
        for (const std::string& line : item.below)
            below += fmt::format(
                R"(<div{} style="padding-top:3px;font-size:13px;{}">{}</div>)",
                item.tone == Tone::bad ? "" : R"( class="muted")",
                item.tone == Tone::bad ? "" : fmt::format("color:{}", muted_colour),
                html_text(line)
            );
        return fmt::format(
            "<tr><td class=\"stack line\" valign=\"top\" style=\"padding:8px 16px 8px 0;"
            "border-top:1px solid {};{}\">{}. <strong>{}</strong> {}{}</td>\n"
            "<td class=\"stack line under\" valign=\"top\" style=\"padding:8px 0;"
            "border-top:1px solid {};{}\">{}</td></tr>\n",
            line_colour,
            wrap,
            html_text(item.number),
            isolated(item.name),
            item.aside.empty() ? "" : muted(html_text(item.aside), "white-space:nowrap"),
            below,
            line_colour,
            wrap,
            outcome_of(item)
        );
    }

    static std::string choice_of(const Choice& choice, const std::string& button) {
        return fmt::format(
            "<div class=\"box\" style=\"margin:0 0 8px;padding:10px 14px;border:1px solid {};"
            "border-radius:6px;background:#f7f9fb\"><strong style=\"font-family:Consolas,Menlo,"
            "monospace;font-size:15px;{}\">{}</strong> {}<br>{}</div>\n",
            line_colour,
            wrap,
            html_text(choice.subject),
            choice.label.empty() ? "" : muted(html_text(choice.label)),
            link_to(choice.link, button)
        );
    }
};

/// At most so large in the head, both ways in proportion. Some programs heed the attributes alone.
std::string picture_of(const Frame& frame) {
    constexpr double max_width = 220;
    constexpr double max_height = 56;
    if (frame.logo == nullptr) return {};
    const double shrink =
        std::min({1.0, max_width / frame.logo->width, max_height / frame.logo->height});
    const auto scaled = [&](std::uint32_t pixels) {
        return std::max(1L, std::lround(pixels * shrink));
    };
    const long width = scaled(frame.logo->width);
    const long height = scaled(frame.logo->height);
    return fmt::format(
        "<td class=\"stack\" width=\"{}\" style=\"padding-right:16px\"><img class=\"logo\" "
        "{} width=\"{}\" height=\"{}\" alt=\"\" style=\"display:block;border:0\"></td>",
        width,
        logo_reference(frame.content_id),
        width,
        height
    );
}

std::string signature_of(const Frame& frame) {
    if (frame.signature.empty()) return {};
    std::string html;
    for (const std::string_view line : split(frame.signature, '\n'))
        html += (html.empty() ? "" : "<br>") + html_text(line);
    return fmt::format(
        "<div class=\"line muted\" style=\"margin:8px 0 0;padding:12px 0 0;border-top:1px solid {};"
        "font-size:13px;color:{};{}\">{}</div>\n",
        line_colour,
        muted_colour,
        wrap,
        html
    );
}

} // namespace

std::string html_of(const Content& content) {
    std::string html;
    for (const Block& block : content)
        html += std::visit(AsHtml{}, block);
    return html;
}

std::string html_of_columns(std::string_view text) {
    return fmt::format(
        "<pre style=\"margin:0 0 16px;font-family:Consolas,Menlo,monospace;font-size:12px;"
        "line-height:1.4;overflow-x:auto\">{}</pre>\n",
        html_text(text)
    );
}

std::string logo_reference(std::string_view content_id) {
    return fmt::format("src=\"cid:{}\"", html_text(content_id));
}

std::string html_page(const Frame& frame, std::string_view words) {
    return fmt::format(
        R"(<!DOCTYPE html>
<html lang="{locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>{title}</title>
<style>
{sheet}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#eef1f4;color:#1f2933;font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5">
{table}
<tr><td class="page" align="center" style="padding:16px 0;background:#eef1f4">
<table role="presentation" class="sheet" width="640" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:640px;background:#ffffff;border:1px solid {line};border-radius:8px;border-collapse:separate;text-align:left">
<tr><td class="inner line" style="padding:16px 24px;border-bottom:1px solid {line}">
<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>{picture}<td class="stack" style="font-size:17px;font-weight:bold;{wrap}">{office}</td></tr></table>
</td></tr>
<tr><td class="inner" style="padding:20px 24px">
{words}{signature}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
)",
        fmt::arg("locale", html_text(frame.locale)),
        fmt::arg("title", html_text(frame.title)),
        fmt::arg("sheet", sheet),
        fmt::arg("table", table),
        fmt::arg("line", line_colour),
        fmt::arg("wrap", wrap),
        fmt::arg("picture", picture_of(frame)),
        fmt::arg("office", html_text(frame.office)),
        fmt::arg("words", words),
        fmt::arg("signature", signature_of(frame))
    );
}

} // namespace kwit::outbox
