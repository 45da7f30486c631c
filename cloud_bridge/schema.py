"""JSON Schema of each message, for those who write the other end."""

from typing import Any

from cloud_bridge.messages import MODELS


def names() -> tuple[str, ...]:
    """The messages that have a schema."""
    return tuple(MODELS)


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of message `name`.

    Raises:
        KeyError: no such message.
    """
    schema = MODELS[name].model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:simward:schema:{name}:1",
        **schema,
    }
