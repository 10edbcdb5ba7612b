// The inner loops one by one (Google Benchmark): what a mail passes on its way, without the network
// and, but for the commit, without a disk that is waited for. Figures to compare with each other
// and with themselves of yesterday, on one machine.
//
//   tests/bench/inner [options of Google Benchmark, such as --benchmark_filter=decode]
#include "core/archive/commit.hh"
#include "core/archive/directory.hh"
#include "core/archive/objects.hh"
#include "core/base/base64.hh"
#include "core/base/sha256.hh"
#include "core/mime/caps.hh"
#include "core/mime/decode.hh"
#include "core/mime/encoded_word.hh"
#include "core/mime/examine.hh"
#include "core/mime/outline.hh"
#include "core/mime/walk.hh"
#include "core/rules/engine.hh"
#include "core/rules/subject.hh"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace kwit;

constexpr std::size_t line = 76;

template <typename T>
T good(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what);
    return *std::move(result);
}

void good(const Result<void>& result) {
    if (!result) throw std::runtime_error(result.error().what);
}

/// Where TMPDIR says; gone with the program.
class Directory {
public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "kwit-inner-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory " + name);
        path_ = name;
    }

    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    Directory(Directory&&) = delete;
    Directory& operator=(Directory&&) = delete;

    ~Directory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Bytes that do not repeat, behind the head of a PDF.
std::string document_of(std::size_t size) {
    std::string bytes = "%PDF-1.4\n";
    std::uint32_t state = 1;
    while (bytes.size() < size) {
        state = state * 1'664'525U + 1'013'904'223U;
        bytes += static_cast<char>(state >> 24U);
    }
    return bytes;
}

std::string encoded(std::string_view bytes) {
    std::string characters;
    append_base64(as_bytes(bytes), characters);
    std::string lines;
    for (std::size_t at = 0; at < characters.size(); at += line)
        lines += characters.substr(at, line) + "\r\n";
    return lines;
}

std::string mail_with(std::size_t size) {
    return "From: Anna <anna@kunde.example>\r\nTo: faktury+1543030448@in.example.com\r\n"
           "Subject: =?utf-8?q?=5BFZ=5D_11/2024_(932498)_za=C5=82?=\r\n"
           "Message-ID: <1@kunde.example>\r\nMIME-Version: 1.0\r\n"
           "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
           "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nW zalaczeniu.\r\n"
           "--b\r\nContent-Type: application/pdf; name=\"f.pdf\"\r\n"
           "Content-Transfer-Encoding: base64\r\n"
           "Content-Disposition: attachment; filename=\"f.pdf\"\r\n\r\n" +
           encoded(document_of(size)) + "--b--\r\n";
}

File file_with(const Directory& directory, std::string_view content) {
    TempFile file = good(TempFile::create(directory.path()));
    good(file.write(as_bytes(content)));
    return good(file.reader());
}

void count_bytes(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(
        static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes)
    );
}

void digest(benchmark::State& state) {
    const std::string bytes = document_of(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] const auto turn : state)
        benchmark::DoNotOptimize(sha256(bytes));
    count_bytes(state, bytes.size());
}

void decode_base64(benchmark::State& state) {
    const std::string lines = encoded(document_of(static_cast<std::size_t>(state.range(0))));
    std::string out;
    for ([[maybe_unused]] const auto turn : state) {
        mime::Decoder decoder(mime::Encoding::base64);
        out.clear();
        decoder.feed(as_bytes(lines), out);
        decoder.finish(out);
        benchmark::DoNotOptimize(out.data());
    }
    count_bytes(state, lines.size());
}

void encode_base64(benchmark::State& state) {
    const std::string bytes = document_of(static_cast<std::size_t>(state.range(0)));
    std::string out;
    for ([[maybe_unused]] const auto turn : state) {
        out.clear();
        append_base64(as_bytes(bytes), out);
        benchmark::DoNotOptimize(out.data());
    }
    count_bytes(state, bytes.size());
}

void encoded_words(benchmark::State& state) {
    constexpr std::string_view subject =
        "=?utf-8?q?=5BFZ=5D_11/2024_(932498)_za=C5=82?= =?iso-8859-2?b?uXfm6g==?= and the rest";
    for ([[maybe_unused]] const auto turn : state)
        benchmark::DoNotOptimize(mime::decode_words(subject));
}

void subject(benchmark::State& state) {
    for ([[maybe_unused]] const auto turn : state)
        benchmark::DoNotOptimize(rules::read_subject("Re: [FZ] 11/2024 (932498) za\u0142\u0105cznik"
        ));
}

void caps(benchmark::State& state) {
    const std::string mail = mail_with(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] const auto turn : state) {
        mime::Caps caps{LimitSettings{}};
        caps.feed(as_bytes(mail));
        benchmark::DoNotOptimize(caps.over());
    }
    count_bytes(state, mail.size());
}

