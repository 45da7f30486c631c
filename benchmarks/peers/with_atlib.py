"""The facts by atlib: identity, ICCID, IMSI, signal, registration. Usage: with_atlib.py PORT."""

import sys
import time

from atlib import GSM_Device

started = time.perf_counter()
modem = GSM_Device(sys.argv[1], baudrate=115200)
facts = [
    modem.get_manufacturer(),
    modem.get_model(),
    modem.get_imei(),
    modem.get_iccid(),
    modem.get_imsi(),
    modem.get_signal(),
    modem.get_network_registration(),
]
print(facts)
print(f"in_process_ms {(time.perf_counter() - started) * 1e3:.1f}")
