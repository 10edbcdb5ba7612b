// The callbacks of libmilter, a few lines each: events in, answers out. What they mean is in
// core/intake.
#include "core/base/file.hh"
#include "core/base/log.hh"
#include "core/base/text.hh"
#include "milter/door.hh"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <new>

namespace kwit::milter {

namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): libmilter hands no argument
// to xxfi_negotiate.
House* house = nullptr;

Session* session_of(SMFICTX* context) {
    return static_cast<Session*>(smfi_getpriv(context));
}

std::string macro(SMFICTX* context, const char* name) {
    std::string writable(name); // libmilter's prototype wants char*
    const char* const value = smfi_getsymval(context, writable.data());
    return value == nullptr ? std::string() : std::string(value);
}

/// The text as C strings for libmilter, which reads it as a printf format.
std::string escaped(const std::string& line) {
    std::string out;
    for (const char c : line) {
        out += c;
        if (c == '%') out += '%';
    }
    return out;
}

/// Sets the reply; it belongs to the status returned right after, or it would stay for a later one.
void set_reply(SMFICTX* context, const SmtpReply& reply) {
    std::array<std::string, 8> lines;
    std::array<char*, 8> texts{}; // the list ends at the first null
    for (std::size_t i = 0; i < lines.size() && i < reply.lines.size(); ++i) {
        lines.at(i) = escaped(reply.lines.at(i));
        texts.at(i) = lines.at(i).data();
    }
    const int done = smfi_setmlreply(
        context,
        reply.code.c_str(),
        reply.enhanced.c_str(),
        texts[0],
        texts[1],
        texts[2],
        texts[3],
        texts[4],
        texts[5],
        texts[6],
        texts[7],
        nullptr
    );
    if (done != MI_SUCCESS) log::error("", "libmilter did not take the reply: " + reply.text());
}

sfsistat refuse(SMFICTX* context, Session& session, const Refusal& refusal) {
    const SmtpReply reply = reply_to(refusal, session.connection.snapshot().texts);
    set_reply(context, reply);
    return reply.temporary() ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

/// Takes our recipients out of the envelope; what is kept is kept, so a failure is only "try
/// again".
bool remove_recipients(SMFICTX* context, const std::vector<std::string>& ours) {
    for (std::string recipient : ours) {
        if (smfi_delrcpt(context, recipient.data()) == MI_SUCCESS) continue;
        log::error("", "the MTA does not let a recipient be removed: answering 451");
        return false;
    }
    return true;
}

sfsistat take(SMFICTX* context, Session& session, const Answer& answer) {
    if (session.connection.snapshot().settings.milter.when_empty ==
        MilterSettings::WhenEmpty::discard)
        return SMFIS_DISCARD;
    return remove_recipients(context, answer.ours) ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

sfsistat status_of(SMFICTX* context, Session& session, const Answer& answer) {
    switch (answer.what) {
    case Answer::What::go_on:
        return SMFIS_CONTINUE;
    case Answer::What::let_go:
        return SMFIS_ACCEPT;
    case Answer::What::refuse:
        return refuse(context, session, *answer.refusal);
    case Answer::What::take:
        return take(context, session, answer);
    case Answer::What::deliver:
        return remove_recipients(context, answer.ours) ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
    }
    return SMFIS_TEMPFAIL;
}

sfsistat answer_bug(SMFICTX* context, const char* what) noexcept {
    // Events without an answer of their own (headers) must not be passed over: the next one that
    // has an answer refuses, too.
    if (Session* const session = session_of(context)) session->connection.break_off();
    log::complain(
        "",
        {.kind = Kind::temporary,
         .what = std::string("a bug of ours, answered 451: ") + what,
         .remedy = "report it with what the log says around it"}
    );
    return SMFIS_TEMPFAIL;
}

sfsistat answer_no_memory(SMFICTX* context) noexcept {
    if (Session* const session = session_of(context)) session->connection.break_off();
    try {
        log::complain("", system_error("go on with a mail, answered 451", ENOMEM));
    } catch (const std::bad_alloc&) {
        // Not even a line can be written; the answer is what counts.
        return SMFIS_TEMPFAIL;
    }
    return SMFIS_TEMPFAIL;
}

/// Runs one step of a session. Doubt means "try later": a missing session, an exception.
template <typename Step>
sfsistat at_the_door(SMFICTX* context, Step step) noexcept try {
    const Busy::Inside inside(house->busy);
    Session* const session = session_of(context);
    if (session == nullptr) {
        // After SMFIC_QUIT_NC, which no MTA that we know says: what was agreed is gone by then.
        log::error(
            "", "the MTA goes on with a connection that it has ended or never opened: answering 451"
        );
        return SMFIS_TEMPFAIL;
    }
    return status_of(context, *session, step(*session));

} catch (const std::bad_alloc&) {

    return answer_no_memory(context);

} catch (const std::exception& bug) {

    return answer_bug(context, bug.what());

} catch (...) {

    return answer_bug(context, "without a name");
}

/// The status of a stage whose reply the MTA agreed not to wait for: saying more would be a breach.
sfsistat quiet(SMFICTX* context, unsigned long bit, sfsistat status) {
    const Session* const session = session_of(context);
    if (session == nullptr || (session->no_reply & bit) == 0) return status;
    return SMFIS_NOREPLY;
}

std::string address_text(const sockaddr* address) {
    if (address == nullptr) return {};
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = nullptr;
    if (address->sa_family == AF_INET) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how socket addresses are
        // read
        bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    } else if (address->sa_family == AF_INET6) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
        bytes = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    } else {
        return {};
    }
    const char* const made = inet_ntop(address->sa_family, bytes, text.data(), text.size());
    return made == nullptr ? std::string() : std::string(made);
}

