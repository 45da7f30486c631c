"""The ladder with its hands, on a simulated modem and virtual time: what is done, kept and said."""

import json

import pytest

from agent.power_hook import FAILED, HookResult
from agent.recovery import Limits
from modem.simulator.faults import Wrapper
from modem.simulator.modem import SimulatedModem
from tests.fault.world import PORT, Gateway, World


class Hung(Wrapper):
    """A modem that may fall silent; `deaf` to a restart command as well, it needs its power cut."""

    def __init__(self, device: SimulatedModem, *, deaf: bool = False) -> None:
        super().__init__(device)
        self.hung = False
        self.deaf = deaf
        self.heard: list[bytes] = []

    def receive(self, data: bytes, now: float) -> None:
        if not self.hung:
            super().receive(data, now)
            return
        self.heard.append(data)
        if b"AT+CFUN=1,1" in data and not self.deaf:
            self.reboot(now)

    def poll(self, now: float) -> bytes:
        said = super().poll(now)
        return b"" if self.hung else said

    def reboot(self, now: float) -> None:
        self.hung = False
        super().reboot(now)


class Bench:
    """A gateway whose modem hangs at 100 s."""

    def __init__(self, folder, *, deaf: bool = False, **options) -> None:
        self.modem = SimulatedModem.load("quectel_ec25")
        self.hung = Hung(self.modem, deaf=deaf)
        self.world = World(self.hung)
        self.world.at(100, lambda: setattr(self.hung, "hung", True))
        self.gateway = Gateway(self.world, folder, **options)

    def args(self, code: str) -> list[dict]:
        return [args for each, args in self.gateway.events if each == code]


@pytest.fixture
def bench_of(tmp_path):
    made = []

    def make(**options) -> Bench:
        made.append(Bench(tmp_path, **options))
        return made[-1]

    yield make
    for bench in made:
        bench.gateway.close()


def test_a_modem_that_hangs_is_restarted_by_command_and_all_of_it_is_said(bench_of):
    bench = bench_of()
    bench.gateway.run_until(1000)
    assert bench.hung.heard[-1].endswith(b"AT+CFUN=1,1\r")
    assert bench.gateway.codes == ["modem_lost", "modem_restarted"]
    (lost,), (restarted,) = bench.args("modem_lost"), bench.args("modem_restarted")
    assert lost == {"slot": 1, "reason": "the modem does not answer", "trouble": "silent"}
    assert restarted | {"lost_s": 0} == {
        **lost,
        "step": "reset",
        "command": "AT+CFUN=1,1",
        "lost_s": 0,
        "count": 1,
    }
    assert 300 <= restarted["lost_s"] <= 380
    moments = [sample.stamp.up_s for sample in bench.gateway.samples]
    assert moments[-1] > 900
    assert bench.gateway.samples[-1].snapshot.modem.identity is None
    document = bench.gateway.rescuer.document(bench.gateway.worker._session, 60.0)
    assert document["state"] == "ok"
    assert document["last_24_h"] == {"reset": 1, "power": 0}
    assert document["last_step"]["step"] == "reset"


def test_a_modem_that_no_command_reaches_gets_its_power_cut(bench_of):
    bench = bench_of(deaf=True, power=True)
    bench.gateway.run_until(1500)
    assert len(bench.world.power_cycles) == 1
    steps = [(args["step"], args.get("exit")) for args in bench.args("modem_restarted")]
    assert steps == [("reset", None), ("power", 0)]
    assert bench.args("modem_restarted")[1]["output"] == "off and on because of silent"
    assert bench.gateway.samples[-1].stamp.up_s > 1400


def test_a_power_hook_that_fails_is_said_and_not_repeated_at_once(bench_of):
    bench = bench_of(deaf=True, power=True)
    bench.gateway.rescuer._power = lambda _: HookResult(3, "no relay", FAILED)
    bench.gateway.run_until(2000)
    failed = [args for args in bench.args("modem_lost") if "step" in args]
    assert [(args["exit"], args["output"], args["problem"]) for args in failed] == [
        (3, "no relay", FAILED)
    ]


