"""What the system tests share: a private Postfix (or Sendmail: KWIT_MTA=sendmail) for the session, a kwit of its own for
each test."""

import itertools
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "postfix-example"))

from harness.kwit import Kwit, build_dir  # noqa: E402
from harness.postfix import PrivatePostfix  # noqa: E402
from harness.sendmail import PrivateSendmail  # noqa: E402
from harness.smtp import Client, Sink  # noqa: E402
from office import Office  # noqa: E402

MTA = {"postfix": PrivatePostfix, "sendmail": PrivateSendmail}[os.environ.get("KWIT_MTA", "postfix")]
SANITIZER = os.environ.get("KWIT_SANITIZER", "")


def pytest_configure(config):
    config.addinivalue_line("markers", "plain_build: measures what a sanitizer changes (memory)")
    config.addinivalue_line("markers", "postfix_only(reason): is about what Postfix alone has")


def pytest_collection_modifyitems(items):
    for item in items:
        if SANITIZER and item.get_closest_marker("plain_build"):
            item.add_marker(pytest.mark.skip(reason=f"means nothing with {SANITIZER}"))
        if MTA is PrivateSendmail and (mark := item.get_closest_marker("postfix_only")):
            item.add_marker(pytest.mark.skip(reason=f"with Postfix only: {mark.args[0]}"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that fails shows what kwit and the MTA said meanwhile."""
    report = (yield).get_result()
    if report.failed:
        for kwit in getattr(item, "kwits", []):
            report.sections.append(("kwit's log", kwit.log_text()[-6000:]))
        if "postfix" in getattr(item, "funcargs", {}):
            report.sections.append(("mail log", item.funcargs["postfix"].log_of_test()[-6000:]))


@pytest.fixture(scope="session")
def session_sink():
    return Sink()


@pytest.fixture(scope="session")
def session_postfix(session_sink):
    with MTA(session_sink.port, border_milter=True) as mta:
        yield mta


@pytest.fixture
def sink(session_sink):
    """Where mail for the outside arrives; empty at the beginning of a test."""
    session_sink.arrived.clear()
    return session_sink


@pytest.fixture
def postfix(session_postfix):
    """The private Postfix (or what stands in its place) with nothing in its queue."""
    session_postfix.mark_log()
    yield session_postfix
    session_postfix.empty_queue()


_numbers = itertools.count(1)


@pytest.fixture
def make_kwit(postfix, request):
    """Makes a kwit with changes to the example's configuration; one may run at a time."""
    for program in ("milter/kwit-milter", "cli/kwit"):
        if not (build_dir() / program).exists():
            pytest.exit(f"{build_dir() / program} is not built: start the tests with tests/run", 2)
    made = request.node.kwits = []

    def make(changes=None, start=True) -> Kwit:
        kwit = Kwit(postfix, f"kwit-{next(_numbers)}", changes)
        made.append(kwit)
        return kwit.start() if start else kwit

    yield make
    codes = [kwit.stop() for kwit in made]
    reports = [report for kwit in made for report in kwit.sanitizer_reports()]
    assert not reports, "\n".join(reports)
    assert not any(codes), f"kwit-milter ended with {codes}"


@pytest.fixture
def make_office(make_kwit):
    """A kwit with the clients of every test in its directory (see Office)."""
    return lambda changes=None: Office(make_kwit(changes)).open()


@pytest.fixture
def office(make_office):
    return make_office()


@pytest.fixture
def connect(postfix):
    """Opens SMTP sessions of a stranger, or of a login; closes them after the test."""
    sessions = []

    def open_session(**kwargs) -> Client:
        sessions.append(Client(kwargs.pop("port", postfix.port), **kwargs))
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()
