"""The AsyncAPI 3 document: topics, messages and every event, for those who write the other end.

Source: AsyncAPI specification 3.0.0; MQTT bindings 0.2.0.
"""

from typing import Any, Final, NamedTuple

from cloud_bridge.events import CATALOGUE, args_schema
from cloud_bridge.schema import event_schema, message_schema
from cloud_bridge.topics import DEFAULT_ROOT

Json = dict[str, Any]

_JSON: Final = "application/json"
_GATEWAY, _CLOUD = "send", "receive"


class _Channel(NamedTuple):
    """One topic: who writes it (seen from the gateway), whether it is retained, its messages."""

    action: str
    retain: bool
    text: str
    messages: tuple[str, ...]


_CHANNELS: Final[dict[str, _Channel]] = {
    "state": _Channel(_GATEWAY, True, "Whether the gateway is there; its last will", ("state",)),
    "birth": _Channel(_GATEWAY, True, "Who gateway, modems and cards are", ("birth",)),
    "report": _Channel(
        _GATEWAY, False, "Samples, one a message or many in columns", ("report", "report_batch")
    ),
    "event": _Channel(
        _GATEWAY, False, "What happened", tuple(f"event_{code}" for code in CATALOGUE)
    ),
    "evidence": _Channel(_GATEWAY, False, "Signed evidence, one document a message", ("evidence",)),
    "ack": _Channel(_CLOUD, True, "Up to where the backend has stored every row", ("ack",)),
}


def document(version: str) -> Json:
    """The whole document; it describes the topics that this version of simward speaks."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:simward:asyncapi:1",
        "info": {
            "title": "simward",
            "version": version,
            "description": (
                "What a gateway publishes and takes. Every topic stands below a root, by default"
                f" `{DEFAULT_ROOT}`, and the gateway's id. QoS 1; at least once, stored once by"
                " `(gw, store, seq)`."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _JSON,
        "servers": {
            "broker": {
                "host": "mqtt.example.net:8883",
                "protocol": "mqtts",
                "protocolVersion": "5.0",
                "bindings": {"mqtt": {"sessionExpiryInterval": 604800, "bindingVersion": "0.2.0"}},
            }
        },
        "channels": {name: _channel(name, channel) for name, channel in _CHANNELS.items()},
        "operations": {
            f"{channel.action}_{name}": _operation(name, channel)
            for name, channel in _CHANNELS.items()
        },
        "components": {
            "parameters": {"gw": {"description": "Gateway id: short, opaque, never an IMEI"}},
            "messages": _messages(),
            "schemas": {"event": event_schema()},
        },
    }


def _channel(name: str, channel: _Channel) -> Json:
    return {
        "address": f"{DEFAULT_ROOT}/{{gw}}/{name}",
        "description": channel.text,
        "parameters": {"gw": {"$ref": "#/components/parameters/gw"}},
        "messages": {each: {"$ref": f"#/components/messages/{each}"} for each in channel.messages},
    }


def _operation(name: str, channel: _Channel) -> Json:
    binding = {"qos": 1, "retain": channel.retain, "bindingVersion": "0.2.0"}
    if channel.action == _CLOUD:
        del binding["retain"]  # of a message that is received the binding says nothing
    return {
        "action": channel.action,
        "channel": {"$ref": f"#/channels/{name}"},
        "bindings": {"mqtt": binding},
    }


def _messages() -> Json:
    names = [each for channel in _CHANNELS.values() for each in channel.messages]
    plain = [name for name in names if not name.startswith("event_")]
    return {
        **{name: {"contentType": _JSON, "payload": message_schema(name)} for name in plain},
        **{f"event_{code}": _event(code) for code in CATALOGUE},
    }


def _event(code: str) -> Json:
    spec = CATALOGUE[code]
    return {
        "name": code,
        "title": spec.name,
        "summary": spec.when,
        "description": f"How often: {spec.bound}.",
        "contentType": _JSON,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/event"},
                {
                    "type": "object",
                    "properties": {"code": {"const": code}, "args": args_schema(code)},
                    "required": ["code", "args"],
                },
            ]
        },
    }
