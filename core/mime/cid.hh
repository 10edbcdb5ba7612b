// Finds the parts that an HTML text shows: references "cid:…" (RFC 2392), as the text streams by.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace kwit::mime {

class CidScanner {
public:
    /// The HTML piece by piece, cut anywhere.
    void feed(std::string_view html);

    /// The text is over; another one may follow.
    void finish();

    /// Whether some text referred to the part of that Content-ID (without <>).
    [[nodiscard]] bool refers_to(const std::string& content_id) const;

private:
    void step(char c);
    void keep();

    std::size_t matched_ = 0; // characters of "cid:"
    bool collecting_ = false;
    std::string id_{};
    std::set<std::string, std::less<>> ids_{};
};

} // namespace kwit::mime
