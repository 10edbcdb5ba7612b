// A kwit-milter from outside, as the MTA sees it: connecting to its socket, and the first words of
// the milter protocol, which prove more than a connection (the kernel takes those for a dead
// program, too).
#pragma once

#include "core/base/file.hh"
#include "core/base/result.hh"

#include <chrono>
#include <stop_token>
#include <string>

namespace kwit {

/// A connection to a socket written as in the configuration (unix:PATH or inet:PORT@HOST);
/// `temporary` when it cannot be had.
Result<Fd> connect_to(const std::string& socket);

/// Connects, negotiates as an MTA does and takes leave; `temporary` when nobody answers in time, or
/// before it is to stop.
Result<void> greet(
    const std::string& socket, std::chrono::milliseconds patience, const std::stop_token& stop = {}
);

} // namespace kwit
