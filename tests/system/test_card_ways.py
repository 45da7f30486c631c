"""Real cards in the simulator read the same by every way that leads to a card."""

import pytest

from tests.system.card_ways import WAYS, cards, contents, is_uicc, outcome

pytestmark = pytest.mark.system

# AT+CRSM leads to the modem's own application alone (3GPP TS 27.007 clause 8.18, unread).
ANOTHER_APPLICATION = "MF/ADF.ISIM/"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(3), ids=["2G SIM", "USIM", "USIM and ISIM"])
def test_every_file_of_a_real_card_is_the_same_by_every_way(pcscd, way, number):
    dump = cards()[number]
    if way == "AT+CGLA" and not is_uicc(dump):
        pytest.skip("a 2G SIM has no logical channels")
    seen = outcome(way, dump, pcscd)
    files = contents(dump)
    others = {path for path in files if path.startswith(ANOTHER_APPLICATION)}
    assert seen.different == ()
    assert set(seen.unreachable) == (others if way == "AT+CRSM" else set())
    assert seen.same == len(files) - len(seen.unreachable)
