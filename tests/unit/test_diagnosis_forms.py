"""The same refusal in every form that makers use: each simulated modem says it in its own way.

Fields of +CxREG, words and numbers of +CEER, +CNEC, ^REJINFO by itself or asked for, CME numbers,
bare errors with the cause behind them.
"""

import pytest

from modem.simulator.fixture import shipped_names
from tests.diagnosis_world import Bench

MODEMS = sorted(shipped_names("modems", ".toml"))
UNKNOWN_SUBSCRIBER = {
    "cs": {"reject": 2},
    "ps": {"reject": 8},
    "eps": {"reject": 8},
    "nr5g": {"reject": 7},
}
# FM350 tells no cause but that of 5G, and never answers AT+CGACT=1. LE910C tells a number without
# its domain: 8 is another thing of EMM than of ESM.
TELL_NO_REFUSAL = {"fibocom_fm350", "telit_le910c"}
TELL_NO_SESSION = {"fibocom_fm350"}


@pytest.mark.parametrize("modem", MODEMS)
def test_an_unknown_subscriber_is_understood_in_every_form(modem) -> None:
    document = Bench({"modem": modem, "start": {"network": UNKNOWN_SUBSCRIBER}}).document()
    if modem in TELL_NO_REFUSAL:
        assert (document["cause"], document["findings"]) == ("undetermined", [])
        return
    assert (document["row"], document["reject_class"]) == ("L3-1", "perm_identity")


@pytest.mark.parametrize(
    ("cause", "row"),
    [(3, "L3-2"), (5, "L3-3"), (6, "L3-3"), (11, "L3-5"), (12, "L3-7"), (15, "L3-7"), (17, "L3-8")],
)
@pytest.mark.parametrize("modem", ["simcom_a7670", "cinterion_els61", "huawei_e3372"])
def test_words_and_numbers_that_agree_need_no_domain(modem, cause, row) -> None:
    network = {domain: {"reject": cause} for domain in ("cs", "ps", "eps")}
    assert Bench({"modem": modem, "start": {"network": network}}).document()["row"] == row


@pytest.mark.parametrize("cause", [11, 15, 17])
def test_a_number_without_a_domain_is_a_refusal_all_the_same(cause) -> None:
    network = {domain: {"reject": cause} for domain in ("cs", "ps", "eps")}
    document = Bench({"modem": "telit_le910c", "start": {"network": network}}).document()
    assert (document["cause"], document["reject_class"]) == ("undetermined", "other")


@pytest.mark.parametrize(("cause", "row"), [(8, "L4-3"), (33, "L4-2")])
@pytest.mark.parametrize("modem", MODEMS)
def test_a_refused_session_is_understood_in_every_form(modem, cause, row) -> None:
    network = {"sessions": [{"cause": cause}]}
    bench = Bench({"modem": modem, "options": ["--probe"], "start": {"network": network}})
    document = bench.document()
    if modem in TELL_NO_SESSION:
        assert document["cause"] == "undetermined"
        return
    assert (document["row"], document["reject_class"]) == (row, "bearer")
