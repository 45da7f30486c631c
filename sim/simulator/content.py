"""What is written on a simulated card: its files, and who it says it is."""

from dataclasses import dataclass, field

from sim.simulator.tree import FileTree


@dataclass(frozen=True)
class Identity:
    """What the profile says of the card in words; None where it has none."""

    iccid: str | None = None
    imsi: str | None = None
    msisdn: str | None = None


@dataclass
class CardContent:
    """The files, and the identity that they were written from."""

    tree: FileTree = field(default_factory=FileTree)
    identity: Identity = field(default_factory=Identity)
