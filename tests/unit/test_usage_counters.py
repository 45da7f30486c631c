import pytest

from agent.usage.counters import Counters, Delta, delta


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        pytest.param(None, (500, 700), Delta(0, 0, gap=True), id="first reading"),
        pytest.param((500, 700), (510, 790), Delta(10, 90), id="forward"),
        pytest.param((500, 700), (500, 700), Delta(0, 0), id="idle"),
        pytest.param((500, 700), (20, 30), Delta(20, 30, reset=True), id="both began again"),
        pytest.param((500, 700), (600, 5), Delta(600, 5, reset=True), id="one is less: both anew"),
        pytest.param((2**32 - 5, 0), (5, 0), Delta(5, 0, reset=True), id="a wrap is not guessed"),
    ],
)
def test_the_step_between_two_readings(previous, current, expected):
    base = None if previous is None else Counters(*previous)
    assert delta(base, Counters(*current)) == expected
