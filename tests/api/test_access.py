"""Keys, scopes, rates, and what is served without keys."""

import threading

import pytest

from chanplan.model.errors import Misused
from tests.api.front import KEYS, SETUP, running

CALLS = [
    ("GET", "/v1/ses-setup", "view"),
    ("GET", f"/v1/ses-setup/{SETUP}", "view"),
    ("GET", "/v1/use-case", "view"),
    ("GET", "/v1/twilio-setup", "view"),
    ("GET", "/metrics", "view"),
    ("POST", "/v1/ses-setup", "create"),
    ("POST", "/v1/use-case", "create"),
    ("DELETE", f"/v1/ses-setup/{SETUP}", "delete"),
    ("DELETE", f"/v1/use-case/{SETUP}", "delete"),
]


@pytest.mark.parametrize("method,path,scope", CALLS)
def test_no_key_no_service(front, method, path, scope):
    """401 with a challenge, and the engine hears of nothing."""
    answer = front.client(key=None).ask(method, path)
    assert (answer.status, answer.code) == (401, "key_missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="chanplan"'
    assert front.service.calls == []


@pytest.mark.parametrize("method,path,scope", CALLS)
def test_an_unknown_or_expired_key(front, method, path, scope):
    """401; why is told to nobody who may be guessing."""
    answer = front.client(key="expired").ask(method, path)
    assert (answer.status, answer.code) == (401, "key_refused")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="chanplan", error="invalid_token"'
    assert b"expired" not in answer.body.replace(b"has expired or was revoked", b"")
    assert front.service.calls == []


@pytest.mark.parametrize("method,path,scope", [call for call in CALLS if call[2] != "view"])
def test_a_key_without_the_scope(front, method, path, scope):
    """403 with the scope that is missing."""
    answer = front.client(key="viewer").ask(method, path)
    assert (answer.status, answer.code) == (403, "scope_missing")
    assert f'scope="{scope}"' in answer.headers["WWW-Authenticate"]
    assert front.service.calls == []


@pytest.mark.parametrize("method,path,scope", CALLS)
def test_a_key_with_the_scope_alone(front, method, path, scope):
    """Each call needs one scope and no other."""
    keys = {"narrow": KEYS["all"].__class__("k3", "narrow", frozenset({scope}))}
    with running(keys.get) as narrow:
        answer = narrow.client(key="narrow").ask(method, path)
        assert answer.status not in (401, 403)


@pytest.mark.parametrize(
    "header",
    ["Basic YWxsOg==", "all", "Bearer", "Bearer ", "bearerall", "Token all", "Bearer all, Bearer all"],
)
def test_other_ways_to_send_a_key(front, header):
    """401."""
    answer = front.client(key=None).get("/v1/ses-setup", Authorization=header)
    assert answer.status == 401
    assert answer.code in ("key_missing", "key_refused")


def test_two_keys_at_once(front):
    """401, since nobody can say whose word counts."""
    connection = front.client().connect()
    connection.putrequest("GET", "/v1/ses-setup")
    connection.putheader("Authorization", "Bearer viewer")
    connection.putheader("Authorization", "Bearer all")
    connection.endheaders()
    assert connection.getresponse().status == 401
    connection.close()


def test_the_key_comes_before_everything_else(front):
    """Without a key nobody learns what is wrong with a request."""
    client = front.client(key=None)
    assert client.ask("POST", "/v1/ses-setup", b"{", {"Content-Type": "text/plain"}).status == 401
    assert client.get("/v1/ses-setup/nonsense?x=1").status == 401


def test_health_readiness_and_the_description_need_no_key(front):
    """They hold nothing of the workspace."""
    client = front.client(key=None)
    for path in ("/healthz", "/readyz", "/openapi.json", "/docs"):
        assert client.get(path).status == 200


def test_a_key_may_call_so_often():
    """429 with Retry-After, for each key by itself."""
    with running(requests_a_second=0.5) as front:
        client = front.client()
        answers = [client.get("/v1/ses-setup") for _ in range(12)]
        limited = [answer for answer in answers if answer.status == 429]
        assert limited
        assert answers[0].status == 200
        assert limited[0].code == "rate_limited"
        assert int(limited[0].headers["Retry-After"]) >= 1
        # Another key has its own bucket, and load balancers none.
        assert front.client(key="viewer").get("/v1/ses-setup").status == 200
        assert all(client.get("/healthz").status == 200 for _ in range(8))


def test_whoever_tries_keys_out_is_slowed_down():
    """429 for an address."""
    with running(requests_a_second=0.5) as front:
        statuses = [front.client(key=f"guess-{number}").get("/v1/ses-setup").status for number in range(12)]
        assert statuses[0] == 401
        assert 429 in statuses


def test_without_keys_whoever_is_on_this_machine_may_do_everything():
    """`--insecure-local`."""
    with running(without_keys=True) as front:
        client = front.client(key=None)
        assert client.get("/v1/ses-setup").status == 200
        assert client.delete(f"/v1/ses-setup/{SETUP}").status == 204
        assert front.service.calls[-1][2].caller == "insecure-local"
        for host in ("localhost", f"localhost:{client.port}", "127.0.0.1", "[::1]", f"[::1]:{client.port}"):
            assert client.get("/v1/ses-setup", Host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", ""]
)
def test_without_keys_no_name_of_another_site_is_served(host):
    """A rebound name leads no browser here."""
    with running(without_keys=True) as front:
        answer = front.client(key=None).get("/v1/ses-setup", Host=host)
        assert (answer.status, answer.code) == (403, "host_not_allowed")
        assert front.service.calls == []


@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost.evil.example:8080", "null"])
def test_without_keys_no_page_of_another_site_is_served(origin):
    """Nor does a page of another site."""
    with running(without_keys=True) as front:
        answer = front.client(key=None).get("/v1/ses-setup", Origin=origin)
        assert (answer.status, answer.code) == (403, "host_not_allowed")
        assert front.client(key=None).get("/v1/ses-setup", Origin="http://localhost:3000").status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])
def test_without_keys_only_the_loopback_is_served(host):
    """The server does not start."""
    with pytest.raises(Misused, match="can be reached by others"), running(without_keys=True, host=host):
        pass


def test_a_store_that_cant_say_who_holds_a_key():
    """503, without the store's address."""
    from chanplan.model.errors import StateUnreadable

    def away(token):
        raise StateUnreadable("no route to db.internal")

    with running(away) as front:
        answer = front.client().get("/v1/ses-setup")
        assert (answer.status, answer.code) == (503, "state_unreadable")
        assert b"db.internal" not in answer.body
        assert int(answer.headers["Retry-After"]) >= 1


def test_looking_a_key_up_that_hangs_keeps_nobody_from_asking_for_health():
    """504, in threads of its own."""
    release = threading.Event()
    with running(lambda _: release.wait(20) and None, request_seconds=0.3) as front:
        answer = front.client().get("/v1/ses-setup")
        assert (answer.status, answer.code) == (504, "timed_out")
        assert front.client().get("/healthz").status == 200
        release.set()
