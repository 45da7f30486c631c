"""The catalogue of events against the code that raises them and the messages that go out."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from agent.cli.backend_lines import event_code
from agent.cli.schema import _events
from agent.config import Settings
from agent.i18n import set_language
from agent.i18n.zh import TEXTS
from agent.jobs import Happened, Sample
from agent.recording import Recorder
from agent.report import Stamp, event_body
from agent.store import Store
from agent.usage.alerts import alerts
from agent.usage.meter import plan_of
from cloud_bridge import asyncapi, schema
from cloud_bridge.encoding import batch, decode, envelope
from cloud_bridge.events import CATALOGUE, CODES, RESERVED
from cloud_bridge.messages import MODELS
from cloud_bridge.outbox import Outbox
from sim.identifiers import Eid, Iccid, Imei
from sim.reading import absent
from tests.events_page import PAGE, written
from tests.unit.snapshot_helpers import DENIED, HOME, MODEM, gateway, read, registered, with_card
from tests.unit.test_usage_alerts import RULES, card, day

ROOT = Path(__file__).parents[2]
DOCUMENT = asyncapi.document("0.1.0")
STAMP = Stamp(1, 60.0, "2026-11-22T01:02:03.456Z")
ROW = {"v": 1, "gw": "gw1", "store": "0f3c9a11", "seq": 1}

OTHER_MODEM = MODEM._replace(identity=MODEM.identity._replace(imei=read(Imei("490154203237518"))))
OTHER_CARD = with_card(iccid=read(Iccid("89001010000000000026"), "EF.ICCID"))
PULLED = with_card(state=read("absent"), iccid=absent("no card"))
CHIP = read(Eid("89049032000001000000000000000001"))
PROFILE_A = with_card(eid=CHIP)
PROFILE_B = with_card(eid=CHIP, iccid=read(Iccid("89001010000000000026"), "EF.ICCID"))
NO_PROFILE = with_card(eid=CHIP, state=read("no_profile"), iccid=absent("no card"))
STORY = (
    MODEM, registered(eps=DENIED), registered(eps=HOME), OTHER_CARD, PULLED, MODEM, OTHER_MODEM,
    PROFILE_A, PROFILE_B, NO_PROFILE, PROFILE_A,
)  # fmt: skip


def test_the_catalogue_is_the_contracts():
    assert CODES == (
        "card_changed", "card_removed", "card_inserted", "pairing_changed", "registration_denied",
        "registration_restored", "usage_threshold", "usage_jump", "idle_card", "modem_restarted",
        "modem_lost", "modem_changed", "profile_switched", "clock_stepped", "reports_dropped",
        "outbox_reset", "budget_near", "certificate_expires", "deadline_near",
        "verification_contradicted", "command_refused",
    )  # fmt: skip


# Functions and classes that raise an event by its code, with the place of the code.
RAISES = {"Happened": 0, "event_body": 0, "_tell": 0, "_say": 0, "_emit_step": 0}


def raised_in(path: Path) -> set[str]:
    """Codes that a source file raises: in calls, in pairs of code and args, in dictionaries."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        values: list[ast.expr] = []
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, *_]):
                values = [first] if name in RAISES else []
            case ast.Tuple(elts=[first, *_]):
                values = [first]
            case ast.IfExp(body=first, orelse=second):
                values = [first, second]
            case ast.Assign(value=value) | ast.AnnAssign(value=value):
                values = [value] if value is not None else []
            case _:
                continue
        found |= {v.value for v in values if isinstance(v, ast.Constant) and v.value in CATALOGUE}
    return found


