"""Operator and signal."""

from collections.abc import Callable
from typing import TypeVar

from modem.commands.base import GAVE_NONE, answered
from modem.commands.registration import (
    OperatorAnswer,
    ReadOperator,
    SetOperatorStyle,
    act_names_of,
    act_word,
    plmn_of,
)
from modem.commands.signal import Signal
from modem.interview import Interview, first_known, part_of
from modem.parts.identity import read_functionality
from modem.snapshot import NOT_ASKED, OperatorFacts, SignalFacts
from sim.identifiers import Plmn
from sim.reading import Absent, Reading, absent

T = TypeVar("T")

_NUMERIC = 2
_RADIO_OFF = frozenset({0, 4})
_LOWEST_RSSI_DBM = -113


def read_operator(ask: Interview) -> OperatorFacts:
    """Number, name and access technology.

    A name is followed up for the number: by the family's own command for it, by the serving cell
    as the family tells it, else by AT+COPS=3,2, which is put back.
    """
    answer = ask.ask(ReadOperator())
    said = answer.known
    act = part_of(answer, lambda it: _act(ask, it))
    if said is None or said.operator is None:
        plmn: Reading[Plmn] = part_of(answer, lambda _: Absent(GAVE_NONE))
        name: Reading[str] = part_of(answer, lambda _: Absent(GAVE_NONE))
        if said is None:
            plmn = first_known(plmn, ask.ladder("plmn"))
        return OperatorFacts(plmn, name, act)
    if plmn_of(said.operator):
        return OperatorFacts(
            part_of(answer, lambda it: plmn_of(it.operator)), absent(GAVE_NONE), act
        )
    return OperatorFacts(_read_plmn(ask, said), part_of(answer, lambda it: it.operator), act)


def _act(ask: Interview, answer: OperatorAnswer) -> str | Absent:
    missing = Absent(GAVE_NONE)
    return act_word(answer.act, act_names_of(ask.profile.act_names), missing)


def _read_plmn(ask: Interview, named: OperatorAnswer) -> Reading[Plmn]:
    own: Reading[Plmn] = ask.ladder("plmn")
    if own.known is not None:
        return own
    cell: Reading[Signal] = ask.ladder("signal_more")
    if cell.known is not None and cell.known.plmn is not None:
        return part_of(cell, lambda it: it.plmn)
    taken = ask.put_back(SetOperatorStyle(_NUMERIC))
    if isinstance(taken.value, Absent) and not taken.value.reason.startswith("timeout"):
        return Reading(taken.value, taken.source, taken.taken_at)
    try:
        answer = ask.ask(ReadOperator(), again=True)
    finally:
        ask.restore(SetOperatorStyle(named.style or 0))
    return part_of(answer, lambda it: plmn_of(it.operator))


def read_signal(ask: Interview, *, full: bool) -> SignalFacts:
    """Level and quality: one command; a second of the family's own for what that one lacks.

    +CSQ knows no level on 5G standalone, so there the second is asked in any case. A few families
    have a third for what is still unknown then.
    """
    first: Reading[Signal] = ask.ladder("signal")
    if _is_lowest(first.known) and read_functionality(ask).known in _RADIO_OFF:
        first = part_of(first, lambda it: it._replace(rssi_dbm=answered(0)))
    level = part_of(first, lambda it: it.rssi_dbm)
    second: Reading[Signal] = absent(NOT_ASKED)
    if full or level.known is None:
        second = ask.ladder("signal_more")
    third: Reading[Signal] = absent(NOT_ASKED)
    if full and not _is_whole(second.known):
        third = ask.ladder("signal_rest")

    def best(pick: Callable[[Signal], T | Absent]) -> Reading[T]:
        found = _best(part_of(first, pick), part_of(second, pick))
        return found if third.known is None else _best(found, part_of(third, pick))

    return SignalFacts(
        rssi_dbm=best(lambda it: it.rssi_dbm),
        rsrp_dbm=best(lambda it: it.rsrp_dbm),
        rsrq_db=best(lambda it: it.rsrq_db),
        sinr_db=best(lambda it: it.sinr_db),
        ber=best(lambda it: it.ber),
    )


def _is_whole(signal: Signal | None) -> bool:
    """Whether LTE's or NR's three measures are there."""
    if signal is None:
        return False
    measures = (signal.rsrp_dbm, signal.rsrq_db, signal.sinr_db)
    return not any(isinstance(measure, Absent) for measure in measures)


def _is_lowest(signal: Signal | None) -> bool:
    """Whether +CSQ printed 0, as it also does in flight mode."""
    return signal is not None and signal.rssi_dbm == _LOWEST_RSSI_DBM


def _best(first: Reading[T], second: Reading[T]) -> Reading[T]:
    """The first command's value, else the second's; else the more telling of two reasons."""
    if first.known is not None or second.known is not None:
        return first_known(first, second)
    return second if first.reason == GAVE_NONE else first
