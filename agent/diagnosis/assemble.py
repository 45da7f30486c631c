"""What modem, card and documents say, as facts. Pure."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from agent.diagnosis.facts import (
    DATA_DOMAINS,
    FOR_DATA,
    MOBILITY,
    NAS_OF,
    REGISTERED,
    SESSION,
    UNNAMED,
    Binding,
    Cause,
    Facts,
)
from cloud_bridge.orders import AccountFacts, WorkOrder
from modem.causes import NAS_DOMAINS, cause_of_cme, reject_cause_of_words, reject_of_words
from modem.snapshot import (
    LastError,
    ModemSnapshot,
    PacketContext,
    Registration,
    Reject,
    SignalFacts,
)
from sim.numbering import split_imsi
from sim.reading import Absent, Reading

# Ends of sessions that are no refusal: regular deactivation, reactivation requested.
_NO_REFUSAL: Final = frozenset({36, 39})
_PDP_AUTHENTICATION: Final = 149
"""+CME ERROR of a refused user or password, which has a number of its own (27.007 clause 9.2)."""
_SESSION_OF: Final = {"eps": "esm", "nr5g": "5gsm", "ps": "sm"}
_WEAK_RSRP_DBM, _WEAK_RSSI_DBM = -115, -100
"""Below it LTE, or anything older, is slow by itself (an estimate, to be tuned in the field)."""
# A fraction of what the slowest usual plans give: an estimate, to be tuned in the field.
_EXPECTED_BPS: Final = {
    "lte": 64_000, "lte_5gcn": 64_000, "nr": 64_000, "ngran": 64_000, "en_dc": 64_000,
    "hspa": 64_000, "hsdpa": 64_000, "hsupa": 64_000, "utran": 32_000, "egprs": 8_000,
}  # fmt: skip
_SENTINELS: Final = ("modem answered ", "not registered")


class CardFiles(NamedTuple):
    """What the card's own files say of networks; each may be missing."""

    forbidden: tuple[str, ...] | Absent = Absent("not asked")
    equivalent: tuple[str, ...] | Absent = Absent("not asked")
    last_plmn: str | Absent = Absent("not asked")
    emergency: tuple[str, ...] = ()


def of_snapshot(snapshot: ModemSnapshot, *, apn: str | None = None) -> Facts:
    """The facts of a whole snapshot; `apn` names the context that matters, None the first."""
    causes = _causes(snapshot)
    context = chosen_context(snapshot, apn)
    active = _context_active(snapshot, context, apn)
    if active is True and not isinstance(causes, Absent):
        causes = tuple(cause for cause in causes if cause.domain in MOBILITY)
    identity, sim, signal = snapshot.identity, snapshot.sim, snapshot.signal
    registration = {
        domain: _of(getattr(snapshot.registration, domain, None), lambda it: it.stat)
        for domain in NAS_OF
    }
    return Facts(
        answers=True,
        functionality=_of(identity and identity.functionality),
        sim_state=_sim_state(snapshot),
        iccid=_of(sim and sim.iccid, lambda it: it.value),
        imei=_of(identity and identity.imei, lambda it: it.value),
        **registration,
        causes=causes,
        signal_heard=_signal_heard(signal),
        signal_weak=_signal_weak(signal),
        home_plmns=_home(snapshot),
        here_plmn=_of(snapshot.operator and snapshot.operator.plmn, lambda it: it.text),
        context_active=active,
        address=_has_address(context) if active is True else active,
        expected_bps=_expected_bps(snapshot),
    )


def with_card(facts: Facts, files: CardFiles) -> Facts:
    """With what the card's files say."""
    home = facts.home_plmns
    if not isinstance(home, Absent) and not isinstance(files.equivalent, Absent):
        home = tuple(dict.fromkeys(home + files.equivalent))
    return facts._replace(
        home_plmns=home, forbidden_plmns=files.forbidden, last_plmn=files.last_plmn
    )


def with_documents(facts: Facts, order: WorkOrder | None, account: AccountFacts | None) -> Facts:
    """With what work order and platform say; account facts of another card are no facts."""
    bindings: list[Binding] = []
    stop_reasons: tuple[str, ...] | Absent = Absent("not asked")
    if order is not None:
        facts = facts._replace(order_iccid=order.iccid)
        if order.imei is not None:
            bindings.append(Binding("order", order.imei))
    if account is not None and account.iccid == facts.iccid:
        bindings += [
            Binding(f"account.bindings.{each.kind}", each.imei)
            for each in account.bindings
            if each.imei is not None and each.bound is True
        ]
        stop_reasons = account.stop_reasons
    known = order is not None or not isinstance(stop_reasons, Absent)
    return facts._replace(
        bindings=tuple(bindings) if known else Absent("not asked"), stop_reasons=stop_reasons
    )


