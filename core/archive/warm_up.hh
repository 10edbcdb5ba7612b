// What keep() will look at, read before its transaction begins.
//
// LMDB has one writer at a time: a row that has to come from the disk inside its transaction keeps
// every other mail waiting. In an index larger than memory that is each row under a digest, as
// those lie anywhere. So each mail reads its own first, in its own thread and in a transaction that
// only reads, which keeps nobody waiting. In memory already, they take microseconds.
#pragma once

#include "core/archive/archive.hh"
#include "core/archive/commit.hh"

#include <cstddef>

namespace kwit {

/// Reads the places of the mail's rows under digests, and the ends of its clients' lists. The
/// number of places where there was something already: the same mail, its documents, its clients'
/// others. What goes wrong is passed over, as keep() will meet it again.
std::size_t warm_up(const Archive& archive, const MailCommit& mail);

} // namespace kwit
