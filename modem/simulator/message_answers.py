"""Answers about short messages (3GPP TS 27.005 clauses 3 and 4, unread)."""

from modem.simulator.message_store import (
    READ,
    SENT,
    STATUS_WORDS,
    UNREAD,
    UNSENT,
    Store,
    Stored,
    add,
    places,
)
from modem.simulator.request import Request
from modem.simulator.state import (
    WRONG_PARAMETERS,
    Answerer,
    ModemState,
    Prompt,
    Refused,
    SentMessage,
)
from modem.simulator.tpdu import Message, decode, encode_submit, tpdu_length

_PDU_MODE, _TEXT_MODE = 0, 1
_STORES = ("SM", "ME")
_ALL = "ALL"
_STATUS_CODES = {word: code for code, word in enumerate((*STATUS_WORDS, _ALL))}
_CMS_OF_CME = {10: 310, 11: 311, 12: 316, 13: 313, 14: 314, 5: 312}
_CMS_PDU, _CMS_TEXT, _CMS_INDEX, _CMS_FULL, _CMS_NO_NETWORK = 304, 305, 321, 322, 331
_UCS2 = 0x08
# Which messages AT+CMGD=<index>,<flag> deletes beside that of the index.
_DELETED_BY_FLAG = {
    1: {READ},
    2: {READ, SENT},
    3: {READ, SENT, UNSENT},
    4: {READ, SENT, UNSENT, UNREAD},
}


def _store(state: ModemState, number: int) -> tuple[str, Store]:
    """The store for reading (0), writing (1) or receiving (2), with its name.

    Raises:
        Refused: with the card's state as a CMS number.
    """
    name = state.settings.message_stores[number]
    try:
        return name, state.store(name)
    except Refused as refused:
        raise Refused(_CMS_OF_CME.get(refused.code, 302), message=True) from refused


def _mode_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CMGF: {state.settings.message_mode}"]


def _mode_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0, 0)
    if wanted not in {_PDU_MODE, _TEXT_MODE}:
        raise Refused(WRONG_PARAMETERS)
    state.settings.message_mode = wanted
    return []


def _stores_read(state: ModemState, _: Request) -> list[str]:
    shown = []
    for number in range(3):
        name, store = _store(state, number)
        shown.append(f'"{name}",{len(places(store))},{store.size}')
    return [f"+CPMS: {','.join(shown)}"]


def _stores_set(state: ModemState, request: Request) -> list[str]:
    if not request.args or not set(request.args) <= set(_STORES):
        raise Refused(302, message=True)
    wanted = list(request.args)
    state.settings.message_stores = [*wanted, *state.settings.message_stores[len(wanted) :]][:3]
    shown = []
    for number in range(3):
        _, store = _store(state, number)
        shown += [str(len(places(store))), str(store.size)]
    return [f"+CPMS: {','.join(shown)}"]


def _stores_test(state: ModemState, _: Request) -> list[str]:
    names = [name for name in _STORES if name == "SM" or state.modem_messages.size]
    group = "(" + ",".join(f'"{name}"' for name in names) + ")"
    return [f"+CPMS: {group},{group},{group}"]


def _reports_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CNMI: {','.join(map(str, state.settings.message_reports))}"]


def _reports_set(state: ModemState, request: Request) -> list[str]:
    asked = [request.number(at) for at in range(min(5, len(request.args)))]
    old = state.settings.message_reports
    new = [old[at] if value is None else value for at, value in enumerate(asked)]
    if any(value > 3 for value in new[:2]):
        raise Refused(303, message=True)
    state.settings.message_reports = (*new, *old[len(new) :])
    return []


def _reports_test(state: ModemState, request: Request) -> list[str]:
    del state, request
    return ["+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"]


def _centre_read(state: ModemState, _: Request) -> list[str]:
    state.ready_card()
    number = state.settings.service_centre
    smsc = state.profile.card.smsc if number is None else number
    return [f'+CSCA: "{state.written(smsc)}",{145 if smsc.startswith("+") else 129}']


def _centre_set(state: ModemState, request: Request) -> list[str]:
    state.ready_card()
    if not request.args or not request.args[0]:
        raise Refused(_CMS_TEXT, message=True)
    state.settings.service_centre = state.read_text(request.args[0])
    return []


def _details_set(state: ModemState, request: Request) -> list[str]:
    state.settings.message_details = request.number(0) == 1
    return []


def _list(state: ModemState, request: Request) -> list[str]:
    wanted = _wanted_status(state, request)
    _, store = _store(state, 0)
    lines = []
    for place, message in places(store):
        if wanted in {message.status, len(STATUS_WORDS)}:
            lines += _shown(state, message, f"+CMGL: {place},")
            _mark_as_read(store, place, message)
    return lines


def _wanted_status(state: ModemState, request: Request) -> int:
    if state.settings.message_mode == _PDU_MODE:
        code = request.number(0, UNREAD)
        if code is None or code > len(STATUS_WORDS):
            raise Refused(_CMS_PDU, message=True)
        return code
    word = request.args[0] if request.args else STATUS_WORDS[UNREAD]
    if word not in _STATUS_CODES:
        raise Refused(_CMS_TEXT, message=True)
    return _STATUS_CODES[word]


def _read(state: ModemState, request: Request) -> list[str]:
    _, store = _store(state, 0)
    place = request.number(0)
    message = None if place is None else store.get(place)
    if place is None or message is None:
        raise Refused(_CMS_INDEX, message=True)
    lines = _shown(state, message, "+CMGR: ")
    _mark_as_read(store, place, message)
    return lines


