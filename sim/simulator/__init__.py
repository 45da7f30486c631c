"""A simulated UICC, independent of the code that reads cards.

It simulates: the file system, SELECT in all ways that readers use, READ BINARY and READ RECORD,
GET RESPONSE and the T=0 status words, class 00 and class A0, STATUS, logical channels, PIN1 with
its counters, access by PIN, +CRSM as a modem passes it on. It does not simulate: writing,
authentication, the toolkit (beyond saying 91xx), record pointers, PIN2, eUICC functions.
"""

from sim.simulator.card import SimulatedCard
from sim.simulator.profile import Behaviour

__all__ = ["Behaviour", "SimulatedCard"]