def with_refused_activation(
    facts: Facts, cme: int | None, said: LastError | None, heard: Iterable[Reject]
) -> Facts:
    """With a context that was wanted and refused: the number of the refusal, else what was said.

    `said` is the modem's word for its last error, asked behind the refusal; `heard` is what came
    by itself since.
    """
    causes = [] if isinstance(facts.causes, Absent) else list(facts.causes)
    causes = [cause for cause in causes if cause.domain in MOBILITY]
    own = _cause_behind(cme)
    if own is not None:
        layer, number = own
        domain = session_domain(facts) if layer == "session" else _mobility_domain(facts)
        causes.append(Cause(domain, number, f"probe.activation.{domain}.cause"))
    else:
        if said is not None:
            behind = _cause_of_error(said, "probe.last_error", (session_domain(facts),))
            causes += [behind] if behind is not None else []
        causes += [each for each in map(_of_reject, heard) if each and each.domain in SESSION]
    return facts._replace(
        activation_refused=True, context_active=False, address=False, causes=_once(causes)
    )


def session_domain(facts: Facts) -> str:
    """In which domain a session is refused now: that of the network that serves."""
    return next((_SESSION_OF[d] for d in DATA_DOMAINS if facts.stat(d) in FOR_DATA), "esm")


def chosen_context(snapshot: ModemSnapshot, apn: str | None) -> PacketContext | None:
    """The context with the configured APN, else the first; None where none is known."""
    contexts = snapshot.packet.contexts.known if snapshot.packet is not None else None
    if not contexts:
        return None
    own = [each for each in contexts if apn is not None and _same(each.apn, apn)]
    return (own or list(contexts))[0]


def _same(one: str | Absent, other: str) -> bool:
    return isinstance(one, str) and one.lower() == other.lower()


def _context_active(
    snapshot: ModemSnapshot, chosen: PacketContext | None, apn: str | None
) -> bool | Absent:
    """Of the context with the configured APN; where none is configured, any that is up will do."""
    if snapshot.packet is None:
        return Absent("not asked")
    contexts = snapshot.packet.contexts.value
    if isinstance(contexts, Absent):
        return contexts
    named = chosen is not None and apn is not None and _same(chosen.apn, apn)
    if not named and any(each.active is True for each in contexts):
        return True
    return chosen.active if chosen is not None else False


def _has_address(context: PacketContext | None) -> bool | Absent:
    if context is None:
        return Absent("not asked")
    addresses = context.addresses
    return addresses if isinstance(addresses, Absent) else bool(addresses)


def _of(reading: Reading[Any] | None, pick: Any = lambda value: value) -> Any:
    """A reading's value, or why there is none."""
    if reading is None:
        return Absent("not asked")
    return reading.value if isinstance(reading.value, Absent) else pick(reading.value)


def _sim_state(snapshot: ModemSnapshot) -> str | Absent:
    """The card's state; one that gives its IMSI is ready, also where the modem has no +CPIN."""
    sim = snapshot.sim
    state: str | Absent = _of(sim and sim.state)
    if state != "unknown":
        return state
    return "ready" if sim is not None and sim.imsi.known is not None else Absent("not asked")


def _home(snapshot: ModemSnapshot) -> tuple[str, ...] | Absent:
    sim = snapshot.sim
    imsi = _of(sim and sim.imsi)
    if sim is None or isinstance(imsi, Absent):
        return imsi if isinstance(imsi, Absent) else Absent("not asked")
    return ("".join(split_imsi(imsi.value, sim.mnc_length.known)),)


def _causes(snapshot: ModemSnapshot) -> tuple[Cause, ...] | Absent:
    """All that stands: fields of +CxREG, what was heard or is remembered, the last error."""
    if snapshot.registration is None or snapshot.rejects is None:
        return Absent("not asked")
    domains = snapshot.registration._asdict().items()
    if all(reading.known is None for _, reading in domains):
        return Absent(next(reading.reason for _, reading in domains) or "not asked")
    found = []
    for domain, reading in domains:
        facts = reading.known
        if facts is None or facts.stat in REGISTERED or facts.cause_type != 0:
            continue
        if isinstance(facts.reject_cause, int):
            path = f"registration.{domain}.reject_cause"
            found.append(Cause(NAS_OF[domain], facts.reject_cause, path))
    found += [cause for reject in snapshot.rejects if (cause := _of_reject(reject)) is not None]
    error = snapshot.last_error.known if snapshot.last_error is not None else None
    likely = _likely_domains(snapshot.registration)
    last = _cause_of_error(error, "last_error", likely) if error is not None else None
    return _once([*found, *([last] if last is not None else [])])


