"""What the demo tells, in order; it goes on when a thing has happened, not when time is over."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.demo.kept import Kept
from agent.demo.stage import Program, Stage, free_port
from agent.demo.telling import Telling
from agent.demo.unbinding import Unbinding
from agent.errors import DemoError
from agent.i18n import language, t
from agent.release.table import MODEM, STEPS
from modem.simulator.fixture import shipped

INTERVAL_S = 1
_OUTAGE_SAMPLES = 5
_COUNTER_COMMANDS = {"quectel_ec25": "AT+QGDCNT?", "ublox_sara_r4": "AT+UGCNTRD"}
# The card's fate goes by samples: a slow machine must not miss a part of it.
_SCENARIO = """\
[[step]]
on = "AT+UGCNTRD"
count = 6
set = { eps.stat = 3, eps.cause = 8, cs.stat = 3, cs.cause = 2, ps.stat = 3, ps.cause = 8 }

[[step]]
on = "AT+UGCNTRD"
count = 9
set = { eps.stat = 1, cs.stat = 1, ps.stat = 4 }
"""
# NetworkManager, ModemManager and pppd of this machine are none of the simulated gateway's.
_STEPS = [step.id for step in STEPS if step.where == MODEM]


@dataclass(frozen=True)
class Gateway:
    """A simulated gateway: its id, its modem's profile, and the log of what the modem was asked."""

    gw: str
    modem: str
    log: Path

    def samples(self) -> int:
        """How often the agent asked the modem for its counters: the truth about samples."""
        command = _COUNTER_COMMANDS[self.modem]
        return sum(f"\t{command}\t" in line for line in self.log.read_text().splitlines())


