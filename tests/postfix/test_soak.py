"""A short soak: the same mixed traffic that `tests/soak/run` keeps up for an hour."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

from soak import WITHOUT_CAPS, Plan, Soak  # noqa: E402
from traffic import Ledger  # noqa: E402


def test_after_mixed_traffic_every_promise_is_kept_and_nothing_has_grown(make_office, sink):
    office = make_office(WITHOUT_CAPS)
    plan = Plan(seconds=16, senders=4, pause=0.1, sample_every=2, memory=not os.environ.get("KWIT_SANITIZER"))
    soak = Soak(office, sink, plan).run()
    assert soak.ledger.total() > 40
    assert len(soak.ledger.filed) > 10
    assert soak.people.runs > 5
    assert soak.findings() == []


def test_the_accounts_notice_what_is_missing(office, sink):
    """A promise that was not kept, and a document that should not be there, are findings."""
    soak = Soak(office, sink, Plan(seconds=1, senders=1))
    soak.gauge.read(1)
    soak.quiet = [soak.gauge.samples[0]] * 2
    office.send_open()
    filed = office.document()["sha256"]
    soak.ledger = Ledger()
    soak.ledger.filed.add("0" * 64)
    soak.ledger.receipts.add("<nowhere@client.example>")
    soak.ledger.refused.add(filed)
    assert soak.findings() == ["answered 250 and no receipt: <nowhere@client.example>",
                               f"answered 250 and not filed: {'0' * 64}", f"refused and filed: {filed}"]
