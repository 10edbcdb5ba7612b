#include "core/intake/spool.hh"

namespace kwit {

namespace {

constexpr std::size_t buffer_size = 64UL * 1024;

} // namespace

Spool::~Spool() {
    if (file_ && spares_) spares_->give(*std::move(file_));
}

Result<void> Spool::add(Bytes bytes) {
    hash_.update(bytes);
    caps_.feed(bytes);
    if (pending_.size() + bytes.size() <= buffer_size) {
        pending_ += as_text(bytes);
        return {};
    }
    TRY(flush());
    return file_->write(bytes);
}

Result<File> Spool::reader() {
    TRY(flush());
    return file_->reader();
}

Result<void> Spool::flush() {
    TRY(file_->write(as_bytes(pending_)));
    pending_.clear();
    return {};
}

} // namespace kwit
