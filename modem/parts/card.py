"""The card's facts, as far as the modem lets them through."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from modem.causes import cme_code
from modem.commands.base import UNREADABLE, answered
from modem.commands.locks import ReadFacilityLock
from modem.commands.sim_access import (
    AccessFile,
    FileAnswer,
    PinRetries,
    ReadOwnNumbers,
    ReadServiceCentre,
    ReadSimState,
    sim_state_of_refusal,
    sim_state_of_word,
)
from modem.interview import (
    NO_CARD_CODES,
    UNSUPPORTED,
    Interview,
    part_of,
)
from modem.parts.euicc import read_bare_euicc
from modem.parts.identity import read_functionality
from modem.snapshot import NOT_ASKED, PinState, SimFacts
from sim.errors import FileDecodeError, IdentifierError
from sim.identifiers import Eid, Iccid, Imsi
from sim.reading import Absent, Reading, absent

T = TypeVar("T")

NO_CARD = "no card"
NOT_READY = "card not ready"
NO_PROFILE = "no profile on the card"
NOT_ON_CARD = "not on the card"
EF_ICCID = "EF.ICCID"

_READ_BINARY = 176
_NOT_INSERTED = 10
_MOST_TRIES = 15
_ICCID_FID, _AD_FID, _SPN_FID = 0x2FE2, 0x6FAD, 0x6F46
_RADIO_OFF = frozenset({0, 4})
_BARE_ERRORS = frozenset({"ERROR", "4"})  # in words, and as ATV0 has it
_WHY_NOT = {"absent": NO_CARD, "no_profile": NO_PROFILE, "busy": NOT_READY, "faulty": NOT_READY}
# EF.ICCID may be read by anyone (TS 102 221 clause 13.2, unread), so a locked card shows it too.
_LOCKED = frozenset({"pin_required", "puk_required", "blocked"})
# What modems say of an eUICC without an enabled profile: few have a word of their own for it.
_MAY_BE_EMPTY = frozenset({"no_profile", "ready", "faulty", "unknown"})


def read_state(ask: Interview, *, again: bool = False) -> Reading[str]:
    """The card's state as a word of the contract; never Absent: `unknown` is one of the words.

    A bare ERROR is asked again with numbered errors. `SIM failure` with the radio off says
    nothing of the card: EC2x answer so after AT+CFUN=0.
    """
    if "sim_state" in ask.profile.unsupported:
        return Reading("unknown")
    answer = ask.ask(ReadSimState(), again=again)
    if answer.reason in _BARE_ERRORS and ask.want_numeric_errors():
        answer = ask.ask(ReadSimState(), again=True)
    if isinstance(answer.value, Absent):
        state = sim_state_of_refusal(answer.value.reason)
    else:
        state = sim_state_of_word(answer.value)
    if state == "faulty" and read_functionality(ask).known in _RADIO_OFF:
        state = "unknown"
    return Reading(state, answer.source, answer.taken_at)


class _Card(NamedTuple):
    """What may be asked of a card in this state."""

    ask: Interview
    state: str

    @property
    def why_not(self) -> str | None:
        """Why nothing can be read; None where something can."""
        return _WHY_NOT.get(self.state)

    @property
    def why_not_open(self) -> str | None:
        """Why nothing that wants the PIN can be read; None where it can."""
        return NOT_READY if self.state in _LOCKED else self.why_not


def read_card(ask: Interview, slot: int, *, full: bool) -> SimFacts:
    """All facts of the card; the core ones (state, ICCID, IMSI) where `full` is not wanted."""
    state = read_state(ask)
    card = _Card(ask, state.known or "unknown")
    iccid, own = _iccids(card)
    imsi: Reading[Imsi] = absent(card.why_not_open or NOT_ASKED)
    if card.why_not_open is None:
        imsi = ask.ladder("imsi", of_card=True)
    if "sim_state" in ask.profile.unsupported and imsi.reason is not None:
        # BC95 has no +CPIN; with `+CME ERROR: 10` to AT+CIMI it says all the same that none is in.
        state = Reading(sim_state_of_refusal(imsi.reason), imsi.source, imsi.taken_at)
        card = _Card(ask, state.known or "unknown")
    eid: Reading[Eid] = absent(card.why_not or NOT_ASKED)
    if iccid.known is None and imsi.known is None and card.state in _MAY_BE_EMPTY:
        eid, empty = read_bare_euicc(ask, patiently=card.state != "faulty")
        if empty:
            card = _Card(ask, "no_profile")
            state = Reading("no_profile", eid.source, eid.taken_at)
            iccid, own, imsi = absent(NO_PROFILE), absent(NO_PROFILE), absent(NO_PROFILE)
    pin1 = _pin_state(card) if full else PinState(*(absent(card.why_not or NOT_ASKED),) * 3)
    if pin1.puk_retries.known == 0 and card.state in _LOCKED:
        state = Reading("blocked", state.source, state.taken_at)
    return SimFacts(
        state=state,
        slot=_slot(ask, slot, full=full),
        iccid=iccid,
        modem_iccid=own,
        imsi=imsi,
        mnc_length=_when_open(card, full, _read_mnc_length),
        msisdn=_when_open(card, full, lambda it: it.ask(ReadOwnNumbers())),
        eid=eid,
        spn=_when_open(card, full, _read_spn),
        smsc=_when_open(card, full, lambda it: it.ask(ReadServiceCentre())),
        pin1=pin1,
    )


class CardLock(NamedTuple):
    """What a PIN's policy wants to know of the card in a modem."""

    state: str
    iccid: Reading[Iccid]
    pin1: PinState


