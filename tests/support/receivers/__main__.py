"""The other side of every provider, on loopback: python tests/support/receivers DIRECTORY.

Speaks the protocols of Pusher Channels, Standard Webhooks, SendGrid, Slack, FCM with its token service, and SMTP with STARTTLS. Signatures are
verified by other people's code: the packages pusher, standardwebhooks, pyjwt and aiosmtpd. Nothing of weir is used here.

DIRECTORY gets ports.json once all listen, authority.pem (who signed their certificates), and received.jsonl: a line for each message that
came, in the order of arrival. The program runs until it is told to end.

How a receiver behaves stands in the message itself: "behave:503,429/2,ok" has it answer 503 at the first arrival of the message's id, 429 with
"Retry-After: 2" at the second, and accept it at the third and after. Words: a status, status/seconds, ok, late/seconds (accepted only then),
silence (no answer), cut (closed without an answer), giant (an endless body), slow (a body that drips), redirect. While DIRECTORY has a file
out-PROTOCOL, that protocol's receiver answers 503 to all. The port "stalled" lets callers connect, and never reads what they send.
"""

import pathlib
import sys
import threading

import certificates
import http_receivers
import journal
import mail_receiver


def main(directory):
    kept = journal.Journal(directory / "received.jsonl")
    authority = certificates.Authority(directory)
    ports = http_receivers.start(kept, authority)
    ports["smtp"] = mail_receiver.start(kept, authority)
    kept.say_ports(directory / "ports.json", ports)
    threading.Event().wait()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
