"""After every change: registration, sessions and counters follow, and the modem tells of it."""

from collections.abc import Mapping

from modem.simulator import causes
from modem.simulator.registration import Refusal
from modem.simulator.state import ModemState
from modem.simulator.values import refusal_values, session_values, template_values

_LAYERS = ("MM", "GMM", "GSM", "EMM", "ESM", "5GMM", "5GSM")
_SESSION_LAYERS = {"ps": "GSM", "eps": "ESM", "nr5g": "5GSM"}


def settle(state: ModemState) -> None:
    """Let registration and sessions follow what was changed."""
    for refusal in state.registrar.settle(state.surroundings):
        note_refusal(state, refusal)
    lost = state.sessions.settle(state.data_service, state.network)
    if lost:
        state.usage.end_session()
    for cid in lost:
        state.tell_packet_event(f"NW PDN DEACT {cid}")


def note_refusal(state: ModemState, refusal: Refusal) -> None:
    """Remember a refused registration, and tell it as the model does."""
    values = {**template_values(state), **refusal_values(state, refusal)}
    state.last_refusal = refusal
    _remember(state, state.profile.style.error_text, values)
    state.notices += [line.format_map(values) for line in state.profile.urcs.reject]
    _tell_network_error(state, causes.LAYER_OF_DOMAIN[refusal.domain], refusal.cause)
    if refusal.esm is not None:
        _tell_network_error(state, "ESM", refusal.esm)


def note_session_refusal(state: ModemState, cid: int, cause: int) -> None:
    """Remember a refused packet session, and tell it as the model does."""
    values = {**template_values(state), **session_values(state, cid, cause)}
    _remember(state, state.profile.style.session_error_text, values)
    state.notices += [line.format_map(values) for line in state.profile.urcs.session_reject]
    _tell_network_error(state, _SESSION_LAYERS[str(values["domain"])], cause)


def note_call_end(state: ModemState, cause: int) -> None:
    """Remember why a call ended."""
    words = causes.CALL.get(cause, "Unknown")
    values = {"cause": cause, "cause_words": words, "cause_constant": causes.as_constant(words)}
    _remember(state, state.profile.style.call_error_text, values)


def _remember(state: ModemState, template: str, values: Mapping[str, object]) -> None:
    state.last_error = template.format_map(values)
    state.error_is_new = True


def _tell_network_error(state: ModemState, layer: str, cause: int) -> None:
    """+CNEC (27.007 clause 9.1B, unread), where the client has asked for this layer."""
    if state.settings.network_errors & 1 << _LAYERS.index(layer):
        state.notices.append(f"+CNEC_{layer}: {cause}")
