#include "core/intake/message.hh"

#include "core/archive/objects.hh"
#include "core/archive/outbox.hh"
#include "core/archive/receipts.hh"
#include "core/base/log.hh"
#include "core/base/text.hh"
#include "core/intake/inside.hh"
#include "core/intake/origin.hh"
#include "core/intake/rates.hh"
#include "core/intake/story.hh"
#include "core/mime/header_facts.hh"

#include <fmt/format.h>

#include <algorithm>

namespace kwit {

namespace {

/// A header line as it was in the mail: the MTA joins folded lines with LF alone.
std::string header_line(std::string_view name, std::string_view value) {
    std::string line(name);
    line += ':';
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\n' && (i == 0 || value[i - 1] != '\r')) line += '\r';
        line += value[i];
    }
    line += "\r\n";
    return line;
}

Error out_of_order() {
    return {
        .kind = Kind::temporary,
        .what = "the MTA left out the headers or their end",
        .remedy = "take milter_protocol out of its configuration: the default is right"};
}

} // namespace

Message::Message(Intake& intake, std::shared_ptr<const Snapshot> snapshot, Envelope envelope)
    : intake_(intake), snapshot_(std::move(snapshot)), envelope_(std::move(envelope)),
      received_at_(intake.clock()) {}

const std::string& Message::locale() const {
    return recipients_.empty() ? snapshot_->settings.domains.front().locale
                               : recipients_.front().facts.locale;
}

MailHead Message::head() const {
    return {
        .envelope = envelope_,
        .header = header_,
        .recipients = recipients_,
        .others = others_,
        .settings = snapshot_->settings,
        .received_at = received_at_};
}

Result<TempFile> Message::make_temp() const {
    if (!intake_.temporary.empty()) return TempFile::create(intake_.temporary);
    const auto archive = TRY(same_archive());
    return temp_file(*archive);
}

/// The archive that the mail began with. Objects go to a path, a commit to an open index: both must
/// be of one archive. It is not held between the events of a session, which may take as long as the
/// sender likes: nobody could open it anew meanwhile.
Result<std::shared_ptr<Archive>> Message::same_archive() const {
    auto archive = TRY(intake_.archive.get());
    if (archive == archive_.lock()) return archive;
    return fail(
        Kind::temporary,
        "the archive was replaced while the mail came in",
        "nothing: the sender's server tries again"
    );
}

// ── DATA, headers, body ──────────────────────────────────────────────────────────────────────────

Answer Message::data(const std::string& queue_id) {
    envelope_.queue_id = queue_id;
    if (!is_ours()) return {.what = Answer::What::let_go};
    const auto begun = begin();
    return begun ? Answer{} : cannot(begun.error());
}

Result<void> Message::begin() {
    if (spool_) return {};
    const auto archive = TRY(intake_.archive.get());
    archive_ = archive;
    // Others may have filled the disk since RCPT, or have been promised what is left of it.
    room_.emplace(TRY(intake_.admission.reserve(
        *archive, snapshot_->settings.archive.min_free, envelope_.declared_size
    )));
    if (intake_.temporary.empty())
        spool_.emplace(TRY(spare_file(*archive)), limits(), archive->spare_files());
    else
        spool_.emplace(TRY(make_temp()), limits());
    return {};
}

Result<void> Message::spool(Bytes bytes) {
    const std::uint64_t size = spool_->size() + bytes.size();
    if (room_->needs_more_for(size)) {
        const auto archive = TRY(intake_.archive.get());
        TRY(room_->grow(*archive, snapshot_->settings.archive.min_free, size));
    }
    TRY(spool_->add(bytes));
    room_->wrote(size);
    return {};
}

void Message::header(std::string_view name, std::string_view value) {
    if (trouble_ || !is_ours()) return;
    if (const auto begun = begin(); !begun) {
        trouble_ = begun.error();
        return;
    }
    if (const auto added = spool(as_bytes(header_line(name, value))); !added) {
        trouble_ = added.error();
        return;
    }
    // One past each limit is enough to see that it is over; more would be the sender's to choose.
    if (fields_.size() > limits().headers || field_bytes_ > limits().header_bytes) return;
    field_bytes_ += name.size() + value.size();
    fields_.push_back({std::string(name), std::string(value)});
}

