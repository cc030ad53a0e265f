"""Who sent a request, and which messages it brings: a function for each protocol, by other people's code.

Each gives (protocol, [ids], text to look for a mark in, facts); what is wrong with a request is the fact "fault".
"""

import hashlib
import json
import urllib.parse

import jwt
import pusher.signature
from pusher.http import make_query_string
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

# What the tests and the demo configure weir with.
PUSHER_KEY = "278d425bdf160c739803"
PUSHER_SECRET = "7ad3773142a6692b25b8"
WEBHOOK_SECRETS = ["whsec_plJ3nmyCDGBKInavdOK15jsl", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
SENDGRID_KEY = "SG.test"
TOKEN = "ya29.test"
# Of the service account in tests/unit/notifications/providers/service_account.hpp.
SERVICE_ACCOUNT_KEY = b"""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsw1cSS56sdIBfZa/Esv3
KpI4lU0wXWCmnoKF7n0R5DwM/NcZUgTUP9GnWxF18M8hXkghZ/ErYLj1exl6ntkq
XSiTiL/eLznlPOyYO/L9VdMgBqYXukoZgij17RtwyGX7zoELmqT2vbV1n5791Nzj
ln0XjPThl6XMVVdfXZC2fKZZqqqHHRvR1Udbv75pn2kZT3UAd+4EtCx3LUO3Q2xs
kNOzJgXv6KSvg/IhLCTUboajivm2+0O9mHuySLmht0PS3QItZAPB2frB2r1t4UvU
PQWuJQ5HXyYRmrI8SxxI3fhPFXeKU7nZx+RiT6mZlkHJk+2Zw/6yOEfL/GIF4F7U
SwIDAQAB
-----END PUBLIC KEY-----
"""


def pusher_events(path, query, headers, body):
    params = dict(urllib.parse.parse_qsl(query))
    signature = params.pop("auth_signature", "")
    text = "\n".join(["POST", path, make_query_string(params)])
    fault = ""
    if not pusher.signature.verify(PUSHER_SECRET, text, signature):
        fault = "the signature is wrong"
    if params.get("auth_key") != PUSHER_KEY or params.get("auth_version") != "1.0":
        fault = "the query is another"
    if params.get("body_md5") != hashlib.md5(body).hexdigest():
        fault = "the body is another than its MD5 says"
    document = json.loads(body)
    events = document["batch"] if path.endswith("/batch_events") else [document]
    if path.endswith("/batch_events") and not 1 <= len(events) <= 10:
        fault = f"{len(events)} events in a batch"
    for event in events:
        if len(event["data"]) > 10_240:
            fault = "data is too long"
    ids = [json.loads(event["data"])["id"] for event in events]
    channels = [event["channel"] for event in events]
    return "pusher", ids, body.decode(), {"fault": fault, "channels": channels, "events": [event["name"] for event in events]}


def webhook(path, query, headers, body):
    faults = []
    for secret in WEBHOOK_SECRETS:
        try:
            Webhook(secret).verify(body, headers)
        except WebhookVerificationError as error:
            faults.append(str(error))
    # While a secret is changed, either of the two is enough for a receiver that has one of them.
    facts = {"fault": faults[0] if len(faults) == len(WEBHOOK_SECRETS) else "", "signatures": headers["webhook-signature"].count("v1,")}
    document = json.loads(body)
    return "webhook", [headers["webhook-id"]], body.decode(), {**facts, "type": document["type"], "data": document["data"]}


def sendgrid(path, query, headers, body):
    document = json.loads(body)
    fault = "" if headers.get("authorization") == f"Bearer {SENDGRID_KEY}" else "the key is another"
    ids = [each["custom_args"]["message_id"] for each in document["personalizations"]]
    to = [each["to"][0]["email"] for each in document["personalizations"]]
    types = [each["type"] for each in document["content"]]
    if types not in (["text/plain", "text/html"], ["text/html"]):
        fault = f"SendGrid wants text/plain first and text/html after it, and got {types}"
    facts = {"fault": fault, "to": to, "subject": document["subject"], "headers": document.get("headers", {})}
    return "sendgrid", ids, body.decode(), {**facts, "parts": {each["type"]: each["value"] for each in document["content"]}}


def slack(path, query, headers, body):
    document = json.loads(body)
    return "slack", [document["blocks"][0]["block_id"]], body.decode(), {"fault": "" if document["text"] else "there is no text"}


def fcm(path, query, headers, body):
    message = json.loads(body)["message"]
    fault = "" if headers.get("authorization") == f"Bearer {TOKEN}" else "the token is another"
    keys = {message["data"]["id"], message["android"]["collapse_key"], message["apns"]["headers"]["apns-collapse-id"]}
    if len(keys) != 1:
        fault = "the collapse keys differ"
    return "fcm", [message["data"]["id"]], body.decode(), {"fault": fault, "to": message["token"]}


def assertion_fault(body, audience, now):
    """Google's side of RFC 7523: the assertion that asks for a token."""
    form = dict(urllib.parse.parse_qsl(body.decode()))
    if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return "the grant is another"
    needed = {"require": ["iss", "scope", "aud", "iat", "exp"]}
    try:
        claims = jwt.decode(form.get("assertion", ""), SERVICE_ACCOUNT_KEY, algorithms=["RS256"], audience=audience, leeway=60, options=needed)
    except jwt.PyJWTError as error:
        return repr(error)
    if not now - 60 <= claims["iat"] <= now + 60 or claims["exp"] - claims["iat"] > 3600:
        return "its time is another"
    return ""