def test_while_it_lasts_the_status_says_what_holds_the_next_step_back(bench_of):
    bench = bench_of(deaf=True)
    bench.gateway.run_until(1200)
    document = bench.gateway.rescuer.document(None, 60.0)
    assert document["state"] == "trouble"
    assert document["trouble"]["held"] == "no power hook is configured"


def test_the_journal_outlives_a_restart_of_ours(bench_of, tmp_path):
    first = bench_of(deaf=True)
    first.gateway.run_until(600)
    entries = json.loads((tmp_path / "recovery-1.json").read_text())["steps"]
    assert [(entry["step"], entry["boot"]) for entry in entries] == [("reset", 1)]
    second = Gateway(first.world, tmp_path)
    second.run_until(1400)
    assert first.hung.heard.count(b"AT+CFUN=1,1\r") == 1
    second.close()


def test_a_step_that_cannot_be_recorded_is_not_taken(bench_of, tmp_path, caplog):
    bench = bench_of(power=True)
    bench.gateway.run_until(90)
    (tmp_path / "recovery-1.json.new").mkdir()  # nothing can be written there
    bench.gateway.run_until(2000)
    assert bench.world.power_cycles == []
    assert b"AT+CFUN=1,1\r" not in bench.hung.heard
    assert "journal cannot be written" in caplog.text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"steps": [{"step": "x"}]}'])
def test_a_journal_that_is_damaged_holds_back_for_a_while(bench_of, tmp_path, text):
    (tmp_path / "recovery-1.json").write_text(text)
    bench = bench_of(power=True)
    bench.gateway.run_until(1500)
    assert bench.world.power_cycles == []
    assert b"AT+CFUN=1,1\r" not in bench.hung.heard


def test_a_port_that_worked_is_known_over_a_restart_and_another_is_not(bench_of, tmp_path):
    bench_of().gateway.run_until(10)
    facts = json.loads((tmp_path / "recovery-1.json").read_text())
    assert facts == {"port": PORT, "steps": []}


def test_a_radio_that_somebody_switched_off_stays_off_whatever_happens(bench_of):
    bench = bench_of(power=True)
    bench.modem.state.functionality = 4
    bench.gateway.run_until(4000)
    assert bench.world.power_cycles == []
    assert b"AT+CFUN=1,1\r" not in bench.hung.heard
    assert bench.gateway.rows[0]["fun"] == 4


def test_the_owner_may_forbid_restarts(bench_of):
    bench = bench_of(limits=Limits(at_reset=False))
    bench.gateway.run_until(3000)
    assert b"AT+CFUN=1,1\r" not in bench.hung.heard


def test_losses_that_follow_each_other_are_counted_rather_than_said(bench_of):
    bench = bench_of(interval_s=5.0)
    for moment in range(200, 3200, 60):
        bench.world.at(moment, lambda: setattr(bench.hung, "hung", True))
        bench.world.at(moment + 30, lambda: setattr(bench.hung, "hung", False))
    bench.hung.hung = False
    bench.world.at(101, lambda: setattr(bench.hung, "hung", False))
    bench.gateway.run_until(3200)
    assert bench.gateway.codes.count("modem_lost") == 6
    bench.gateway.run_until(4300)
    bench.hung.hung = True
    bench.gateway.run_until(4400)
    assert bench.args("modem_lost")[-1]["left_out"] > 20


def test_a_loss_that_lasts_is_said_however_many_were_said_before(bench_of):
    bench = bench_of(interval_s=5.0, limits=Limits(at_reset=False))
    for moment in range(200, 800, 60):
        bench.world.at(moment, lambda: setattr(bench.hung, "hung", True))
        bench.world.at(moment + 30, lambda: setattr(bench.hung, "hung", False))
    bench.world.at(900, lambda: setattr(bench.hung, "hung", True))
    bench.gateway.run_until(1000)
    assert bench.gateway.codes.count("modem_lost") == 6
    bench.gateway.run_until(3000)
    assert bench.gateway.codes.count("modem_lost") == 7
    assert bench.args("modem_lost")[-1]["left_out"] == 4
