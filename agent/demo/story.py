"""What the demo tells, in order; it goes on when a thing has happened, not when time is over."""

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.demo.stage import Program, Stage, free_port
from agent.errors import DemoError
from agent.i18n import language, t

INTERVAL_S = 1
_PATIENCE_S = 60.0
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
        self._say = say
        self._started = time.monotonic()
        self._port = free_port()
        self._db = stage.folder / "backend.db"
        self._gateways: list[Gateway] = []

    def tell(self) -> None:
        """Start everything, and go through the story.

        Raises:
            DemoError: something did not happen.
        """
        broker = self._open()
        self._first_reports()
        self._a_card_is_refused()
        self._the_broker_goes_away(broker)
        self._conclude()

    def watch(self) -> None:
        """Show what arrives until the caller is interrupted."""
        while True:
            self._show(1.0)

    # Scenes

    def _open(self) -> Program:
        self._narrate(t("an MQTT broker, a backend, two gateways with simulated modems"))
        modems = [
            self._modem("gw-ec25", "quectel_ec25", ""),
            self._modem("gw-r4", "ublox_sara_r4", _SCENARIO),
        ]
        broker = self._stage.broker(self._port)
        # The broker forgets what nobody subscribed to, so the backend comes first.
        self._backend = self._stage.simward(
            "backend", *_language(), "backend", "consume",
            "--broker", f"mqtt://127.0.0.1:{self._port}", "--db", str(self._db),
            "--ack-every", "2",
        )  # fmt: skip
        self._print(self._backend.first_line())
        self._gateways = [self._gateway(*modem) for modem in modems]
        return broker

    def _modem(self, gw: str, modem: str, scenario: str) -> tuple[Gateway, Program]:
        """A simulated modem that starts while the others do."""
        folder = self._stage.folder
        log = folder / f"{gw}.modem.log"
        log.touch()
        arguments = ["--modem", modem, "--card", "usim_test", "--pty", "--log", str(log)]
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
        self._narrate(
            t("gateway {gw}: modem {modem} at {port}", gw=gw, modem=gateway.modem, port=port)
        )
        return gateway

    def _config(self, gw: str, port: str) -> str:
        state_dir = self._stage.folder / f"{gw}.state"
        return (
            f"[device]\nid = {json.dumps(gw)}\nstate_dir = {json.dumps(str(state_dir))}\n\n"
            f"[[modem]]\nport = {json.dumps(port)}\n\n"
            f"[report]\ninterval_s = {INTERVAL_S}\n\n"
            f'[broker]\nurl = "mqtt://127.0.0.1:{self._port}"\n'
        )

    def _first_reports(self) -> None:
        self._until(
            lambda: all(self._stored(gateway, "reports") >= 2 for gateway in self._gateways),
            t("reports of both gateways"),
        )
        self._narrate(t("both gateways report; every report is stored once"))

    def _a_card_is_refused(self) -> None:
        card = self._gateways[1]
        self._narrate(t("now the network refuses the card of {gw}", gw=card.gw))
        self._until(
            lambda: self._has_event(card, "registration_denied"), t("the event of the refusal")
        )
        self._narrate(
            t("cause 8 is consistent with cancelled; confirm on the platform. It comes home again:")
        )
        self._until(
            lambda: self._has_event(card, "registration_restored"), t("the event of the return")
        )

    def _the_broker_goes_away(self, broker: Program) -> None:
        self._narrate(t("now the broker goes away; the gateways go on sampling"))
        broker.stop()
        before = {gateway.gw: gateway.samples() for gateway in self._gateways}
        self._until(
            lambda: all(
                gateway.samples() >= before[gateway.gw] + _OUTAGE_SAMPLES
                for gateway in self._gateways
            ),
            t("samples without a broker"),
        )
        kept = {
            gateway.gw: gateway.samples() - self._stored(gateway, "reports")
            for gateway in self._gateways
        }
        for gw, count in kept.items():
            self._narrate(t("{gw} keeps {count} reports in its outbox", gw=gw, count=count))
        self._narrate(t("the broker is back; it has forgotten everything"))
        self._stage.broker(self._port)
        taken = {gateway.gw: gateway.samples() for gateway in self._gateways}
        self._until(
            lambda: all(
                self._stored(gateway, "reports") >= taken[gateway.gw] and not self._missing(gateway)
                for gateway in self._gateways
            ),
            t("the backlog"),
        )
        self._narrate(t("the backlog has arrived"))

    def _conclude(self) -> None:
        for gateway in self._gateways:
            stored, missing = self._stored(gateway, "reports"), self._missing(gateway)
            self._narrate(
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

    # What the backend holds

    def _stored(self, gateway: Gateway, table: str) -> int:
        statement = f"SELECT count(*) FROM {table} WHERE gw = ?"  # noqa: S608 - names of our own
        return int(self._ask(statement, gateway.gw))

    def _has_event(self, gateway: Gateway, code: str) -> bool:
        statement = "SELECT count(*) FROM events WHERE gw = ? AND code = ?"
        return self._ask(statement, gateway.gw, code) > 0

    def _missing(self, gateway: Gateway) -> int:
        """Numbers below the highest that are neither a stored report nor a stored event."""
        both = (
            "SELECT seq FROM reports WHERE gw = ?1 UNION ALL SELECT seq FROM events WHERE gw = ?1"
        )
        statement = f"SELECT coalesce(max(seq), 0) - count(*) FROM ({both})"  # noqa: S608
        return self._ask(statement, gateway.gw)

    def _ask(self, statement: str, *values: str) -> int:
        connection = sqlite3.connect(f"file:{self._db}?mode=ro", uri=True, timeout=5)
        try:
            return int(connection.execute(statement, values).fetchone()[0])
        finally:
            connection.close()

    # The view

    def _until(self, happened: Callable[[], bool], what: str) -> None:
        """Show what arrives until `happened`.

        Raises:
            DemoError: it did not, for a minute.
        """
        end = time.monotonic() + _PATIENCE_S
        while not happened():
            if time.monotonic() > end:
                raise DemoError(
                    "still waiting for {what} after {seconds} s",
                    what=what,
                    seconds=f"{_PATIENCE_S:g}",
                )
            self._show(0.2)

    def _show(self, timeout_s: float) -> None:
        line = self._backend.line(timeout_s)
        if line is not None:
            self._print(line)

    def _print(self, line: str) -> None:
        self._say(f"{time.monotonic() - self._started:6.1f} s  {line}")

    def _narrate(self, line: str) -> None:
        self._print(f"── {line}")


def _language() -> list[str]:
    return ["--lang", language()]
