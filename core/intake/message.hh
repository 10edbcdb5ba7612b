// Message: one mail from MAIL to its end. See connection.hh for who calls it.
#pragma once

#include "core/intake/answer.hh"
#include "core/intake/decide.hh"
#include "core/intake/identity.hh"
#include "core/intake/intake.hh"
#include "core/intake/recipient.hh"
#include "core/intake/returned.hh"
#include "core/intake/spool.hh"
#include "core/intake/written_address.hh"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kwit {

class Message {
public:
    Message(Intake& intake, std::shared_ptr<const Snapshot> snapshot, Envelope envelope);

    Answer rcpt(const std::string& written, const std::string& parsed);
    Answer data(const std::string& queue_id);

    /// value: as it came, with its leading space, folds as LF or CRLF and white space.
    void header(std::string_view name, std::string_view value);
    Answer end_of_headers(const std::string& queue_id);
    Answer body(Bytes chunk);

    /// Decides, keeps, answers.
    Answer end(const std::string& queue_id);

    /// Decides without keeping: what end() would answer, with every outcome in decision(). For
    /// `kwit check`.
    Answer rehearse();

    [[nodiscard]] const std::vector<ImportRecipient>& recipients() const { return recipients_; }

    /// The latest decision; empty before the end of headers.
    [[nodiscard]] const Decision& decision() const { return decision_; }

    /// When the mail has our recipients alone, nobody is left to deliver to.
    [[nodiscard]] bool only_ours() const { return others_ == rules::Others::none; }

private:
    Answer
    our_rcpt(const std::string& written, const EmailAddress& address, const DomainSettings& domain);
    Answer other_rcpt(std::string_view address);
    Answer
    import_rcpt(const std::string& written, const WrittenAddress& to, const DomainSettings& domain);
    Answer
    new_rcpt(const std::string& written, const WrittenAddress& to, const DomainSettings& domain);
    Answer bounce_rcpt(
        const std::string& written, const EmailAddress& address, const DomainSettings& domain
    );
    [[nodiscard]] bool must_be_ours_alone() const;
    [[nodiscard]] std::optional<Finding> obstacle() const;
    enum class Address { known, unknown };

    Answer refuse_rcpt(
        std::string_view address, const DomainSettings& domain, Address known, Finding finding
    );
    Answer refuse_mail(const Finding& finding);
    Answer cannot(const Error& error);
    Answer cannot_rcpt(
        std::string_view address, const DomainSettings& domain, Address known, const Error& error
    );
    void note_miss(const std::string& address);
    Answer put_off(Finding finding);
    Answer taken();
    void remember_refusals();
    Result<void> begin();
    Result<void> check_admission(const Archive& archive, const RecipientFacts& recipient) const;
    Result<void> spool(Bytes bytes);
    Result<void> read_head(const std::string& queue_id);
    Result<bool> seen_before(const Digest& identity) const;
    Result<void> make_decision();
    [[nodiscard]] Result<void> check_rates_of_all(const Archive& archive) const;
    Result<Answer> keep_and_answer();
    Result<void> keep_decided(const Digest& identity);
    Result<void> note_returned();
    [[nodiscard]] Result<std::shared_ptr<Archive>> same_archive() const;
    void log_kept(const std::vector<Kept>& kept) const;

    /// Whether it is for an import address, or one of our notices that comes back.
    [[nodiscard]] bool is_ours() const { return !recipients_.empty() || !bounces_.empty(); }

    [[nodiscard]] MailHead head() const;
    [[nodiscard]] Result<TempFile> make_temp() const;

    [[nodiscard]] const LimitSettings& limits() const { return snapshot_->settings.limits; }

    [[nodiscard]] const std::string& locale() const;

    Intake& intake_;
    std::shared_ptr<const Snapshot> snapshot_;
    Envelope envelope_;
    Time received_at_;
    rules::Others others_ = rules::Others::none;
    std::vector<ImportRecipient> recipients_;
    std::vector<std::string> bounces_;        // outbox ids of our notices that come back
    std::vector<std::string> bounce_written_; // their recipients as written

    // From begin() on, which is data() or, where an old milter protocol has no such event, the
    // first header:
    std::weak_ptr<Archive> archive_; // see same_archive()
    std::optional<Admission::Room> room_;
    std::optional<Spool> spool_;
    std::optional<Error> trouble_; // of an event that has no answer of its own
    std::vector<mime::HeaderField> fields_;
    std::uint64_t field_bytes_ = 0;
    HeaderFacts header_;
    std::optional<Identity> identity_;
    ReturnMarks marks_; // for bounces_
    bool too_large_ = false;
    Decision decision_;
};

} // namespace kwit
