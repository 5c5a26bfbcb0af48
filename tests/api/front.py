"""The HTTP layer over a service of the tests' own: real sockets, and whatever the engine might do."""

import http.client
import io
import json
import ssl
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from chanplan.api.measuring import Measures
from chanplan.api.problems import ProblemDetails
from chanplan.api.running import Served, check_settings, run_server
from chanplan.api.settings import AccessLog, Settings
from chanplan.execution.stopping import Stop
from chanplan.model.channels import (
    DnsRecordView,
    EmailUseCaseView,
    SetupItem,
    SetupView,
    Standing,
    TwilioSetupItem,
    VoiceUseCaseView,
)

MOMENT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
SETUP = "0b5ea7d6-3c0f-4f0e-8a38-1f2f4a5d6c7b"
USE_CASE = "5d9a2c44-8c6b-4d8f-a7a5-9b6f0d1e2f33"
TWILIO_SETUP = "7c0e1b1a-54d5-4b0e-9b1e-0f2f3f6a7b10"
PATIENCE = 30.0


class Prepared:
    """A ChannelService that does what a test prepared: `behaviour` is called first, by name, and may raise or wait."""

    def __init__(self) -> None:
        self.calls = []
        self.behaviour = {}
        self.lists = [SetupItem(SETUP, "acme", "mail.acme.example", False, None, MOMENT, MOMENT)]
        self.stands = Standing(readable=True, valid=True, serial=7)

    def _do(self, name, *arguments):
        self.calls.append((name, *arguments))
        behave = self.behaviour.get(name)
        return None if behave is None else behave(*arguments)

    def create_ses_setup(self, new, call):
        self._do("create_ses_setup", new, call)
        return setup_view(new.tenant_name, new.domain_identity)

    def list_ses_setups(self):
        self._do("list_ses_setups")
        return self.lists

    def get_ses_setup(self, id):
        self._do("get_ses_setup", id)
        return replace(setup_view("acme", "mail.acme.example"), id=id, dns_checked_at=MOMENT)

    def delete_ses_setup(self, id, call):
        self._do("delete_ses_setup", id, call)

    def list_twilio_setups(self):
        self._do("list_twilio_setups")
        return [TwilioSetupItem(TWILIO_SETUP, "voice", None, "BU1", None, MOMENT, MOMENT)]

    def create_use_case(self, new, call):
        self._do("create_use_case", new, call)
        common = {"id": USE_CASE, "entity_name": new.entity_name, "name": new.name}
        times = {"created_at": MOMENT, "updated_at": MOMENT}
        if new.channel == "email":
            return EmailUseCaseView(
                **common,
                **times,
                description=new.description,
                channel="email",
                ses_setup_id=new.ses_setup_id,
                configuration_set_name="acme_receipts",
                sender_email_address=new.sender_email_address,
                email_type=new.email_type,
                tier="onboarding",
            )
        return VoiceUseCaseView(
            **common,
            **times,
            description=new.description,
            channel=new.channel,
            twilio_setup_id=new.twilio_setup_id,
        )

    def list_use_cases(self, only):
        self._do("list_use_cases", only)
        return [VoiceUseCaseView(USE_CASE, "A", "B", None, "inbound_voice", TWILIO_SETUP, MOMENT, MOMENT)]

    def delete_use_case(self, id, call):
        self._do("delete_use_case", id, call)

    def standing(self):
        self._do("standing")
        return self.stands

    def close(self):
        self._do("close")


def setup_view(tenant, domain):
    """Makes a setup of one record."""
    record = DnsRecordView(f"_dmarc.{domain}", "v=DMARC1; p=none;", "TXT", verified=False)
    return SetupView(SETUP, tenant, domain, None, (record,), MOMENT, MOMENT)


@dataclass(frozen=True)
class Key:
    """Who holds a key."""

    id: str
    name: str
    scopes: frozenset


KEYS = {
    "all": Key("k1", "backend", frozenset({"view", "create", "delete"})),
    "viewer": Key("k2", "dashboard", frozenset({"view"})),
}


@dataclass(frozen=True)
class Answer:
    """An answer that was read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        """Its body, read."""
        return json.loads(self.body)

    @property
    def code(self):
        """Its error's code, once it is sure that it is a problem as all are."""
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        problem = self.json
        assert problem["status"] == self.status
        assert problem["instance"] == self.headers["X-Request-Id"]
        assert problem["type"] == f"urn:chanplan:problem:{problem['error_code']}"
        assert problem["title"]
        assert problem["detail"]
        assert set(problem) <= set(ProblemDetails.model_fields), "every member is described"
        return problem["error_code"]


class Client:
    """Asks one server, a connection for each request."""

    def __init__(self, url, key="all", context=None):
        parts = urlsplit(url)
        self.url, self.host, self.port = url, parts.hostname, parts.port
        self._context = context if parts.scheme == "https" else None
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def connect(self):
        """Opens a connection."""
        if self._context is not None:
            return http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE, context=self._context)
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None):
        """Sends a request, a body as JSON unless it is bytes, and reads the answer."""
        more = dict(self._headers)
        if body is not None:
            more["Content-Type"] = "application/json"
        if isinstance(body, dict | list):
            body = json.dumps(body).encode()
        more |= headers or {}
        with closing(self.connect()) as connection:
            connection.request(
                method, path, body, {name: text for name, text in more.items() if text is not None}
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def get(self, path, **headers):
        """Asks for something."""
        return self.ask("GET", path, headers=headers)

    def post(self, path, body, **headers):
        """Creates something."""
        return self.ask("POST", path, body, headers)

    def delete(self, path, **headers):
        """Deletes something."""
        return self.ask("DELETE", path, headers=headers)


@dataclass
class Front:
    """A server that runs, and what stands behind it."""

    service: Prepared = field(default_factory=Prepared)
    leaving: Stop = field(default_factory=Stop)
    stop: Stop = field(default_factory=Stop)
    log: io.StringIO = field(default_factory=io.StringIO)
    said: list = field(default_factory=list)
    ended: list = field(default_factory=list)
    thread: threading.Thread | None = None
    context: ssl.SSLContext | None = None

    @property
    def url(self):
        """Where it listens."""
        return json.loads(self.said[0])["listening"]

    def client(self, key="all"):
        """Makes a client."""
        return Client(self.url, key, self.context)

    def lines(self):
        """What was logged so far, as JSON."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@contextmanager
def running(authenticate=KEYS.get, service=None, **settings):
    """Runs a server in a thread of this process."""
    front = Front(service=service or Prepared())
    settings["access_log"] = AccessLog(settings.get("access_log", "json"))
    made = Settings(**{"port": 0, "requests_a_second": 0.0, **settings})
    certificate = check_settings(made)
    begun = threading.Event()

    def announce(line):
        front.said.append(line)
        begun.set()

    def work():
        served = Served(
            front.service,
            None if made.without_keys else authenticate,
            "acme",
        )
        try:
            front.ended.append(
                run_server(
                    made,
                    certificate,
                    served,
                    Measures("1"),
                    leaving=front.leaving,
                    stop=front.stop,
                    log=front.log,
                    announce=announce,
                )
            )
        finally:
            begun.set()

    front.thread = threading.Thread(target=work)
    front.thread.start()
    begun.wait(PATIENCE)
    assert front.said, "the server didn't start"
    try:
        yield front
    finally:
        front.leaving.ask()
        front.thread.join(PATIENCE)
        assert not front.thread.is_alive()
