"""Puts the peers from PyPI into `benchmarks/.venv`, and Debian's by apt-get where root.

Python packages are another program's: simward neither imports nor ships them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(__file__).parents[1] / ".venv"
PYTHON = VENV / "bin" / "python"
FROM_PYPI = ("atlib==0.6.0", "python-gsmmodem-new==0.13.0")
FOR_PYSIM = (
    "pyscard", "pyserial", "pytlv", "cmd2>=2.6.2,<4", "jsonpath-ng", "construct", "bidict",
    "pyosmocom>=0.0.12", "pyyaml", "termcolor", "colorlog", "pycryptodomex", "cryptography",
    "packaging", "smpplib",
)  # fmt: skip
FROM_DEBIAN = {"gammu": "gammu", "ofonod": "ofono", "ModemManager": "modemmanager"}


def install() -> list[str]:
    """Quick the second time; what is missing after all, for those who can do without it."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    # -qq: errors only. pip warns of root, of its own age and of setup.py files that are not ours.
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "--root-user-action=ignore", *FROM_PYPI], check=False)
    missing = _not_found()
    if missing and os.geteuid() == 0:
        apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        subprocess.run(apt, check=False, stdout=subprocess.DEVNULL)
    return [*_not_found(), *(FROM_PYPI if done.returncode else ())]


def install_for_pysim() -> None:
    """What pySim-read imports; itself it is not on PyPI, and is run from a checkout."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--root-user-action=ignore", *FOR_PYSIM], check=False)


def _not_found() -> list[str]:
    """Debian's packages whose programs are not here."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return [
        package for name, package in FROM_DEBIAN.items() if shutil.which(name, path=path) is None
    ]


if __name__ == "__main__":
    sys.exit(f"missing: {' '.join(left)}" if (left := install()) else 0)
