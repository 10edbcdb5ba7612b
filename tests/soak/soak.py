"""Mixed traffic on a real Postfix and a real kwit-milter for as long as you like, and afterwards the accounts:

every 250 has its receipt and documents, nothing that was refused is filed, everything verifies, the mails that
are owed went out, and descriptors, threads, memory and index per mail stayed as they were.
"""

import argparse
import dataclasses
import pathlib
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "postfix-example"),
                str(pathlib.Path(__file__).resolve().parents[1] / "postfix"), str(pathlib.Path(__file__).resolve().parent)]

from gauge import Gauge, Sample  # noqa: E402
from harness.kwit import SPARE_FILES, Kwit  # noqa: E402
from harness.postfix import PrivatePostfix, wait_for  # noqa: E402
from harness.smtp import Sink  # noqa: E402
from office import Office  # noqa: E402
from people import People  # noqa: E402
from traffic import Ledger, Traffic  # noqa: E402

MIB = 1 << 20


# So much in so short a time would go over what one recipient is sent one by one, and wait for the full hour.
WITHOUT_CAPS = {"outbox.notices_per_day": "100000", "outbox.forwards_per_day": "100000",
                "outbox.forward_bytes_per_day": '"1TiB"', "limits.address.mails_per_day": "0"}


@dataclasses.dataclass
class Plan:
    seconds: float
    senders: int = 6
    pause: float = 0.3  # of each sender between two mails
    reloads: int = 2
    sample_every: float = 10
    memory: bool = True  # what it takes tells something; with a sanitizer it does not
    seed: int = 17


class Soak:
    def __init__(self, office: Office, sink: Sink, plan: Plan):
        self.office, self.sink, self.plan = office, sink, plan
        self.ledger = Ledger()
        self.gauge = Gauge(office.kwit)
        self.people = People(office, self.ledger, plan.seed)
        self.quiet: list[Sample] = []  # at rest: after the first quarter, and at the end

    def run(self, say=print) -> "Soak":
        """Warm up for a quarter of the time, rest, go on, rest."""
        self._phase(self.plan.seconds / 4, 0, say)
        self.quiet.append(self.gauge.rest(self.ledger.total()))
        self._phase(self.plan.seconds * 3 / 4, self.plan.reloads, say)
        wait_for(lambda: not self.office.kwit.rows("outbox", "list"), "the outbox to be empty", 120)
        self.quiet.append(self.gauge.rest(self.ledger.total()))
        return self

    def _phase(self, seconds: float, reloads: int, say):
        until = time.monotonic() + seconds
        jobs = [threading.Thread(target=self.people.run, args=(until, 4 * self.plan.pause))]
        for number in range(self.plan.senders):
            traffic = Traffic(self.office, self.sink, self.ledger, self.plan.seed + number)
            jobs.append(threading.Thread(target=traffic.run, args=(until, self.plan.pause)))
        for job in jobs:
            job.start()
        self._watch(until, [until - seconds * (n + 1) / (reloads + 1) for n in range(reloads)], say)
        for job in jobs:
            job.join()

    def _watch(self, until: float, reloads: list[float], say):
        while time.monotonic() < until:
            time.sleep(min(self.plan.sample_every, max(0.1, until - time.monotonic())))
            say(self.gauge.read(self.ledger.total()))
            while reloads and time.monotonic() >= reloads[-1]:
                reloads.pop()
                self.office.kwit.reload()
                say("reloaded")
            del self.sink.arrived[:-200]

    def findings(self) -> list[str]:
        """What is not as it has to be, in words; empty: all is well."""
        return self.ledger.mistakes + self._promises() + self._growth() + self._logs()

    def _promises(self) -> list[str]:
        receipts = {row["message_id"] for row in self.office.kwit.rows("receipt", "list")}
        filed = {row["sha256"] for row in self.office.documents()}
        ledger = self.ledger
        found = [f"answered 250 and no receipt: {i}" for i in ledger.receipts if i not in receipts]
        found += [f"answered 250 and not filed: {d}" for d in ledger.filed - filed]
        found += [f"refused and filed: {d}" for d in (ledger.refused - ledger.filed) & filed]
        for command in (["verify"], ["journal", "verify"]):
            done = self.office.kwit.run(*command)
            if done.returncode:
                found.append(f"kwit {' '.join(command)}: {done.stdout.decode()[-2000:]}{done.stderr.decode()[-2000:]}")
        return found

    def _growth(self) -> list[str]:
        before, after = self.quiet
        found = []
        if after.descriptors > before.descriptors + SPARE_FILES + 2:
            found.append(f"descriptors at rest: {before.descriptors}, then {after.descriptors}")
        if after.threads > before.threads + 2:
            found.append(f"threads at rest: {before.threads}, then {after.threads}")
        if self.plan.memory and after.memory > before.memory * 1.25 + 8 * MIB:
            found.append(f"memory at rest: {before.memory}, then {after.memory}")
        if self.index_per_mail(after, before) > 1.5 * before.index / max(1, before.mails):
            found.append(f"index: {before.index} after {before.mails} mails, {after.index} after {after.mails}")
        return found

    @staticmethod
    def index_per_mail(after: Sample, before: Sample) -> float:
        return (after.index - before.index) / max(1, after.mails - before.mails)

    def _logs(self) -> list[str]:
        bad = [line for line in self.office.kwit.log_text().splitlines() if " error " in line]
        bad += [line for line in self.office.kwit.postfix.log_of_test().splitlines()
                if "panic:" in line or "fatal:" in line or "milter" in line and "warning:" in line]
        return bad[:20]

    def summary(self) -> str:
        before, after = self.quiet
        answers = "\n".join(f"  {count:7} {story}" for story, count in sorted(self.ledger.answers.items()))
        return (f"{answers}\n  {self.people.runs:7} commands\nat rest after a quarter: {before}\nat rest at the end:      {after}\n"
                f"index per mail: {before.index / max(1, before.mails):.0f} bytes in the first quarter, "
                f"{self.index_per_mail(after, before):.0f} afterwards")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--senders", type=int, default=6)
    arguments.add_argument("--pause", type=float, default=0.3, help="seconds between two mails of a sender")
    arguments.add_argument("--seed", type=int, default=17)
    chosen = arguments.parse_args()
    sink = Sink()
    with PrivatePostfix(sink.port, border_milter=True) as postfix:
        kwit = Kwit(postfix, "soak", {
            "archive.map_size": '"8GiB"', "limits.address.bytes_per_day": "0"} | WITHOUT_CAPS).start()
        plan = Plan(chosen.minutes * 60, chosen.senders, chosen.pause, seed=chosen.seed)
        soak = Soak(Office(kwit).open(), sink, plan).run(lambda line: print(line, flush=True))
        print(soak.summary())
        findings = soak.findings()
        if code := kwit.stop():
            findings.append(f"kwit-milter ended with {code}")
        print("\n".join(findings[:50]) or "all is well")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
