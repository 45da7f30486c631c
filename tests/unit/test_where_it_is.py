"""A report says where the modem is; nothing that was set for it stays set."""

from modem.commands.registration import PREFIX_OF_DOMAIN
from modem.engine import Engine
from modem.service import ModemService
from modem.simulator.modem import SimulatedModem
from modem.simulator.scenario import read_scenario
from sim.reading import Absent
from tests.device_stream import TAKEN_AT, DeviceStream

CHANGING = frozenset({"sim", "registration"})


def sampled(device: SimulatedModem, parts: frozenset[str] | None = CHANGING):
    stream = DeviceStream(device)
    service = ModemService(Engine(stream, clock=stream.clock), now=lambda: TAKEN_AT)
    return service.read(parts, sample=True).registration


def sent(device: SimulatedModem) -> list[str]:
    """The settings of registration reports, in order."""
    settings = tuple(f"AT{prefix}=" for prefix in PREFIX_OF_DOMAIN.values())
    return [command for _, command in device.log if command.startswith(settings)]


def modem() -> SimulatedModem:
    return SimulatedModem.load("quectel_ec25", "usim_test")


def tell(device: SimulatedModem, command: str) -> None:
    device.receive(command.encode() + b"\r", 0.0)
    device.poll(1.0)
    device.log.clear()


def test_a_sample_has_the_place_of_the_domain_that_serves_and_the_setting_is_put_back():
    device = modem()
    registration = sampled(device)
    assert (registration.eps.known.area, registration.eps.known.ci) == ("00A1", "01A2B301")
    assert registration.cs.known.area == Absent("the modem gave none")
    assert sent(device) == ["AT+CEREG=2", "AT+CEREG=0"]


def test_the_first_sample_has_it_too():
    assert sampled(modem(), None).eps.known.area == "00A1"


def test_reports_that_are_on_already_come_back_as_they_were():
    device = modem()
    tell(device, "AT+CEREG=1")
    assert sampled(device).eps.known.area == "00A1"
    assert sent(device) == ["AT+CEREG=2", "AT+CEREG=1"]


def test_a_modem_that_says_its_place_anyway_is_told_nothing():
    device = modem()
    tell(device, "AT+CEREG=2")
    assert sampled(device).eps.known.area == "00A1"
    assert sent(device) == []


def test_a_registration_that_is_lost_meanwhile_is_left_to_the_next_sample():
    step = {"on": "AT+CEREG=2", "set": {"eps": {"stat": 3, "cause": 8}}}
    scenario = read_scenario("test", {"step": [step]})
    device = SimulatedModem.load("quectel_ec25", "usim_test", scenario=scenario)
    assert sampled(device).eps.known.stat == 1
    assert sampled(device).eps.known.reject_cause == 8


def test_a_status_sets_nothing_in_a_registered_modem():
    device = modem()
    stream = DeviceStream(device)
    ModemService(Engine(stream, clock=stream.clock), now=lambda: TAKEN_AT).read()
    assert sent(device) == []
