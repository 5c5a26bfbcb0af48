"""moto's S3 over real sockets, behind a door of ours that makes it as good as S3, or worse than any.

moto (5.2) looks whether a condition holds and writes afterwards, each in a thread of its own, so that two writers can
both be the first. The door lets one request through at a time, which is more than S3 promises of writes. It can also be
told to lose answers, to refuse, and to take conditions away. Behind it stands the application that moto's own server
serves: that server would look through all services for whom each request is, which takes it longer than the answer.
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.loaders import JSONFileLoader

from chanplan.model.configuration import S3Settings
from chanplan.stores.s3.lock import Timing
from chanplan.stores.s3.store import S3Store

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
"""The keys of AWS's own documentation."""
REGION = "eu-west-1"
QUICK = Timing(beat=60.0, poll=0.01)
"""No sign of life comes in between, where requests are counted."""
PAUSES = (0.0, 0.0, 0.0, 0.0)
KEY = "teams/acme/chanplan.json"


# The SDK reads its descriptions of S3 for each client anew, which takes it longer than most tests.
_read_once = cache(JSONFileLoader().load_file)
JSONFileLoader.load_file = lambda _, path: _read_once(path)


@dataclass(frozen=True)
class Request:
    """What came to the door."""

    number: int
    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Outcome:
    """What the door does with a request: passes it on or not, with conditions or without, and what it answers."""

    passed_on: bool = True
    answered: bool = True
    ignoring: tuple[str, ...] = ()
    refusal: tuple[int, str] | None = None
    """A status and a code of S3, in place of everything."""
    answer: str | None = None
    """What is answered in place of everything."""
    ahead: float = 0.0
    """Seconds by which the clock in the answer is ahead."""


PASS = Outcome()
LOST = Outcome(answered=False)
"""Carried out, and nobody hears of it."""
CUT = Outcome(passed_on=False, answered=False)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that were killed."""


class Door:
    """One way into moto. `decide` says what becomes of a request; `seen` holds them all."""

    def __init__(self) -> None:
        self.decide: Callable[[Request], Outcome] = lambda _: PASS
        self.seen: list[Request] = []
        self._guard = threading.Lock()
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _handle(self) -> None:
                door._serve(self)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _handle  # noqa: N815 - the names are http.server's

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Shut it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def writes(self) -> list[Request]:
        """Give the objects that were put, in order."""
        return [each for each in self.seen if each.method == "PUT"]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("Expect", "").lower() == "100-continue":
            handler.send_response_only(100)
            handler.end_headers()
            handler.wfile.flush()
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._guard:
            request = Request(len(self.seen), handler.command, handler.path, body, handler.headers)
            self.seen.append(request)
            outcome = self.decide(request)
        if outcome.refusal is not None:
            status, code = outcome.refusal
            text = f"<Error><Code>{code}</Code><Message>A door said {code}.</Message></Error>".encode()
            _answer(handler, status, {"content-type": "application/xml"}, text)
            return
        answer = None if outcome.answer is None else (200, {}, outcome.answer.encode())
        if outcome.passed_on:
            headers = {
                name: value for name, value in handler.headers.items() if name.lower() not in outcome.ignoring
            }
            answer = _asked(handler.command, handler.path, headers, body)
        if answer is None or not outcome.answered:
            handler.close_connection = True
            return
        _answer(handler, *answer, ahead=outcome.ahead)


_one_at_a_time = threading.Lock()


@cache
def _moto() -> Any:
    from moto.moto_server.werkzeug_app import create_backend_app

    return create_backend_app("s3")


def _asked(
    method: str, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, Mapping[str, str], bytes]:
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    plain, _, query = path.partition("?")
    builder = EnvironBuilder(path=plain, query_string=query, method=method, data=body, headers=dict(headers))
    with _one_at_a_time:
        chunks, status, answered = run_wsgi_app(_moto(), builder.get_environ())
        return int(status[:3]), dict(answered), b"".join(chunks)


@cache
def own_door() -> Door:
    """Give the door that does nothing but let one write through at a time."""
    return Door()


@contextmanager
def door():
    """A door to be told what to do, shut in the end."""
    made = Door()
    try:
        yield made
    finally:
        made.close()


def new_bucket() -> str:
    """Make a bucket."""
    name = f"acme-{uuid.uuid4()}"
    # moto asks nobody to sign; boto3 would take longer than the rest of most tests.
    place = f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    versions = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    for path, body in ((f"/{name}", place), (f"/{name}?versioning", versions)):
        status, _, said = _asked("PUT", path, {"Host": f"s3.{REGION}.amazonaws.com"}, body.encode())
        assert status == 200, said
    return name


@dataclass
class Away:
    """A state in a bucket of its own, and ways to open it."""

    door: Door = field(default_factory=own_door)
    bucket: str = field(default_factory=new_bucket)

    def settings(self, **other: object) -> S3Settings:
        """Give its settings."""
        return S3Settings(
            **{
                "bucket": self.bucket,
                "key": KEY,
                "region": REGION,
                "endpoint_url": self.door.endpoint,
                **other,
            }
        )

    def open(self, timing: Timing = QUICK, **other: object) -> S3Store:
        """Open it, as another run would."""
        return S3Store(self.settings(**other), timing=timing, pauses=PAUSES)


def _answer(handler, status, headers, body, ahead=0.0):
    handler.send_response_only(status)
    length = len(body)
    for name, value in headers.items():
        if name.lower() == "content-length":
            length = int(value)
        elif name.lower() not in {"transfer-encoding", "connection", "date"}:
            handler.send_header(name, value)
    handler.send_header("Date", handler.date_time_string(time.time() + ahead))
    handler.send_header("Content-Length", str(length if handler.command == "HEAD" else len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)
