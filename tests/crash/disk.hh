// The disk after a power cut, built from a record. README.md has the model.
//
// A Disk is what was there when the recording began, all of it durable, and what happened since as
// effects: a piece of a file written, a file's size, a name given or taken. An effect is durable
// from the first sync on that covers it; until then a cut may leave it or not. An image is one
// state that a cut at a certain event could leave.
#pragma once

#include "tests/crash/record.hh"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace kwit::crash {

/// Which of the effects that a cut leaves in doubt are on disk, each for itself; in order.
using Chosen = std::vector<bool>;

/// Files by their paths below the root; directories have no bytes.
struct Image {
    std::map<std::string, std::optional<std::string>> files{};

    /// Makes the tree of it, which must not exist.
    void write_to(const std::filesystem::path& root) const;

    friend bool operator==(const Image&, const Image&) = default;
};

/// The tree as it is now.
Image image_of(const std::filesystem::path& root);

class Disk {
public:
    /// What is below the root now. Call it before the recording begins.
    explicit Disk(const std::filesystem::path& root);

    /// What happened since. lost: the index of a sync event that is taken for not done.
    void play(const std::vector<Event>& events, std::optional<std::size_t> lost = std::nullopt);

    /// How many effects of the first `cut` events are in doubt.
    [[nodiscard]] std::size_t doubtful(std::size_t cut) const;

    /// Of these, those that only the lost sync leaves in doubt.
    [[nodiscard]] Chosen lost(std::size_t cut) const;

    /// The state with the chosen ones of these, size doubtful(cut). torn: of those that are left
    /// out and are pieces of a file, some sectors are there all the same.
    [[nodiscard]] Image
    image(std::size_t cut, const Chosen& chosen, std::mt19937* torn = nullptr) const;

    /// Everything that happened: what the tree itself must look like.
    [[nodiscard]] Image whole() const;

private:
    using Node = std::size_t; // index of nodes_

    struct Content {
        bool is_folder = false;
        std::string bytes{};
        std::map<std::string, Node> entries{};
    };

    struct Effect {
        enum class What { piece, size, entry, remove, move };

        What what{};
        std::size_t at = 0; ///< the event
        std::optional<std::size_t> durable_at{};
        bool lost = false; ///< it would have become durable by the sync that is taken for not done
        Node node = 0;
        Node by = 0;     ///< whose sync makes it durable: for a move the directory of the new name
        Node other = 0;  ///< the directory a name moved to
        Node target = 0; ///< what an entry or a moved name leads to
        std::uint64_t offset = 0;
        std::string bytes{};
        std::string name{};
        std::string to{};
    };

    void add(std::size_t at, const Event& event);
    void add_pieces(std::size_t at, const Event& event);
    void sync(std::size_t at, std::uint64_t inode);
    void lose(std::uint64_t inode);
    [[nodiscard]] bool is_durable(const Effect& effect, std::size_t cut) const;
    static void apply(std::vector<Content>& nodes, const Effect& effect);
    static void apply_torn(std::vector<Content>& nodes, const Effect& effect, std::mt19937& dice);
    static void
    collect(const std::vector<Content>& nodes, Node node, const std::string& path, Image& image);
    Node read_tree(const std::filesystem::path& path);

    std::vector<Content> nodes_{};        // as they were in the beginning; [0] is the root
    std::map<std::uint64_t, Node> now_{}; // which node has this inode number now
    std::vector<Effect> effects_{};
};

} // namespace kwit::crash