def _likely_domains(registration: Registration) -> tuple[str, ...]:
    """The domains whose refusal the last error can be: of sessions, where data is registered."""
    stats = {
        domain: reading.known.stat
        for domain, reading in registration._asdict().items()
        if reading.known is not None
    }
    served = [domain for domain in DATA_DOMAINS if stats.get(domain) in FOR_DATA]
    if served:
        return tuple(_SESSION_OF[domain] for domain in served)
    return tuple(NAS_OF[d] for d in (*DATA_DOMAINS, "cs") if stats.get(d, 1) not in REGISTERED)


def _once(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Each cause of a domain once, by the place where it was seen first, with its network."""
    found: dict[tuple[str, int], Cause] = {}
    for cause in causes:
        key = (cause.domain, cause.number)
        first = found.setdefault(key, cause)
        if isinstance(first.plmn, Absent) and not isinstance(cause.plmn, Absent):
            found[key] = first._replace(plmn=cause.plmn)
    return tuple(found.values())


def _of_reject(reject: Reject) -> Cause | None:
    domain = reject.domain
    if isinstance(domain, Absent) or domain not in MOBILITY | SESSION:
        domain = UNNAMED
    elif not _counts(domain, reject.cause):
        return None
    plmn = reject.plmn if isinstance(reject.plmn, Absent) else reject.plmn.text
    return Cause(domain, reject.cause, f"rejects.{domain}.cause", plmn)


def _cause_of_error(error: LastError, place: str, likely: tuple[str, ...]) -> Cause | None:
    """The cause in the modem's last error; `likely` are the domains in which one is expected."""
    domain, number = error.domain, error.cause
    if isinstance(domain, Absent) or isinstance(number, Absent):
        named = _named(error.text, number, likely)
        if named is None:
            return None
        domain, number = named
    return Cause(domain, number, f"{place}.{domain}.cause") if _counts(domain, number) else None


def _named(text: str, number: int | Absent, likely: tuple[str, ...]) -> tuple[str, int] | None:
    """A cause without its domain: by words that only one has, or words and number that agree.

    A number alone says nothing: 8 of EMM is another thing than 8 of ESM.
    """
    if isinstance(number, Absent):
        return reject_of_words(text)
    fitting = {name for name in NAS_DOMAINS if reject_cause_of_words(name, text) == number}
    one_kind = fitting <= MOBILITY or fitting <= SESSION or set(likely) <= SESSION
    found = [name for name in likely if name in fitting] if one_kind else []
    return (found[0], number) if found else None


def _cause_behind(cme: int | None) -> tuple[str, int] | None:
    """The network's cause that a CME number carries: (`registration` or `session`, number)."""
    if cme == _PDP_AUTHENTICATION:
        return "session", 29
    return None if cme is None else cause_of_cme(cme)


def _counts(domain: str, number: int) -> bool:
    """Whether it is a cause with which a network refuses."""
    return domain in MOBILITY or (domain in SESSION and number not in _NO_REFUSAL)


def _mobility_domain(facts: Facts) -> str:
    return next((NAS_OF[d] for d in DATA_DOMAINS if facts.stat(d) is not None), "emm")


def _signal_heard(signal: SignalFacts | None) -> bool | Absent:
    """Whether any level is known; no, where the modem says that it has none."""
    if signal is None:
        return Absent("not asked")
    levels = (signal.rssi_dbm, signal.rsrp_dbm)
    if any(reading.known is not None for reading in levels):
        return True
    reasons = [reading.reason or "" for reading in levels]
    if any(reason.startswith(_SENTINELS) for reason in reasons):
        return False
    return Absent(reasons[0])


def _signal_weak(signal: SignalFacts | None) -> bool | Absent:
    if signal is None:
        return Absent("not asked")
    if signal.rsrp_dbm.known is not None:
        return signal.rsrp_dbm.known < _WEAK_RSRP_DBM
    level = signal.rssi_dbm.value
    return level if isinstance(level, Absent) else level < _WEAK_RSSI_DBM


def _expected_bps(snapshot: ModemSnapshot) -> int | Absent:
    act = _of(snapshot.operator and snapshot.operator.act)
    if isinstance(act, Absent):
        for domain in DATA_DOMAINS:
            here = _of(getattr(snapshot.registration, domain, None), lambda it: it.act)
            act = here if isinstance(act, Absent) else act
    if isinstance(act, Absent):
        return act
    rate = _EXPECTED_BPS.get(act)
    return Absent("no rate is expected of this access technology") if rate is None else rate
