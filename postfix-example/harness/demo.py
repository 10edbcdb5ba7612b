"""The story that postfix-example/demo tells. Each line that begins with $ is a command as you would type it."""

import os
import shlex
import shutil
import subprocess

from . import mails
from .kwit import Kwit
from .postfix import PrivatePostfix, wait_for
from .smtp import Client, Sink

ANNA = "anna@kunde.example"
SUPPLIER = "rechnung@lieferant.example"
TAGGED = "faktury+1543030448@in.example.com"
DKIM = "mx.example.com; dkim=pass header.d=kunde.example"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def title(text: str):
    print(f"\n\033[1m── {text}\033[0m" if os.isatty(1) else f"\n── {text}", flush=True)


class Story:
    def __init__(self, postfix: PrivatePostfix, kwit: Kwit):
        self.postfix, self.kwit = postfix, kwit

    def command(self, line: str) -> str:
        """Shows a kwit command and what it says; the first line of that."""
        print(f"$ kwit {line}")
        done = self.kwit.run(*shlex.split(line))
        said = (done.stdout + done.stderr).decode()
        for output in said.splitlines():
            print(f"  {output}")
        if done.returncode not in (0, 1):
            raise SystemExit(f"kwit {line}: exit {done.returncode}")
        return said.partition("\n")[0]

    def mail(self, what: str, sender: str, to: list[str], subject: str, files, login: str = "", border=()):
        """Sends a mail and shows the dialogue as the sender's server has it."""
        print(f"\n✉ {what}\n  From: {sender}\n  Subject: {subject}\n  files: {', '.join(name for name, *_ in files) or 'none'}")
        message = mails.letter(sender, ", ".join(to), subject, files=files, border=list(border)).as_bytes()
        with Client(self.postfix.port, login=login) as session:
            said = session.deliver(sender, to, message)
        if login:
            print(f"    (logged in as {login})")
        for recipient, reply in zip(to, said.rcpts):
            self._reply(f"RCPT TO:<{recipient}>", reply)
        if said.end:
            self._reply("(the mail, its end)", said.end)

    @staticmethod
    def _reply(request: str, reply):
        print(f"    > {request}")
        for line in reply.text.splitlines():
            print(f"    < {reply.code} {line}")


def show_notices(story: Story, sink: Sink):
    """The mails that kwit owed, as they arrived."""
    title("The mails that went out")
    wait_for(lambda: not story.kwit.rows("outbox", "list"), "the outbox to be empty", 60)
    notices = [mail for mail in sink.wait(10) if "boss@example.com" not in mail.recipients]
    for notice in notices:
        message = notice.message
        print(f"\n✉ envelope sender <{notice.sender}>, to {', '.join(notice.recipients)}")
        for header in ("From", "Subject", "Auto-Submitted"):
            print(f"  {header}: {message[header]}")
        for line in message.get_body(("plain",)).get_content().splitlines():
            print(f"  | {line}".rstrip())
        if message.get_body(("html",)):
            print("  [and the same words as HTML]")
        for attached in message.iter_attachments():
            print(f"  [attached: {attached.get_content_type()}]")


def copy_of_postfix_configuration(story: Story) -> str:
    """To look at what the doctor says of a mistake; its listener is named as one that the world reaches."""
    etc = story.kwit.dir / "etc"
    shutil.copytree(story.postfix.etc, etc)
    master = etc / "master.cf"
    master.write_text(master.read_text().replace(f"127.0.0.1:{story.postfix.port} ", "smtp "))
    return str(etc)


def configure(story: Story, **changes: str):
    """Shows keys of the configuration ("section__key") and has them read; those of before are as in the example again."""
    print()
    changes = {key.replace("__", "."): value for key, value in changes.items()}
    for key, value in changes.items():
        section, _, name = key.rpartition(".")
        print(f"[{section}] {name} = {value}")
    reloads = story.kwit.log_text().count("was read again")
    story.kwit.configure(changes)
    story.kwit.reload()
    wait_for(lambda: story.kwit.log_text().count("was read again") > reloads, "the reload")