Answer Message::end_of_headers(const std::string& queue_id) {
    if (!queue_id.empty()) envelope_.queue_id = queue_id;
    if (!is_ours()) return {.what = Answer::What::let_go};
    if (const auto begun = begin(); !begun) return cannot(begun.error());
    if (const auto read = read_head(envelope_.queue_id); !read) return cannot(read.error());
    if (recipients_.empty()) return {};
    decision_ = decide_on_headers(head());
    if (decision_.refusal) return refuse_mail(*decision_.refusal);
    // Whose mail it is was not known before, and its body need not come now. Nobody knows yet
    // whether it was taken before: then it waits, too.
    const auto checked = check_judged(envelope_.declared_size.value_or(0));
    return checked ? Answer{} : cannot(checked.error());
}

Result<void> Message::read_head(const std::string& queue_id) {
    if (trouble_) return fail(*trouble_);
    TRY(spool(as_bytes("\r\n")));
    const auto archive = TRY(same_archive());
    header_ = mime::read_headers(fields_, limits());
    marks_ = return_marks(envelope_, header_, fields_);
    header_.automatic.own_notice = TRY(is_own_notice(*archive, header_, marks_));
    for (ImportRecipient& recipient : recipients_)
        TRY(complete(recipient, *archive, header_, envelope_, received_at_));
    identity_.emplace(fields_, queue_id);
    fields_.clear();
    return {};
}

Answer Message::body(Bytes chunk) {
    if (!is_ours()) return {};
    if (!identity_) return cannot(out_of_order());
    // What says why a mail came back stands at its beginning, before the mail itself.
    if (recipients_.empty() && spool_->size() > limits().message) return {};
    if (const auto added = spool(chunk); !added) return cannot(added.error());
    identity_->body(chunk);
    if (spool_->size() <= limits().message) return {};
    // With other recipients the MTA takes the mail anyway, so all of it is kept for people to look
    // at.
    too_large_ = true;
    if (!only_ours() || recipients_.empty()) return {};
    decision_ = refuse_everyone(head(), too_large(limits()));
    return refuse_mail(*decision_.refusal);
}

// ── the end ──────────────────────────────────────────────────────────────────────────────────────

Answer Message::end(const std::string& queue_id) {
    if (!queue_id.empty()) envelope_.queue_id = queue_id;
    // Reached out of order alone; and never "taken", as nothing of it was.
    if (!is_ours()) return {.what = Answer::What::let_go};
    if (!identity_) return cannot(out_of_order());
    const auto place = intake_.admission.enter(limits().ends_at_once);
    if (!place) return cannot(too_many_ends(limits().ends_at_once));
    auto answer = keep_and_answer();
    return answer ? *std::move(answer) : cannot(answer.error());
}

Result<Answer> Message::keep_and_answer() {
    TRY(note_returned());
    if (recipients_.empty()) return taken();
    const Digest identity = std::move(*identity_).finish();
    if (TRY(seen_before(identity))) {
        log::info(envelope_.queue_id, "taken before: the same mail again, nothing is filed twice");
        return taken();
    }
    TRY(make_decision());
    if (decision_.refusal) return refuse_mail(*decision_.refusal);
    TRY(keep_decided(identity));
    return taken();
}

Result<void> Message::keep_decided(const Digest& identity) {
    TRY(check_judged(spool_->size()));
    const auto archive = TRY(same_archive());
    const auto kept = TRY(keep_mail(*archive, head(), decision_, std::move(*spool_), identity));
    log_kept(kept);
    if (intake_.owed) intake_.owed();
    return {};
}

Result<bool> Message::seen_before(const Digest& identity) const {
    const auto archive = TRY(same_archive());
    for (const rules::Judged& judged : decision_.recipients) {
        if (judged.outcome.sender_problem) return false;
        const auto receipt = TRY(find_seen(*archive, judged.recipient.address.address, identity));
        if (!receipt || receipt->verdict != Verdict::imported) return false;
    }
    return !decision_.recipients.empty();
}

