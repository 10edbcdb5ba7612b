// Connection and Message: the two lifetimes of an SMTP session. A Connection lives from connect to
// close and holds the configuration it began with; a Message lives from MAIL to its end, refusal or
// abort. An event that comes out of order is answered "try again", never trusted.
//
// One event at a time: the caller does not call two functions of a Connection at once (they may be
// on different threads).
#pragma once

#include "core/intake/answer.hh"
#include "core/intake/intake.hh"
#include "core/intake/message.hh"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

class Connection {
public:
    Connection(Intake& intake, std::shared_ptr<const Snapshot> snapshot);

    [[nodiscard]] const Snapshot& snapshot() const { return *snapshot_; }

    /// Whether the MTA hands header values over with their leading space (SMFIP_HDR_LEADSPC);
    /// otherwise one is put back, which is the most likely original.
    void keeps_leading_space(bool keeps) { keeps_leading_space_ = keeps; }

    /// Whether the MTA lets us take recipients out of a mail (SMFIF_DELRCPT).
    void removes_recipients(bool removes) { removes_recipients_ = removes; }

    void connected(const std::string& name, const std::string& address);

    void helo(const std::string& name) { helo_ = name; }

    /// MAIL: words are the reverse-path and the ESMTP parameters. Always taken: no recipient is
    /// known yet.
    void mail(
        const std::vector<std::string>& words,
        const std::string& login,
        const std::string& daemon,
        const ClientCertificate& certificate = {}
    );

    /// RCPT: written is the argument as it came, parsed the MTA's reading of it; may be empty.
    Answer rcpt(const std::string& written, const std::string& parsed);

    Answer data(const std::string& queue_id);
    void header(std::string_view name, std::string_view value);
    Answer end_of_headers(const std::string& queue_id);
    Answer body(Bytes chunk);
    Answer end(const std::string& queue_id);

    void abort() { message_.reset(); }

    /// After a bug: whatever the message was, it is answered "try again" from now on.
    void break_off() noexcept { broken_ = true; }

private:
    Answer out_of_order(std::string_view event);

    template <typename Step>
    Answer step(std::string_view event, Step act);

    Intake& intake_;
    std::shared_ptr<const Snapshot> snapshot_;
    std::string client_name_;
    std::string client_address_;
    std::string helo_;
    bool keeps_leading_space_ = true;
    bool removes_recipients_ = true;
    bool broken_ = false;
    bool at_reentry_ = false;
    std::unique_ptr<Message> message_;
};

} // namespace kwit
