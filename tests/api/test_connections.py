"""Connections that are slow, many, broken, or no HTTP at all."""

import json
import socket
import threading
import time
from contextlib import closing, suppress
from dataclasses import replace

import pytest

from chanplan.api.settings import Bounds
from tests.api.front import PATIENCE, SETUP, running

HEAD = b"POST /v1/ses-setup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\nContent-Type: application/json\r\n"
NEW = b'{"tenant_name": "acme", "domain_identity": "mail.acme.example"}'


def opened(client):
    """Opens a bare connection."""
    return closing(socket.create_connection((client.host, client.port), timeout=PATIENCE))


def all_of(connection):
    """Reads until the other side closes."""
    data = b""
    while part := connection.recv(65_536):
        data += part
    return data


def until_said(connection, text):
    """Reads until something was said."""
    data = b""
    while text not in data:
        part = connection.recv(65_536)
        assert part, data
        data += part


def problem_in(data):
    """Reads the status and the problem of a bare answer."""
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head.lower()
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"POST /v1/ses-setup HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /v1/ses-setup HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v1/ses-setup HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    ],
)
def test_what_isnt_http(client, sent):
    """400 as a problem, and the server goes on."""
    with opened(client) as connection:
        connection.sendall(sent)
        status, problem = problem_in(all_of(connection))
    assert (status, problem["error_code"]) == (400, "bad_request")
    assert client.get("/healthz").status == 200


def test_a_head_that_is_too_large(client):
    """431 for its bytes, its number of headers and its path."""
    assert client.get("/v1/ses-setup", **{"X-Long": "x" * 30_000}).status == 200
    answer = client.get("/v1/ses-setup", **{"X-Long": "x" * 33_000})
    assert (answer.status, answer.code) == (431, "headers_too_large")
    answer = client.get("/v1/ses-setup", **{f"X-{number}": "x" for number in range(100)})
    assert (answer.status, answer.code) == (431, "headers_too_large")
    with opened(client) as connection:
        connection.sendall(b"GET /" + b"x" * 40_000)
        assert problem_in(all_of(connection))[0] == 431


def test_a_head_that_comes_slowly():
    """408; a connection that says nothing is closed."""
    with (
        running(bounds=Bounds(head_seconds=1.5)) as front,
        opened(front.client()) as idle,
        opened(front.client()) as slow,
    ):
        slow.sendall(b"GET /v1/ses-setup HTTP/1.1\r\nX-Slow: ")
        status, problem = problem_in(all_of(slow))
        assert (status, problem["error_code"]) == (408, "request_timeout")
        assert all_of(idle) == b""


def test_a_second_head_that_comes_slowly():
    """408 on a connection that was kept, too."""
    with running(bounds=Bounds(head_seconds=1.5)) as front, opened(front.client()) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        until_said(connection, b'{"status":"ok"}')
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost:")
        assert problem_in(all_of(connection))[0] == 408


def test_a_body_that_comes_slowly():
    """408."""
    with running(bounds=Bounds(body_seconds=0.3)) as front:
        with opened(front.client()) as connection:
            connection.sendall(HEAD + b"Content-Length: 63\r\n\r\n" + NEW[:10])
            status, problem = problem_in(all_of(connection))
        assert (status, problem["error_code"]) == (408, "request_timeout")
        assert front.service.calls == []


