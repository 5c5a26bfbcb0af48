"""What Twilio and the way to it answer, in the model's few words; each says what to do, and none a secret."""

import socket

import pytest

from chanplan.model.configuration import TwilioAlias
from chanplan.model.errors import (
    Gone,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Transient,
    Unreachable,
)
from chanplan.model.scopes import Scope
from chanplan.model.values import Secret
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.clients import Clients
from chanplan.providers.twilio.credentials import credentials_of
from chanplan.sandbox.twilio_controls import token_of
from tests.twilio.raw_server import answering, http, refusal
from tests.twilio.twilio_world import ACCOUNT, PROFILE, SCOPE, Notes, new_identity

TOKEN = "0123456789abcdef0123456789abcdef"
SUSPENDED = "AC00000000000000000000000000000005"
HTML = "<html><body>Bad things happened</body></html>"


class AtOnce:
    """A pacer that tries once, so that a test sees the first error."""

    def call(self, scope, operation, request, *, repeatable):
        """Makes the one attempt."""
        return request()

    def is_background(self):
        """Nobody is in the background here."""
        return False


def calls_at(port, environment=None, scheme="http", alias=None):
    """Gives calls of an account whose server is on a port, each tried once."""
    surroundings = {
        "CHANPLAN_TWILIO_BASE_URL": f"{scheme}://127.0.0.1:{port}",
        "TWILIO_AUTH_TOKEN": TOKEN,
    } | (environment or {})
    clients = Clients({"default": alias or TwilioAlias("default", ACCOUNT)}, surroundings, AtOnce())
    return clients, Calls(SCOPE, clients.client(SCOPE))


def asked(answer, call, **more):
    """Gives the error with which a call ends when it is answered like this."""
    with answering(answer) as (port, _):
        clients, calls = calls_at(port, **more)
        try:
            with pytest.raises(ProviderError) as error:
                call(calls)
        finally:
            clients.close()
    assert TOKEN not in error.value.message + error.value.remedy
    return error.value


def fetching(calls):
    """A single call that reads."""
    calls.application("AP" + "0" * 32)


def listing(calls):
    """A list, whose errors are another exception in the SDK."""
    calls.applications()


def creating(calls):
    """A call that may have been done."""
    calls.create_application({"friendly_name": "Acme/Support"})


def assigning(calls):
    """A call that Twilio refuses a second time."""
    calls.assign(PROFILE, "PN" + "0" * 32)


TABLE = [
    (refusal(429, 20429), Throttled, "throttled"),
    (refusal(429, 20001), Throttled, "throttled"),
    (refusal(401, 20003), Rejected, "invalid_credentials"),
    (http(401, ""), Rejected, "invalid_credentials"),
    (refusal(403, 20003), Rejected, "invalid_credentials"),
    (refusal(401, 20005), Rejected, "account_not_active"),
    (refusal(403, 20403), Rejected, "access_denied"),
    (refusal(403, 70051), Rejected, "access_denied"),
    (refusal(401, 70051), Rejected, "access_denied"),
    (refusal(403, 20006), Rejected, "access_denied"),
    (http(403, HTML), Rejected, "access_denied"),
    (refusal(400, 21301), Rejected, "quota"),
    (refusal(400, 21402), Rejected, "invalid_url"),
    (refusal(400, 21502), Rejected, "invalid_url"),
    (refusal(400, 21403), Rejected, "invalid_method"),
    (refusal(400, 22205), Rejected, "wrong_account"),
    (refusal(400, 20001), Rejected, "rejected"),
    (http(400, HTML), Rejected, "wrong_endpoint"),
    (http(404, HTML), Rejected, "wrong_endpoint"),
    (http(404, {"detail": "Not Found"}), Rejected, "wrong_endpoint"),
    (http(405, {"code": 20004}), Rejected, "access_denied"),
    (http(302, "", ["Location: https://elsewhere.example/"]), Rejected, "wrong_endpoint"),
    (http(400, "[1, 2]"), Rejected, "wrong_endpoint"),
    (http(400, {"code": "²", "message": ["odd"]}), Rejected, "rejected"),
]


