#include "tests/crash/scenarios.hh"

#include "core/base/sha256.hh"
#include "core/model/digest.hh"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

namespace kwit::crash {

namespace {

/// Puts the document there as cp would: complete, its name known, nothing synced.
void copy_by_hand(const std::filesystem::path& archive) {
    const std::string hex = Digest(sha256(test::pdf)).hex();
    const auto folder = archive / "objects" / "sha256" / hex.substr(0, 2) / hex.substr(2, 2);
    std::filesystem::create_directories(folder);
    const int fd = ::open((folder / hex).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0440);
    if (fd < 0 || ::write(fd, test::pdf.data(), test::pdf.size()) < 0 || ::close(fd) != 0)
        throw std::runtime_error("cannot copy an object by hand");
}

// Who opens an index does not know whether who made it, or who was last to write to it, was killed.
const std::string at_open = "fsync archive/index";
const std::string above = "fsync archive";
const std::string file = "fsync archive/objects/(new)";
const std::string present = "fsync archive/objects/sha256/xx/xx/DIGEST";
const std::string in_shard = "fsync archive/objects/sha256/xx/xx";
const std::string of_shard = "fsync archive/objects/sha256/xx";
const std::string of_commit = "commit: dsync-write archive/index/data.mdb";

} // namespace

std::vector<Scenario> scenarios() {
    return {
        {.name = "a tagged mail with a PDF",
         .letters = {tagged_letter("<1@kunde.example>")},
         .needed_elsewhere = {at_open, above}},
        {.name = "a mail that is kept as a recipe",
         .letters = {large_letter("<13@kunde.example>")},
         .needed_elsewhere = {at_open, above}},
        {.name = "a mail for two open addresses with two PDFs",
         .letters = {open_letter("<2@lieferant.example>")},
         .needed_elsewhere = {at_open, above}},
        {.name = "a failed mail that is forwarded",
         .letters = {failing_letter("<3@lieferant.example>")},
         .needed_elsewhere = {at_open, above}},
        {.name = "another mail with a document that is there",
         .before = {tagged_letter("<4@kunde.example>")},
         .letters = {tagged_letter("<5@kunde.example>")},
         // Who linked the document may have been killed before he synced: not so here.
         .needed_elsewhere = {at_open, above, file, present, in_shard, of_shard}},
        {.name = "a document that was copied in by hand",
         .letters = {tagged_letter("<6@kunde.example>")},
         .needed_elsewhere = {at_open, above, file}, // our own copy is not linked
         .other_program = copy_by_hand},
        {.name = "the first mail of a new archive",
         .fresh = true,
         .letters = {tagged_letter("<7@kunde.example>")},
         .needed_elsewhere = {at_open, above}}, // by the milter, after the command that made it
        {.name = "three mails in one commit",
         .letters =
             {tagged_letter("<8@kunde.example>", test::pdf + "% a\n"),
              tagged_letter("<9@kunde.example>", test::pdf + "% b\n"),
              tagged_letter("<10@kunde.example>", test::pdf + "% c\n")},
         .together = true,
         .needed_elsewhere = {at_open, above}},
        {.name = "a refused mail, then a good one",
         .letters = {forged_letter("<11@kunde.example>"), tagged_letter("<12@kunde.example>")},
         // The receipt of a refused mail may be lost in a crash.
         .needed_elsewhere = {at_open, above, of_commit}},
    };
}

std::vector<Scenario> second_tries() {
    std::vector<Scenario> all;
    const auto add = [&](const std::string& call,
                         Side side,
                         bool fresh,
                         const std::set<std::string>& needed_elsewhere = {at_open, above}) {
        all.push_back(
            {.name = "killed at " + call + ", then again",
             .fresh = fresh,
             .letters = {tagged_letter("<20@kunde.example>")},
             .needed_elsewhere = needed_elsewhere,
             .died_at = std::pair(call, side)}
        );
    };
    for (const char* call :
         {"mkdir archive",
          "mkdir archive/objects",
          "mkdir archive/objects/sha256",
          "mkdir archive/index",
          "rename archive/index/data.mdb"})
        add(call, Side::after, true);
    add("mkdir archive/objects/sha256/xx", Side::after, false);
    add("mkdir archive/objects/sha256/xx/xx", Side::after, false);
    // Who made the link had synced the file.
    add("link archive/objects/sha256/xx/xx/DIGEST",
        Side::after,
        false,
        {at_open, above, file, present});
    add("commit: dsync-write archive/index/data.mdb", Side::half, false);
    return all;
}

} // namespace kwit::crash
