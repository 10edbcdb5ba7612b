#include "core/base/complaints.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

/// What makes two errors the same for who reads the log: what is to be done about them. Names of
/// files and numbers differ from mail to mail. Without a remedy it is what the system said, which
/// stands at the end.
std::string key_of(const Error& error) {
    if (!error.remedy.empty()) return error.remedy;
    const std::size_t colon = error.what.rfind(": ");
    return colon == std::string::npos ? error.what : error.what.substr(colon + 2);
}

} // namespace

std::string sentence_of(const Error& error) {
    return error.remedy.empty() ? error.what : error.what + "; " + error.remedy;
}

std::optional<std::string> Complaints::tell(const Error& error, int level, Clock::time_point now) {
    std::string key = key_of(error);
    if (causes_.size() >= max_causes && !causes_.contains(key)) key.clear();
    const auto [place, is_new] = causes_.try_emplace(std::move(key));
    Cause& cause = place->second;
    cause.level = level;
    if (!is_new && now - cause.told < pause) {
        ++cause.held_back;
        cause.last = sentence_of(error);
        return std::nullopt;
    }
    cause.told = now;
    const std::uint64_t held_back = std::exchange(cause.held_back, 0);
    if (held_back == 0) return sentence_of(error);
    return fmt::format("{} ({} more like this since the last one)", sentence_of(error), held_back);
}

std::vector<std::pair<int, std::string>> Complaints::rest(Clock::time_point now) {
    std::vector<std::pair<int, std::string>> lines;
    for (auto place = causes_.begin(); place != causes_.end();) {
        Cause& cause = place->second;
        if (now - cause.told < pause) {
            ++place;
            continue;
        }
        if (cause.held_back > 0)
            lines.emplace_back(
                cause.level,
                fmt::format("{} ({} like this were held back)", cause.last, cause.held_back)
            );
        place = causes_.erase(place);
    }
    return lines;
}

} // namespace kwit