Result<void> Message::make_decision() {
    if (too_large_) {
        decision_ = decide_without_body(head(), {Limit::message});
    } else if (!spool_->over().empty()) {
        decision_ = decide_without_body(head(), spool_->over());
    } else {
        // The archive is held for no longer than each question, as looking inside may take long.
        const auto inspect = known_first(
            [this](const Digest& digest) -> Result<std::optional<PdfFacts>> {
                const auto archive = TRY(same_archive());
                return known_inside(*archive, digest);
            },
            intake_.inspect
        );
        decision_ = TRY(decide(
            head(), *spool_, [this] { return make_temp(); }, inspect, intake_.unpack
        ));
    }
    return {};
}

/// As it was judged last; the size is what is known of it until then.
Result<void> Message::check_judged(std::uint64_t size) const {
    const auto archive = TRY(same_archive());
    return check_rates(*archive, limits(), decision_.recipients, size, received_at_);
}

Answer Message::rehearse() {
    if (recipients_.empty()) return taken();
    const auto made = make_decision();
    if (!made) return cannot(made.error());
    return decision_.refusal ? refuse_mail(*decision_.refusal) : taken();
}

Result<void> Message::note_returned() {
    if (bounces_.empty()) return {};
    const auto archive = TRY(same_archive());
    const Returned returned = TRY(read_returned(marks_, *spool_, limits()));
    for (const std::string& id : bounces_) {
        if (!returned.bounced) {
            log::info(
                envelope_.queue_id,
                fmt::format(
                    "taken for our notice {}, which did not come back: {}", upper(id), returned.why
                )
            );
            continue;
        }
        TRY(mark_bounced(*archive, id, {.who = "kwit-milter", .at = received_at_}));
        log::warning(
            envelope_.queue_id,
            fmt::format(
                "our notice {} came back: its receipt is unresolved ({})", upper(id), returned.why
            )
        );
    }
    return {};
}

Answer Message::taken() {
    Answer answer{
        .what = only_ours() ? Answer::What::take : Answer::What::deliver, .ours = bounce_written_};
    for (const ImportRecipient& recipient : recipients_)
        answer.ours.insert(answer.ours.end(), recipient.written.begin(), recipient.written.end());
    return answer;
}

Answer Message::refuse_mail(const Finding& finding) {
    remember_refusals();
    return Answer::refuse(finding, locale());
}

void Message::remember_refusals() {
    const std::uint64_t size = spool_ ? spool_->size() : 0;
    for (ReceiptDraft& draft : drafts_of(head(), decision_, std::nullopt, size)) {
        log::info(envelope_.queue_id, story_of(draft.receipt));
        if (intake_.refusals != nullptr) intake_.refusals->add(std::move(draft.receipt));
    }
}

Answer Message::cannot(const Error& error) {
    log::complain(envelope_.queue_id, error);
    return put_off(finding_of(error));
}

/// A failure of ours after RCPT: the sender's server tries again, so there is no receipt.
Answer Message::put_off(Finding finding) {
    log::info(
        envelope_.queue_id,
        fmt::format(
            "put off: {} (from <{}>, client {})",
            code_of(finding.reason),
            envelope_.sender,
            envelope_.client_address
        )
    );
    for (const ImportRecipient& recipient : recipients_)
        if (intake_.refusals != nullptr)
            intake_.refusals->count(
                {.what = Counted::mail,
                 .at = received_at_,
                 .reason = finding.reason,
                 .address = recipient.facts.address.address,
                 .is_known = true,
                 .network = network_of(envelope_.client_address),
                 .sender_domain = sender_domain_of(envelope_.sender)}
            );
    return Answer::refuse(std::move(finding), locale());
}

void Message::log_kept(const std::vector<KeptReceipt>& all) const {
    for (const auto& [kept, receipt] : all) {
        const std::string again = kept.how == Kept::How::repeated ? "taken before: " : "";
        log::info(envelope_.queue_id, again + story_of(receipt) + ", receipt " + kept.receipt_id);
    }
}

} // namespace kwit
