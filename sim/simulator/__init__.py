"""A simulated UICC, independent of the code that reads cards.

It simulates: the file system, SELECT in all ways that readers use, READ and UPDATE of binary files
and records (linear and cyclic, with a record pointer), short file identifiers, GET RESPONSE and the
T=0 status words, class 00 and class A0, STATUS, up to 19 logical channels, PIN1, PIN2 and the
issuer's key with their counters, access rules, deactivated files, proactive commands, an eUICC's
ISD-R as far as it tells what is on it, broken cards, and +CRSM as a modem passes it on. It keeps a
log of what it was asked.

It does not simulate: authentication (any challenge is refused), INCREASE, SEARCH RECORD, creating,
deleting and deactivating files, BER-TLV files, secure messaging, the profile commands of an eUICC.
"""

from sim.simulator.card import SimulatedCard
from sim.simulator.profile import Behaviour

__all__ = ["Behaviour", "SimulatedCard"]
