"""The power management of a modem's USB connection."""

from agent.doctor.checks.modem_ports import found_modems
from agent.doctor.finding import Finding, Seen, fine, not_applicable, unknown, warning, worst
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import say
from modem.transport.sysfs import Device


def usb_power(s: Surroundings) -> Finding:
    """Whether Linux may switch the modem's USB connection off when it is quiet.

    Source: Linux Documentation/driver-api/usb/power-management.rst (`power/control`).
    """
    devices = {
        group.device.bus_path: group.device
        for group in found_modems(s)
        if group.device and group.device.bus == "usb"
    }
    if not devices:
        return not_applicable(say("no USB modem is there"))
    return worst(_usb_power(s, device) for device in devices.values())


def _usb_power(s: Surroundings, device: Device) -> Finding:
    place = f"/sys/bus/usb/devices/{device.bus_path}/power"
    control, delay = s.text(f"{place}/control"), s.text(f"{place}/autosuspend_delay_ms")
    if control is None:
        return unknown(say("{path} does not exist", path=f"{place}/control"))
    seen = [Seen(f"{place}/control", control)]
    if delay is not None:
        seen.append(Seen(f"{place}/autosuspend_delay_ms", delay))
    if control == "auto" and not (delay or "").startswith("-"):
        said = say("Linux may suspend the modem {modem} when it is quiet", modem=device.name)
        do = say("write on to {path}, or switch the tool off that set it", path=seen[0].source)
        return warning(said, do, *seen)
    return fine(say("the modem is never suspended"), *seen)
