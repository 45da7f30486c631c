"""A card released at a simulated modem: done, read back, undone, and done again after a kill."""

import pytest

from agent.modem_session import ModemSession
from agent.release.results import all_released
from agent.release.steps import STEPS, World, do, plan, prepare, prove, undo
from agent.release.table import BY_ID, MODEM
from agent.requests import work_of
from modem.commands.context_setup import Authentication, ReadAuthentication, ReadContextRows
from modem.commands.packet_domain import ReadAttachment, ReadContextStates, SetAttachment
from modem.commands.vendor.quectel import ReadContextLogin
from modem.errors import AtCommandError
from modem.simulator.fixture import shipped_names
from modem.simulator.modem import SimulatedModem
from tests.device_stream import DeviceStream

ICCID = "89001010000000000018"
STEPS_OF_MODEM = tuple(step for step in STEPS if step.where == MODEM)
AUTO, DOWN, LOGIN, DEFINED, LOCKS = (
    BY_ID[name]
    for name in (
        "auto_connect", "contexts_down", "apn_credentials", "context_definitions", "device_locks"
    )
)  # fmt: skip


class Bench:
    """A simulated modem, and the world of a release around it."""

    def __init__(self, model: str = "quectel_ec25", card: str = "usim_test") -> None:
        stream = DeviceStream(SimulatedModem.load(model, card))
        self.session = ModemSession(lambda: stream, "test", clock=stream.clock)
        self.world = World(self.ask, ICCID)

    def ask(self, request):
        work = work_of(request)
        assert work is not None
        return work(self.session)

    def state(self):
        """All that a release may change; the network gives another address each time."""
        engine = self.session.engine
        rows = engine.run(ReadContextRows())
        defined = [(row.cid, row.fields[:2], row.fields[3:]) for row in rows]
        answers = [defined, engine.run(ReadContextStates())]
        try:
            answers.append(engine.run(ReadAuthentication()))
        except AtCommandError:
            answers.append(None)
        return [*answers, engine.run(ReadAttachment())]


def released(bench: Bench) -> list[dict]:
    prepared = [prepare(step, bench.world) for step in STEPS_OF_MODEM]
    for step in STEPS_OF_MODEM:
        assert do(step, bench.world).result in {"done", "nothing_to_do", "not_available"}
    return prepared


# FM350 needs more than a minute to bring a context up; an EM7455 never tells a password.
CANNOT_ALL = {"fibocom_fm350": DOWN, "sierra_em7455": LOGIN}


@pytest.mark.parametrize("model", shipped_names("modems", ".toml"))
def test_a_released_card_is_read_back_as_released_and_put_back_as_it_was(model):
    bench = Bench(model)
    before = bench.state()
    prepared = released(bench)
    proofs = [prove(step, bench.world) for step in STEPS_OF_MODEM]
    assert all_released(proofs) is True
    assert bench.state() != before
    for step, needed in reversed(list(zip(STEPS_OF_MODEM, prepared, strict=True))):
        back = undo(step, needed, bench.world)
        assert (back.result == "refused") is (CANNOT_ALL.get(model) == step)
    assert (bench.state() == before) is (model not in CANNOT_ALL)


def test_what_is_not_released_is_read_back_so():
    bench = Bench()
    assert prove(DOWN, bench.world).released is False
    assert prove(DEFINED, bench.world) == (False, {"contexts_with_apn": [1]}, True)


def test_the_plan_says_what_would_be_done_and_does_nothing():
    bench = Bench()
    before = bench.state()
    plans = {each.step: each for each in plan(bench.world, STEPS_OF_MODEM)}
    assert bench.state() == before
    assert plans["contexts_down"].document()["what"] == [
        {
            "zh": "将断开 PDP 上下文 1；仍有未断开的，则分离数据域",
            "en": "contexts 1 are taken down; where one stays up, the modem is detached",
        }
    ]
    assert plans["contexts_down"].cuts_uplink
    assert plans["auto_connect"].result == "not_available"
    definitions = plans["context_definitions"]
    assert [each.fields for each in definitions.what] == [{"cid": 1, "apn": "iot.example"}]
    assert [each.fields for each in definitions.why] == [{"cids": "2"}]  # ims


def test_contexts_of_services_and_emergencies_are_left():
    bench = Bench()
    released(bench)
    (left,) = bench.session.engine.run(ReadContextRows())
    assert (left.cid, left.apn) == (2, "ims")


def test_a_second_release_has_nothing_to_do():
    bench = Bench()
    released(bench)
    again = [do(step, bench.world) for step in STEPS_OF_MODEM if step != AUTO]
    assert {each.result for each in again} <= {"nothing_to_do", "not_available"}


