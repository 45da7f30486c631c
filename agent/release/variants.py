"""Values of D-Bus as JSON and back, without loss: bytes, structures and tables stay so."""

from typing import Any


def to_json(value: Any) -> Any:
    """A value as jeepney gives it: tuples, bytes and tables get a mark of their own."""
    if isinstance(value, bytes | bytearray):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, tuple):
        return {"tuple": [to_json(each) for each in value]}
    if isinstance(value, list):
        return [to_json(each) for each in value]
    if isinstance(value, dict):
        return {"table": {key: to_json(each) for key, each in value.items()}}
    return value


def from_json(value: Any) -> Any:
    """Back, as jeepney takes it."""
    if isinstance(value, list):
        return [from_json(each) for each in value]
    if isinstance(value, dict):
        ((mark, content),) = value.items()
        if mark == "bytes":
            return bytes.fromhex(content)
        if mark == "tuple":
            return tuple(from_json(each) for each in content)
        return {key: from_json(each) for key, each in content.items()}
    return value
