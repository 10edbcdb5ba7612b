#include "core/base/json.hh"

#include <fmt/format.h>

namespace kwit {

namespace {

constexpr int max_nesting = 32;

/// Walks over CBOR without building anything: the library's parser recurses, and the stack is ours.
class NestingCheck : public Json::json_sax_t {
public:
    bool null() override { return true; }

    bool boolean(bool /*value*/) override { return true; }

    bool number_integer(number_integer_t /*value*/) override { return true; }

    bool number_unsigned(number_unsigned_t /*value*/) override { return true; }

    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }

    bool string(string_t& /*value*/) override { return true; }

    bool binary(binary_t& /*value*/) override { return true; }

    bool key(string_t& /*value*/) override { return true; }

    bool start_object(std::size_t /*elements*/) override { return ++depth_ <= max_nesting; }

    bool end_object() override { return --depth_ >= 0; }

    bool start_array(std::size_t /*elements*/) override { return ++depth_ <= max_nesting; }

    bool end_array() override { return --depth_ >= 0; }

    bool parse_error(
        std::size_t at, const std::string& /*token*/, const Json::exception& /*why*/
    ) override {
        problem_ = fmt::format("unreadable at byte {}", at);
        return false;
    }

    [[nodiscard]] std::string problem() const {
        if (!problem_.empty()) return problem_;
        return fmt::format("nested deeper than {} levels", max_nesting);
    }

private:
    int depth_ = 0;
    std::string problem_{};
};

} // namespace

std::string json_line(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_cbor(const Json& value) {
    std::string out;
    Json::to_cbor(value, out);
    return out;
}

Result<Json> from_cbor(std::string_view bytes) {
    NestingCheck check;
    if (!Json::sax_parse(bytes.begin(), bytes.end(), &check, Json::input_format_t::cbor))
        return fail(Kind::corrupt, "CBOR that is " + check.problem());
    return Json::from_cbor(bytes.begin(), bytes.end());
}

} // namespace kwit
