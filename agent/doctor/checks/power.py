"""Power: the brown-out bits of a Raspberry Pi, and what the kernel wrote about it.

Sources: Raspberry Pi documentation, `vcgencmd get_throttled` (bits 0 to 3 now, 16 to 19 since
boot); the kernel's driver raspberrypi-hwmon (`in0_lcrit_alarm`, "Undervoltage detected!").
"""

import os
from pathlib import Path

from agent.doctor.finding import (
    Finding,
    Seen,
    Unreadable,
    failure,
    fine,
    not_applicable,
    unknown,
    warning,
)
from agent.doctor.surroundings import Surroundings
from agent.i18n import mark
from agent.i18n.said import say

_BITS = "/sys/devices/platform/soc/soc:firmware/get_throttled"
_MODEL = "/proc/device-tree/model"
_UNDER_VOLTAGE, _UNDER_VOLTAGE_BEFORE = 1 << 0, 1 << 16
_TOO_HOT, _TOO_HOT_BEFORE = 1 << 1 | 1 << 2 | 1 << 3, 1 << 17 | 1 << 18 | 1 << 19
_KMSG = "/dev/kmsg"
_MOST_RECORDS = 20_000


def brownout(s: Surroundings) -> Finding:
    """Whether the supply is, or was, too weak."""
    model = s.text(_MODEL)
    if model is None or not model.startswith("Raspberry Pi"):
        board = [] if model is None else [Seen(_MODEL, model)]
        return not_applicable(say("not a Raspberry Pi: nothing tells of its supply"), *board)
    told = _from_firmware(s) or _from_hwmon(s) or _from_sysfs(s)
    if told is None:
        return unknown(say("neither the firmware nor the kernel tells of the supply"))
    word, *seen = told
    do = say(
        "use the Pi's own power supply and a short cable; give the modem a powered USB hub:"
        " its bursts of 2 A reset modems and damage cards"
    )
    if word & _UNDER_VOLTAGE:
        return failure(say("the voltage is too low at this moment"), do, *seen)
    if word & _UNDER_VOLTAGE_BEFORE:
        return warning(say("the voltage was too low since boot"), do, *seen)
    if word & (_TOO_HOT | _TOO_HOT_BEFORE):
        return warning(say("the board was too hot and slowed down"), say("cool it"), *seen)
    return fine(say("no low voltage since boot"), *seen)


def _from_firmware(s: Surroundings) -> tuple[int, Seen] | None:
    ran = s.run("vcgencmd", "get_throttled")
    if ran is None or not ran.out.startswith("throttled="):
        return None
    return _word(ran.out.removeprefix("throttled="), "vcgencmd get_throttled")


def _from_hwmon(s: Surroundings) -> tuple[int, Seen] | None:
    """Of this moment alone."""
    for name in s.names("/sys/class/hwmon"):
        if s.text(f"/sys/class/hwmon/{name}/name") == "rpi_volt":
            source = f"/sys/class/hwmon/{name}/in0_lcrit_alarm"
            value = s.text(source)
            if value in {"0", "1"}:
                return (_UNDER_VOLTAGE if value == "1" else 0), Seen(source, value)
    return None


def _from_sysfs(s: Surroundings) -> tuple[int, Seen] | None:
    """The last resort: newer kernels write a warning into their log for whoever reads it."""
    text = s.text(_BITS)
    return None if text is None else _word(text, _BITS)


def _word(text: str, source: str) -> tuple[int, Seen] | None:
    try:
        word = int(text, 16)
    except ValueError:
        return None
    return word, Seen(source, f"0x{word:x}")


# What the kernel writes -> what it means; the first that fits a line counts.
_WORDS = (
    ("ndervoltage detected", mark("low voltage ({count})")),
    ("Under-voltage detected", mark("low voltage ({count})")),
    ("over-current", mark("over-current on USB ({count})")),
    ("Out of memory: Killed process", mark("programs killed for memory ({count})")),
    ("I/O error, dev ", mark("disk errors ({count})")),
    ("EXT4-fs error", mark("errors in a file system ({count})")),
    ("Remounting filesystem read-only", mark("file systems made read-only ({count})")),
)


def kernel_log(s: Surroundings) -> Finding:
    """What the kernel wrote since boot about power, memory and disks."""
    found: dict[str, list[str]] = {}
    for line in _records(s):
        kind = next((kind for words, kind in _WORDS if words in line), None)
        if kind is not None:
            found.setdefault(kind, []).append(line.partition(";")[2] or line)
    seen = tuple(Seen(_KMSG, lines[-1]) for lines in found.values())
    if found:
        kinds = [say(kind, count=len(lines)) for kind, lines in found.items()]
        do = say("look at journalctl -k; weak power and worn cards are the usual causes")
        return warning(say("the kernel wrote of: {kinds}", kinds=kinds), do, *seen)
    return fine(say("the kernel wrote of no trouble with power, memory or disks"))


def _records(s: Surroundings) -> list[str]:
    """The kernel's log from its own buffer (Linux Documentation/ABI/testing/dev-kmsg).

    One reading is one record; where none is left the device would wait.
    """
    path: Path = s.where(_KMSG)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Unreadable(say("{path} does not exist", path=_KMSG)) from None
    except OSError as error:
        raise s.unreadable(path, error) from error
    records: list[str] = []
    try:
        while len(records) < _MOST_RECORDS:
            try:
                record = os.read(descriptor, 8192)
            except BrokenPipeError:  # it was overwritten while we read: the next one is there
                continue
            if not record:
                break
            records += record.decode("utf-8", errors="replace").splitlines()
    except BlockingIOError:
        pass
    except OSError as error:
        raise s.unreadable(path, error) from error
    finally:
        os.close(descriptor)
    return records