void outline(benchmark::State& state) {
    const Directory directory;
    const File mail = file_with(directory, mail_with(static_cast<std::size_t>(state.range(0))));
    for ([[maybe_unused]] const auto turn : state)
        benchmark::DoNotOptimize(good(mime::read_outline(mail, {})));
    count_bytes(state, mail.size());
}

void walk(benchmark::State& state) {
    const Directory directory;
    const File mail = file_with(directory, mail_with(static_cast<std::size_t>(state.range(0))));
    for ([[maybe_unused]] const auto turn : state)
        benchmark::DoNotOptimize(good(mime::walk(mail)));
    count_bytes(state, mail.size());
}

void examine(benchmark::State& state) {
    const Directory directory;
    const File mail = file_with(directory, mail_with(static_cast<std::size_t>(state.range(0))));
    for ([[maybe_unused]] const auto turn : state)
        benchmark::DoNotOptimize(good(mime::examine(mail, {}, {Format::pdf}, [&] {
            return TempFile::create(directory.path());
        })));
    count_bytes(state, mail.size());
}

void rules_of_a_mail(benchmark::State& state) {
    const EmailAddress anna = EmailAddress::parse("anna@kunde.example").value();
    const Sender sender{.client = "10023", .email = "anna@kunde.example", .code = "932498"};
    const RecipientFacts recipient{
        .address =
            {.address = "faktury+1543030448@in.example.com", .client = "10023", .policy = "tagged"},
        .client = {.id = "10023", .name = "Kunde", .notify = {"biuro@example.com"}},
        .policy = {.name = "tagged", .categories = {"FK", "FZ"}, .formats = {Format::pdf}},
        .locale = "pl",
        .timezone = "Europe/Warsaw",
        .subject = rules::read_subject("[FZ] 11/2024 (932498)"),
        .sender = sender,
        .user = sender,
        .login_is_sender = true};
    HeaderFacts header;
    header.subject = {.count = 1, .text = "[FZ] 11/2024 (932498)"};
    header.from = {.count = 1, .mailboxes = {{"", anna}}};
    BodyFacts body;
    PartFacts part{
        .number = 1, .path = "mail > f.pdf", .name = "f.pdf", .media_type = "application/pdf"};
    part.format = Format::pdf;
    part.size = 150'000;
    part.digest = Digest(sha256("f"));
    body.parts = {part};
    const Envelope envelope{.sender = "anna@kunde.example"};
    const TrustSettings trust;
    const LimitSettings limits;
    const Time now = parse_rfc3339("2024-11-21T10:00:00Z").value();
    for ([[maybe_unused]] const auto turn : state)
        benchmark::DoNotOptimize(
            rules::judge({envelope, header, &body, recipient, trust, limits, now})
        );
}

/// Receipt, document, journal and their index rows in one synced transaction.
void commit(benchmark::State& state) {
    const Directory directory;
    ArchiveSettings settings;
    settings.path = directory.path() / "archive";
    settings.map_size = 1ULL << 30U;
    const auto archive = good(Archive::open(settings));
    const By by{.who = "bench", .at = parse_rfc3339("2024-11-21T10:00:00Z").value()};
    good(add_client(*archive, {.id = "10023", .name = "Kunde"}, by));
    const std::string content = document_of(1000);
    const Digest object(sha256(content));
    TempFile file = good(temp_file(*archive));
    good(file.write(as_bytes(content)));
    good(publish_object(*archive, std::move(file), object));
    std::uint64_t number = 0;
    for ([[maybe_unused]] const auto turn : state) {
        ReceiptDraft draft;
        draft.receipt.received_at = by.at;
        draft.receipt.address = "faktury+1543030448@in.example.com";
        draft.receipt.client = "10023";
        draft.receipt.verdict = Verdict::imported;
        draft.receipt.original = object.hex();
        draft.receipt.parts = {{.number = 1, .name = "f.pdf", .media_type = "application/pdf"}};
        draft.identity = Digest(sha256(std::to_string(++number)));
        DocumentDraft document;
        document.part = 1;
        document.document.category = "FZ";
        document.document.period = "2024-11";
        document.document.sha256 = object.hex();
        document.document.size = content.size();
        document.document.filename = "f.pdf";
        draft.documents = {document};
        benchmark::DoNotOptimize(good(keep(*archive, {.receipts = {draft}, .by = by})));
    }
}

constexpr int small = 150'000;
constexpr int large = 2'000'000;

BENCHMARK(digest)->Arg(small)->Arg(large);
BENCHMARK(decode_base64)->Arg(small)->Arg(large);
BENCHMARK(encode_base64)->Arg(small)->Arg(large);
BENCHMARK(encoded_words);
BENCHMARK(subject);
BENCHMARK(caps)->Arg(small)->Arg(large);
BENCHMARK(outline)->Arg(small)->Arg(large);
BENCHMARK(walk)->Arg(small)->Arg(large);
BENCHMARK(examine)->Arg(small)->Arg(large);
BENCHMARK(rules_of_a_mail);
BENCHMARK(commit)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
