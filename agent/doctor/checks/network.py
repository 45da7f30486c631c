"""Names and routes. Sources: resolv.conf(5); proc(5) `/proc/net/route`, `/proc/net/ipv6_route`."""

from typing import NamedTuple

from agent.doctor.checks.modem_ports import found_modems
from agent.doctor.finding import Finding, Seen, failure, fine, warning
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import Said, say

# Names that kernel (wwan, cdc drivers) and pppd give to links of a modem.
_CELLULAR_NAMES = ("wwan", "ppp", "rmnet")
_UP, _REJECT = 0x1, 0x200


def name_servers(s: Surroundings) -> Finding:
    """Whether the machine has somebody to ask for names."""
    path = "/etc/resolv.conf"
    text = s.text(path) or ""
    servers = [
        words[1]
        for words in (line.split() for line in text.splitlines())
        if len(words) > 1 and words[0] == "nameserver"
    ]
    seen = [Seen(path, f"nameserver {server}") for server in servers]
    if not servers:
        do = say("have the network set up name servers (DHCP, NetworkManager)")
        said = say("no name server is set: no name can be resolved")
        return _missing(s, said, do, Seen(path, "none"))
    return fine(say("name servers: {names}", names=", ".join(servers)), *seen)


def _missing(s: Surroundings, said: Said, do: Said, *seen: Seen) -> Finding:
    """A gateway that reports needs a network; a machine without a broker may do without."""
    return (warning if s.settings.broker.url is None else failure)(said, do, *seen)


class Route(NamedTuple):
    """A default route."""

    family: str
    interface: str
    metric: int


def default_routes(s: Surroundings) -> list[Route]:
    """The default routes that are up, the one that is taken first (lowest metric) first."""
    found = []
    for line in (s.text("/proc/net/route") or "").splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[1] == fields[7] == "00000000" and int(fields[3], 16) & _UP:
            found.append(Route("IPv4", fields[0], int(fields[6])))
    for line in (s.text("/proc/net/ipv6_route") or "").splitlines():
        fields = line.split()
        if len(fields) > 9 and fields[0] == "0" * 32 and fields[1] == "00" and fields[9] != "lo":
            flags = int(fields[8], 16)
            if flags & _UP and not flags & _REJECT:
                found.append(Route("IPv6", fields[9], int(fields[5], 16)))
    return sorted(found, key=lambda route: (route.family, route.metric))


def default_route(s: Surroundings) -> Finding:
    """Where the machine's own traffic goes: it should not go over the SIM unless it must."""
    wanted = s.settings.broker.interface
    if wanted is not None and wanted not in s.names("/sys/class/net"):
        do = say("correct broker.interface, or bring it up; see ip link")
        return failure(
            say("the interface {name} of broker.interface is not there", name=wanted), do
        )
    routes = default_routes(s)
    seen = [Seen(f"default route {r.family}", f"{r.interface} metric {r.metric}") for r in routes]
    if not routes:
        do = say("bring a network up; see ip route")
        return _missing(s, say("there is no default route: nothing can be reached"), do, *seen)
    # IPv4 and IPv6 each go their own way, whatever the other's metrics.
    firsts = [next(r for r in routes if r.family == each) for each in {r.family for r in routes}]
    over_sim = [route for route in firsts if is_cellular(s, route.interface)]
    if not over_sim:
        return fine(say("over {name}, not over the SIM", name=routes[0].interface), *seen)
    first = over_sim[0]
    if all(is_cellular(s, route.interface) for route in routes):
        said = say(
            "the SIM is the only way out ({name}): releasing the card cuts it", name=first.interface
        )
        do = say(
            "have another uplink, or the evidence saved as a file, before the card is released"
        )
        return warning(said, do, *seen)
    said = say(
        "traffic goes over the SIM ({name}) though there is another way", name=first.interface
    )
    do = say("give the other network the lower metric (ipv4.route-metric in NetworkManager)")
    return warning(said, do, *seen)


def is_cellular(s: Surroundings, interface: str) -> bool:
    """Whether an interface is a modem's: by its name, its kind, or the device it is a part of."""
    if interface.startswith(_CELLULAR_NAMES):
        return True
    place = s.where(f"/sys/class/net/{interface}")
    if "DEVTYPE=wwan" in (s.text(f"/sys/class/net/{interface}/uevent") or ""):
        return True
    device = str((place / "device").resolve())
    return any(
        group.device is not None and f"{group.device.syspath.removeprefix('/sys')}/" in f"{device}/"
        for group in found_modems(s)
    )