@pytest.mark.parametrize("call", [fetching, listing, creating])
@pytest.mark.parametrize("answer, kind, code", TABLE)
def test_lists_and_single_calls_end_alike(answer, kind, code, call):
    """By Twilio's number where it is known, by the status otherwise."""
    error = asked(answer, call)

    assert (type(error), error.code) == (kind, code)
    assert ACCOUNT in error.message


UNCLEAR = [
    http(500, HTML),
    http(408, ""),
    refusal(503, 20500),
    http(200, HTML),
    http(200, ""),
    http(200, "[]"),
    http(200, {"sid": 5, "applications": {}}),
    http(200, {"sid": 5, "applications": [{"sid": None}]}),
    http(200, '{"sid": "AP1", "applicati'),
    http(200, "[" * 100_000),
    b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"\x00\x01\x02 this is no HTTP at all\r\n\r\n",
    b"",
]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_what_nobody_understands_is_transient_for_a_read(answer):
    """Looking again does no harm."""
    for call in (fetching, listing):
        assert isinstance(asked(answer, call), Transient)


@pytest.mark.parametrize("answer", UNCLEAR)
def test_what_nobody_understands_is_an_unknown_outcome_for_a_write(answer):
    """It may have been done."""
    error = asked(answer, creating)

    assert type(error) is OutcomeUnknown
    assert "CreateApplication (AC" in error.message


def test_a_page_instead_of_an_answer_deletes_nothing():
    """A login page of some network says 200 to everything."""
    error = asked(http(200, HTML), lambda calls: calls.delete_application("AP" + "0" * 32))

    assert type(error) is OutcomeUnknown


def test_only_twilios_own_word_is_believed_that_something_is_gone():
    """Everything else would be forgotten by the state."""
    gone = http(404, {"code": 20404, "message": "The requested resource was not found", "status": 404})

    with answering(gone) as (port, _):
        clients, calls = calls_at(port)
        assert (calls.application("AP" + "0" * 32), calls.profile(PROFILE), calls.number("PN1")) == (
            None,
            None,
            None,
        )
        calls.delete_application("AP" + "0" * 32)
        with pytest.raises(Gone):
            calls.applications()
        clients.close()


@pytest.mark.parametrize(
    "answer",
    [
        refusal(409, 20409, "PN1 is already assigned"),
        refusal(400, 20001, "Number is assigned to another profile"),
        http(409, {"title": "Conflict", "status": 409, "code": 20001, "type": "about:blank", "detail": "x"}),
    ],
)
def test_an_assignment_that_is_there_already_is_told_apart(answer):
    """By its status or its words, for no page of Twilio's tells its number."""
    assert asked(answer, assigning).code == "already_assigned"


def test_the_newer_form_of_errors_is_read_too():
    """RFC 9457: title and detail."""
    error = asked(
        http(
            400, {"type": "about:blank", "title": "Bad", "detail": "Really bad", "status": 400, "code": 20001}
        ),
        fetching,
    )

    assert error.message == f"Twilio refused FetchApplication ({ACCOUNT}) (error 20001): Bad - Really bad"
    assert error.remedy == "See https://www.twilio.com/docs/api/errors/20001"


def test_a_server_that_repeats_the_token_isnt_quoted_with_it():
    """An emulator or a proxy may answer with the request itself."""
    error = asked(lambda request: refusal(400, 20001, f"You sent {TOKEN}: {request!r}"), fetching)

    assert "You sent ***" in error.message


def test_a_long_text_is_cut():
    """It may be a whole page, and with line breaks."""
    error = asked(refusal(400, 20001, "word \n" * 1000), fetching)

    assert len(error.message) < 400
    assert "\n" not in error.message


@pytest.mark.parametrize("after, seconds", [("7", 7.0), ("soon", None), ("-3", 0.0)])
def test_a_service_that_says_when_to_come_back_is_heard(after, seconds):
    """In seconds, where it does."""
    assert asked(refusal(429, 20429, headers=[f"Retry-After: {after}"]), fetching).retry_after == seconds


