"""All checks, in the order in which the page and the document list them."""

from typing import Final

from agent.doctor.checks import (
    broker,
    certificates,
    clock,
    configuration,
    disk,
    journal,
    modem_ports,
    modemmanager,
    network,
    outbox,
    pairings,
    port_rights,
    power,
    readers,
    rules,
    service,
    system,
    usb_power,
)
from agent.doctor.examine import Check
from agent.i18n import mark

GROUPS: Final = {
    "configuration": mark("configuration"),
    "daemon": mark("daemon"),
    "modem": mark("modem"),
    "card": mark("card reader"),
    "power": mark("power"),
    "clock": mark("clock"),
    "disk": mark("disk"),
    "network": mark("network"),
    "broker": mark("broker"),
    "system": mark("system"),
}

# A check that waits for others' steps, or for several programs, has longer than those may take.
_PROGRAMS_S: Final = 20.0
_STORE_S: Final = 30.0

CHECKS: Final = (
    Check("config", "configuration", mark("configuration file"), configuration.config),
    Check("secrets", "configuration", mark("keys and passwords"), configuration.secrets),
    Check("daemon", "daemon", mark("simward run"), service.daemon),
    Check("unit", "daemon", mark("start at boot"), service.unit, _PROGRAMS_S),
    Check("watchdog", "daemon", mark("watchdog"), service.watchdog, _PROGRAMS_S),
    Check("last_report", "daemon", mark("last report"), outbox.last_report, _STORE_S),
    Check("last_ack", "daemon", mark("the backend's ack"), outbox.last_ack, _STORE_S),
    Check("modem_port", "modem", mark("modem port"), modem_ports.configured_ports),
    Check("port_holders", "modem", mark("who has the port"), modem_ports.holders),
    Check("port_rights", "modem", mark("rights to the port"), port_rights.rights),
    Check("modemmanager", "modem", "ModemManager", modemmanager.modemmanager, _PROGRAMS_S),
    Check("udev_rules", "modem", mark("udev rules"), rules.udev_rules),
    Check("usb_power", "modem", mark("USB suspend"), usb_power.usb_power),
    Check("pcscd", "card", "pcscd", readers.pcscd),
    Check("readers", "card", mark("card reader"), readers.readers),
    Check("brownout", "power", mark("supply voltage"), power.brownout),
    Check("kernel_log", "power", mark("kernel log"), power.kernel_log),
    Check("clock", "clock", mark("clock"), clock.clock),
    Check("clock_age", "clock", mark("last set right"), clock.clock_age),
    Check("rtc", "clock", mark("real-time clock"), clock.rtc),
    Check("time_zone", "clock", mark("time zone"), clock.time_zone),
    Check("state_dir", "disk", mark("state directory"), disk.state_dir),
    Check("disk_space", "disk", mark("free space"), disk.space),
    Check("disk_inodes", "disk", mark("free inodes"), disk.inodes),
    Check("mount", "disk", mark("file system"), disk.mount),
    Check("wear", "disk", mark("wear of the storage"), disk.wear),
    Check("journal", "disk", mark("system journal"), journal.journal),
    Check("outbox", "disk", mark("outbox"), outbox.outbox, _STORE_S),
    Check("pairings", "disk", mark("pairing history"), pairings.pairings, _STORE_S),
    Check("name_servers", "network", mark("name servers"), network.name_servers),
    Check("default_route", "network", mark("default route"), network.default_route),
    Check("broker_name", "broker", mark("broker's name"), broker.name),
    Check("broker_tcp", "broker", mark("broker's port"), broker.tcp, broker.DEADLINE_S),
    Check("broker_tls", "broker", mark("TLS with the broker"), broker.tls, broker.DEADLINE_S),
    Check("broker_login", "broker", mark("broker login"), broker.login, broker.DEADLINE_S),
    Check("certificate", "broker", mark("device certificate"), certificates.certificate),
    Check("key_pair", "broker", mark("device key"), certificates.key_pair),
    Check("authority", "broker", mark("CA certificates"), certificates.authority),
    Check("versions", "system", mark("versions"), system.versions),
    Check("memory", "system", mark("memory"), system.memory),
    Check("load", "system", mark("load"), system.load),
)
