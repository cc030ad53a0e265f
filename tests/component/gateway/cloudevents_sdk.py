"""The official Python SDK of CloudEvents at the gateway, both ways.

cloudevents_sdk.py send ADDRESS KEY posts events in every mode that the HTTP binding has; each must be accepted
cloudevents_sdk.py read FILE        reads the records that these events became, as lines of {"headers", "key", "value"}; each must be the event
"""
import datetime
import gzip
import http.client
import json
import sys

from cloudevents.core.bindings import http as binding
from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

FORMAT = JSONFormat()
USER = "99999999-2222-4333-8444-555555555555"
DATA = {"action": "page.view", "target": "/Zoë", "properties": {"ratio": 0.5}}


def event(name, data=DATA, **more):
    attributes = {
        "specversion": "1.0",
        "id": name,
        "source": "/apps/web",
        "type": "user.action",
        "subject": "pages/42",
        "time": datetime.datetime.now(datetime.timezone.utc),
        **more,
    }
    return CloudEvent(attributes=attributes, data=data)


JSON_TYPE = {"datacontenttype": "application/json"}
EVENTS = {
    "binary": event("binary", **JSON_TYPE),
    "binary, without a media type": event("untyped"),
    "binary, another media type of JSON": event("vendor", datacontenttype="application/vnd.web+json; charset=utf-8"),
    "binary, text beyond ASCII": event('Zoë says "100%" 😀', **JSON_TYPE, subject="größe €%41", myextension="a b"),
    "binary, a user and numbers": event("numbers", **JSON_TYPE, userid=USER, shard=7),
    "binary, packed": event("packed", **JSON_TYPE),
    "structured": event("structured", **JSON_TYPE),
    "structured, a null attribute": event("null", userid=None, shard=None),
    "structured, data as bytes": event("bytes", json.dumps(DATA).encode(), **JSON_TYPE),
    "structured, a long name": event("long", **{"n" * 64: "here"}),
    "batch, first": event("first", **JSON_TYPE),
    "batch, second": event("second", userid=USER),
}


def post(address, key, message, packed=False):
    headers = {**message.headers, "Authorization": f"Bearer {key}"}
    body = message.body
    if packed:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body)
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.request("POST", "/v1/events", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def batch(events):
    body = b"[" + b",".join(FORMAT.write(one) for one in events) + b"]"
    return binding.HTTPMessage(headers={"content-type": "application/cloudevents-batch+json"}, body=body)


def send(address, key):
    answers = {}
    for name, one in EVENTS.items():
        if name.startswith("binary"):
            answers[name] = post(address, key, binding.to_binary(one, FORMAT), packed="packed" in name)
        elif name.startswith("structured"):
            answers[name] = post(address, key, binding.to_structured(one, FORMAT))
    answers["batch"] = post(address, key, batch(one for name, one in EVENTS.items() if name.startswith("batch")))
    answers["empty batch"] = post(address, key, batch([]))
    return [f"{name}: {status} {body}" for name, (status, body) in answers.items() if status != 202]


def told(attributes):
    """What an event says of itself, as text; time is compared to the microsecond, which the gateway keeps."""
    return {
        name: value.isoformat() if isinstance(value, datetime.datetime) else str(value)
        for name, value in attributes.items()
        if value is not None and name not in ("time", "organizationid", "partitionkey")
    }


def read(path):
    wrong = []
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            headers = {name: value.encode() for name, value in record["headers"]}
            one = kafka.from_binary(kafka.KafkaMessage(headers=headers, key=record["key"], value=record["value"].encode()), FORMAT, CloudEvent)
            found[one.get_id()] = one
    for name, sent in EVENTS.items():
        got = found.pop(sent.get_id(), None)
        if got is None:
            wrong.append(f"{name}: no record")
            continue
        wanted = {**JSON_TYPE, **told(sent.get_attributes())}
        if told(got.get_attributes()) != wanted:
            wrong.append(f"{name}: {told(got.get_attributes())}, not {wanted}")
        if got.get_data() != DATA:
            wrong.append(f"{name}: data {got.get_data()}")
        if got.get_time().tzinfo is None or "organizationid" not in got.get_attributes():
            wrong.append(f"{name}: a time without zone, or no organization")
    return wrong + [f"{name}: sent by nobody" for name in found]


WRONG = send(*sys.argv[2:]) if sys.argv[1] == "send" else read(sys.argv[2])
print("\n".join(WRONG))
sys.exit(1 if WRONG else 0)
