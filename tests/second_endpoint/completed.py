"""The emulator with what a life needs and it lacks: MAIL FROM, and a verification that ends.

On request it lacks something more: tags, as other emulators do.
"""

import http.client
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

IDENTITY = re.compile(r"/v2/email/identities/([^/?]+)$")
MAIL_FROM = re.compile(r"/v2/email/identities/([^/?]+)/mail-from$")
UNKNOWN_ACTION = (
    b'<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>'
    b"<Code>InvalidAction</Code><Message>Not here.</Message></Error></ErrorResponse>"
)


class Completed:
    """Passes everything on to the emulator, keeps the MAIL FROM domains, and plays SES's look at the DNS."""

    def __init__(self, origin: str, *, tagging: bool):
        self.origin = urlsplit(origin)
        self.tagging = tagging
        self.mail_from: dict[str, str] = {}
        self.verified = False

    def answer(self, method, path, headers, body):
        """Gives status, headers and body of an answer."""
        if method == "PUT" and (named := MAIL_FROM.match(path)):
            self.mail_from[unquote(named[1])] = json.loads(body)["MailFromDomain"]
            return 200, {"Content-Type": "application/json"}, b"{}"
        if b"Action=GetIdentityDkimAttributes" in body:
            # It answers for identities of the older API alone, and so wrongly.
            return 400, {"Content-Type": "text/xml"}, UNKNOWN_ACTION
        if not self.tagging and path.startswith("/v2/email/tags"):
            return 404, {"Content-Type": "text/html"}, b"<html>Not Found</html>"
        status, told, answer = self._pass_on(method, path, headers, body)
        if method == "GET" and status == 200 and (named := IDENTITY.match(path)):
            answer = json.dumps(self._with_statuses(unquote(named[1]), json.loads(answer))).encode()
        if not self.tagging and "json" in told["Content-Type"]:
            answer = json.dumps(json.loads(answer, object_hook=without_tags)).encode()
        return status, told, answer

    def _pass_on(self, method, path, headers, body):
        connection = http.client.HTTPConnection(self.origin.hostname, self.origin.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        kept = {
            name.title(): value
            for name, value in answer.headers.items()
            if name.lower().startswith(("content-type", "x-amzn-"))
        }
        told = (answer.status, kept, answer.read())
        connection.close()
        return told

    def _with_statuses(self, domain, identity):
        status = "SUCCESS" if self.verified else "PENDING"
        identity["DkimAttributes"]["Status"] = status
        identity["VerificationStatus"] = status
        if domain in self.mail_from:
            identity["MailFromAttributes"] |= {
                "MailFromDomain": self.mail_from[domain],
                "MailFromDomainStatus": status,
            }
        return identity


def without_tags(part):
    """Takes the tags out of an object."""
    return {name: value for name, value in part.items() if name != "Tags"}


@contextmanager
def completed(origin: str, *, tagging: bool = True):
    """Serves it; gives its address and the thing itself."""
    service = Completed(origin, tagging=tagging)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, told, answer = service.answer(self.command, self.path, dict(self.headers), body)
            self.send_response(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names of the standard library

        def log_message(self, *_):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
