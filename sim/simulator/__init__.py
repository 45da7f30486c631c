"""A simulated UICC, independent of the code that reads cards.

It simulates: the file system, SELECT in all ways that readers use, READ BINARY and READ RECORD,
UPDATE BINARY and UPDATE RECORD, GET RESPONSE and the T=0 status words, class 00 and class A0,
STATUS, logical channels, PIN1 and PIN2 with their counters and PUKs, access by PIN1, +CRSM as a
modem passes it on. It does not simulate: authentication, the toolkit (beyond saying 91xx), record
pointers, eUICC functions.
"""

from sim.simulator.card import SimulatedCard
from sim.simulator.profile import Behaviour

__all__ = ["Behaviour", "SimulatedCard"]
