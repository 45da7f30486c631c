"""Vectors for the commands of Chinese makers: own lines, shaped as the source beside them shows."""

from modem.commands.vendor import huawei
from modem.urcs import RejectReported
from sim.identifiers import Plmn
from sim.reading import Absent

NONE = Absent("the modem gave none")

VENDOR_VECTORS = [
    # Huawei's Balong AT command table (ELS-AN00): example of ^REJINFO
    (
        huawei.ReadLastReject(),
        ['^REJINFO: 00101,1,19,2,4,19,"1A2B","FF","0000000001A2B3C4",33'],
        RejectReported(
            Plmn("001", "01"), "ps", 19, "lte", "attach", 19, "1A2B", "FF", "0000000001A2B3C4", 33
        ),
    ),
    (huawei.ReadLastReject(), ["^REJINFO: ,0,0,0,0,0"], NONE),
]
