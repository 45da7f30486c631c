import pytest

from agent.trouble import Kind, half_dead, permanent_refusals, restraint_of, trouble_of
from modem.engine import FLOODED, GARBLED, NO_ANSWER
from modem.snapshot import SignalFacts
from modem.transport.coexist import NOT_ALLOWED
from modem.transport.serial_port import BAD_URL, GONE, NO_SUCH_PORT, STUCK, TAKEN
from sim.reading import absent
from tests.unit.snapshot_helpers import DENIED, HOME, MODEM, REFUSAL, domain, read, registered


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (NO_SUCH_PORT, Kind.MISSING),
        (GONE, Kind.UNPLUGGED),
        (STUCK, Kind.STUCK),
        (TAKEN, Kind.TAKEN),
        ("taken by minicom (pid 17)", Kind.TAKEN),
        (NOT_ALLOWED, Kind.TAKEN),
        (BAD_URL, Kind.FORBIDDEN),
        (NO_ANSWER, Kind.SILENT),
        ("AT+CGMI: timeout 5 s", Kind.SILENT),
        (FLOODED, Kind.GARBLED),
    ],
)
def test_the_reason_decides_the_kind(reason, kind):
    assert trouble_of(reason, worked=True).kind is kind


def test_garbage_where_no_modem_ever_answered_is_a_wrong_speed():
    assert trouble_of(GARBLED, worked=False).kind is Kind.WRONG_SPEED
    assert trouble_of(GARBLED, worked=True).kind is Kind.GARBLED


SILENT = absent("timeout 5 s")
NO_SIGNAL = SignalFacts(SILENT, SILENT, SILENT, SILENT, SILENT)


def test_a_modem_that_hangs_in_all_about_the_network_is_half_dead():
    silent = MODEM._replace(
        registration=MODEM.registration._replace(cs=SILENT, ps=SILENT, eps=SILENT),
        signal=NO_SIGNAL,
    )
    assert half_dead(silent) is not None


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(MODEM, id="well"),
        pytest.param(registered(eps=DENIED)._replace(signal=NO_SIGNAL), id="denied"),
        pytest.param(MODEM._replace(registration=None), id="not asked"),
        pytest.param(MODEM._replace(signal=NO_SIGNAL), id="only the signal hangs"),
        pytest.param(
            registered()._replace(signal=NO_SIGNAL._replace(rssi_dbm=absent("modem answered 99"))),
            id="refused, not silent",
        ),
        pytest.param(
            MODEM._replace(
                sim=MODEM.sim._replace(iccid=SILENT, imsi=SILENT, msisdn=SILENT, spn=SILENT)
            ),
            id="a dead card hangs its own commands",
        ),
    ],
)
def test_other_gaps_are_no_trouble_of_the_modem(snapshot):
    assert half_dead(snapshot) is None


@pytest.mark.parametrize("cause", [2, 3, 6, 8])
def test_permanent_causes_hold_back(cause):
    snapshot = registered(eps=domain(3, "denied", cause))
    assert permanent_refusals(snapshot) == (("eps", cause),)
    assert restraint_of(snapshot).refused == (("eps", cause),)


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(registered(eps=domain(3, "denied", 11)), id="another PLMN may take it"),
        pytest.param(registered(eps=domain(3, "denied", 22)), id="congestion"),
        pytest.param(registered(eps=domain(3, "denied")), id="no cause"),
        pytest.param(registered(cs=domain(3, "denied", 2), eps=HOME), id="CS alone is refused"),
        pytest.param(registered(nr5g=domain(3, "denied", 3)), id="5G numbers them otherwise"),
        pytest.param(
            registered(eps=domain(3, "denied", 8)._replace(cause_type=1)), id="the maker's number"
        ),
        pytest.param(MODEM._replace(registration=None), id="not asked"),
    ],
)
def test_what_may_pass_holds_nothing_back(snapshot):
    assert permanent_refusals(snapshot) == ()


def test_a_permanent_refusal_that_was_only_heard_counts_too():
    searching = registered(eps=domain(2, "searching"))
    assert permanent_refusals(searching._replace(rejects=(REFUSAL._replace(cause=8),))) == (
        ("eps", 8),
    )
    assert permanent_refusals(searching._replace(rejects=(REFUSAL,))) == ()


@pytest.mark.parametrize(("level", "off"), [(0, True), (4, True), (1, False), (7, False)])
def test_a_radio_that_somebody_switched_off_is_left_off(level, off):
    identity = MODEM.identity._replace(functionality=read(level))
    assert restraint_of(MODEM._replace(identity=identity)).radio_off is off
    asked_alone = MODEM._replace(identity=None, functionality=read(level))
    assert restraint_of(asked_alone).radio_off is off
    assert not restraint_of(MODEM._replace(identity=None)).radio_off
