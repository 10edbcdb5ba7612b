// ASCII for Latin letters and typographic signs, for sinks that carry nothing else.
#include "core/base/transliterate.hh"

#include <algorithm>
#include <array>

namespace kwit {

namespace {

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
constexpr auto others = std::to_array<Row>({
    {0x18F, "E"},     {0x192, "f"},    {0x1CD, "A"},           {0x1CE, "a"},      {0x1CF, "I"},
    {0x1D0, "i"},     {0x1D1, "O"},    {0x1D2, "o"},           {0x1D3, "U"},      {0x1D4, "u"},
    {0x1D5, "U"},     {0x1D6, "u"},    {0x1D7, "U"},           {0x1D8, "u"},      {0x1D9, "U"},
    {0x1DA, "u"},     {0x1DB, "U"},    {0x1DC, "u"},           {0x1DE, "A"},      {0x1DF, "a"},
    {0x1E0, "A"},     {0x1E1, "a"},    {0x1E6, "G"},           {0x1E7, "g"},      {0x1E8, "K"},
    {0x1E9, "k"},     {0x1EA, "O"},    {0x1EB, "o"},           {0x1EC, "O"},      {0x1ED, "o"},
    {0x1F0, "j"},     {0x1F4, "G"},    {0x1F5, "g"},           {0x1F8, "N"},      {0x1F9, "n"},
    {0x1FA, "A"},     {0x1FB, "a"},    {0x200, "A"},           {0x201, "a"},      {0x202, "A"},
    {0x203, "a"},     {0x204, "E"},    {0x205, "e"},           {0x206, "E"},      {0x207, "e"},
    {0x208, "I"},     {0x209, "i"},    {0x20A, "I"},           {0x20B, "i"},      {0x20C, "O"},
    {0x20D, "o"},     {0x20E, "O"},    {0x20F, "o"},           {0x210, "R"},      {0x211, "r"},
    {0x212, "R"},     {0x213, "r"},    {0x214, "U"},           {0x215, "u"},      {0x216, "U"},
    {0x217, "u"},     {0x218, "S"},    {0x219, "s"},           {0x21A, "T"},      {0x21B, "t"},
    {0x226, "A"},     {0x227, "a"},    {0x228, "E"},           {0x229, "e"},      {0x22A, "O"},
    {0x22B, "o"},     {0x22C, "O"},    {0x22D, "o"},           {0x22E, "O"},      {0x22F, "o"},
    {0x230, "O"},     {0x231, "o"},    {0x232, "Y"},           {0x233, "y"},      {0x259, "e"},
    {0x2B9, "'"},     {0x2BC, "'"},    {0x1E00, "A"},          {0x1E01, "a"},     {0x1E02, "B"},
    {0x1E03, "b"},    {0x1E04, "B"},   {0x1E05, "b"},          {0x1E06, "B"},     {0x1E07, "b"},
    {0x1E08, "C"},    {0x1E09, "c"},   {0x1E0A, "D"},          {0x1E0B, "d"},     {0x1E0C, "D"},
    {0x1E0D, "d"},    {0x1E0E, "D"},   {0x1E0F, "d"},          {0x1E10, "D"},     {0x1E11, "d"},
    {0x1E12, "D"},    {0x1E13, "d"},   {0x1E14, "E"},          {0x1E15, "e"},     {0x1E16, "E"},
    {0x1E17, "e"},    {0x1E18, "E"},   {0x1E19, "e"},          {0x1E1A, "E"},     {0x1E1B, "e"},
    {0x1E1C, "E"},    {0x1E1D, "e"},   {0x1E1E, "F"},          {0x1E1F, "f"},     {0x1E20, "G"},
    {0x1E21, "g"},    {0x1E22, "H"},   {0x1E23, "h"},          {0x1E24, "H"},     {0x1E25, "h"},
    {0x1E26, "H"},    {0x1E27, "h"},   {0x1E28, "H"},          {0x1E29, "h"},     {0x1E2A, "H"},
    {0x1E2B, "h"},    {0x1E2C, "I"},   {0x1E2D, "i"},          {0x1E2E, "I"},     {0x1E2F, "i"},
    {0x1E30, "K"},    {0x1E31, "k"},   {0x1E32, "K"},          {0x1E33, "k"},     {0x1E34, "K"},
    {0x1E35, "k"},    {0x1E36, "L"},   {0x1E37, "l"},          {0x1E38, "L"},     {0x1E39, "l"},
    {0x1E3A, "L"},    {0x1E3B, "l"},   {0x1E3C, "L"},          {0x1E3D, "l"},     {0x1E3E, "M"},
    {0x1E3F, "m"},    {0x1E40, "M"},   {0x1E41, "m"},          {0x1E42, "M"},     {0x1E43, "m"},
    {0x1E44, "N"},    {0x1E45, "n"},   {0x1E46, "N"},          {0x1E47, "n"},     {0x1E48, "N"},
    {0x1E49, "n"},    {0x1E4A, "N"},   {0x1E4B, "n"},          {0x1E4C, "O"},     {0x1E4D, "o"},
    {0x1E4E, "O"},    {0x1E4F, "o"},   {0x1E50, "O"},          {0x1E51, "o"},     {0x1E52, "O"},
    {0x1E53, "o"},    {0x1E54, "P"},   {0x1E55, "p"},          {0x1E56, "P"},     {0x1E57, "p"},
    {0x1E58, "R"},    {0x1E59, "r"},   {0x1E5A, "R"},          {0x1E5B, "r"},     {0x1E5C, "R"},
    {0x1E5D, "r"},    {0x1E5E, "R"},   {0x1E5F, "r"},          {0x1E60, "S"},     {0x1E61, "s"},
    {0x1E62, "S"},    {0x1E63, "s"},   {0x1E64, "S"},          {0x1E65, "s"},     {0x1E66, "S"},
    {0x1E67, "s"},    {0x1E68, "S"},   {0x1E69, "s"},          {0x1E6A, "T"},     {0x1E6B, "t"},
    {0x1E6C, "T"},    {0x1E6D, "t"},   {0x1E6E, "T"},          {0x1E6F, "t"},     {0x1E70, "T"},
    {0x1E71, "t"},    {0x1E72, "U"},   {0x1E73, "u"},          {0x1E74, "U"},     {0x1E75, "u"},
    {0x1E76, "U"},    {0x1E77, "u"},   {0x1E78, "U"},          {0x1E79, "u"},     {0x1E7A, "U"},
    {0x1E7B, "u"},    {0x1E7C, "V"},   {0x1E7D, "v"},          {0x1E7E, "V"},     {0x1E7F, "v"},
    {0x1E80, "W"},    {0x1E81, "w"},   {0x1E82, "W"},          {0x1E83, "w"},     {0x1E84, "W"},
    {0x1E85, "w"},    {0x1E86, "W"},   {0x1E87, "w"},          {0x1E88, "W"},     {0x1E89, "w"},
    {0x1E8A, "X"},    {0x1E8B, "x"},   {0x1E8C, "X"},          {0x1E8D, "x"},     {0x1E8E, "Y"},
    {0x1E8F, "y"},    {0x1E90, "Z"},   {0x1E91, "z"},          {0x1E92, "Z"},     {0x1E93, "z"},
    {0x1E94, "Z"},    {0x1E95, "z"},   {0x1E96, "h"},          {0x1E97, "t"},     {0x1E98, "w"},
    {0x1E99, "y"},    {0x1E9E, "Ss"},  {0x1EA0, "A"},          {0x1EA1, "a"},     {0x1EA2, "A"},
    {0x1EA3, "a"},    {0x1EA4, "A"},   {0x1EA5, "a"},          {0x1EA6, "A"},     {0x1EA7, "a"},
    {0x1EA8, "A"},    {0x1EA9, "a"},   {0x1EAA, "A"},          {0x1EAB, "a"},     {0x1EAC, "A"},
    {0x1EAD, "a"},    {0x1EAE, "A"},   {0x1EAF, "a"},          {0x1EB0, "A"},     {0x1EB1, "a"},
    {0x1EB2, "A"},    {0x1EB3, "a"},   {0x1EB4, "A"},          {0x1EB5, "a"},     {0x1EB6, "A"},
    {0x1EB7, "a"},    {0x1EB8, "E"},   {0x1EB9, "e"},          {0x1EBA, "E"},     {0x1EBB, "e"},
    {0x1EBC, "E"},    {0x1EBD, "e"},   {0x1EBE, "E"},          {0x1EBF, "e"},     {0x1EC0, "E"},
    {0x1EC1, "e"},    {0x1EC2, "E"},   {0x1EC3, "e"},          {0x1EC4, "E"},     {0x1EC5, "e"},
    {0x1EC6, "E"},    {0x1EC7, "e"},   {0x1EC8, "I"},          {0x1EC9, "i"},     {0x1ECA, "I"},
    {0x1ECB, "i"},    {0x1ECC, "O"},   {0x1ECD, "o"},          {0x1ECE, "O"},     {0x1ECF, "o"},
    {0x1ED0, "O"},    {0x1ED1, "o"},   {0x1ED2, "O"},          {0x1ED3, "o"},     {0x1ED4, "O"},
    {0x1ED5, "o"},    {0x1ED6, "O"},   {0x1ED7, "o"},          {0x1ED8, "O"},     {0x1ED9, "o"},
    {0x1EDA, "O"},    {0x1EDB, "o"},   {0x1EDC, "O"},          {0x1EDD, "o"},     {0x1EDE, "O"},
    {0x1EDF, "o"},    {0x1EE0, "O"},   {0x1EE1, "o"},          {0x1EE2, "O"},     {0x1EE3, "o"},
    {0x1EE4, "U"},    {0x1EE5, "u"},   {0x1EE6, "U"},          {0x1EE7, "u"},     {0x1EE8, "U"},
    {0x1EE9, "u"},    {0x1EEA, "U"},   {0x1EEB, "u"},          {0x1EEC, "U"},     {0x1EED, "u"},
    {0x1EEE, "U"},    {0x1EEF, "u"},   {0x1EF0, "U"},          {0x1EF1, "u"},     {0x1EF2, "Y"},
    {0x1EF3, "y"},    {0x1EF4, "Y"},   {0x1EF5, "y"},          {0x1EF6, "Y"},     {0x1EF7, "y"},
    {0x1EF8, "Y"},    {0x1EF9, "y"},   {0x2000, " "},          {0x2001, " "},     {0x2002, " "},
    {0x2003, " "},    {0x2004, " "},   {0x2005, " "},          {0x2006, " "},     {0x2007, " "},
    {0x2008, " "},    {0x2009, " "},   {0x200A, " "},          {0x2010, "-"},     {0x2011, "-"},
    {0x2012, "-"},    {0x2013, "-"},   {0x2014, "-"},          {0x2015, "-"},     {0x2018, "'"},
    {0x2019, "'"},    {0x201A, "'"},   {0x201B, "'"},          {0x201C, "\""},    {0x201D, "\""},
    {0x201E, "\""},   {0x201F, "\""},  {0x2020, "+"},          {0x2021, "+"},     {0x2022, "*"},
    {0x2026, "..."},  {0x202F, " "},   {0x2030, " per mille"}, {0x2032, "'"},     {0x2033, "\""},
    {0x2039, "'"},    {0x203A, "'"},   {0x2044, "/"},          {0x205F, " "},     {0x2070, "0"},
    {0x2074, "4"},    {0x2075, "5"},   {0x2076, "6"},          {0x2077, "7"},     {0x2078, "8"},
    {0x2079, "9"},    {0x2080, "0"},   {0x2081, "1"},          {0x2082, "2"},     {0x2083, "3"},
    {0x2084, "4"},    {0x2085, "5"},   {0x2086, "6"},          {0x2087, "7"},     {0x2088, "8"},
    {0x2089, "9"},    {0x20A4, "GBP"}, {0x20AC, "EUR"},        {0x2103, " degC"}, {0x2116, "No."},
    {0x2122, "(TM)"}, {0x2190, "<-"},  {0x2192, "->"},         {0x21D2, "=>"},    {0x2212, "-"},
    {0x2215, "/"},    {0x2248, "~"},   {0x2260, "!="},         {0x2264, "<="},    {0x2265, ">="},
    {0x3000, " "},    {0xFB00, "ff"},  {0xFB01, "fi"},         {0xFB02, "fl"},    {0xFB03, "ffi"},
    {0xFB04, "ffl"},  {0xFB05, "st"},  {0xFB06, "st"},
});

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
