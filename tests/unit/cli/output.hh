// A printer whose output a test reads.
#pragma once

#include "cli/print.hh"
#include "tests/unit/result.hh"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>

namespace kwit::test {

class Output {
public:
    explicit Output(cli::Form form = cli::Form::text) : printer(fd_, form) {}

    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    Output(Output&&) = delete;
    Output& operator=(Output&&) = delete;

    ~Output() { ::close(fd_); }

    std::string text() {
        REQUIRE_GOOD(printer.finish());
        std::string all;
        std::array<char, 4096> buffer{};
        for (off_t at = 0;;) {
            const ssize_t size = ::pread(fd_, buffer.data(), buffer.size(), at);
            if (size <= 0) return all;
            all.append(buffer.data(), static_cast<std::size_t>(size));
            at += size;
        }
    }

private:
    int fd_ = ::memfd_create("output", MFD_CLOEXEC);

public:
    cli::Printer printer;
};

} // namespace kwit::test
