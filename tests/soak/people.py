"""The people at the office, who use the command while mail comes in."""

import os
import random
import time

from office import Office
from traffic import Ledger


class People:
    """One command after the other, by the dice; a command that fails or ends in a way it should not is a mistake."""

    def __init__(self, office: Office, ledger: Ledger, seed: int):
        self.office, self.ledger = office, ledger
        self.dice = random.Random(seed)
        self.runs = 0
        self.works = [self.look, self.read_a_document, self.import_by_hand, self.keep_the_directory, self.prove, self.tidy]

    def run(self, until: float, pause: float):
        while time.monotonic() < until:
            self.dice.choice(self.works)()
            time.sleep(self.dice.uniform(0, 2 * pause))

    def look(self):
        self._run(self.dice.choice([
            ["receipt", "list", "--newest", "--limit", "20"], ["document", "list", "--newest", "--limit", "20"],
            ["outbox", "list"], ["report"], ["client", "list"], ["address", "list"], ["inspect"], ["client", "card", "10023"]]))

    def read_a_document(self):
        for row in self.office.kwit.rows("document", "list", "--newest", "--limit", "1"):
            self._run(["document", "get", row["id"]])
            self._run(["receipt", "show", row["receipt"]])
            self._run(["receipt", "original", row["receipt"]])

    def import_by_hand(self):
        """A failed mail of Anna's is put right, and its receipt resolved."""
        unresolved = self.office.kwit.rows("receipt", "list", "--unresolved", "--newest", "--limit", "20")
        mine = [row["id"] for row in unresolved if row["client"] == "10023" and row["verdict"] == "failed"]
        if mine:
            self._run(["import", "--receipt", mine[0], "--part", "2", "--client", "10023", "--category", "FK",
                       "--period", time.strftime("%Y-%m"), "--code", "932498"], answers=(0, 1))
            self._run(["receipt", "resolve", mine[0]])

    def keep_the_directory(self):
        person = f"p{os.urandom(4).hex()}@kunde.example"
        self._run(["sender", "add", "10023", person])
        self._run(["sender", "remove", "10023", person])

    def prove(self):
        self._run(self.dice.choice([["verify", "--sample", "20%"], ["journal", "verify"], ["sweep"],
                                    ["backup", str(self.office.kwit.dir / "backup")]]))

    def tidy(self):
        for row in self.office.kwit.rows("outbox", "list", "--limit", "5"):
            self._run(["outbox", "retry", row["id"]], answers=(0, 1))  # 1: it has been sent meanwhile

    def _run(self, command: list[str], answers: tuple[int, ...] = (0,)):
        self.runs += 1
        done = self.office.kwit.run(*command)
        if done.returncode not in answers:
            self.ledger.mistake(f"kwit {' '.join(command)}: exit {done.returncode}: {done.stderr.decode()[:500]}")
