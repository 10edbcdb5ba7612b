"""What an MTA may offer: every protocol version, every action, every step. A mail is filed, or put off and said why."""

import pytest

from harness import milter_wire as words
from harness.milter_wire import ALL_ACTIONS, ALL_STEPS, Action, Mta, Step, Wire
from harness.kwit import Kwit
from harness.postfix import Place
from office import Office, running
from wire import is_kept, place, postfix, shared  # noqa: F401

BOSS = "boss@example.com"
V1_ACTIONS = Action(0x0F)  # what libmilter takes for granted when an MTA offers nothing
SENDMAIL_8_11 = Action(0x3F)
ACTIONS = {"none": Action(0), "all": ALL_ACTIONS, "of version 2": SENDMAIL_8_11, "all but DELRCPT": ALL_ACTIONS & ~Action.DELRCPT,
           "more than there are": 0xFFFFFFFF} | {action.name: action for action in Action}
STEPS = {"none": Step(0), "all": ALL_STEPS, "of version 2": Step(0x7F), "all but leading space": ALL_STEPS & ~Step.HDR_LEADSPC,
         "more than there are": 0x3FFFFFFF} | {step.name: step for step in Step}


def removes(actions: int) -> bool:
    return bool((actions or V1_ACTIONS) & Action.DELRCPT)


def assert_each_filed_once(office, subjects: list[str]):
    filed = {row["id"]: row["subject"] for row in office.kwit.rows("receipt", "list") if row["subject"] in subjects}
    assert sorted(filed.values()) == sorted(subjects)
    assert sorted(row["receipt"] for row in office.documents() if row["receipt"] in filed) == sorted(filed)


def check_agreed(mta, version: int, actions: int, steps: int):
    assert mta.agreed.version == min(version, 6)
    assert mta.agreed.actions & ~(actions or V1_ACTIONS) == 0
    # A step that was not offered is not asked for; what is not asked for is said.
    assert mta.agreed.steps & ~(steps or 0x3F) & ~(Step.MDS_256K | Step.MDS_1M) == 0
    assert mta.agreed.steps & (Step.NOMAIL | Step.NORCPT | Step.NOBODY | Step.NOHDRS | Step.NOEOH | Step.NODATA) == 0


@pytest.mark.parametrize("version", [2, 3, 4, 5, 6, 7])
def test_with_any_steps_a_mail_is_filed_and_kept_as_it_came(shared, postfix, version):
    for name, steps in STEPS.items():
        subject = f"version {version} steps {name}"
        mail = b"X-Spaces:  two\r\n" + shared.open_mail(subject).as_bytes()
        with Mta(postfix.socket, version=version, steps=steps) as mta:
            check_agreed(mta, version, ALL_ACTIONS, steps)
            delivery = mta.deliver([shared.open_address], mail)
        assert (delivery.end.command, delivery.stage) == ("d", "E"), name
        assert is_kept(shared, mail), name
    assert_each_filed_once(shared, [f"version {version} steps {name}" for name in STEPS])


@pytest.mark.parametrize("version", [2, 6])
def test_with_any_actions_a_mail_for_us_alone_is_filed(shared, postfix, version):
    for name, actions in ACTIONS.items():
        with Mta(postfix.socket, version=version, actions=actions) as mta:
            check_agreed(mta, version, actions, ALL_STEPS)
            mail = shared.open_mail(f"version {version} actions {name}").as_bytes()
            assert mta.deliver([shared.open_address], mail).end.command == "d", name
    assert_each_filed_once(shared, [f"version {version} actions {name}" for name in ACTIONS])


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "ours second"])
def test_a_mixed_mail_is_filed_and_passed_on_at_once_or_in_two_goes(shared, postfix, ours_first):
    """An MTA that does not let recipients be removed gets those who come second put off, and any server sends to them again."""
    first, second = both = [shared.open_address, BOSS] if ours_first else [BOSS, shared.open_address]
    alone = {shared.open_address: "d", BOSS: "a"}
    for name, actions in ACTIONS.items():
        mail = shared.open_mail(f"mixed {name} {ours_first}").as_bytes()
        log = len(shared.kwit.log_text())
        with Mta(postfix.socket, actions=actions) as mta:
            delivery = mta.deliver(both, mail)
            if removes(actions):
                assert [reply.command for reply in delivery.rcpts] == ["c", "c"], name
                assert (delivery.end.command, delivery.removed) == ("c", [f"<{shared.open_address}>"]), name
                continue
            assert delivery.rcpts[0].command == "c" and delivery.rcpts[1].text.startswith("451 4.3.2 busy: "), name
            assert (delivery.end.command, delivery.removed) == (alone[first], []), name
            assert mta.deliver([second], mail).end.command == alone[second], name
            assert "SMFIF_DELRCPT" in shared.kwit.log_text()[log:]
    assert_each_filed_once(shared, [f"mixed {name} {ours_first}" for name in ACTIONS])


def test_without_the_right_to_remove_when_empty_delrcpt_puts_import_mail_off_and_ordinary_mail_passes(session_sink):
    with Place(session_sink.port) as elsewhere, running(Kwit(elsewhere, "kwit-delrcpt", {"milter.when_empty": '"delrcpt"'})) as kwit:
        office = Office(kwit).open()
        with Mta(elsewhere.socket, actions=Action.ADDHDRS) as mta:
            refused = mta.deliver([office.open_address], office.open_mail().as_bytes())
            assert refused.end is None and refused.last.text.startswith("451 4.3.2 busy: ")
            assert mta.deliver([BOSS], office.open_mail().as_bytes()).end.command == "a"
        assert "SMFIF_DELRCPT" in kwit.log_text() and kwit.rows("receipt", "list") == []


@pytest.mark.parametrize("version", [0, 1])
def test_a_protocol_older_than_2_is_not_spoken(shared, postfix, version):
    with Wire(postfix.socket) as wire:
        wire.send(words.optneg(version=version), words.connect(), words.mail("a@client.example"))
        assert wire.read_to_the_end() == []