def test_nobody_listening_means_nothing_was_sent():
    """So that even a create may be tried again."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        clients, calls = calls_at(reserved.getsockname()[1])
        with pytest.raises(Unreachable) as error:
            creating(calls)
        clients.close()

    assert error.value.message.startswith("Can't connect to http://127.0.0.1:")


def test_a_proxy_that_is_down_is_named_as_the_cause(monkeypatch):
    """Nothing was sent, and its password isn't told."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://user:hunter22@127.0.0.1:{reserved.getsockname()[1]}")
        clients, calls = calls_at(9)
        with pytest.raises(Unreachable) as error:
            creating(calls)
        clients.close()

    assert "HTTPS_PROXY" in error.value.remedy
    assert "hunter22" not in error.value.message


def test_a_certificate_that_nobody_knows_is_not_trusted(untrusted):
    """Nothing was sent: the credentials least of all."""
    with answering(http(200, {"sid": "AP1"}), certificate=untrusted) as (port, received):
        clients, calls = calls_at(port, scheme="https")
        with pytest.raises(Rejected) as error:
            creating(calls)
        clients.close()

    assert (error.value.code, received) == ("untrusted_certificate", [])


def test_a_server_without_tls_is_no_https_server():
    """The handshake fails; a read may be tried again."""
    with answering(http(200, {})) as (port, _):
        clients, calls = calls_at(port, scheme="https")
        with pytest.raises(Transient):
            fetching(calls)
        clients.close()


@pytest.mark.parametrize(
    "base",
    ["nonsense", "ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1/?a=b", "http://h:99999"],
)
def test_a_base_url_that_is_none_is_refused(base):
    """With what it looks like."""
    with pytest.raises(Rejected) as error:
        calls_at(1, {"CHANPLAN_TWILIO_BASE_URL": base})

    assert (error.value.code, error.value.message) == (
        "wrong_endpoint",
        "CHANPLAN_TWILIO_BASE_URL isn't a URL of a server.",
    )


@pytest.mark.parametrize(
    "base, warned",
    [
        ("http://emulator.example:8080", True),
        ("https://emulator.example", False),
        ("http://127.0.0.1:8080", False),
        ("http://twilio.localhost", False),
    ],
)
def test_credentials_in_clear_text_over_a_network_are_warned_of(caplog, base, warned):
    """Basic authentication is no encryption; the address is whoever runs chanplan's to choose."""
    clients, _ = calls_at(1, {"CHANPLAN_TWILIO_BASE_URL": base})
    clients.close()

    assert ["without encryption" in record.getMessage() for record in caplog.records] == [True] * warned


def test_a_page_that_leads_elsewhere_isnt_followed():
    """The credentials would go along."""
    page = {
        "applications": [],
        "next_page_uri": "//elsewhere.example/2010-04-01/Accounts/AC1/Applications.json",
    }
    results = {"results": [], "meta": {"key": "results", "next_page_url": "https://elsewhere.example/v1/x"}}

    for answer, call in ((page, listing), (results, lambda calls: calls.profiles())):
        error = asked(http(200, answer), call)
        assert error.message == "Twilio's answer leads to an address that isn't one of its lists."


def test_pages_that_lead_in_a_circle_end():
    """Each is read once."""
    page = {
        "applications": [{"sid": "AP1", "friendly_name": "x"}],
        "next_page_uri": f"/2010-04-01/Accounts/{ACCOUNT}/Applications.json?Page=1",
    }
    with answering(http(200, page)) as (port, received):
        clients, calls = calls_at(port)
        found = calls.applications()
        clients.close()

    assert ([each.sid for each in found], len(received)) == (["AP1", "AP1"], 2)


