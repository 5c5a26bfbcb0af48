"""A Twilio made of nothing but Twilio's own OpenAPI description: another server than our sandbox, with another mind.

It knows no resource by name. Whatever path and method the description has, it serves: a POST to a list makes an object,
GET, POST and DELETE of an instance read, change and delete it, the answer is the description's own example with what was
given put in. Parameters that the description doesn't have are refused. There are no rules beside that, and no review:
tests play Twilio's people by changing objects.
"""

import base64
import copy
import itertools
import json
import re
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

DESCRIPTIONS = Path(__file__).parents[3] / "shared" / "data" / "twilio-oai"
PAGE = 2
"""Objects on a page, whatever is asked for: no list is read at once."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    name: str
    host: str
    pattern: re.Pattern
    method: str
    parameters: frozenset[str]
    status: str
    example: dict | None


@dataclass
class Described:
    """The objects and what was asked; `account` and `token` are the only credentials."""

    account: str
    token: str
    objects: dict[str, dict] = field(default_factory=dict)
    """By the path of the instance, without `.json`."""
    calls: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    """What was asked and isn't described."""

    def __post_init__(self) -> None:
        assert DESCRIPTIONS.is_dir(), f"Twilio's OpenAPI description isn't there: {DESCRIPTIONS}."
        self._operations = [
            operation
            for name in ("api_v2010", "trusthub_v1")
            for operation in operations(json.loads((DESCRIPTIONS / f"{name}.json").read_text("utf-8")))
        ]
        self._sids = itertools.count(1)
        self._lock = threading.Lock()

    def make(self, path: str, **values: object) -> dict:
        """Makes an object that is there from the beginning, at the path of its list, with the values of its answers."""
        (operation,) = (
            each
            for each in self._operations
            if each.method == "post" and each.status == "201" and each.pattern.fullmatch(path)
        )
        return self._create(operation, path, values)

    def at(self, path: str) -> list[dict]:
        """Gives the objects of a list."""
        return [value for key, value in self.objects.items() if key.rpartition("/")[0] == plain(path)]

    def answer(self, method: str, target: str, headers, body: bytes) -> tuple[int, dict | None]:
        """Gives status and body of an answer."""
        split = urlsplit(target)
        host, _, path = split.path.removeprefix("/").partition("/")
        path = f"/{path}"
        if headers.get("Authorization") != self._authorization:
            return failure(401, 20003, "Authenticate")
        with self._lock:
            for operation in self._operations:
                if (operation.host, operation.method) == (host, method.lower()) and (
                    found := operation.pattern.fullmatch(path)
                ):
                    given = dict(parse_qsl(body.decode(), keep_blank_values=True))
                    asked = {name: values[0] for name, values in parse_qs(split.query).items()}
                    self.calls[operation.name] += 1
                    unknown = {*given, *asked} - operation.parameters
                    if unknown:
                        self.strange.append(f"{operation.name} with {sorted(unknown)}")
                        return failure(400, 20001, f"Unknown parameters {sorted(unknown)}")
                    return self._carry_out(operation, path, found.groupdict(), given, asked)
            self.strange.append(f"{method} {host}{path}")
        return failure(404, 20404, f"The requested resource {path} was not found")

    @property
    def _authorization(self) -> str:
        return f"Basic {base64.b64encode(f'{self.account}:{self.token}'.encode()).decode()}"

    def _carry_out(self, operation, path, places, given, asked):
        if operation.status == "201":
            values = {spoken(name): value for name, value in given.items()}
            made = self._create(operation, path, values | {spoken(k): v for k, v in places.items()})
            return 201, made
        key = plain(path)
        if operation.example is not None and "Sid" not in places:
            return 200, self._page(operation, path, asked)
        if key not in self.objects:
            return failure(404, 20404, f"The requested resource {path} was not found")
        if operation.method == "delete":
            del self.objects[key]
            return 204, None
        # An SDK leaves out what shall stay; what it sends empty is cleared.
        self.objects[key] |= {spoken(name): truth(value) for name, value in given.items()}
        return 200, self.objects[key]

    def _create(self, operation: Operation, path: str, values: dict) -> dict:
        made = copy.deepcopy(operation.example)
        made |= {name: None for name in made if name.endswith(("_url", "_callback", "_sid"))}
        made |= {"account_sid": self.account, **{name: truth(value) for name, value in values.items()}}
        made.setdefault("sid", "")
        if "sid" not in values:
            made["sid"] = f"{operation.example['sid'][:2]}{next(self._sids):032x}"
        made = {name: value for name, value in made.items() if name in operation.example}
        self.objects[f"{plain(path)}/{made['sid']}"] = made
        return made

    def _page(self, operation: Operation, path: str, asked: dict) -> dict:
        filters = {spoken(name): value for name, value in asked.items() if not name.startswith("Page")}
        found = [
            each for each in self.at(path) if all(fits(each, name, value) for name, value in filters.items())
        ]
        number = int(asked.get("Page", 0))
        shown, more = found[number * PAGE :][:PAGE], len(found) > (number + 1) * PAGE
        query = urlencode({**asked, "Page": number + 1, "PageToken": f"PT{number + 1}"})
        page = copy.deepcopy(operation.example)
        if "meta" in page:
            onward = f"https://{operation.host}{path}?{query}" if more else None
            page["meta"] |= {"page": number, "next_page_url": onward}
            return page | {page["meta"]["key"]: shown}
        (key,) = (name for name, value in page.items() if isinstance(value, list))
        return page | {key: shown, "page": number, "next_page_uri": f"{path}?{query}" if more else None}


def operations(description: dict) -> list[Operation]:
    """Reads what a description offers."""
    found = []
    for path, item in description["paths"].items():
        pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(path)))
        for method in ("get", "post", "delete"):
            if method in item:
                (server,) = item["servers"]
                found.append(_operation(urlsplit(server["url"]).netloc, pattern, method, item[method]))
    return found


def _operation(host: str, pattern: re.Pattern, method: str, said: dict) -> Operation:
    ((status, answer),) = list(said["responses"].items())[:1]
    examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
    content = said.get("requestBody", {}).get("content", {})
    form = content.get("application/x-www-form-urlencoded", {}).get("schema", {}).get("properties", {})
    query = {each["name"] for each in said.get("parameters", ()) if each["in"] == "query"}
    return Operation(
        said["operationId"],
        host,
        pattern,
        method,
        frozenset(form) | query,
        status,
        next((each["value"] for each in examples.values()), None),
    )


def fits(value: dict, name: str, asked: str) -> bool:
    """Tells whether an object passes a filter; one whose name is a plural takes a list."""
    if name in value:
        return str(value[name]) == asked
    return str(value[name.removesuffix("s")]) in asked.split(",")


def spoken(parameter: str) -> str:
    """Gives the name in answers of a parameter of requests: `VoiceApplicationSid` is `voice_application_sid`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).lower()


def truth(value: object) -> object:
    """Reads the form's words for yes and no."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def plain(path: str) -> str:
    """Gives a path without its ending."""
    return path.removesuffix(".json")


def failure(status: int, code: int, message: str) -> tuple[int, dict]:
    """Gives an error as Twilio's."""
    return status, {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


@contextmanager
def described(account: str, token: str):
    """Serves it; gives its address and the thing itself."""
    service = Described(account, token)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = service.answer(self.command, self.path, self.headers, body)
            told = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - names of the standard library

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