def test_a_body_that_nobody_asked_for_ends_the_connection(client):
    """Otherwise it would be read without an end."""
    with opened(client) as connection:
        connection.sendall(
            b"GET /v1/ses-setup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        data = all_of(connection)
    assert data.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in data.lower()


def test_an_answer_that_nobody_reads_ends_the_connection():
    """What is large and isn't taken would stay in memory, and keep the server from its end."""
    with running(bounds=Bounds(answer_seconds=0.5)) as front:
        item = front.service.list_ses_setups()[0]
        front.service.lists = [replace(item) for _ in range(60_000)]
        with opened(front.client()) as connection:
            connection.sendall(b"GET /v1/ses-setup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\n\r\n")
            time.sleep(3)
            received = 0
            with suppress(ConnectionResetError):
                received = len(all_of(connection))
        answer = front.client().get("/v1/ses-setup")
        assert (answer.status, len(answer.json["items"])) == (200, 60_000)
        assert received < len(answer.body)


def test_requests_follow_each_other_on_one_connection(client):
    """It is kept."""
    with closing(client.connect()) as connection:
        for _ in range(3):
            connection.request("GET", "/v1/ses-setup", headers={"Authorization": "Bearer all"})
            answer = connection.getresponse()
            assert answer.status == 200
            answer.read()


def test_leave_is_given_to_send_a_body_and_refused_for_one_too_large(client):
    """`Expect: 100-continue`."""
    expecting = HEAD + b"Expect: 100-continue\r\nContent-Length: "
    with opened(client) as connection:
        connection.sendall(expecting + b"63\r\n\r\n")
        assert connection.recv(1_000).startswith(b"HTTP/1.1 100")
        connection.sendall(NEW)
        until_said(connection, b"HTTP/1.1 201")
    with opened(client) as connection:
        connection.sendall(expecting + b"100000\r\n\r\n")
        assert problem_in(all_of(connection))[0] == 413


def test_a_client_that_hangs_up_in_its_body_changes_nothing(front, client):
    """The log has it as 499."""
    with opened(client) as connection:
        connection.sendall(HEAD + b"Content-Length: 63\r\n\r\n" + NEW[:10])
    deadline = time.monotonic() + PATIENCE
    while not front.lines() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [line["status"] for line in front.lines()] == [499]
    assert front.service.calls == []


def test_a_client_that_hangs_up_doesnt_stop_a_write_half_way(front, client):
    """The write ends, and the server goes on."""
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def write(new, call):
        begun.set()
        assert go_on.wait(PATIENCE)
        done.set()

    front.service.behaviour["create_ses_setup"] = write
    with opened(client) as connection:
        connection.sendall(HEAD + b"Content-Length: 63\r\n\r\n" + NEW)
        assert begun.wait(PATIENCE)
    time.sleep(0.2)
    go_on.set()
    assert done.wait(PATIENCE)
    assert client.get("/v1/ses-setup").status == 200


def test_too_many_connections():
    """503 for the one too many."""
    with running(bounds=Bounds(connections=3)) as front:
        client = front.client()
        with opened(client) as one, opened(client) as two, opened(client) as three:
            for each in (one, two, three):
                each.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                until_said(each, b'{"status":"ok"}')
            with opened(client) as fourth:
                status, problem = problem_in(all_of(fourth))
            assert (status, problem["error_code"]) == (503, "overloaded")


def test_too_much_at_once_of_one_sort_leaves_room_for_others():
    """503 with Retry-After for live reads, while lists are answered."""
    release = threading.Event()
    with running(at_once=2) as front:
        front.service.behaviour["get_ses_setup"] = lambda _: release.wait(PATIENCE)
        client = front.client()
        asking = [threading.Thread(target=client.get, args=(f"/v1/ses-setup/{SETUP}",)) for _ in range(2)]
        for each in asking:
            each.start()
        deadline = time.monotonic() + PATIENCE
        while len(front.service.calls) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        answer = client.get(f"/v1/ses-setup/{SETUP}")
        assert (answer.status, answer.code) == (503, "overloaded")
        assert answer.headers["Retry-After"] == "1"
        assert client.get("/v1/ses-setup").status == 200
        assert client.get("/readyz").status == 200
        release.set()
        for each in asking:
            each.join(PATIENCE)
        assert client.get(f"/v1/ses-setup/{SETUP}").status == 200


def test_what_takes_too_long_is_answered_and_goes_on():
    """504, and the write ends."""
    release, done = threading.Event(), threading.Event()

    def write(new, call):
        release.wait(PATIENCE)
        done.set()

    with running(request_seconds=0.3) as front:
        front.service.behaviour["create_ses_setup"] = write
        answer = front.client().post("/v1/ses-setup", NEW)
        assert (answer.status, answer.code) == (504, "timed_out")
        assert not done.is_set()
        release.set()
        assert done.wait(PATIENCE)