def all_raised() -> dict[str, set[str]]:
    """Codes by the modules that raise them."""
    own = {"cloud_bridge/events.py", "cloud_bridge/messages.py"}
    found: dict[str, set[str]] = {}
    for package in ("agent", "cloud_bridge"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name not in own and "i18n" not in name:
                for code in raised_in(path):
                    found.setdefault(code, set()).add(name)
    return found


def test_a_code_that_is_called_reserved_is_raised_nowhere():
    assert set(CATALOGUE) >= RESERVED
    assert {code: where for code, where in all_raised().items() if code in RESERVED} == {}


def test_the_codes_of_cards_modems_and_rows_are_raised_by_this_version():
    assert set(all_raised()) | {"pairing_changed"} >= set(CATALOGUE) - RESERVED


@pytest.mark.parametrize("code", ["sim_swapped", "", "CARD_CHANGED"])
def test_what_is_not_in_the_catalogue_cannot_be_raised(code):
    with pytest.raises(AssertionError):
        event_body(code, {}, STAMP)


def test_every_text_of_the_catalogue_is_said_in_chinese():
    for spec in CATALOGUE.values():
        for text in (spec.name, spec.when, spec.bound):
            assert text in TEXTS


def test_a_chinese_line_has_the_name_beside_the_code():
    assert event_code("card_changed") == "card_changed"
    set_language("zh")
    try:
        assert event_code("card_changed") == "card_changed 换卡"
    finally:
        set_language("en")


def test_the_catalogue_is_printed_in_both_languages():
    events = {each["code"]: each for each in _events()["events"]}
    assert tuple(events) == CODES
    assert events["card_changed"]["name"] == {"zh": "换卡", "en": "another card"}
    assert events["card_changed"]["args"]["required"] == ["slot", "iccid", "was"]
    assert events["clock_stepped"]["raised"]
    assert not events["command_refused"]["raised"]


def test_the_page_is_what_the_catalogue_says():
    page = PAGE.read_text("utf-8")
    assert written(page) == page


# Live messages


@pytest.fixture
def recorder(tmp_path):
    store = Store(tmp_path, boot=1)
    outbox = Outbox(store.connection, stamp=STAMP.body)
    yield Recorder(store, outbox, boot=1, plan=plan_of(Settings())), outbox
    store.close()


def validator(message: str) -> jsonschema.Draft202012Validator:
    """Of a message of the AsyncAPI document, its references resolved inside the document."""
    whole = {**DOCUMENT, "$ref": f"#/components/messages/{message}/payload"}
    return jsonschema.Draft202012Validator(whole)


def live(recorder: Recorder, outbox: Outbox) -> list[tuple[str, bytes]]:
    """What goes on the air after a story of cards, modems and refusals."""
    for number, modem in enumerate(STORY):
        stamp = Stamp(1, 60.0 * number, STAMP.at)
        recorder._do(Sample(1, gateway(modem), stamp, full=True))
    for code, args in (
        ("modem_lost", {"slot": 1, "reason": "timeout 5 s", "trouble": "silent"}),
        ("modem_restarted", {"slot": 1, "left_out": 3}),
        ("outbox_reset", {"moved_to": "simward.db.bad-1"}),
    ):
        recorder._do(Happened(code, args, STAMP))
    return [(row.kind, envelope("gw1", "0f3c9a11", row)) for row in outbox.unsent(0, 1000)]


def test_live_messages_are_as_the_asyncapi_document_says(recorder):
    seen = set()
    for kind, raw in live(*recorder):
        message = decode(raw)
        name = f"event_{message['code']}" if kind == "event" else kind
        validator(name).validate(message)
        jsonschema.Draft202012Validator(schema.json_schema(kind)).validate(message)
        seen.add(message.get("code", kind))
    assert seen >= {
        "report", "card_changed", "card_removed", "card_inserted", "pairing_changed",
        "registration_denied", "registration_restored", "modem_changed", "profile_switched",
    }  # fmt: skip
    for code in seen - {"report"}:
        assert not RESERVED & {code}


def test_a_live_batch_is_as_the_asyncapi_document_says(recorder):
    worker, outbox = recorder
    live(worker, outbox)
    rows = [row for row in outbox.unsent(0, 1000) if row.kind == "report"]
    validator("report_batch").validate(decode(batch("gw1", "0f3c9a11", rows)))


def test_events_about_usage_are_as_the_asyncapi_document_says():
    days = [day(f"2026-11-{number:02}", 1_000_000) for number in range(1, 19)]
    busy = card([*days, day("2026-11-20", 90_000_000, hidden=7)])
    idle = card(days[:1], still_since=datetime(2026, 9, 1, tzinfo=UTC))
    found = [alert for one in (busy, idle) for alert in alerts(one, RULES, ())]
    for alert in found:
        args = {"slot": 1, "iccid": "89001010000000000018", **alert.args}
        event = {**ROW, **event_body(alert.code, args, STAMP)}
        validator(f"event_{alert.code}").validate(event)
        assert set(args) <= set(CATALOGUE[alert.code].args)
    assert {alert.code for alert in found} == {"usage_threshold", "usage_jump", "idle_card"}


@pytest.mark.parametrize(
    ("message", "broken"),
    [
        ("event_card_changed", {"code": "card_removed", "args": {"slot": 1}}),
        ("event_card_changed", {"code": "card_changed", "args": {"slot": 1}}),
        ("event_pairing_changed", {"code": "pairing_changed", "args": {"slot": 1, "costs": ["x"]}}),
        ("report", {"sim_state": "swapped"}),
    ],
)
def test_the_document_refuses_what_is_no_such_message(message, broken):
    with pytest.raises(jsonschema.ValidationError):
        validator(message).validate({**ROW, "boot": 1, "up_s": 1.0, **broken})


def test_every_event_and_every_message_is_in_the_asyncapi_document():
    messages = DOCUMENT["components"]["messages"]
    assert set(messages) == {*(set(MODELS) - {"event"}), *(f"event_{code}" for code in CODES)}
    named = {name for channel in DOCUMENT["channels"].values() for name in channel["messages"]}
    assert named == set(messages)
    for spec in messages.values():
        jsonschema.Draft202012Validator.check_schema(spec["payload"])


def test_an_event_of_a_newer_version_with_more_args_is_taken():
    event = {**ROW, **event_body("modem_restarted", {"slot": 1, "colour": "blue"}, STAMP)}
    validator("event_modem_restarted").validate(event)