def read_lock(ask: Interview) -> CardLock:
    """State, ICCID and PIN1."""
    state = read_state(ask).known or "unknown"
    card = _Card(ask, state)
    iccid, _own = _iccids(card)
    return CardLock(state, iccid, _pin_state(card))


def _slot(ask: Interview, configured: int, *, full: bool) -> Reading[int]:
    """What the modem says, where its family has a command for it; else what was configured."""
    told: Reading[int] = ask.ladder("slot") if full else absent(NOT_ASKED)
    return told if told.known is not None else Reading(configured)


def _when_open(card: _Card, full: bool, read: Callable[[Interview], Reading[T]]) -> Reading[T]:
    """What `read` finds, where the card is open and the fact is wanted."""
    if card.why_not_open is not None:
        return absent(card.why_not_open)
    return read(card.ask) if full else absent(NOT_ASKED)


def _iccids(card: _Card) -> tuple[Reading[Iccid], Reading[Iccid]]:
    """From EF.ICCID, or from the modem where AT+CRSM cannot read the file; and the modem's own.

    By APDUs (AT+CSIM) the file is read only where the modem has no number of its own either.
    """
    if card.why_not is not None:
        return absent(card.why_not), absent(card.why_not)
    answer = _read_file(card.ask, _ICCID_FID, 10)
    file = _of_file(answer, part_of(answer, _iccid_of_answer))
    if file.known is not None:
        return file, absent(NOT_ASKED)  # asked at the end, where it is wanted: see `compare_card`
    own: Reading[Iccid] = card.ask.ladder("modem_iccid", of_card=True)
    if own.known is not None:
        return own, own
    return _by_apdus(card.ask, answer, file), own


def compare_card(ask: Interview, facts: SimFacts, *, full: bool) -> tuple[SimFacts, bool]:
    """The same facts, and whether their card is still in; where nothing tells, it is.

    Of a full reading the modem's own number is asked only now: where it is that of EF.ICCID, it
    also shows that the card was not changed meanwhile.
    """
    if full and facts.iccid.source == EF_ICCID and facts.modem_iccid.reason == NOT_ASKED:
        own: Reading[Iccid] = ask.ladder("modem_iccid", of_card=True)
        facts = facts._replace(modem_iccid=own)
        if own.known == facts.iccid.known:
            return facts, True
    return facts, _is_still_in(ask, facts)


def _is_still_in(ask: Interview, facts: SimFacts) -> bool:
    if facts.iccid.known is None:
        was_absent = facts.state.known == "absent"
        if not was_absent and cme_code(facts.iccid.reason or "") != _NOT_INSERTED:
            return True
        state = read_state(ask, again=True).known
        return state == "unknown" or (state == "absent") == was_absent
    if facts.iccid.source == EF_ICCID:
        answer = _read_file(ask, _ICCID_FID, 10, again=True)
        now = _of_file(answer, part_of(answer, _iccid_of_answer))
        if now.known is None:
            now = _by_apdus(ask, answer, now)
    else:
        now = ask.ask_again("modem_iccid", facts.iccid.source)
    if now.known is not None:
        return now.known == facts.iccid.known
    return cme_code(now.reason or "") != _NOT_INSERTED


