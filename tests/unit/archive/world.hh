// An archive of a test's own, and the things that tests put into it.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/commit.hh"
#include "core/archive/directory.hh"
#include "core/archive/objects.hh"
#include "core/archive/receipts.hh"
#include "core/base/lmdb.hh"
#include "tests/unit/result.hh"
#include "tests/unit/temp_dir.hh"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kwit::test {

constexpr std::string_view tagged_address = "faktury+1543030448@in.example.com";

/// 21 November 2026, 10:00:00.000 UTC.
Time at_ten();
By office();

ArchiveSettings settings_in(const TempDir& dir);

/// The error's text and remedy in one, for tests that read them whole.
std::string told(const Error& error);

/// The error of a call that was not to succeed, as "kind: what; remedy".
template <typename T>
std::string refusal(const Result<T>& result) {
    if (result) return "taken";
    const char* kind = result.error().kind == Kind::misuse    ? "misuse: "
                       : result.error().kind == Kind::refused ? "refused: "
                                                              : "other: ";
    return kind + told(result.error());
}

/// The journal's newest entry, as "client-changed by office".
std::string last_change(const Archive& archive);

/// An archive with client 10023, its notification address, sender Anna and one tagged address.
class World {
public:
    World();

    Archive& archive() { return *archive_; }

    const TempDir& dir() const { return dir_; }

    /// Closed and opened again, as another process would find it.
    void reopen();
    void close();

    /// Closes, changes one row behind the archive's back, opens again. An empty value erases it.
    void tamper(const std::string& table, const std::string& key, std::string_view value);

private:
    TempDir dir_;
    std::unique_ptr<Archive> archive_;
};

/// Puts the bytes into the archive; their digest.
Digest object_of(const Archive& archive, std::string_view bytes);

/// A mail for the address that files one document with these bytes.
ReceiptDraft draft_of(const Archive& archive, std::string_view bytes, std::string_view identity);

MailCommit mail_of(ReceiptDraft draft, Time at = at_ten());

/// A mail with one document, "%PDF-" and the name, that came at ten, and whose notice was sent; its
/// receipt.
Receipt settled_mail(Archive& archive, std::string_view name);

/// The file as if it had been published then.
void set_changed(const std::filesystem::path& path, Time at);

/// The faults that verify() finds, as "what name".
std::vector<std::string> faults_of(const Archive& archive);

} // namespace kwit::test
