#include "tests/crash/disk.hh"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace kwit::crash {

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t sector = 512;

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t inode_of(const std::filesystem::path& path) {
    struct stat status {};

    if (::lstat(path.c_str(), &status) != 0)
        throw std::runtime_error("cannot look at " + path.string());
    return status.st_ino;
}

void put(std::string& file, std::uint64_t offset, std::string_view bytes) {
    if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size(), '\0');
    file.replace(offset, bytes.size(), bytes);
}

} // namespace

// ── images ───────────────────────────────────────────────────────────────────────────────────────

void Image::write_to(const std::filesystem::path& root) const {
    std::filesystem::create_directory(root);
    for (const auto& [path, bytes] : files) {
        if (bytes)
            std::ofstream(root / path, std::ios::binary) << *bytes;
        else
            std::filesystem::create_directory(root / path);
    }
}

Image image_of(const std::filesystem::path& root) {
    Image image;
    for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
        auto& bytes = image.files[file.path().lexically_relative(root).string()];
        if (!file.is_directory()) bytes = bytes_of(file.path());
    }
    return image;
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────

Disk::Disk(const std::filesystem::path& root) {
    read_tree(root);
}

Disk::Node Disk::read_tree(const std::filesystem::path& path) {
    const Node node = nodes_.size();
    nodes_.emplace_back();
    now_[inode_of(path)] = node;
    if (!std::filesystem::is_directory(path)) {
        nodes_[node].bytes = bytes_of(path);
        return node;
    }
    nodes_[node].is_folder = true;
    for (const auto& file : std::filesystem::directory_iterator(path)) {
        const Node below = read_tree(file.path());
        nodes_[node].entries[file.path().filename().string()] = below;
    }
    return node;
}

void Disk::play(const std::vector<Event>& events, std::optional<std::size_t> lost) {
    for (std::size_t at = 0; at < events.size(); ++at) {
        Event event = events[at];
        if (at == lost && event.what == Event::What::sync) {
            lose(event.inode);
            continue;
        }
        if (at == lost) event.durable = false;
        add(at, event);
        if (at == lost) lose(event.inode);
    }
}

void Disk::add(std::size_t at, const Event& event) {
    using What = Event::What;
    Effect effect{.at = at};
    switch (event.what) {
    case What::file:
    case What::folder:
        // A number is used again when its file is gone.
        now_[event.inode] = nodes_.size();
        nodes_.push_back({.is_folder = event.what == What::folder});
        return;
    case What::write:
        return add_pieces(at, event);
    case What::sync:
        return sync(at, event.inode);
    case What::call:
    case What::note:
        return;
    case What::cut:
        effect.what = Effect::What::size;
        effect.offset = event.offset;
        break;
    case What::entry:
        effect.what = Effect::What::entry;
        effect.target = now_.at(event.other);
        break;
    case What::remove:
        effect.what = Effect::What::remove;
        break;
    case What::move:
        effect.what = Effect::What::move;
        effect.other = now_.at(event.other);
        effect.target = now_.at(event.offset);
        break;
    }
    effect.node = now_.at(event.inode);
    effect.by = event.what == What::move ? effect.other : effect.node;
    effect.name = event.name;
    effect.to = event.text;
    effects_.push_back(std::move(effect));
}

/// Pages reach the disk one by one.
void Disk::add_pieces(std::size_t at, const Event& event) {
    for (std::uint64_t done = 0; done < event.bytes.size();) {
        const std::uint64_t offset = event.offset + done;
        const std::uint64_t size =
            std::min<std::uint64_t>(page - offset % page, event.bytes.size() - done);
        Effect effect{
            .what = Effect::What::piece,
            .at = at,
            .node = now_.at(event.inode),
            .by = now_.at(event.inode),
            .offset = offset,
            .bytes = event.bytes.substr(done, size)};
        // Only its own bytes: what was written before through other descriptors stays in doubt.
        if (event.durable) effect.durable_at = at;
        effects_.push_back(std::move(effect));
        done += size;
    }
}

void Disk::sync(std::size_t at, std::uint64_t inode) {
    const Node node = now_.at(inode);
    for (Effect& effect : effects_)
        if (effect.by == node && !effect.durable_at) effect.durable_at = at;
}

void Disk::lose(std::uint64_t inode) {
    const Node node = now_.at(inode);
    for (Effect& effect : effects_)
        effect.lost = effect.lost || (effect.by == node && !effect.durable_at);
}

// ── building ─────────────────────────────────────────────────────────────────────────────────────

bool Disk::is_durable(const Effect& effect, std::size_t cut) const {
    return effect.durable_at && *effect.durable_at < cut;
}

std::size_t Disk::doubtful(std::size_t cut) const {
    std::size_t count = 0;
    for (const Effect& effect : effects_)
        if (effect.at < cut && !is_durable(effect, cut)) ++count;
    return count;
}

Chosen Disk::lost(std::size_t cut) const {
    Chosen lost;
    for (const Effect& effect : effects_)
        if (effect.at < cut && !is_durable(effect, cut)) lost.push_back(effect.lost);
    return lost;
}

Image Disk::image(std::size_t cut, const Chosen& chosen, std::mt19937* torn) const {
    std::vector<Content> nodes = nodes_;
    std::size_t doubt = 0;
    for (const Effect& effect : effects_) {
        if (effect.at >= cut) break;
        if (is_durable(effect, cut) || chosen.at(doubt++))
            apply(nodes, effect);
        else if (torn != nullptr && effect.what == Effect::What::piece)
            apply_torn(nodes, effect, *torn);
    }
    Image image;
    collect(nodes, 0, "", image);
    return image;
}

Image Disk::whole() const {
    const std::size_t end = effects_.empty() ? 0 : effects_.back().at + 1;
    return image(end, Chosen(doubtful(end), true));
}

void Disk::apply(std::vector<Content>& nodes, const Effect& effect) {
    Content& node = nodes.at(effect.node);
    switch (effect.what) {
    case Effect::What::piece:
        return put(node.bytes, effect.offset, effect.bytes);
    case Effect::What::size:
        return node.bytes.resize(effect.offset, '\0');
    case Effect::What::entry:
        node.entries[effect.name] = effect.target;
        return;
    case Effect::What::remove:
        node.entries.erase(effect.name);
        return;
    case Effect::What::move:
        // Also when the old name never reached the disk.
        node.entries.erase(effect.name);
        nodes.at(effect.other).entries[effect.to] = effect.target;
        return;
    }
}

void Disk::apply_torn(std::vector<Content>& nodes, const Effect& effect, std::mt19937& dice) {
    std::string& file = nodes.at(effect.node).bytes;
    for (std::uint64_t done = 0; done < effect.bytes.size();) {
        const std::uint64_t offset = effect.offset + done;
        const std::uint64_t size =
            std::min<std::uint64_t>(sector - offset % sector, effect.bytes.size() - done);
        if ((dice() & 1U) != 0) put(file, offset, effect.bytes.substr(done, size));
        done += size;
    }
}

void Disk::collect(
    const std::vector<Content>& nodes, Node node, const std::string& path, Image& image
) {
    for (const auto& [name, below] : nodes.at(node).entries) {
        const std::string here = path.empty() ? name : path + "/" + name;
        const Content& content = nodes.at(below);
        if (content.is_folder) {
            image.files[here] = std::nullopt;
            collect(nodes, below, here, image);
        } else {
            image.files[here] = content.bytes;
        }
    }
}

} // namespace kwit::crash