sfsistat negotiate(
    SMFICTX* context,
    unsigned long offered_actions,
    unsigned long offered_steps,
    unsigned long /*unused*/,
    unsigned long /*unused*/,
    unsigned long* actions,
    unsigned long* steps,
    unsigned long* more1,
    unsigned long* more2
) noexcept try {
    // Asking for what is not offered would end every session of this MTA, so each bit is masked by
    // the offer.
    constexpr unsigned long quiet_steps =
        SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_HDR;
    constexpr unsigned long wanted_steps = SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC | quiet_steps;
    *actions = offered_actions & SMFIF_DELRCPT;
    *steps = offered_steps & wanted_steps;
    *more1 = 0;
    *more2 = 0;
    auto session =
        std::make_unique<Session>(house->busy, Connection(house->intake, house->snapshot()));
    session->no_reply = *steps & quiet_steps;
    session->connection.removes_recipients((*actions & SMFIF_DELRCPT) != 0);
    if ((*actions & SMFIF_DELRCPT) == 0)
        log::warning(
            "",
            "the MTA does not let recipients be removed (SMFIF_DELRCPT): who would make an import "
            "mail one for others, too, is put off (451 busy); with when_empty = \"delrcpt\" all "
            "import mail is"
        );
    if ((offered_actions & SMFIF_SETSYMLIST) != 0) {
        std::string mail =
            "i {auth_authen} {auth_ssf} {daemon_name} {verify} {cert_subject} {cert_fp}";
        std::string rcpt = "i {rcpt_addr}";
        smfi_setsymlist(context, SMFIM_ENVFROM, mail.data());
        smfi_setsymlist(context, SMFIM_ENVRCPT, rcpt.data());
        *actions |= SMFIF_SETSYMLIST;
        session->asked_macros = true;
    }
    session->connection.keeps_leading_space((*steps & SMFIP_HDR_LEADSPC) != 0);
    if (smfi_setpriv(context, session.get()) != MI_SUCCESS) return SMFIS_REJECT;
    session.release(); // NOLINT(bugprone-unused-return-value): closed() deletes it
    return SMFIS_CONTINUE;

} catch (const std::exception& bug) {

    log::error("", std::string("a bug of ours while negotiating: ") + bug.what());
    return SMFIS_REJECT; // libmilter closes the connection; the MTA falls back on its default
                         // action
}

sfsistat connected(SMFICTX* context, char* host, sockaddr* address) noexcept {
    const sfsistat status = at_the_door(context, [&](Session& session) {
        session.connection.connected(host == nullptr ? "" : host, address_text(address));
        return Answer{};
    });
    return quiet(context, SMFIP_NR_CONN, status);
}

sfsistat helo(SMFICTX* context, char* name) noexcept {
    const sfsistat status = at_the_door(context, [&](Session& session) {
        session.connection.helo(name == nullptr ? "" : name);
        return Answer{};
    });
    return quiet(context, SMFIP_NR_HELO, status);
}