def _read_file(
    ask: Interview, fid: int, length: int, *, again: bool = False
) -> Reading[FileAnswer]:
    """The first bytes of a file, by AT+CRSM."""
    if "card_files" in ask.profile.unsupported:
        return absent(UNSUPPORTED)
    return ask.ask(AccessFile(_READ_BINARY, fid, 0, 0, length), again=again)


def _by_apdus(
    ask: Interview, answer: Reading[FileAnswer], otherwise: Reading[Iccid]
) -> Reading[Iccid]:
    """EF.ICCID by AT+CSIM, where the answer to AT+CRSM leaves hope for it.

    A modem that looks for the file in the wrong directory says 6A82; one that passes T=0 on as it
    comes says 9Fxx or 6Cxx and brings nothing.
    """
    empty = answer.known is None or not answer.known.data
    code = cme_code(answer.reason or "")
    if not empty or answer.reason == UNSUPPORTED or code in NO_CARD_CODES:
        return otherwise
    from modem.card_access import CsimTransport, read_ef_iccid

    content = read_ef_iccid(CsimTransport(ask))
    if content is None:
        return otherwise
    return _of_file(answer, Reading(_iccid_of_content(content)))


def _of_file(answer: Reading[FileAnswer], found: Reading[Iccid]) -> Reading[Iccid]:
    """The same, with the file as its source where there is a number."""
    return found if found.known is None else Reading(found.value, EF_ICCID, answer.taken_at)


def _iccid_of_answer(answer: FileAnswer) -> Iccid | Absent:
    return refusal if (refusal := _refused(answer)) else _iccid_of_content(answer.data)


def _iccid_of_content(content: bytes) -> Iccid | Absent:
    """The number in EF.ICCID; some modems have put the nibbles in order already."""
    text = content.hex().upper()
    if not text.strip("F0"):
        return Absent(NOT_ON_CARD)
    try:
        return Iccid(text.rstrip("F")) if text.startswith("89") else Iccid.from_file(content)
    except IdentifierError:
        return Absent(UNREADABLE)


def _refused(answer: FileAnswer) -> Absent | None:
    """Why the card gave no content; None where it did."""
    if answer.sw >> 8 in {0x90, 0x91, 0x92, 0x9E, 0x9F, 0x62}:
        return None
    if answer.sw in {0x6A82, 0x9404, 0x9400}:
        return Absent(NOT_ON_CARD)
    from sim.status_words import meaning

    return Absent(meaning(answer.sw))


def _read_mnc_length(ask: Interview) -> Reading[int]:
    """From EF.AD, whose fourth byte older cards lack."""

    def of_answer(answer: FileAnswer) -> int | Absent:
        if answer.sw >> 8 in {0x67, 0x6C}:
            return Absent(NOT_ON_CARD)  # three bytes only
        if refusal := _refused(answer):
            return refusal
        length = answer.data[3] & 0xF if len(answer.data) > 3 else 0
        return length if length in {2, 3} else Absent(NOT_ON_CARD)

    return part_of(_read_file(ask, _AD_FID, 4), of_answer)


def _read_spn(ask: Interview) -> Reading[str]:
    """From EF.SPN: a display condition, then the name."""

    def of_answer(answer: FileAnswer) -> str | Absent:
        from sim.files.text import alpha_to_text

        if refusal := _refused(answer):
            return refusal
        try:
            return alpha_to_text(answer.data[1:], "EF.SPN", 1) or Absent(NOT_ON_CARD)
        except FileDecodeError:
            return Absent(UNREADABLE)

    return part_of(_read_file(ask, _SPN_FID, 17), of_answer)


def _pin_state(card: _Card) -> PinState:
    """PIN1: a card that waits for it has it enabled, which some modems then refuse to say."""
    if card.why_not is not None:
        return PinState(absent(card.why_not), absent(card.why_not), absent(card.why_not))
    left: Reading[PinRetries] = card.ask.ladder("pin_retries", of_card=True)
    puk = part_of(left, lambda retries: _tries(retries.puk))
    if left.known is not None and puk.known is None:
        puk = part_of(card.ask.ladder("puk_retries", of_card=True), lambda it: _tries(it.puk))
    if card.state in _LOCKED:
        enabled = Reading(value=True, source=ReadSimState.text)
    else:
        enabled = card.ask.ask(ReadFacilityLock("SC"))
    return PinState(enabled, part_of(left, lambda retries: _tries(retries.pin)), puk)


def _tries(count: int | None) -> int | Absent | None:
    """Tries left; a card counts them in four bits, so more is a modem's word for unknown."""
    return count if count is None or 0 <= count <= _MOST_TRIES else answered(count)
