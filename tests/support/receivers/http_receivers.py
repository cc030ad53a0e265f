"""The receivers that are called by HTTP: one server for all of them, the same with TLS, and one whose certificate nobody signed."""

import http.server
import json
import socket
import threading
import time

import verify

PATHS = (
    ("/apps/", verify.pusher_events),
    ("/hook", verify.webhook),
    ("/v3/mail/send", verify.sendgrid),
    ("/services/", verify.slack),
    ("/v1/projects/", verify.fcm),
)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    journal = None

    def log_message(self, *args):
        pass

    def do_POST(self):
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if path == "/token":
            return self.token(body)
        for begin, read in PATHS:
            if path.startswith(begin):
                return self.take(read, path, query, headers, body)
        self.answer(404, {"error": "no such path"})

    do_GET = do_POST

    def token(self, body):
        audience = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        fault = verify.assertion_fault(body, audience, time.time())
        self.journal.arrive("token", ["token"], "", fault=fault)
        if fault:
            return self.answer(400, {"error": "invalid_grant", "error_description": fault})
        self.answer(200, {"access_token": verify.TOKEN, "expires_in": 3599, "token_type": "Bearer"})

    def take(self, read, path, query, headers, body):
        try:
            protocol, ids, text, facts = read(path, query, headers, body)
        except (KeyError, ValueError, TypeError) as error:
            self.journal.arrive("unreadable", [path], "", fault=repr(error))
            return self.answer(400, {"error": "unreadable"})
        word = self.journal.arrive(protocol, ids, text, port=self.server.server_address[1], **facts)
        if facts["fault"]:
            return self.answer(401, {"error": facts["fault"]})
        self.behave(word, protocol, facts)

    def behave(self, word, protocol, facts):
        if word == "ok":
            return self.accept(protocol, facts)
        if word == "silence":
            self.close_connection = True
            self.rfile.read(1)  # until the caller goes
        elif word.startswith("late/"):
            time.sleep(float(word.partition("/")[2]))
            self.accept(protocol, facts)
        elif word == "cut":
            self.close_connection = True
        elif word in ("giant", "slow"):
            self.drip(is_giant=word == "giant")
        elif word == "redirect":
            self.answer(302, {}, {"Location": "/redirected"})
        else:
            status, _, seconds = word.partition("/")
            self.answer(int(status), {"error": word}, {"Retry-After": seconds} if seconds else {})

    def accept(self, protocol, facts):
        if protocol == "webhook" and "challenge" in facts["data"]:
            return self.answer(200, {"challenge": facts["data"]["challenge"]})
        if protocol == "sendgrid":
            return self.answer(202, None, {"X-Message-Id": "sg-1"})
        if protocol == "fcm":
            return self.answer(200, {"name": "projects/weir-test/messages/1"})
        self.answer(200, {})

    def drip(self, is_giant):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * (65_536 if is_giant else 1))
                if not is_giant:
                    time.sleep(0.05)
        except OSError:
            pass

    def answer(self, status, document, headers=None):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        pass  # a caller that goes, or does not trust the certificate


STALLED = socket.create_server(("127.0.0.1", 0), backlog=128)


def start(journal, authority):
    Handler.journal = journal
    ports = {"stalled": STALLED.getsockname()[1]}
    for name in ("http", "https", "stranger"):
        server = Server(("127.0.0.1", 0), Handler)
        if name != "http":
            context = authority.server_context(is_trusted=name == "https")
            # The handshake is the connection's own thread's, so that one caller does not hold up the others.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        ports[name] = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return ports