def test_the_modems_own_habit_is_switched_off_and_on_again():
    bench = Bench("quectel_bc95")
    needed = prepare(AUTO, bench.world)
    assert needed == {"on": True}
    done = do(AUTO, bench.world)
    assert (done.result, done.commands) == ("done", ("AT+NCONFIG=AUTOCONNECT,FALSE",))
    assert prove(AUTO, bench.world).released is True
    assert undo(AUTO, needed, bench.world).result == "done"
    assert prove(AUTO, bench.world).released is False


def test_a_password_that_the_modem_tells_is_put_back_and_never_shown():
    bench = Bench("quectel_bg96")
    needed = prepare(LOGIN, bench.world)
    assert needed == {"rows": [[1, 2, ["gateway", "secret"], []]]}
    (planned,) = plan(bench.world, (LOGIN,))
    done = do(LOGIN, bench.world)
    back = undo(LOGIN, needed, bench.world)
    assert (done.result, back.result) == ("done", "done")
    for said in (planned.document(), done.document(), back.document()):
        assert "secret" not in str(said)
        assert "gateway" not in str(said)


@pytest.mark.parametrize(
    ("fields", "is_set"),
    [
        ((), True),  # a protocol, and words that the modem keeps to itself
        (("", ""), False),
        ((None, None), False),
        (("gateway",), True),
        (("gateway", ""), True),
        (("", "secret"), True),
    ],
)
def test_what_counts_as_a_login_though_it_cannot_be_put_back(fields, is_set):
    row = Authentication(1, 1, fields)
    assert (row.is_set, row.tells_password) == (is_set, False)


def test_a_family_with_a_command_of_its_own_is_asked_by_it():
    bench = Bench("quectel_em12")
    login = Authentication(1, 1, ("gateway", "secret"), ("3", "iot.example"))
    assert bench.session.engine.run(ReadContextLogin(1)) == (login,)
    needed = prepare(LOGIN, bench.world)
    done = do(LOGIN, bench.world, needed)
    assert done.commands == ("AT+QICSGP=1,***",)
    (now,) = bench.session.engine.run(ReadContextLogin(1))
    assert (now.protocol, now.fields, now.beside) == (0, ("", ""), ("3", "iot.example"))
    assert undo(LOGIN, needed, bench.world).commands == ("AT+QICSGP=1,***",)
    assert bench.session.engine.run(ReadContextLogin(1)) == (login,)


def test_a_password_that_is_not_told_cannot_be_put_back_and_the_plan_says_so():
    bench = Bench("sierra_em7455")
    (planned,) = plan(bench.world, (LOGIN,))
    assert planned.undo == "none"
    assert "does not tell the passwords of contexts 1" in planned.document()["why"][0]["en"]
    needed = prepare(LOGIN, bench.world)
    assert do(LOGIN, bench.world).result == "done"
    assert prove(LOGIN, bench.world).released is True
    back = undo(LOGIN, needed, bench.world)
    assert (back.result, back.commands) == ("refused", ())


def test_an_undo_before_anything_was_done_leaves_the_password_that_nobody_knows():
    bench = Bench("sierra_em7455")
    before = bench.state()
    assert undo(LOGIN, prepare(LOGIN, bench.world), bench.world).result == "nothing_to_do"
    assert bench.state() == before


def test_another_card_is_not_released():
    bench = Bench()
    before = bench.state()
    other = bench.world._replace(iccid="89001010000000000026")
    for step in STEPS_OF_MODEM:
        refusal = do(step, other)
        assert refusal.result == "refused"
        assert refusal.because[0].in_words() == "another card is in the modem"
        assert undo(step, prepare(step, other), other).result == "refused"
    assert bench.state() == before


def test_device_locks_are_reported_and_stop_nothing():
    bench = Bench()
    assert do(LOCKS, bench.world).result == "nothing_to_do"
    proof = prove(LOCKS, bench.world)
    assert proof.released is True
    assert proof.evidence["device_locks"]["pn"] is False


def test_a_modem_that_was_detached_before_stays_so():
    bench = Bench()
    bench.session.engine.run(SetAttachment(attached=False))
    needed = prepare(DOWN, bench.world)
    assert do(DOWN, bench.world).result == "nothing_to_do"
    assert undo(DOWN, needed, bench.world).result == "nothing_to_do"
    assert bench.session.engine.run(ReadAttachment()) is False


@pytest.mark.parametrize(
    "request_",
    [
        {"step": "contexts_up", "action": "do"},
        {"step": "contexts_down", "action": "redo"},
        {"step": "contexts_down", "action": "undo"},
        {},
    ],
)
def test_a_request_that_nobody_knows_is_none(request_):
    assert work_of({"ask": "release", "iccid": ICCID, **request_}) is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(True, True), (None, False)], True),
        ([(True, True), (None, True)], None),
        ([(None, True), (False, True)], False),
        ([(None, False)], None),
        ([], None),
    ],
)
def test_what_all_steps_say_together(told, expected):
    from agent.release.results import Proof

    assert all_released(Proof(word, {}, asked) for word, asked in told) is expected
