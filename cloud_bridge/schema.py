"""JSON Schema of each message, for those who write the other end."""

from typing import Any

from cloud_bridge.events import CATALOGUE, args_schema
from cloud_bridge.messages import MODELS

Json = dict[str, Any]


def names() -> tuple[str, ...]:
    """The messages that have a schema."""
    return tuple(MODELS)


def json_schema(name: str) -> Json:
    """The JSON Schema (2020-12) of message `name`; an event's args follow from its code.

    Raises:
        KeyError: no such message.
    """
    schema = message_schema(name)
    if name == "event":
        schema["allOf"] = [_args_of(code) for code in CATALOGUE]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:simward:schema:{name}:1",
        **schema,
    }


def message_schema(name: str) -> Json:
    """The schema of message `name` as it stands in another document: with no `$defs` outside it.

    Raises:
        KeyError: no such message.
    """
    schema = MODELS[name].model_json_schema()
    defs = schema.pop("$defs", {})
    inlined: Json = _inlined(schema, defs)
    return inlined


def event_schema() -> Json:
    """What all events share."""
    return message_schema("event")


def _args_of(code: str) -> Json:
    return {
        "if": {"properties": {"code": {"const": code}}},
        "then": {"properties": {"args": args_schema(code)}},
    }


def _inlined(value: Any, defs: Json) -> Any:
    """`value` with each reference replaced by what it refers to; none refers to itself."""
    if isinstance(value, list):
        return [_inlined(each, defs) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        whole = {**defs[value["$ref"].rpartition("/")[2]], **value}
        del whole["$ref"]
        return _inlined(whole, defs)
    return {name: _inlined(each, defs) for name, each in value.items()}
