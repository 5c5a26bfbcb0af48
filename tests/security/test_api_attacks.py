"""The API's server attacked from outside: what one request may cost others, and what it can make the log and answers say."""

import json
import socket
import threading
import time
from contextlib import closing

import pytest

from tests.api.front import PATIENCE, SETUP, running

ID = "0123456789abcdef"
SECRET = "0f" * 32
KEY = f"chk_{ID}_{SECRET}"
BOUND = 1.0


@pytest.fixture
def front():
    """A server with keys."""
    with running() as made:
        yield made


def raw(front, data):
    """Sends bytes as they are, and gives what comes back until the other side closes."""
    client = front.client()
    with closing(socket.create_connection((client.host, client.port), timeout=PATIENCE)) as connection:
        connection.sendall(data)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
        return answer


def status_of(answer):
    """The status of a bare answer."""
    return int(answer.split()[1])


def slowest_while(front, act):
    """Acts, and gives how long the health of the server took to tell meanwhile, at worst."""
    over, worst = threading.Event(), [0.0]

    def ask():
        while not over.is_set():
            began = time.monotonic()
            assert front.client().get("/healthz").status == 200
            worst[0] = max(worst[0], time.monotonic() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        act()
    finally:
        over.set()
        asking.join(PATIENCE)
    return worst[0]


QUERIES = {
    "many names": "&".join(f"a{number}" for number in range(5_000)),
    "one name": "&".join(["a"] * 15_000),
    "one filter": "&".join(["channel=email"] * 2_000),
    "semicolons": ";" * 30_000,
    "percents": "%" * 30_000,
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_long_query_holds_nobody_up(front, name):
    """Whoever has a key can't keep the others waiting with one, and gets an answer that is short."""
    client = front.client()
    answers = []
    worst = slowest_while(front, lambda: answers.append(client.get(f"/v1/use-case?{QUERIES[name]}")))

    assert (answers[0].status, len(answers[0].body) < 20_000, worst < BOUND) == (422, True, True), (
        len(answers[0].body),
        worst,
    )


BODIES = {
    "many fields": "{" + ",".join(f'"a{number}":1' for number in range(4_000)) + "}",
    "one field": "{" + ",".join(['"a":1'] * 8_000) + "}",
    "digits": '{"a": ' + "9" * 60_000 + "}",
    "escapes": '{"tenant_name": "' + "\\u0061" * 10_000 + '"}',
    "levels": "[" * 32_000 + "]" * 32_000,
    "spaces": " " * 60_000 + "{}",
    "domain": json.dumps({"tenant_name": "a", "domain_identity": "a." * 30_000}),
    "names": json.dumps({"channel": "email", "entity_name": "a- " * 20_000}),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/v1/ses-setup", "/v1/use-case"])
def test_no_body_holds_anybody_up(front, name, path):
    """Whatever fits into the largest one that is read."""
    client = front.client()
    answers = []
    worst = slowest_while(front, lambda: answers.append(client.post(path, BODIES[name].encode())))

    assert answers[0].status in (400, 422)
    assert (len(answers[0].body) < 20_000, worst < BOUND) == (True, True), (len(answers[0].body), worst)


HOSTS = [
    b"[",
    b"]",
    b"[::1",
    b"a]b",
    b"x/../y",
    b"x?y",
    b"x#y",
    b"x y",
    b"\xff",
    b"",
    b"x" * 10_000,
    b"@",
    b":",
    b"x:y:z",
]
PATHS = [
    b"/nowhere",
    b"//x",
    b"/v1/use-case",
    b"/%00",
    b"/%ff",
    b"/%0d%0aX:%20y",
    b"/v1/ses-setup/%2e%2e",
    b"*",
    b"http://x/y",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", PATHS)
def test_no_host_and_no_path_is_a_mistake_of_ours(front, host, path):
    """Whatever a client puts there: an answer that is documented, and never 500."""
    answer = raw(
        front,
        b"GET "
        + path
        + b" HTTP/1.1\r\nHost: "
        + host
        + b"\r\nAuthorization: Bearer all\r\nConnection: close\r\n\r\n",
    )

    assert status_of(answer) in (200, 400, 404, 422), answer[:500]
    assert b"\r\nX: y" not in answer


@pytest.mark.parametrize(
    "header",
    [
        b"X-Request-Id: a\tb",
        b"X-Request-Id: " + KEY.encode(),
        b"X-Request-Id: \xff",
        b"X-Forwarded-For: " + KEY.encode(),
        b"X-Forwarded-For: 1.2.3.4\x1b[31m",
        b"X-Forwarded-Proto: gopher",
        b"Authorization: Basic " + KEY.encode(),
        b"Authorization: Bearer " + KEY.encode(),
        b"Authorization: Bearer\t" + KEY.encode(),
        b"Authorization: " + KEY.encode(),
        b"Cookie: key=" + KEY.encode(),
        b"Referer: https://x/?" + KEY.encode(),
    ],
)
def test_no_header_gets_a_key_into_the_log_or_back(header):
    """Not the secret: neither in the log, nor in the answer."""
    with running(lambda _: None) as front:
        answer = raw(
            front, b"GET /v1/use-case HTTP/1.1\r\nHost: x\r\n" + header + b"\r\nConnection: close\r\n\r\n"
        )

    assert SECRET.encode() not in answer
    assert SECRET not in front.log.getvalue()
    assert "\x1b" not in front.log.getvalue()


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/use-case?key={KEY}",
        f"/v1/use-case?entity_name={KEY}",
        f"/v1/use-case?{KEY}",
        f"/v1/use-case?channel={KEY}&channel=email",
        f"/{KEY}",
        f"/v1/ses-setup/{KEY}",
        f"/v1/ses-setup/{KEY.replace('_', '%5f')}",
        f"/v1/ses-setup/{KEY.replace('0f', '%30f')}",
        f"/v1/ses-setup/{SETUP}/{KEY}",
    ],
)
def test_no_path_and_no_query_gets_a_key_into_the_log_or_back(front, path):
    """Somebody puts it into an address: it is masked there, as everywhere."""
    answer = front.client().get(path)
    time.sleep(0.1)

    assert SECRET.encode() not in answer.body, answer.body
    assert SECRET not in front.log.getvalue()


def test_no_body_gets_a_key_back(front):
    """An error that quotes what was sent quotes no secret."""
    client = front.client()
    for body in ({KEY: 1}, {"tenant_name": KEY + "!", "domain_identity": KEY}, {"channel": KEY}, [KEY], KEY):
        for path in ("/v1/ses-setup", "/v1/use-case"):
            answer = client.post(path, json.dumps(body).encode())
            assert SECRET.encode() not in answer.body, answer.body


def test_strangers_who_read_the_description_keep_nobody_waiting(front):
    """It needs no key, so that nothing that needs one may wait for it."""
    over = threading.Event()
    client = front.client(None)

    def read():
        while not over.is_set():
            assert client.get("/openapi.json").status == 200

    threads = [threading.Thread(target=read) for _ in range(8)]
    for each in threads:
        each.start()
    statuses = {front.client().get("/v1/use-case").status for _ in range(50)}
    over.set()
    for each in threads:
        each.join(PATIENCE)

    assert statuses == {200}