def tell(story: Story, sink: Sink):
    title("The office keeps its clients")
    story.command("client add 10023 --name 'Kunde GmbH' --notify buero@kunde.example")
    story.command(f"sender add 10023 {ANNA} --code 932498")
    story.command("address add 10023 --policy tagged --number 1543030448")
    story.command("client add 20001 --name 'Logistik AG' --notify ap@logistik.example")
    open_address = story.command("address add 20001 --policy open --symbol ER --extension rechnungen")

    story.command("client card 10023 --send")
    story.command(f"address show {open_address}")

    invoice = mails.one_pdf(mails.pdf("Faktura 17"))
    letter = ("agb.docx", mails.docx(), DOCX)
    title("Mails to an address with a tag in the subject")
    story.mail("All is well: our border found Anna's DKIM signature", ANNA, [TAGGED], mails.TAG, invoice, border=[DKIM])
    story.mail("All is well: Anna has logged in", ANNA, [TAGGED], "Re: [FK] 1.2026 (932498) telefon",
               mails.one_pdf(mails.pdf("Telefon")), login=ANNA)
    story.mail("The subject is wrong: taken, and Anna is told how to correct it", ANNA, [TAGGED], "faktura listopad",
               invoice, border=[DKIM])
    locked = mails.encrypted(mails.pdf("Faktura 18"), user="geheim", owner="boss")
    story.mail("A PDF that only a password opens: taken, and Anna is asked for one without", ANNA, [TAGGED], mails.TAG,
               mails.one_pdf(locked, "faktura 18.pdf"), border=[DKIM])
    story.mail("Nobody vouches for this From:", ANNA, [TAGGED], mails.TAG, invoice)

    title("Mails to an open address")
    story.mail("A supplier's invoice with a letter beside it", SUPPLIER, [open_address], "Ihre Rechnung 4711",
               mails.one_pdf(mails.pdf("Rechnung 4711"), "rechnung.pdf") + [letter])
    packed = mails.zipped(**{"4715.pdf": mails.pdf("Rechnung 4715"), "4716.pdf": mails.pdf("Rechnung 4716")})
    story.mail("Two invoices in a ZIP", SUPPLIER, [open_address], "Ihre Rechnungen",
               [("rechnungen.zip", packed, "application/zip")])
    story.mail("One digit wrong", SUPPLIER, ["faktury+1543030449@in.example.com"], "Rechnung", invoice)

    title("An address that too many know is replaced: the old one is taken for a while")
    story.command(f"address rotate {open_address} --grace 30d")
    story.mail("A supplier who does not know the new one", SUPPLIER, [open_address], "Ihre Rechnung 4713",
               mails.one_pdf(mails.pdf("Rechnung 4713"), "4713.pdf"))

    title("More than the office allows an address in an hour waits at the sender's server")
    configure(story, limits__address__mails_per_hour="2")
    story.mail("The third mail of this hour", SUPPLIER, [open_address], "Ihre Rechnung 4714",
               mails.one_pdf(mails.pdf("Rechnung 4714"), "4714.pdf"))

    title("A policy may take electronic invoices, and file terms of business beside them")
    configure(story, policy__open__formats='["pdf", "xml-invoice"]', policy__open__annex='["*agb*"]', limits__address__mails_per_hour="0")
    terms = ("AGB.pdf", mails.pdf("AGB"), "application/pdf")
    story.mail("An invoice as XML, with the supplier's terms", SUPPLIER, [open_address], "Ihre Rechnung 4715",
               [("rechnung.xml", mails.xml_invoice("4715"), "application/xml"), terms])

    title("Ordinary mail is none of our business")
    story.mail("For a person and for the open address at once", SUPPLIER, ["boss@example.com", open_address],
               "Rechnung 4712", mails.one_pdf(mails.pdf("Rechnung 4712"), "4712.pdf"))
    ordinary = wait_for(lambda: [mail for mail in sink.arrived if "boss@example.com" in mail.recipients], "the ordinary mail")[0]
    print(f"    delivered as usual to: {', '.join(ordinary.recipients)}")

    title("What came of it")
    # a refusal is written within two seconds
    receipts = wait_for(lambda: (rows := story.kwit.rows("receipt", "list")) and len(rows) == 9 and rows, "the receipts")
    story.command("receipt list")
    failed = next(row["id"] for row in receipts if row["verdict"] == "failed" and row["reasons"] != ["pdf-encrypted"])
    story.command(f"receipt show {failed}")
    story.command("document list")
    document = story.kwit.rows("document", "list")[0]
    print(f"$ kwit document get {document['id']} | sha256sum")
    content = story.kwit.run("document", "get", document["id"]).stdout
    print("  " + subprocess.run(["sha256sum"], input=content, capture_output=True, check=True).stdout.decode().strip())
    print(f"  {document['sha256']}  says the document")

    show_notices(story, sink)

    title("What failed is imported by hand, with the command that the receipt gave")
    story.command(f"import --receipt {failed} --part 2 --client 10023 --category FK --period 2026-11 --code 932498")
    story.command(f"receipt resolve {failed}")
    story.command("receipt list --unresolved")

    title("What the mail admin sees")
    story.command("report")
    etc = copy_of_postfix_configuration(story)
    subprocess.run(["postconf", "-c", etc, "-e", "smtpd_milters=$kwit_milter inet:127.0.0.1:8891"], check=True)
    story.command(f"doctor --postfix {etc}")

    title("Evidence")
    story.command("verify")
    story.command("inspect")

    title("Backup, and what a nightly sweep would remove")
    story.command(f"backup {story.kwit.dir}/backup")
    story.command(f"restore --check {story.kwit.dir}/backup")
    story.command("sweep")


def main():
    sink = Sink()
    with PrivatePostfix(sink.port, border_milter=True) as postfix:
        kwit = Kwit(postfix, "demo").start()
        print(f"A private Postfix listens on 127.0.0.1:{postfix.port}, kwit-milter on {postfix.socket}.")
        try:
            tell(Story(postfix, kwit), sink)
        finally:
            kwit.stop()
    print("\nDone; Postfix, kwit and their files are gone.")


if __name__ == "__main__":
    main()