/// The SASL login. Sendmail, which alone has {auth_ssf}, hands it over as xtext: "anna+2Bx@…".
std::string login(SMFICTX* context) {
    const std::string login = macro(context, "{auth_authen}");
    return macro(context, "{auth_ssf}").empty() ? login : from_xtext(login);
}

std::vector<std::string> arguments(char** argv) {
    std::vector<std::string> out;
    for (char** argument = argv; argument != nullptr && *argument != nullptr; ++argument)
        out.emplace_back(*argument);
    return out;
}

/// The client's certificate if the MTA has verified it. Postfix tells its name only then, and has
/// no {verify}; Sendmail names any certificate, in xtext, and says in {verify} what came of it: who
/// did not hear our wish for that macro is not believed.
ClientCertificate certificate_of(SMFICTX* context, const Session& session) {
    const std::string verify = macro(context, "{verify}");
    const bool verified = verify.empty() ? session.asked_macros : verify == "OK";
    if (!verified) return {};
    const std::string subject = macro(context, "{cert_subject}");
    return {
        .subject = verify.empty() ? subject : from_xtext(subject),
        .fingerprint = macro(context, "{cert_fp}")};
}

sfsistat mail(SMFICTX* context, char** argv) noexcept {
    const sfsistat status = at_the_door(context, [&](Session& session) {
        session.connection.mail(
            arguments(argv),
            login(context),
            macro(context, "{daemon_name}"),
            certificate_of(context, session)
        );
        return Answer{};
    });
    return quiet(context, SMFIP_NR_MAIL, status);
}

sfsistat rcpt(SMFICTX* context, char** argv) noexcept {
    return at_the_door(context, [&](Session& session) {
        const auto words = arguments(argv);
        return session.connection.rcpt(
            words.empty() ? "" : words.front(), macro(context, "{rcpt_addr}")
        );
    });
}

sfsistat data(SMFICTX* context) noexcept {
    return at_the_door(context, [&](Session& session) {
        return session.connection.data(macro(context, "i"));
    });
}

sfsistat header(SMFICTX* context, char* name, char* value) noexcept {
    const sfsistat status = at_the_door(context, [&](Session& session) {
        session.connection.header(name == nullptr ? "" : name, value == nullptr ? "" : value);
        return Answer{};
    });
    return quiet(context, SMFIP_NR_HDR, status);
}

sfsistat end_of_headers(SMFICTX* context) noexcept {
    return at_the_door(context, [&](Session& session) {
        return session.connection.end_of_headers(macro(context, "i"));
    });
}

sfsistat body(SMFICTX* context, unsigned char* bytes, std::size_t size) noexcept {
    return at_the_door(context, [&](Session& session) {
        return session.connection.body(std::as_bytes(std::span(bytes, size)));
    });
}

sfsistat end_of_message(SMFICTX* context) noexcept {
    return at_the_door(context, [&](Session& session) {
        return session.connection.end(macro(context, "i"));
    });
}

sfsistat aborted(SMFICTX* context) noexcept {
    return at_the_door(context, [](Session& session) {
        session.connection.abort();
        return Answer{};
    });
}

sfsistat closed(SMFICTX* context) noexcept {
    // May be the first and only callback of a connection: then there is nothing to delete.
    const std::unique_ptr<Session> session(session_of(context));
    smfi_setpriv(context, nullptr);
    return SMFIS_CONTINUE;
}

} // namespace

void open_house(House& opened) {
    house = &opened;
}

Result<void> register_callbacks() {
    static std::string name = "kwit"; // libmilter keeps the pointer
    smfiDesc description{};
    description.xxfi_name = name.data();
    description.xxfi_version = SMFI_VERSION;
    description.xxfi_flags = SMFIF_DELRCPT | SMFIF_SETSYMLIST;
    description.xxfi_connect = connected;
    description.xxfi_helo = helo;
    description.xxfi_envfrom = mail;
    description.xxfi_envrcpt = rcpt;
    description.xxfi_header = header;
    description.xxfi_eoh = end_of_headers;
    description.xxfi_body = body;
    description.xxfi_eom = end_of_message;
    description.xxfi_abort = aborted;
    description.xxfi_close = closed;
    description.xxfi_data = data;
    description.xxfi_negotiate = negotiate;
    if (smfi_register(description) != MI_SUCCESS)
        return fail(Kind::misuse, "libmilter does not take the callbacks");
    return {};
}

} // namespace kwit::milter
