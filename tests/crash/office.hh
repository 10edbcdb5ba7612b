// The office of the crash tests: an archive, mails that are handed in as the MTA would, and what is
// told of an archive so that two can be compared.
//
// An Office opens what is at its path as kwit-milter does at its start. Addresses are fixed, so
// that a mail can be sent again to an archive that was made anew.
#pragma once

#include "core/archive/archive.hh"
#include "core/intake/connection.hh"
#include "tests/unit/intake/house.hh"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kwit::crash {

inline const std::string tagged_to = "faktury+1000000001@in.example.com";
inline const std::string open_to = "faktury+2000000001@in.example.com";
inline const std::string other_open_to = "faktury+2000000002@in.example.com";

/// One mail on its way in.
struct Letter {
    std::string id; ///< Message-ID
    std::vector<std::string> to;
    test::Mail mail;
    std::string login{};
    bool refused = false; ///< expected: no promise is made
};

Letter tagged_letter(const std::string& id, const std::string& document = test::pdf);

/// Large enough, and encoded so, that it is kept as a recipe.
Letter large_letter(const std::string& id);

/// Two PDF files for two open addresses.
Letter open_letter(const std::string& id);

/// Nothing of it can be filed, so it is forwarded as it came.
Letter failing_letter(const std::string& id);

/// From somebody who is not who he says.
Letter forged_letter(const std::string& id);

/// By Message-ID: what the archive holds of the mail, in sentences without ids and times.
using Stories = std::map<std::string, std::vector<std::string>>;

Stories stories_of(const Archive& archive);

/// What verify() finds, files that no one would ever look for, and rows that belong to nothing; in
/// sentences. Objects that no row names are no fault.
std::vector<std::string> faults_of(const Archive& archive);

class Office {
public:
    explicit Office(std::filesystem::path archive);

    /// Makes the archive if there is none, as the first command does.
    void make();

    enum class Fill { all, least };

    /// The client, the sender and the addresses, as far as they are missing; a note when each is
    /// promised to whoever asked for it: "made 10023".
    /// least: of the addresses the tagged one alone.
    void fill(Fill fill = Fill::all);

    /// Whether the thing of a "made" note is there.
    bool has(const std::string& made);

    /// Hands the mail in; a note when it is taken: "250 <id>". Whether it was.
    bool take(const Letter& letter);

    /// All at once, from a thread each, and so that they share one commit.
    void take_together(const std::vector<Letter>& letters);

    /// Writes what is known of refused mails.
    void flush() { refusals_.flush(); }

    Archive& archive();

    static std::shared_ptr<const Snapshot> snapshot();

    static ArchiveSettings settings_for(const std::filesystem::path& archive);

private:
    std::filesystem::path path_;
    ArchiveSettings settings_;
    std::shared_ptr<Archive> archive_{};
    ArchiveDoor door_;
    Refusals refusals_;
    Admission admission_{};
    Intake intake_;
};

} // namespace kwit::crash
