"""A mail server that demands STARTTLS and a login (aiosmtpd). Mails are read by Python's own parser."""

import email
import email.policy
import socket

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER = b"weir"
PASSWORD = b"secret"


class Handler:
    def __init__(self, journal):
        self._journal = journal

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = mail.get_body(("html",)).get_content()
        address = mail["Message-ID"].strip("<>").partition("@")
        word = self._journal.arrive(
            "smtp",
            [address[0]],
            body,
            fault="" if session.ssl is not None else "it came in the clear",
            domain=address[2],
            to=envelope.rcpt_tos,
            subject=mail["Subject"],
            sender=str(mail["From"]),
            body=body,
            plain=mail.get_body(("plain",)).get_content(),
            type=mail.get_content_type(),
            parts=[part.get_content_type() for part in mail.iter_parts()],
            defects=[repr(defect) for part in mail.walk() for defect in part.defects],
            unsubscribe=mail["List-Unsubscribe"],
            one_click=mail["List-Unsubscribe-Post"],
        )
        if word == "ok":
            return "250 2.0.0 queued"
        return f"{word} {word[0]}.0.0 as the mail asks for"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"


def authenticate(server, session, envelope, mechanism, auth_data):
    is_known = isinstance(auth_data, LoginPassword) and auth_data.login == USER and auth_data.password == PASSWORD
    return AuthResult(success=is_known, handled=True) if is_known else AuthResult(success=False, handled=False)


class OnFreePort(Controller):
    """Listens on a port that the system chooses, before anybody is told of it."""

    def __init__(self, *args, **kwargs):
        self._listening = socket.create_server(("127.0.0.1", 0))
        super().__init__(*args, hostname="127.0.0.1", port=self._listening.getsockname()[1], **kwargs)

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


def start(journal, authority):
    controller = OnFreePort(
        Handler(journal),
        tls_context=authority.server_context(),
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    controller.start()
    return controller.port
