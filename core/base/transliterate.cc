// ASCII for Latin letters and typographic signs, for sinks that carry nothing else.
#include "core/base/transliterate.hh"

#include <algorithm>
#include <array>

namespace kwit {

namespace {

// clang-format off: one line each would hide the tables' sense
// Latin-1 and Latin Extended-A without a gap: the text of U+00A0 + i.
constexpr std::array<std::string_view, 0x180 - 0xA0> latin = {
    " ",   "!",   "c",    "GBP", "?",  "JPY", "|",  "par. ", "\"",    "(c)", "a",  "\"", "-",  "",
    "(R)", "-",   " deg", "+-",  "2",  "3",   "'",  "u",     "par. ", ".",   ",",  "1",  "o",  "\"",
    "1/4", "1/2", "3/4",  "?",   "A",  "A",   "A",  "A",     "Ae",    "A",   "Ae", "C",  "E",  "E",
    "E",   "E",   "I",    "I",   "I",  "I",   "D",  "N",     "O",     "O",   "O",  "O",  "Oe", "x",
    "O",   "U",   "U",    "U",   "Ue", "Y",   "Th", "ss",    "a",     "a",   "a",  "a",  "ae", "a",
    "ae",  "c",   "e",    "e",   "e",  "e",   "i",  "i",     "i",     "i",   "d",  "n",  "o",  "o",
    "o",   "o",   "oe",   ":",   "o",  "u",   "u",  "u",     "ue",    "y",   "th", "y",  "A",  "a",
    "A",   "a",   "A",    "a",   "C",  "c",   "C",  "c",     "C",     "c",   "C",  "c",  "D",  "d",
    "D",   "d",   "E",    "e",   "E",  "e",   "E",  "e",     "E",     "e",   "E",  "e",  "G",  "g",
    "G",   "g",   "G",    "g",   "G",  "g",   "H",  "h",     "H",     "h",   "I",  "i",  "I",  "i",
    "I",   "i",   "I",    "i",   "I",  "i",   "IJ", "ij",    "J",     "j",   "K",  "k",  "k",  "L",
    "l",   "L",   "l",    "L",   "l",  "L",   "l",  "L",     "l",     "N",   "n",  "N",  "n",  "N",
    "n",   "'n",  "N",    "n",   "O",  "o",   "O",  "o",     "O",     "o",   "Oe", "oe", "R",  "r",
    "R",   "r",   "R",    "r",   "S",  "s",   "S",  "s",     "S",     "s",   "S",  "s",  "T",  "t",
    "T",   "t",   "T",    "t",   "U",  "u",   "U",  "u",     "U",     "u",   "U",  "u",  "U",  "u",
    "U",   "u",   "W",    "w",   "Y",  "y",   "Y",  "Z",     "z",     "Z",   "z",  "Z",  "z",  "s",
};

struct Row {
    char32_t code_point;
    std::string_view text;
};

// What people type or their programs make beyond that, in order.
constexpr std::array others = {
    Row{0x18F, "E"},    Row{0x192, "f"},           Row{0x1CD, "A"},    Row{0x1CE, "a"},
    Row{0x1CF, "I"},    Row{0x1D0, "i"},           Row{0x1D1, "O"},    Row{0x1D2, "o"},
    Row{0x1D3, "U"},    Row{0x1D4, "u"},           Row{0x1D5, "U"},    Row{0x1D6, "u"},
    Row{0x1D7, "U"},    Row{0x1D8, "u"},           Row{0x1D9, "U"},    Row{0x1DA, "u"},
    Row{0x1DB, "U"},    Row{0x1DC, "u"},           Row{0x1DE, "A"},    Row{0x1DF, "a"},
    Row{0x1E0, "A"},    Row{0x1E1, "a"},           Row{0x1E6, "G"},    Row{0x1E7, "g"},
    Row{0x1E8, "K"},    Row{0x1E9, "k"},           Row{0x1EA, "O"},    Row{0x1EB, "o"},
    Row{0x1EC, "O"},    Row{0x1ED, "o"},           Row{0x1F0, "j"},    Row{0x1F4, "G"},
    Row{0x1F5, "g"},    Row{0x1F8, "N"},           Row{0x1F9, "n"},    Row{0x1FA, "A"},
    Row{0x1FB, "a"},    Row{0x200, "A"},           Row{0x201, "a"},    Row{0x202, "A"},
    Row{0x203, "a"},    Row{0x204, "E"},           Row{0x205, "e"},    Row{0x206, "E"},
    Row{0x207, "e"},    Row{0x208, "I"},           Row{0x209, "i"},    Row{0x20A, "I"},
    Row{0x20B, "i"},    Row{0x20C, "O"},           Row{0x20D, "o"},    Row{0x20E, "O"},
    Row{0x20F, "o"},    Row{0x210, "R"},           Row{0x211, "r"},    Row{0x212, "R"},
    Row{0x213, "r"},    Row{0x214, "U"},           Row{0x215, "u"},    Row{0x216, "U"},
    Row{0x217, "u"},    Row{0x218, "S"},           Row{0x219, "s"},    Row{0x21A, "T"},
    Row{0x21B, "t"},    Row{0x226, "A"},           Row{0x227, "a"},    Row{0x228, "E"},
    Row{0x229, "e"},    Row{0x22A, "O"},           Row{0x22B, "o"},    Row{0x22C, "O"},
    Row{0x22D, "o"},    Row{0x22E, "O"},           Row{0x22F, "o"},    Row{0x230, "O"},
    Row{0x231, "o"},    Row{0x232, "Y"},           Row{0x233, "y"},    Row{0x259, "e"},
    Row{0x2B9, "'"},    Row{0x2BC, "'"},           Row{0x1E00, "A"},   Row{0x1E01, "a"},
    Row{0x1E02, "B"},   Row{0x1E03, "b"},          Row{0x1E04, "B"},   Row{0x1E05, "b"},
    Row{0x1E06, "B"},   Row{0x1E07, "b"},          Row{0x1E08, "C"},   Row{0x1E09, "c"},
    Row{0x1E0A, "D"},   Row{0x1E0B, "d"},          Row{0x1E0C, "D"},   Row{0x1E0D, "d"},
    Row{0x1E0E, "D"},   Row{0x1E0F, "d"},          Row{0x1E10, "D"},   Row{0x1E11, "d"},
    Row{0x1E12, "D"},   Row{0x1E13, "d"},          Row{0x1E14, "E"},   Row{0x1E15, "e"},
    Row{0x1E16, "E"},   Row{0x1E17, "e"},          Row{0x1E18, "E"},   Row{0x1E19, "e"},
    Row{0x1E1A, "E"},   Row{0x1E1B, "e"},          Row{0x1E1C, "E"},   Row{0x1E1D, "e"},
    Row{0x1E1E, "F"},   Row{0x1E1F, "f"},          Row{0x1E20, "G"},   Row{0x1E21, "g"},
    Row{0x1E22, "H"},   Row{0x1E23, "h"},          Row{0x1E24, "H"},   Row{0x1E25, "h"},
    Row{0x1E26, "H"},   Row{0x1E27, "h"},          Row{0x1E28, "H"},   Row{0x1E29, "h"},
    Row{0x1E2A, "H"},   Row{0x1E2B, "h"},          Row{0x1E2C, "I"},   Row{0x1E2D, "i"},
    Row{0x1E2E, "I"},   Row{0x1E2F, "i"},          Row{0x1E30, "K"},   Row{0x1E31, "k"},
    Row{0x1E32, "K"},   Row{0x1E33, "k"},          Row{0x1E34, "K"},   Row{0x1E35, "k"},
    Row{0x1E36, "L"},   Row{0x1E37, "l"},          Row{0x1E38, "L"},   Row{0x1E39, "l"},
    Row{0x1E3A, "L"},   Row{0x1E3B, "l"},          Row{0x1E3C, "L"},   Row{0x1E3D, "l"},
    Row{0x1E3E, "M"},   Row{0x1E3F, "m"},          Row{0x1E40, "M"},   Row{0x1E41, "m"},
    Row{0x1E42, "M"},   Row{0x1E43, "m"},          Row{0x1E44, "N"},   Row{0x1E45, "n"},
    Row{0x1E46, "N"},   Row{0x1E47, "n"},          Row{0x1E48, "N"},   Row{0x1E49, "n"},
    Row{0x1E4A, "N"},   Row{0x1E4B, "n"},          Row{0x1E4C, "O"},   Row{0x1E4D, "o"},
    Row{0x1E4E, "O"},   Row{0x1E4F, "o"},          Row{0x1E50, "O"},   Row{0x1E51, "o"},
    Row{0x1E52, "O"},   Row{0x1E53, "o"},          Row{0x1E54, "P"},   Row{0x1E55, "p"},
    Row{0x1E56, "P"},   Row{0x1E57, "p"},          Row{0x1E58, "R"},   Row{0x1E59, "r"},
    Row{0x1E5A, "R"},   Row{0x1E5B, "r"},          Row{0x1E5C, "R"},   Row{0x1E5D, "r"},
    Row{0x1E5E, "R"},   Row{0x1E5F, "r"},          Row{0x1E60, "S"},   Row{0x1E61, "s"},
    Row{0x1E62, "S"},   Row{0x1E63, "s"},          Row{0x1E64, "S"},   Row{0x1E65, "s"},
    Row{0x1E66, "S"},   Row{0x1E67, "s"},          Row{0x1E68, "S"},   Row{0x1E69, "s"},
    Row{0x1E6A, "T"},   Row{0x1E6B, "t"},          Row{0x1E6C, "T"},   Row{0x1E6D, "t"},
    Row{0x1E6E, "T"},   Row{0x1E6F, "t"},          Row{0x1E70, "T"},   Row{0x1E71, "t"},
    Row{0x1E72, "U"},   Row{0x1E73, "u"},          Row{0x1E74, "U"},   Row{0x1E75, "u"},
    Row{0x1E76, "U"},   Row{0x1E77, "u"},          Row{0x1E78, "U"},   Row{0x1E79, "u"},
    Row{0x1E7A, "U"},   Row{0x1E7B, "u"},          Row{0x1E7C, "V"},   Row{0x1E7D, "v"},
    Row{0x1E7E, "V"},   Row{0x1E7F, "v"},          Row{0x1E80, "W"},   Row{0x1E81, "w"},
    Row{0x1E82, "W"},   Row{0x1E83, "w"},          Row{0x1E84, "W"},   Row{0x1E85, "w"},
    Row{0x1E86, "W"},   Row{0x1E87, "w"},          Row{0x1E88, "W"},   Row{0x1E89, "w"},
    Row{0x1E8A, "X"},   Row{0x1E8B, "x"},          Row{0x1E8C, "X"},   Row{0x1E8D, "x"},
    Row{0x1E8E, "Y"},   Row{0x1E8F, "y"},          Row{0x1E90, "Z"},   Row{0x1E91, "z"},
    Row{0x1E92, "Z"},   Row{0x1E93, "z"},          Row{0x1E94, "Z"},   Row{0x1E95, "z"},
    Row{0x1E96, "h"},   Row{0x1E97, "t"},          Row{0x1E98, "w"},   Row{0x1E99, "y"},
    Row{0x1E9E, "Ss"},  Row{0x1EA0, "A"},          Row{0x1EA1, "a"},   Row{0x1EA2, "A"},
    Row{0x1EA3, "a"},   Row{0x1EA4, "A"},          Row{0x1EA5, "a"},   Row{0x1EA6, "A"},
    Row{0x1EA7, "a"},   Row{0x1EA8, "A"},          Row{0x1EA9, "a"},   Row{0x1EAA, "A"},
    Row{0x1EAB, "a"},   Row{0x1EAC, "A"},          Row{0x1EAD, "a"},   Row{0x1EAE, "A"},
    Row{0x1EAF, "a"},   Row{0x1EB0, "A"},          Row{0x1EB1, "a"},   Row{0x1EB2, "A"},
    Row{0x1EB3, "a"},   Row{0x1EB4, "A"},          Row{0x1EB5, "a"},   Row{0x1EB6, "A"},
    Row{0x1EB7, "a"},   Row{0x1EB8, "E"},          Row{0x1EB9, "e"},   Row{0x1EBA, "E"},
    Row{0x1EBB, "e"},   Row{0x1EBC, "E"},          Row{0x1EBD, "e"},   Row{0x1EBE, "E"},
    Row{0x1EBF, "e"},   Row{0x1EC0, "E"},          Row{0x1EC1, "e"},   Row{0x1EC2, "E"},
    Row{0x1EC3, "e"},   Row{0x1EC4, "E"},          Row{0x1EC5, "e"},   Row{0x1EC6, "E"},
    Row{0x1EC7, "e"},   Row{0x1EC8, "I"},          Row{0x1EC9, "i"},   Row{0x1ECA, "I"},
    Row{0x1ECB, "i"},   Row{0x1ECC, "O"},          Row{0x1ECD, "o"},   Row{0x1ECE, "O"},
    Row{0x1ECF, "o"},   Row{0x1ED0, "O"},          Row{0x1ED1, "o"},   Row{0x1ED2, "O"},
    Row{0x1ED3, "o"},   Row{0x1ED4, "O"},          Row{0x1ED5, "o"},   Row{0x1ED6, "O"},
    Row{0x1ED7, "o"},   Row{0x1ED8, "O"},          Row{0x1ED9, "o"},   Row{0x1EDA, "O"},
    Row{0x1EDB, "o"},   Row{0x1EDC, "O"},          Row{0x1EDD, "o"},   Row{0x1EDE, "O"},
    Row{0x1EDF, "o"},   Row{0x1EE0, "O"},          Row{0x1EE1, "o"},   Row{0x1EE2, "O"},
    Row{0x1EE3, "o"},   Row{0x1EE4, "U"},          Row{0x1EE5, "u"},   Row{0x1EE6, "U"},
    Row{0x1EE7, "u"},   Row{0x1EE8, "U"},          Row{0x1EE9, "u"},   Row{0x1EEA, "U"},
    Row{0x1EEB, "u"},   Row{0x1EEC, "U"},          Row{0x1EED, "u"},   Row{0x1EEE, "U"},
    Row{0x1EEF, "u"},   Row{0x1EF0, "U"},          Row{0x1EF1, "u"},   Row{0x1EF2, "Y"},
    Row{0x1EF3, "y"},   Row{0x1EF4, "Y"},          Row{0x1EF5, "y"},   Row{0x1EF6, "Y"},
    Row{0x1EF7, "y"},   Row{0x1EF8, "Y"},          Row{0x1EF9, "y"},   Row{0x2000, " "},
    Row{0x2001, " "},   Row{0x2002, " "},          Row{0x2003, " "},   Row{0x2004, " "},
    Row{0x2005, " "},   Row{0x2006, " "},          Row{0x2007, " "},   Row{0x2008, " "},
    Row{0x2009, " "},   Row{0x200A, " "},          Row{0x2010, "-"},   Row{0x2011, "-"},
    Row{0x2012, "-"},   Row{0x2013, "-"},          Row{0x2014, "-"},   Row{0x2015, "-"},
    Row{0x2018, "'"},   Row{0x2019, "'"},          Row{0x201A, "'"},   Row{0x201B, "'"},
    Row{0x201C, "\""},  Row{0x201D, "\""},         Row{0x201E, "\""},  Row{0x201F, "\""},
    Row{0x2020, "+"},   Row{0x2021, "+"},          Row{0x2022, "*"},   Row{0x2026, "..."},
    Row{0x202F, " "},   Row{0x2030, " per mille"}, Row{0x2032, "'"},   Row{0x2033, "\""},
    Row{0x2039, "'"},   Row{0x203A, "'"},          Row{0x2044, "/"},   Row{0x205F, " "},
    Row{0x2070, "0"},   Row{0x2074, "4"},          Row{0x2075, "5"},   Row{0x2076, "6"},
    Row{0x2077, "7"},   Row{0x2078, "8"},          Row{0x2079, "9"},   Row{0x2080, "0"},
    Row{0x2081, "1"},   Row{0x2082, "2"},          Row{0x2083, "3"},   Row{0x2084, "4"},
    Row{0x2085, "5"},   Row{0x2086, "6"},          Row{0x2087, "7"},   Row{0x2088, "8"},
    Row{0x2089, "9"},   Row{0x20A4, "GBP"},        Row{0x20AC, "EUR"}, Row{0x2103, " degC"},
    Row{0x2116, "No."}, Row{0x2122, "(TM)"},       Row{0x2190, "<-"},  Row{0x2192, "->"},
    Row{0x21D2, "=>"},  Row{0x2212, "-"},          Row{0x2215, "/"},   Row{0x2248, "~"},
    Row{0x2260, "!="},  Row{0x2264, "<="},         Row{0x2265, ">="},  Row{0x3000, " "},
    Row{0xFB00, "ff"},  Row{0xFB01, "fi"},         Row{0xFB02, "fl"},  Row{0xFB03, "ffi"},
    Row{0xFB04, "ffl"}, Row{0xFB05, "st"},         Row{0xFB06, "st"},
};

// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 1; i < others.size(); ++i)
        if (others.at(i - 1).code_point >= others.at(i).code_point) return false;
    return true;
}

static_assert(in_order(), "the search is binary");

constexpr bool is_combining(char32_t c) {
    return c >= 0x300 && c <= 0x36F;
}

constexpr std::string_view ascii =
    "!\"#$%&'()*+,-./"
    "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
static_assert(ascii.size() == '~' - '!' + 1);

} // namespace

std::optional<std::string_view> transliterate(char32_t code_point) {
    if (code_point >= 0xA0 && code_point < 0x180) return latin.at(code_point - 0xA0);
    if (is_combining(code_point)) return "";
    // Full-width forms of printable ASCII stand in its order.
    if (code_point >= 0xFF01 && code_point <= 0xFF5E) return ascii.substr(code_point - 0xFF01, 1);
    const auto* const row = std::lower_bound(
        others.begin(),
        others.end(),
        code_point,
        [](const Row& candidate, char32_t wanted) { return candidate.code_point < wanted; }
    );
    if (row == others.end() || row->code_point != code_point) return std::nullopt;
    return row->text;
}

} // namespace kwit
