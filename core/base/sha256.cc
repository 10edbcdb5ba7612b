#include "core/base/sha256.hh"

#include <openssl/evp.h>

#include <new>
#include <stdexcept>

namespace kwit {

namespace {

// OpenSSL's digests fail only for want of memory or of the algorithm: both are bugs of the
// installation.
void must(int ok) {
    if (ok != 1) throw std::runtime_error("OpenSSL cannot compute SHA-256");
}

struct FreeAlgorithm {
    void operator()(EVP_MD* algorithm) const noexcept { EVP_MD_free(algorithm); }
};

/// Fetched once: EVP_sha256() makes OpenSSL 3 look for it again each time, behind a lock.
const EVP_MD* algorithm() {
    static const std::unique_ptr<EVP_MD, FreeAlgorithm> fetched(
        EVP_MD_fetch(nullptr, "SHA256", nullptr)
    );
    must(fetched ? 1 : 0);
    return fetched.get();
}

Sha256Value value_of(EVP_MD_CTX* context) {
    Sha256Value value{};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL speaks unsigned char.
    must(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(value.data()), nullptr));
    return value;
}

} // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept {
    EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_) throw std::bad_alloc();
    must(EVP_DigestInit_ex(context_.get(), algorithm(), nullptr));
}

void Sha256::update(Bytes bytes) {
    must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Sha256Value Sha256::finish() && {
    return value_of(context_.get());
}

Sha256Value Sha256::peek() const {
    Sha256 copy;
    must(EVP_MD_CTX_copy_ex(copy.context_.get(), context_.get()));
    return value_of(copy.context_.get());
}

Sha256Value sha256(std::string_view text) {
    Sha256 hash;
    hash.update(text);
    return std::move(hash).finish();
}

} // namespace kwit
