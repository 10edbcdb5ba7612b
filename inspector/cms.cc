#include "inspector/cms.hh"

#include "inspector/text.hh"

#include <openssl/asn1.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace kwit::inspector {

namespace {

struct Free {
    void operator()(CMS_ContentInfo* cms) const noexcept { CMS_ContentInfo_free(cms); }
};

using Cms = std::unique_ptr<CMS_ContentInfo, Free>;

Opening damaged(std::string_view said) {
    return {.state = Opening::State::damaged, .said = clean_text(said)};
}

/// Throws std::bad_alloc where it was memory that ran out: to OpenSSL that is one more thing that
/// is wrong with the bytes.
Opening damaged_as_openssl_says() {
    const char* const said = ERR_reason_error_string(ERR_peek_last_error());
    for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error())
        if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) throw std::bad_alloc();
    return damaged(said == nullptr ? "it is no CMS message" : said);
}

Cms parse(const std::string& bytes) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): char may alias every object.
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    return Cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(bytes.size())));
}

bool is_encrypted(int type) {
    constexpr std::array types = {
        NID_pkcs7_enveloped,
        NID_pkcs7_encrypted,
        NID_pkcs7_signedAndEnveloped,
        NID_id_smime_ct_authEnvelopedData};
    return std::find(types.begin(), types.end(), type) != types.end();
}

void write_content(const ASN1_OCTET_STRING& content, Output& output) {
    constexpr std::size_t piece = 1U << 20U;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): char may alias every object.
    const auto* const bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(&content));
    std::string_view left(bytes, static_cast<std::size_t>(ASN1_STRING_length(&content)));
    output.begin("");
    output.expect_bytes(left.size());
    for (; !left.empty(); left.remove_prefix(std::min(piece, left.size())))
        output.write(left.substr(0, piece));
    output.end();
}

} // namespace

Opening unpack_cms(const Document& document, Output& output) {
    const Cms cms = parse(document.whole());
    if (!cms) return damaged_as_openssl_says();
    const int type = OBJ_obj2nid(CMS_get0_type(cms.get()));
    if (is_encrypted(type)) return {.state = Opening::State::encrypted};
    if (type != NID_pkcs7_signed)
        return damaged(std::string("it holds ") + OBJ_nid2ln(type) + ", and no signed data");
    ASN1_OCTET_STRING** const content = CMS_get0_content(cms.get());
    if (content != nullptr && *content != nullptr) write_content(**content, output);
    return {.state = Opening::State::opened};
}

void warm_up_cms() {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
    ERR_clear_error();
    // What its tables are made of at the first use is made now: signed data without anything in it.
    static const std::string empty(
        "\x30\x23\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x16\x30\x14\x02\x01\x01\x31\x00"
        "\x30\x0B\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01\x31\x00",
        37
    );
    const Cms cms = parse(empty);
    ERR_clear_error();
}

} // namespace kwit::inspector
