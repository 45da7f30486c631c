"""What system tests share."""

import os
from collections.abc import Iterator

import pytest

from tests.system.pcscd import Pcscd


@pytest.fixture(scope="session")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    """A real pcscd with two virtual readers, for all tests of this worker.

    libpcsclite looks at the variable once in the life of a process.
    """
    daemon = Pcscd(tmp_path_factory.mktemp("pcscd"))
    os.environ["PCSCLITE_CSOCK_NAME"] = str(daemon.socket)
    daemon.start()
    yield daemon
    daemon.stop()
    del os.environ["PCSCLITE_CSOCK_NAME"]
