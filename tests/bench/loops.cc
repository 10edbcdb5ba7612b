// The least that taking a mail with a document costs a processor: strict decoding of its base64,
// and the digests of the document and of the mail as it came. Nothing else, in one thread, from
// memory.
//
//   bench-loops MAIL [SECONDS]      prints milliseconds of processor time for each MB of the mail
//
// The mail has one document, in base64.
#include "core/base/bytes.hh"
#include "core/base/sha256.hh"
#include "core/mime/decode.hh"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

namespace {

using namespace kwit;

constexpr std::size_t chunk = 65536; // as a milter gets them

double processor_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::string_view document_in(std::string_view mail) {
    const std::size_t encoded = mail.find("base64");
    const std::size_t begin =
        encoded == std::string_view::npos ? encoded : mail.find("\r\n\r\n", encoded);
    if (begin == std::string_view::npos) return {};
    mail.remove_prefix(begin + 4);
    return mail.substr(0, mail.find("\r\n--"));
}

/// Whether the document was sound.
bool take(std::string_view mail, std::string_view encoded) {
    Sha256 original;
    for (std::size_t at = 0; at < mail.size(); at += chunk)
        original.update(mail.substr(at, chunk));
    Sha256 document;
    mime::Decoder decoder(mime::Encoding::base64);
    std::string decoded;
    for (std::size_t at = 0; at < encoded.size(); at += chunk) {
        decoded.clear();
        decoder.feed(as_bytes(encoded.substr(at, chunk)), decoded);
        document.update(decoded);
    }
    std::move(original).finish();
    std::move(document).finish();
    return decoder.damage().empty();
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    std::ifstream file(argv[1], std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    std::string mail = std::move(all).str();
    if (mail.find('\r') == std::string::npos) { // as it goes over the wire
        std::string wire;
        for (const char c : mail)
            wire += c == '\n' ? "\r\n" : std::string(1, c);
        mail = std::move(wire);
    }
    const std::string_view document = document_in(mail);
    if (document.empty()) return 1;
    const double wanted = argc > 2 ? std::strtod(argv[2], nullptr) : 1;
    std::size_t mails = 0;
    const double begun = processor_seconds();
    while (processor_seconds() - begun < wanted) {
        if (!take(mail, document)) return 1;
        ++mails;
    }
    const double megabytes = static_cast<double>(mail.size() * mails) / 1e6;
    std::cout << (processor_seconds() - begun) * 1e3 / megabytes << '\n';
    return 0;
}
