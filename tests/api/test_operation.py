"""Running it: starting, ending, health, figures, logs."""

import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chanplan.api.serving import bound_socket
from chanplan.model.channels import Standing
from chanplan.model.errors import Misused
from tests.api.front import PATIENCE, SETUP, running

NEW = {"tenant_name": "acme", "domain_identity": "mail.acme.example"}


def until(condition):
    """Waits until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def figures(front):
    """Reads the figures: values by name and labels."""
    text = front.client().get("/metrics").body.decode()
    return {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    }


def test_health_says_that_the_process_lives(client):
    """Nothing else is asked."""
    answer = client.get("/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "store,configuration,status,said",
    [
        (True, True, 200, {"status": "ready", "store": "ok", "configuration": "ok"}),
        (False, True, 503, {"status": "not_ready", "store": "unreadable", "configuration": "ok"}),
        (True, False, 503, {"status": "not_ready", "store": "ok", "configuration": "invalid"}),
    ],
)
def test_readiness(front, client, store, configuration, status, said):
    """The state and the configuration."""
    front.service.stands = Standing(store, configuration, 7 if store else None)
    answer = client.get("/readyz")
    assert (answer.status, answer.json) == (status, said)


def test_many_load_balancers_at_once(front, client):
    """One look serves all who ask meanwhile, and none of them hears that it is too much."""
    with ThreadPoolExecutor(20) as pool:
        front.service.behaviour["standing"] = lambda: time.sleep(0.2)
        answers = list(pool.map(lambda _: client.get("/readyz"), range(40)))
    assert {answer.status for answer in answers} == {200}
    assert len(front.service.calls) < 20


def test_figures_by_route_method_and_status_without_any_id(front, client):
    """Routes are templates, and what is not a route is one word."""
    client.get(f"/v1/ses-setup/{SETUP}")
    client.get("/v1/ses-setup/nonsense")
    client.get("/v1/some-secret-path")
    client.ask("BREW", "/v1/ses-setup")
    client.post("/v1/ses-setup", NEW)
    found = figures(front)
    counts = {name: value for name, value in found.items() if name.startswith("chanplan_http_requests_total")}
    assert counts == {
        'chanplan_http_requests_total{method="GET",route="/v1/ses-setup/{setup_id}",status="200"}': 1,
        'chanplan_http_requests_total{method="GET",route="/v1/ses-setup/{setup_id}",status="422"}': 1,
        'chanplan_http_requests_total{method="GET",route="unmatched",status="404"}': 1,
        'chanplan_http_requests_total{method="POST",route="/v1/ses-setup",status="201"}': 1,
    }
    text = client.get("/metrics").body.decode()
    for private in (SETUP, "nonsense", "some-secret-path", "acme", "k1", "backend"):
        assert private not in text
    assert found['chanplan_http_connections_refused_total{status="400"}'] == 1
    assert found["chanplan_http_requests_in_flight"] == 1
    assert found["chanplan_state_serial"] == 7
    assert found['chanplan_build_info{version="1"}'] == 1
    assert any(name.startswith("chanplan_http_request_seconds_bucket") for name in found)


def test_figures_need_a_key(front):
    """401."""
    assert front.client(key=None).get("/metrics").status == 401


def test_a_line_in_the_log_for_each_request_without_secrets(front, client):
    """Who, what, how it ended; no key, wherever it was put."""
    client.get(f"/v1/use-case?channel=email&ses_setup_id={SETUP}", **{"X-Request-Id": "one"})
    client.get("/v1/use-case?token=chk_0011223344556677", **{"X-Request-Id": "two"})
    client.get("/v1/chk_0011223344556677_" + "ab" * 32, **{"X-Request-Id": "three"})
    front.client(key="chk_secret").get("/v1/use-case", **{"X-Request-Id": "four"})
    until(lambda: len(front.lines()) == 4)
    one, two, three, four = front.lines()
    assert set(one) == {
        *("time", "request_id", "client", "key", "method", "path", "query", "status", "seconds", "bytes")
    }
    assert (one["request_id"], one["client"], one["key"], one["method"]) == (
        "one",
        "127.0.0.1",
        "backend",
        "GET",
    )
    assert (one["path"], one["query"]) == ("/v1/use-case", f"channel=email&ses_setup_id={SETUP}")
    assert (one["status"], one["bytes"] > 0, one["seconds"] > 0) == (200, True, True)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", one["time"])
    assert (two["query"], two["status"]) == ("***", 422)
    assert (three["path"], three["status"]) == ("/v1/***", 404)
    assert (four["key"], four["status"]) == ("", 401)
    assert "chk_" not in front.log.getvalue()


def test_a_log_for_people():
    """One line, whatever stands in the path."""
    with running(access_log="text") as front:
        front.client().get("/v1/ses-setup%0Afaked%20line%1b%5b31m", **{"X-Request-Id": "one"})
        until(front.log.getvalue)
        (line,) = front.log.getvalue().splitlines()
        assert re.fullmatch(
            r"\S+ one 127\.0\.0\.1 - GET /v1/ses-setup\\nfaked line\\x1b\[31m 404 \d+ bytes \d+\.\d ms", line
        )


def test_no_log():
    """`--access-log none`."""
    with running(access_log="none") as front:
        front.client().get("/v1/ses-setup")
    assert front.log.getvalue() == ""


def test_the_system_chooses_a_port_and_one_line_tells_it(front):
    """`--port 0`, for programs."""
    assert len(front.said) == 1
    assert re.fullmatch(
        r'\{"listening": "http://127\.0\.0\.1:(\d+)", "host": "127\.0\.0\.1", "port": \1, "workspace": "acme", '
        r'"keys": true\}',
        front.said[0],
    )


def test_a_port_that_is_taken(front):
    """One sentence, and what to do."""
    port = front.client().port
    with pytest.raises(Misused, match=f"127.0.0.1 port {port} can't be listened at") as caught:
        bound_socket("127.0.0.1", port)
    assert "--port" in caught.value.remedy


@pytest.mark.parametrize(
    "host", ["no-such-host.invalid", "a..b", f"{'x' * 64}.example", "", "\x1b[31m.invalid"]
)
def test_a_host_that_isnt_one(host):
    """One sentence too, and nothing of it reaches the terminal as it is."""
    with pytest.raises(Misused, match="port 0 can't be listened at") as caught:
        bound_socket(host, 0)
    assert caught.value.code == "address_unavailable"
    assert "\x1b" not in caught.value.message


def test_ipv6():
    """In brackets."""
    with running(host="::1") as front:
        assert front.url.startswith("http://[::1]:")
        assert front.client().get("/v1/ses-setup").status == 200


def test_an_end_finishes_what_is_in_flight_and_takes_nothing_new():
    """The engine is not asked to stop."""
    begun, go_on, answers = threading.Event(), threading.Event(), []

    def write(new, call):
        begun.set()
        go_on.wait(PATIENCE)

    with running() as front:
        front.service.behaviour["create_ses_setup"] = write
        client = front.client()
        asking = threading.Thread(target=lambda: answers.append(client.post("/v1/ses-setup", NEW)))
        asking.start()
        assert begun.wait(PATIENCE)
        front.leaving.ask()

        def closed():
            try:
                socket.create_connection((client.host, client.port), timeout=1).close()
            except ConnectionRefusedError:
                return True
            return False

        until(closed)
        assert front.thread.is_alive()
        go_on.set()
        asking.join(PATIENCE)
        assert [answer.status for answer in answers] == [201]
        front.thread.join(PATIENCE)
        assert [ended.cut_short for ended in front.ended] == [False]
        assert not front.stop.asked


def test_what_doesnt_end_in_time_is_asked_to_stop():
    """The engine writes down how far it came, and the caller gets 503."""
    begun, answers = threading.Event(), []
    with running(shutdown_seconds=0.3) as front:

        def write(new, call):
            begun.set()
            front.stop.wait(PATIENCE)
            front.stop.check()

        front.service.behaviour["create_ses_setup"] = write
        client = front.client()
        asking = threading.Thread(target=lambda: answers.append(client.post("/v1/ses-setup", NEW)))
        asking.start()
        assert begun.wait(PATIENCE)
        front.leaving.ask()
        asking.join(PATIENCE)
        front.thread.join(PATIENCE)
        assert [(answer.status, answer.code) for answer in answers] == [(503, "stopping")]
        assert [ended.cut_short for ended in front.ended] == [True]


@pytest.mark.parametrize(
    "trusted,expected", [((), "127.0.0.1"), (("127.0.0.1",), "203.0.113.7"), (("10.0.0.0/8",), "127.0.0.1")]
)
def test_headers_of_a_proxy_are_believed_where_it_is_trusted(trusted, expected):
    """And nowhere else."""
    with running(trusted_proxies=trusted) as front:
        front.client().get(
            "/v1/ses-setup", **{"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        )
        until(front.lines)
        assert front.lines()[0]["client"] == expected
