import pytest

from cloud_bridge import topics
from cloud_bridge.errors import MessageError


def test_a_topic_is_root_gateway_kind() -> None:
    assert topics.build("sw/1", "a1b2c3d4e5", "report") == "sw/1/a1b2c3d4e5/report"


@pytest.mark.parametrize("kind", sorted(topics.KINDS))
def test_what_is_built_is_parsed(kind: str) -> None:
    assert topics.parse("my/root", topics.build("my/root", "gw-1", kind)) == ("gw-1", kind)


@pytest.mark.parametrize(
    "topic",
    [
        "sw/1/gw/unknown",
        "sw/1/gw",
        "sw/1/gw/report/more",
        "sw/1//report",
        "sw/2/gw/report",
        "xsw/1/gw/report",
        "sw/1/g w/report",
        "sw/1/gw\x00/report",
        "",
    ],
)
def test_a_topic_that_is_not_ours_is_refused(topic: str) -> None:
    with pytest.raises(MessageError):
        topics.parse("sw/1", topic)


@pytest.mark.parametrize("gw", ["", "a/b", "a+", "#", "a b", "x" * 41, "é"])
def test_an_id_that_cannot_stand_in_a_topic_is_refused(gw: str) -> None:
    with pytest.raises(ValueError, match="gateway id"):
        topics.build("sw/1", gw, "report")


@pytest.mark.parametrize("root", ["", "/sw", "sw/", "sw/+", "sw/#", "s w", "sw\n"])
def test_a_root_that_cannot_stand_in_a_topic_is_refused(root: str) -> None:
    with pytest.raises(ValueError, match="root"):
        topics.build(root, "gw", "report")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        topics.build("sw/1", "gw", "telemetry")
