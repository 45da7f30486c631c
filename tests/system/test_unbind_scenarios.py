"""Each scenario of an unbinding, from its first command to what is left at modem and backend."""

import pytest

from tests.system.network_manager import why_not
from tests.system.unbind_player import Play
from tests.system.unbind_stage import can_enter, is_kept_by_the_kernel
from tests.unbind_scenario import load, names

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not can_enter(), reason="needs root and mount namespaces"),
]


EACH = [pytest.param(name, marks=[pytest.mark.long] * load(name).long) for name in names()]


@pytest.mark.parametrize("name", EACH)
def test_it_goes_as_the_file_says(name, tmp_path) -> None:
    scenario = load(name)
    if scenario.gateway.connections and (reason := why_not()) is not None:
        pytest.skip(reason)
    if not scenario.gateway.clock and is_kept_by_the_kernel():
        pytest.skip("this machine's clock is kept right")
    Play(tmp_path, scenario).run()
