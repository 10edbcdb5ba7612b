divert(0)dnl
dnl # What kwit needs in the sendmail.mc of an existing Sendmail (8.17). Put this line before the first MAILER line:
dnl #
dnl #     include(`/etc/mail/kwit/kwit.m4')dnl
dnl #
dnl # and make sendmail.cf anew (Debian: make -C /etc/mail). The lines for mailertable and virtusertable lie beside it.
dnl # The same file, with other ports and directories, runs in the tests. docs/sendmail.md tells what differs from Postfix.
dnl #
dnl # The first milter of all: it takes every Authentication-Results out that comes in from outside, as kwit believes what
dnl # stands there (see strip-results). Milters that write results (opendkim, opendmarc, rspamd) stand between it and kwit:
dnl # if your sendmail.mc has any, move the next line before theirs.
INPUT_MAIL_FILTER(`strip-results', `S=local:/run/kwit/strip-results.sock, F=T, T=C:30s;S:30s;R:60s;E:5m')dnl
dnl #
dnl # kwit is the LAST milter: what it files is filed when it says yes, and a milter behind it could still refuse the mail.
dnl # F=T: while kwit is away the sender's server keeps the mail and tries again; without F= it would pass unseen, and
dnl # with F=R be bounced. R: the default of 10 seconds is too short for a busy disk.
INPUT_MAIL_FILTER(`kwit', `S=local:/run/kwit/kwit.sock, F=T, T=C:30s;S:30s;R:60s;E:5m')dnl
dnl #
dnl # Sendmail takes mail for any recipient of the intake domain and leaves the answer to kwit, which knows the addresses
dnl # and says why one is refused. The domain must not be local (local-host-names): kwit would be told of recipients
dnl # without their domain, and a person's mailbox would be looked for.
RELAY_DOMAIN(`in.example.com')dnl
dnl #
dnl # The way of mail for the intake domain that got past kwit (mailertable), and the domain's postmaster, who is a person
dnl # (virtusertable).
VIRTUSER_DOMAIN(`in.example.com')dnl
ifdef(`_MAILER_TABLE_', `', `FEATURE(`mailertable')')dnl
ifdef(`_VIRTUSER_TABLE_', `', `FEATURE(`virtusertable')')dnl
dnl #
dnl # A document mail with scans is large. A little above [limits] message of kwit.toml (50MiB), so that kwit's answer is
dnl # the one people read.
define(`confMAX_MESSAGE_SIZE', `62914560')dnl
dnl #
dnl # The listener without kwit: kwit hands in its own notices here ([outbox] submit of kwit.toml). A milter that signs
dnl # outgoing mail belongs into its InputMailFilters. Loopback only.
DAEMON_OPTIONS(`Family=inet, Name=kwit-notice, Port=10025, Addr=127.0.0.1, InputMailFilters=, M=AES')dnl
dnl #
dnl # The re-entry: a listener with kwit and nothing else, for mail that got past kwit (bounces that Sendmail makes,
dnl # sendmail -Am, mail released from quarantine). By its name kwit knows that one more Received line stands above the
dnl # results of our border, and that its refusals must be for now: refused for good, the mail would be bounced to somebody
dnl # who may never have written to us. So it waits in the queue (mailq) until Timeout.queuereturn.
dnl # Results that come in here are believed. The listener is for this Sendmail alone: where users of this machine are not
dnl # to be trusted, let the firewall keep all but root off the port.
DAEMON_OPTIONS(`Family=inet, Name=kwit-reentry, Port=10026, Addr=127.0.0.1, InputMailFilters=kwit, M=AES')dnl
dnl #
dnl # The mailer that leads there. k: no complaint that it talks to itself. No L=: long lines stay as they are.
MAILER_DEFINITIONS
Mkwit-missed, P=[IPC], F=mDFMuXak, S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP, E=\r\n, T=DNS/RFC822/SMTP, A=TCP $h 10026
divert(0)dnl