def _mark_as_read(store: Store, place: int, message: Stored) -> None:
    if message.status == UNREAD:
        store.put(place, Stored(READ, message.pdu))


def _shown(state: ModemState, stored: Stored, head: str) -> list[str]:
    """A header and the text, or the PDU, in the mode that is set."""
    if state.settings.message_mode == _PDU_MODE:
        return [f"{head}{stored.status},,{tpdu_length(stored.pdu)}", stored.pdu.hex().upper()]
    message = decode(stored.pdu)
    header = f'{head}"{STATUS_WORDS[stored.status]}","{state.written(message.address)}",'
    if message.time:
        header += f',"{message.time}"'
    return [header, _body(state, message)]


def _body(state: ModemState, message: Message) -> str:
    """A text that the chosen character set cannot hold is told in hexadecimal."""
    if message.dcs & 0x0C == _UCS2 and state.settings.charset != "UCS2":
        return message.text.encode("utf-16-be").hex().upper()
    return state.written(message.text)


def _delete(state: ModemState, request: Request) -> list[str]:
    _, store = _store(state, 0)
    place, flag = request.number(0), request.number(1, 0)
    if place is None or flag is None or flag > max(_DELETED_BY_FLAG):
        raise Refused(_CMS_INDEX, message=True)
    if flag == 0:
        if not 1 <= place <= store.size:
            raise Refused(_CMS_INDEX, message=True)
        store.put(place, None)
    for at, message in places(store):
        if message.status in _DELETED_BY_FLAG.get(flag, set()):
            store.put(at, None)
    return []


def _send(state: ModemState, request: Request) -> Prompt:
    read = _submitted(state, request)

    def done(text: str) -> list[str]:
        message = read(text)
        if not state.camped:
            raise Refused(_CMS_NO_NETWORK, message=True)
        if (cms := state.network.messages.cms) is not None:
            raise Refused(cms, message=True)
        decoded = decode(message)
        state.sent_messages.append(SentMessage(decoded.address, decoded.text))
        return [f"+CMGS: {(len(state.sent_messages) - 1) & 0xFF}"]

    return Prompt(done)


def _write(state: ModemState, request: Request) -> Prompt:
    read = _submitted(state, request)

    def done(text: str) -> list[str]:
        _, store = _store(state, 1)
        place = add(store, Stored(UNSENT, read(text)))
        if place is None:
            raise Refused(_CMS_FULL, message=True)
        return [f"+CMGW: {place}"]

    return Prompt(done)


class _Submitted:
    """What the client types at the prompt, as a PDU with a service centre's address."""

    def __init__(self, state: ModemState, request: Request) -> None:
        self._state = state
        self._text_mode = state.settings.message_mode == _TEXT_MODE
        self._address = state.read_text(request.args[0]) if self._text_mode else ""
        self._length = request.number(0)
        if not (self._address if self._text_mode else self._length):
            raise Refused(_CMS_TEXT if self._text_mode else _CMS_PDU, message=True)

    def __call__(self, text: str) -> bytes:
        if self._text_mode:
            try:
                return encode_submit(self._address, self._state.read_text(text))
            except ValueError:
                raise Refused(_CMS_TEXT, message=True) from None
        try:
            pdu = bytes.fromhex("".join(text.split()))
            decode(pdu)
        except ValueError:
            raise Refused(_CMS_PDU, message=True) from None
        if tpdu_length(pdu) != self._length:
            raise Refused(_CMS_PDU, message=True)
        return pdu


def _submitted(state: ModemState, request: Request) -> _Submitted:
    state.ready_card()
    return _Submitted(state, request)


def received(state: ModemState, pdu: bytes) -> list[str]:
    """What the modem says of a message that came in, stored as AT+CNMI wants it.

    Where its store is full or cannot be reached, the message waits in the network.
    """
    _, mt, *_ = state.settings.message_reports
    if mt in {2, 3}:
        if state.settings.message_mode == _PDU_MODE:
            return [f"+CMT: ,{tpdu_length(pdu)}", pdu.hex().upper()]
        message = decode(pdu)
        return [
            f'+CMT: "{state.written(message.address)}",,"{message.time}"',
            _body(state, message),
        ]
    try:
        name, store = _store(state, 2)
    except Refused:
        return []
    place = add(store, Stored(UNREAD, pdu))
    return [f'+CMTI: "{name}",{place}'] if mt == 1 and place is not None else []


MESSAGE_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+CMGF", "read"): _mode_read,
    ("+CMGF", "set"): _mode_set,
    ("+CMGF", "test"): lambda _state, _request: ["+CMGF: (0,1)"],
    ("+CPMS", "read"): _stores_read,
    ("+CPMS", "set"): _stores_set,
    ("+CPMS", "test"): _stores_test,
    ("+CNMI", "read"): _reports_read,
    ("+CNMI", "set"): _reports_set,
    ("+CNMI", "test"): _reports_test,
    ("+CSCA", "read"): _centre_read,
    ("+CSCA", "set"): _centre_set,
    ("+CSDH", "set"): _details_set,
    ("+CMGL", "execute"): _list,
    ("+CMGL", "set"): _list,
    ("+CMGR", "set"): _read,
    ("+CMGD", "set"): _delete,
    ("+CMGS", "set"): _send,
    ("+CMGW", "set"): _write,
}
