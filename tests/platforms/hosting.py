"""A platform on loopback: a real HTTP server with state, in which tests may break things.

It knows nothing of chanplan. What it does is what the platforms' documentation and people's reports say they do
(docs/decisions/0031); each platform's own words stand in `github_server.py` and `gitlab_server.py`.
"""

import json
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Account:
    """Somebody with a token."""

    login: str
    id: int
    may: str = "write"
    """`write`, `read`, or `nothing`: whether the repository is there for them."""


@dataclass
class Comment:
    """A comment, or note."""

    id: int
    author: Account | None
    body: str
    system: bool = False


@dataclass
class Request:
    """A pull or merge request."""

    number: int
    head: str = "a" * 40
    state: str = "open"
    """`open`, `closed` or `merged`."""
    merge_commit: str | None = None
    locked: bool = False
    behind: bool = False
    comments: list[Comment] = field(default_factory=list)


@dataclass
class Asked:
    """What was asked, as it came over the wire."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: object


@dataclass
class Answer:
    """What is answered: a JSON value, or bytes as they are."""

    status: int
    value: object = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass
class Fault:
    """What goes wrong with the next requests that it fits.

    `answer` replaces the platform's own. With `drop`, the connection ends without an answer: `before` the platform
    has done anything, or `after` it.
    """

    method: str
    path: str
    times: int = 1
    answer: Answer | None = None
    drop: str = ""
    meanwhile: object = None
    """Called before the platform does anything: what somebody else does at this very moment."""

    def fits(self, asked: Asked) -> bool:
        return self.times > 0 and self.method == asked.method and re.search(self.path, asked.path) is not None


class Hosting:
    """A platform with one repository. Start and end it as a context."""

    MEMBERS = ("alice", "mallory")

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.wrong: list[str] = []
        self.requests: dict[int, Request] = {}
        self.accounts: dict[str, Account] = {}
        self._ids = iter(range(1001, 10**9))
        self.people = {name: Account(name, 70 + number) for number, name in enumerate(self.MEMBERS)}
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65_536
            """An answer in one piece: in two, each would wait for the other side's acknowledgement."""

            def log_message(self, *arguments):
                """Says nothing: the tests' output is theirs."""

            def _serve(self):
                host._serve(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert self.wrong == []

    def written(self, *methods: str) -> list[str]:
        """Gives what was asked that changes something."""
        return [f"{asked.method} {asked.path}" for asked in self.asked if asked.method in (methods or WRITES)]

    def say(self, request: Request, author: Account | None, body: str) -> Comment:
        """Writes a comment as somebody would in the browser."""
        comment = Comment(next(self._ids), author, body)
        request.comments.append(comment)
        return comment

    def break_next(self, method: str, path: str, **fault) -> None:
        """Lets the next request to a path go wrong."""
        self.faults.append(Fault(method, path, **fault))

    def answer(self, asked: Asked) -> Answer:
        """Does what is asked, as the platform does."""
        raise NotImplementedError

    def page(self, asked: Asked, entries: list[object], most: int = 100) -> Answer:
        """Gives one page of a list, with links to the others."""
        size = min(int(asked.parameters.get("per_page", "30")), most)
        number = int(asked.parameters.get("page", "1"))
        first = (number - 1) * size
        links = []
        if first + size < len(entries):
            links.append(f'<{self.url}{asked.path}?per_page={size}&page={number + 1}>; rel="next"')
        if number > 1:
            links.append(f'<{self.url}{asked.path}?per_page={size}&page=1>; rel="first"')
        headers = {"Link": ", ".join(links)} if links else {}
        return Answer(200, entries[first : first + size], headers)

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        content = handler.rfile.read(length)
        parts = urlsplit(handler.path)
        asked = Asked(
            handler.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in handler.headers.items()},
            json.loads(content) if content else None,
        )
        with self.lock:
            self.asked.append(asked)
            fault = next((fault for fault in self.faults if fault.fits(asked)), None)
            if fault is not None:
                fault.times -= 1
                if fault.meanwhile is not None:
                    fault.meanwhile()
                if fault.drop == "before":
                    _hang_up(handler)
                    return
            try:
                answer = fault.answer if fault is not None and fault.answer else self.answer(asked)
            except Exception as error:  # noqa: BLE001 - a mistake of this server must fail the test, wherever it is
                self.wrong.append(f"{asked.method} {asked.path}: {error!r}")
                answer = Answer(500, {"message": "a mistake of the test's own server"})
        if fault is not None and fault.drop == "after":
            _hang_up(handler)
            return
        payload = answer.raw if answer.raw is not None else json.dumps(answer.value).encode()
        payload = b"" if answer.status == 204 else payload
        try:
            handler.send_response(answer.status)
            for name, value in answer.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(payload)))
            handler.end_headers()
            handler.wfile.write(payload)
        except OSError:
            # Who asked has heard enough.
            handler.close_connection = True


WRITES = ("POST", "PUT", "PATCH", "DELETE")


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
