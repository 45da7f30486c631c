"""The facts by python-gsmmodem-new; it has no ICCID call. Usage: with_gsmmodem.py PORT."""

import sys
import time

from gsmmodem.modem import GsmModem

started = time.perf_counter()
modem = GsmModem(sys.argv[1], baudrate=115200)
modem.connect()
facts = [
    modem.manufacturer,
    modem.model,
    modem.revision,
    modem.imei,
    modem.imsi,
    modem.signalStrength,
    modem.networkName,
    modem.waitForNetworkCoverage(5),
]
print(facts)
print(f"in_process_ms {(time.perf_counter() - started) * 1e3:.1f}")
modem.close()