def test_the_path_holds_the_host_that_was_replaced_and_the_login_is_sent_there_alone():
    """As the design says; a base URL may have a path of its own."""
    with answering(http(200, {"sid": "AP1"})) as (port, received):
        clients, calls = calls_at(port, {"CHANPLAN_TWILIO_BASE_URL": f"http://127.0.0.1:{port}/twilio/"})
        calls.application("AP1")
        clients.close()

    head = received[0].decode().split("\r\n")
    assert (
        head[0] == f"GET /twilio/api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Applications/AP1.json HTTP/1.1"
    )
    assert f"Host: 127.0.0.1:{port}" in head
    assert [line for line in head if line.startswith("User-Agent: twilio-python/")]


def test_credentials_that_are_no_text_are_refused(make_provider, world):
    """A token that was copied with something that isn't of it."""
    clients, calls = calls_at(1, {"TWILIO_AUTH_TOKEN": "“0123456789abcdef”"})
    with pytest.raises(Rejected) as error:
        fetching(calls)
    clients.close()

    assert error.value.code == "invalid_credentials"
    assert "TWILIO_AUTH_TOKEN can't be sent" in error.value.message


def test_wrong_credentials_name_the_variable(world, make_provider, sandbox):
    """A token that was rotated."""
    provider = make_provider(environment=sandbox.environment() | {"TWILIO_AUTH_TOKEN": TOKEN})

    with pytest.raises(Rejected) as error:
        provider.read(new_identity(world.setup()))

    assert error.value.code == "invalid_credentials"
    assert error.value.remedy.startswith("Check TWILIO_AUTH_TOKEN: it holds the account's auth token")


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_isnt_active_says_so_or_that_its_login_is_over(world, make_provider, status):
    """Its own credentials are refused for everything; nothing looks gone."""
    world.twilio.add_account(SUSPENDED, status="active")
    world.twilio.set_account_status(SUSPENDED, status)
    scope = Scope("twilio", SUSPENDED, None)
    provider = make_provider(
        {"default": TwilioAlias("default", SUSPENDED, auth_token=Secret("THEIR_TOKEN"))},
        environment=world_environment(world, {"THEIR_TOKEN": token_of(SUSPENDED)}),
    )

    with pytest.raises(Rejected) as error:
        provider.read(new_identity(world.setup(scope=scope)))

    expected = {"suspended": "account_not_active", "closed": "invalid_credentials"}
    assert error.value.code == expected[status]


def test_in_an_account_that_isnt_active_nothing_is_changed(world, make_provider):
    """Its parent may read it; a change is refused before it is tried, and reading goes on."""
    world.twilio.add_account(SUSPENDED, parent=ACCOUNT)
    world.twilio.set_account_status(SUSPENDED, "suspended")
    scope = Scope("twilio", SUSPENDED, None)
    setup, notes = world.setup(scope=scope), Notes()

    seen = world.provider.read(new_identity(setup))
    with pytest.raises(Rejected) as error:
        world.create(world.line(scope=scope), checkpoint=notes)

    assert seen.facts["account_status"] == "suspended"
    assert (error.value.code, notes.told) == ("account_not_active", [])
    assert "CreateApplication" not in world.calls()


def test_a_throttle_storm_ends_as_one(world):
    """Forty times refused, each after a longer wait, it is said what it was."""
    line = world.create(world.line())
    world.calls()
    world.fault("throttle", "FetchApplication", times=None)

    with pytest.raises(Throttled) as error:
        world.read(line)

    assert world.calls() == {"FetchApplication": 40}
    assert "requests_per_second" in error.value.remedy


def test_an_account_that_is_full_says_how_many_it_holds(world):
    """A thousand, declared or not."""
    for index in range(1000):
        world.twilio.add_application(f"Filler/{index}")

    with pytest.raises(Rejected) as error:
        world.create(world.line())

    assert error.value.code == "quota"
    assert error.value.remedy.startswith("An account holds 1,000 Applications.")


def test_credentials_dont_show_themselves():
    """Not even where somebody prints them."""
    found = credentials_of(TwilioAlias("default", ACCOUNT), ACCOUNT, {"TWILIO_AUTH_TOKEN": TOKEN})

    assert found.password == TOKEN
    assert TOKEN not in repr(found)


def world_environment(world, more):
    """Gives the sandbox's environment and more."""
    return world.provider._environment | more