class Story:
    """The whole demo; `tell` returns when it is over."""

    def __init__(self, stage: Stage, say: Callable[[str], None]) -> None:
        """`say` prints one line."""
        self._stage = stage
        self._telling = Telling(say)
        self._port = free_port()
        self._db = stage.folder / "backend.db"
        self._kept = Kept(self._db)
        self._gateways: list[Gateway] = []

    def tell(self) -> None:
        """Start everything, and go through the story.

        Raises:
            DemoError: something did not happen.
        """
        broker, modem = self._open()
        self._first_reports()
        self._a_card_is_refused()
        self._the_broker_goes_away(broker)
        self._conclude()
        Unbinding(self._stage, self._telling, self._kept, self._gateways[0].gw, modem).tell()

    def watch(self) -> None:
        """Show what arrives until the caller is interrupted."""
        self._telling.heeds = lambda _line: True
        while True:
            self._telling.show(1.0)

    # Scenes

    def _open(self) -> tuple[Program, Program]:
        """The broker, and the modem of the first gateway."""
        self._telling.narrate(t("an MQTT broker, a backend, two gateways with simulated modems"))
        modems = [
            self._modem("gw-ec25", "quectel_ec25", ""),
            self._modem("gw-r4", "ublox_sara_r4", _SCENARIO),
        ]
        broker = self._stage.broker(self._port)
        # The broker forgets what nobody subscribed to, so the backend comes first.
        backend = self._stage.simward(
            "backend", *_language(), "backend", "consume",
            "--broker", f"mqtt://127.0.0.1:{self._port}", "--db", str(self._db),
            "--ack-every", "2",
        )  # fmt: skip
        self._telling.line(backend.first_line())
        self._telling.backend = backend
        self._gateways = [self._gateway(*modem) for modem in modems]
        return broker, modems[0][1]

    def _modem(self, gw: str, modem: str, scenario: str) -> tuple[Gateway, Program]:
        """A simulated modem that starts while the others do."""
        folder = self._stage.folder
        log = folder / f"{gw}.modem.log"
        log.touch()
        own = folder / f"{gw}.modem.toml"
        own.write_text(_hasty(shipped("modems", modem, ".toml").read_text("utf-8")), "utf-8")
        arguments = ["--modem", str(own), "--card", "usim_test", "--pty", "--log", str(log)]
        arguments += ["--stdin"]
        if scenario:
            file = folder / f"{gw}.scenario.toml"
            file.write_text(scenario)
            arguments += ["--scenario", str(file)]
        program = self._stage.simward(f"{gw}-modem", "fixture", "simulate", *arguments)
        return Gateway(gw, modem, log), program

    def _gateway(self, gateway: Gateway, modem: Program) -> Gateway:
        """The agent beside a modem that runs."""
        gw = gateway.gw
        port = modem.first_line().removeprefix("port:").strip()
        config = self._stage.folder / f"{gw}.toml"
        config.write_text(self._config(gw, port))
        self._stage.simward(gw, *_language(), "--config", str(config), "run")
        self._telling.narrate(
            t("gateway {gw}: modem {modem} at {port}", gw=gw, modem=gateway.modem, port=port)
        )
        return gateway

    def _config(self, gw: str, port: str) -> str:
        state_dir = self._stage.folder / f"{gw}.state"
        return (
            f"[device]\nid = {json.dumps(gw)}\nstate_dir = {json.dumps(str(state_dir))}\n\n"
            f"[[modem]]\nport = {json.dumps(port)}\n\n"
            f"[report]\ninterval_s = {INTERVAL_S}\n\n"
            f'[broker]\nurl = "mqtt://127.0.0.1:{self._port}"\n\n'
            f"[release]\nsteps = {json.dumps(_STEPS)}\n"
        )

    def _first_reports(self) -> None:
        self._telling.until(
            lambda: all(
                self._kept.stored(gateway.gw, "reports") >= 2 for gateway in self._gateways
            ),
            t("reports of both gateways"),
        )
        self._telling.narrate(t("both gateways report; every report is stored once"))

    def _a_card_is_refused(self) -> None:
        card = self._gateways[1]
        self._telling.narrate(t("now the network refuses the card of {gw}", gw=card.gw))
        self._telling.until(
            lambda: self._kept.has_event(card.gw, "registration_denied"),
            t("the event of the refusal"),
        )
        self._telling.narrate(
            t("cause 8 is consistent with cancelled; confirm on the platform. It comes home again:")
        )
        self._telling.until(
            lambda: self._kept.has_event(card.gw, "registration_restored"),
            t("the event of the return"),
        )

    def _the_broker_goes_away(self, broker: Program) -> None:
        self._telling.narrate(t("now the broker goes away; the gateways go on sampling"))
        broker.stop()
        before = {gateway.gw: gateway.samples() for gateway in self._gateways}
        self._telling.until(
            lambda: all(
                gateway.samples() >= before[gateway.gw] + _OUTAGE_SAMPLES
                for gateway in self._gateways
            ),
            t("samples without a broker"),
        )
        kept = {
            gateway.gw: gateway.samples() - self._kept.stored(gateway.gw, "reports")
            for gateway in self._gateways
        }
        for gw, count in kept.items():
            self._telling.narrate(t("{gw} keeps {count} reports in its outbox", gw=gw, count=count))
        self._telling.narrate(t("the broker is back; it has forgotten everything"))
        self._stage.broker(self._port)
        taken = {gateway.gw: gateway.samples() for gateway in self._gateways}
        self._telling.until(
            lambda: all(
                self._kept.stored(gateway.gw, "reports") >= taken[gateway.gw]
                and not self._kept.missing(gateway.gw)
                for gateway in self._gateways
            ),
            t("the backlog"),
        )
        self._telling.narrate(t("the backlog has arrived"))

    def _conclude(self) -> None:
        for gateway in self._gateways:
            stored, missing = (
                self._kept.stored(gateway.gw, "reports"),
                self._kept.missing(gateway.gw),
            )
            self._telling.narrate(
                t(
                    "{gw}: modem sampled {sampled} times, {stored} reports stored, none twice,"
                    " {missing} missing",
                    gw=gateway.gw,
                    sampled=gateway.samples(),
                    stored=stored,
                    missing=missing,
                )
            )
            if missing:
                raise DemoError("reports are missing")


def _hasty(profile: str) -> str:
    """A modem that searches for networks in 2 s: a real one takes minutes, which teach nobody."""
    return re.sub(r'(?m)^("AT\+COPS=\?") = .*$', r"\1 = 2.0", profile)


def _language() -> list[str]:
    return ["--lang", language()]
