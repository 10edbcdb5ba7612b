#include "cli/rehearsal.hh"

#include "core/intake/keep.hh"
#include "core/intake/message.hh"
#include "core/intake/reply.hh"
#include "core/intake/written_address.hh"
#include "core/mime/split.hh"

#include <algorithm>
#include <cstddef>
#include <string>

namespace kwit::cli {

namespace {

constexpr std::string_view taken = "250 2.0.0 Ok";
constexpr std::size_t piece = 64UL * 1024;

/// Bytes with each line end as CRLF, as an MTA hands them over; last is the byte before them.
std::string with_crlf(std::string_view bytes, char& last) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 16);
    for (const char c : bytes) {
        if (c == '\n' && last != '\r') out += '\r';
        out += c;
        last = c;
    }
    return out;
}

/// The body from its offset on; nothing when it was read to its end without an answer.
Result<std::optional<Answer>> send_body(Message& message, const File& mail, std::uint64_t offset) {
    std::vector<std::byte> buffer(piece);
    char last = '\n';
    for (;;) {
        const std::size_t size = TRY(mail.read_at(offset, buffer));
        if (size == 0) return std::optional<Answer>();
        offset += size;
        const std::string text = with_crlf(as_text(Bytes(buffer).first(size)), last);
        Answer answer = message.body(as_bytes(text));
        if (answer.what != Answer::What::go_on) return std::optional<Answer>(std::move(answer));
    }
}

/// The events after RCPT, until something is answered.
Result<Answer> send_mail(Message& message, const File& mail, const LimitSettings& limits) {
    Answer answer = message.data("");
    if (answer.what != Answer::What::go_on) return answer;
    const auto parts = TRY(mime::split_mail(mail, limits));
    if (parts.fields.empty())
        return fail(
            Kind::misuse,
            "the message does not begin with a header field: it is no message",
            "give the whole message with its header (RFC 5322), as a mail program saves it"
        );
    for (const mime::HeaderField& field : parts.fields)
        message.header(field.name, field.value);
    answer = message.end_of_headers("");
    if (answer.what != Answer::What::go_on) return answer;
    auto early = TRY(send_body(message, mail, parts.body));
    return early ? *std::move(early) : message.rehearse();
}

/// What RCPT says; nothing more to ask when it has refused.
Rehearsed ask_rcpt(Message& message, const EmailAddress& recipient, const Texts& texts) {
    Rehearsed rehearsed{.address = recipient.text()};
    const Answer answer = message.rcpt("<" + recipient.text() + ">", recipient.text());
    if (!answer.refusal) return rehearsed;
    const SmtpReply reply = reply_to(*answer.refusal, texts);
    rehearsed.reply = reply.text();
    rehearsed.locale = answer.refusal->locale;
    rehearsed.findings = {answer.refusal->finding};
    if (!reply.temporary()) rehearsed.verdict = Verdict::refused;
    return rehearsed;
}

/// The end of the mail as it is for one import recipient.
class End {
public:
    End(const Message& message, const Answer& answer, const Texts& texts)
        : message_(message), answer_(answer),
          reply_(
              answer.refusal ? std::optional<SmtpReply>(reply_to(*answer.refusal, texts))
                             : std::nullopt
          ) {}

    void tell(Rehearsed& rehearsed) const {
        const auto& recipients = message_.recipients();
        for (std::size_t i = 0; i < recipients.size(); ++i)
            if (same(recipients[i], rehearsed.address)) tell(rehearsed, i);
    }

private:
    static bool same(const ImportRecipient& recipient, const std::string& address) {
        const auto parsed = EmailAddress::parse(address);
        return parsed && without_secret(*parsed).address.key() == recipient.facts.address.address;
    }

    void tell(Rehearsed& rehearsed, std::size_t index) const {
        const RecipientFacts& facts = message_.recipients()[index].facts;
        rehearsed.client = facts.client.id;
        rehearsed.policy = facts.policy.name;
        rehearsed.locale = facts.locale;
        rehearsed.reply = reply_ ? reply_->text() : std::string(taken);
        if (reply_ && reply_->temporary()) {
            rehearsed.findings = {answer_.refusal->finding};
            return;
        }
        const Decision& decision = message_.decision();
        if (index >= decision.recipients.size()) return;
        const Outcome& outcome = decision.recipients[index].outcome;
        rehearsed.verdict = outcome.verdict;
        rehearsed.findings = outcome.findings;
        rehearsed.parts = part_records(decision.body, outcome);
        rehearsed.outcome = outcome;
    }

    const Message& message_;
    const Answer& answer_;
    std::optional<SmtpReply> reply_;
};

} // namespace

Result<std::vector<Rehearsed>> rehearse(
    Intake& intake,
    const std::shared_ptr<const Snapshot>& snapshot,
    const Envelope& envelope,
    const std::vector<EmailAddress>& recipients,
    const File& mail
) {
    Message message(intake, snapshot, envelope);
    std::vector<Rehearsed> all;
    all.reserve(recipients.size());
    for (const EmailAddress& recipient : recipients)
        all.push_back(ask_rcpt(message, recipient, snapshot->texts));
    const Answer answer = TRY(send_mail(message, mail, snapshot->settings.limits));
    const End end(message, answer, snapshot->texts);
    for (Rehearsed& rehearsed : all)
        if (!rehearsed.reply) end.tell(rehearsed);
    return all;
}

} // namespace kwit::cli
