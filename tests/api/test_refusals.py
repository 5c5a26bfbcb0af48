"""What the HTTP layer refuses itself, before anything of the engine is asked."""

import json
from contextlib import closing

import pytest

from tests.api.front import SETUP, running

NEW = {"tenant_name": "acme", "domain_identity": "mail.acme.example"}


@pytest.mark.parametrize(
    "declared",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/problem+json",
        "nonsense",
    ],
)
def test_a_wrong_or_missing_content_type(front, client, declared):
    """415, before the body is read."""
    answer = client.post("/v1/ses-setup", NEW, **{"Content-Type": declared})
    assert (answer.status, answer.code) == (415, "content_type_unsupported")
    assert front.service.calls == []


@pytest.mark.parametrize(
    "declared", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_the_right_content_type(client, declared):
    """Capitals and a charset of UTF-8 are the same type."""
    assert client.post("/v1/ses-setup", NEW, **{"Content-Type": declared}).status == 201


def test_a_compressed_body(client):
    """415: a small body that unpacks to a giant is never unpacked."""
    answer = client.post("/v1/ses-setup", NEW, **{"Content-Encoding": "gzip"})
    assert (answer.status, answer.code) == (415, "content_encoding_unsupported")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"tenant_name=acme",
        b'{"tenant_name": NaN}',
        b'{"tenant_name": -Infinity}',
        b'{"tenant_name": ' + b"1" * 5000 + b"}",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        json.dumps(NEW).encode("utf-16"),
        b"{} {}",
        b'{"a": "\x00"}',
    ],
)
def test_a_body_that_isnt_json(front, client, body):
    """400, for what Python would read and JSON does not have, too."""
    answer = client.post("/v1/ses-setup", body)
    assert (answer.status, answer.code) == (400, "not_json")
    assert front.service.calls == []


@pytest.mark.parametrize("depth", [17, 500, 30_000])
def test_a_body_that_is_deeply_nested(client, depth):
    """400, however deep."""
    answer = client.post("/v1/ses-setup", b'{"tenant_name":' + b"[" * depth + b"]" * depth + b"}")
    assert (answer.status, answer.code) == (400, "nested_too_deeply")


def test_a_body_at_the_edge_of_depth_is_read(client):
    """As many levels as are allowed reach the schema."""
    answer = client.post("/v1/ses-setup", b'{"tenant_name":' + b"[" * 14 + b"]" * 14 + b"}")
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_a_field_that_stands_twice(client):
    """400: one of the two would be ignored."""
    answer = client.post(
        "/v1/ses-setup", b'{"tenant_name": "a", "tenant_name": "b", "domain_identity": "c.d"}'
    )
    assert (answer.status, answer.code) == (400, "duplicate_field")
    assert "tenant_name" in answer.json["detail"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
@pytest.mark.parametrize("path", ["/v1/ses-setup", "/v1/use-case"])
def test_json_that_is_no_object(client, path, body):
    """422, as any other body of the wrong shape."""
    answer = client.post(path, body)
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_a_body_that_is_too_large(client):
    """413 one byte beyond the limit, and whoever sends megabytes gets to read it."""
    at_the_limit = json.dumps(NEW).encode().ljust(65_536)
    assert client.post("/v1/ses-setup", at_the_limit).status == 201
    for size in (65_537, 500_000, 3_000_000):
        answer = client.post("/v1/ses-setup", at_the_limit.ljust(size))
        assert (answer.status, answer.code) == (413, "body_too_large")


def test_a_body_in_chunks_that_is_too_large(front, client):
    """413 without a Content-Length to go by."""

    def parts(size):
        yield json.dumps(NEW).encode()
        for _ in range(size // 1024):
            yield b" " * 1024

    assert (
        client.ask("POST", "/v1/ses-setup", parts(1024), {"Content-Type": "application/json"}).status == 201
    )
    answer = client.ask("POST", "/v1/ses-setup", parts(200_000), {"Content-Type": "application/json"})
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert len(front.service.calls) == 1


def test_a_post_without_a_body(client):
    """411."""
    connection = client.connect()
    connection.putrequest("POST", "/v1/ses-setup")
    connection.putheader("Authorization", "Bearer all")
    connection.putheader("Content-Type", "application/json")
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 411
    assert json.loads(answer.read())["error_code"] == "length_required"
    connection.close()


def test_unknown_fields(client):
    """422, naming each: a field that nobody reads is a mistake."""
    answer = client.post("/v1/ses-setup", NEW | {"mail_from": "bounce", "id": SETUP})
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert [(each["where"], each["field"], each["code"]) for each in answer.json["errors"]] == [
        ("body", "mail_from", "unknown_field"),
        ("body", "id", "unknown_field"),
    ]


@pytest.mark.parametrize(
    "query",
    ["chanel=email", "channel=email&channel=inbound_voice", "channel=fax", "channel=", "x", "ses_setup_id=1"],
)
def test_a_filter_that_would_be_ignored_is_refused(front, client, query):
    """422: a misspelled filter would give everything."""
    answer = client.get(f"/v1/use-case?{query}")
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert {each["where"] for each in answer.json["errors"]} == {"query"}
    assert front.service.calls == []


@pytest.mark.parametrize("path", ["/v1/ses-setup", "/v1/twilio-setup", f"/v1/ses-setup/{SETUP}", "/metrics"])
def test_a_query_where_none_is_taken(client, path):
    """422, for the same reason."""
    answer = client.get(f"{path}?channel=email")
    assert (answer.status, answer.code) == (422, "invalid_request")


@pytest.mark.parametrize(
    "id",
    [
        "1",
        "acme-mail",
        "0b5ea7d63c0f4f0e8a381f2f4a5d6c7b",
        "{0b5ea7d6-3c0f-4f0e-8a38-1f2f4a5d6c7b}",
        "urn:uuid:0b5ea7d6-3c0f-4f0e-8a38-1f2f4a5d6c7b",
        "0b5ea7d6-3c0f-4f0e-8a38-1f2f4a5d6c7b%20",
        "0b5ea7d6-3c0f-4f0e-8a38-1f2f4a5d6c7g",
        "%00",
        "%F0%9F%92%A9",
    ],
)
def test_an_id_that_isnt_a_uuid(front, client, id):
    """422 in path and query, for the other ways to write a UUID too."""
    for method, path in (
        ("GET", "/v1/ses-setup"),
        ("DELETE", "/v1/ses-setup"),
        ("DELETE", "/v1/use-case"),
    ):
        answer = client.ask(method, f"{path}/{id}")
        assert (answer.status, answer.code) == (422, "invalid_request")
        assert [each["code"] for each in answer.json["errors"]] == ["not_a_uuid"]
    answer = client.get(f"/v1/use-case?twilio_setup_id={id}")
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert front.service.calls == []


def test_an_id_in_capitals_is_the_same(front, client):
    """The engine gets it in small letters."""
    assert client.get(f"/v1/ses-setup/{SETUP.upper()}").status == 200
    assert front.service.calls == [("get_ses_setup", SETUP)]


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v1/ses-setup/", "/v2/ses-setup", "/docs/../secret", "/docs/x"]
)
def test_paths_that_dont_exist(client, path):
    """404 as a problem; nothing is redirected."""
    answer = client.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    "method,path,allowed",
    [
        ("PUT", "/v1/ses-setup", "GET, POST"),
        ("PATCH", f"/v1/ses-setup/{SETUP}", "DELETE, GET"),
        ("GET", f"/v1/use-case/{SETUP}", "DELETE"),
        ("DELETE", "/v1/use-case", "GET, POST"),
        ("POST", "/v1/twilio-setup", "GET"),
        ("OPTIONS", "/v1/use-case", "GET, POST"),
        ("POST", "/healthz", "GET"),
        ("TRACE", "/metrics", "GET"),
    ],
)
def test_methods_that_arent_allowed(client, method, path, allowed):
    """405 with all that the path takes."""
    answer = client.ask(method, path)
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


def test_head_is_a_method_like_any_other(client):
    """No path takes HEAD."""
    answer = client.ask("HEAD", "/v1/ses-setup")
    assert (answer.status, answer.body, answer.headers["Allow"]) == (405, b"", "GET, POST")


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "\xe4"])
def test_an_idempotency_key_that_cant_be_one(front, client, key):
    """422."""
    answer = client.post("/v1/ses-setup", NEW, **{"Idempotency-Key": key})
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert [each["where"] for each in answer.json["errors"]] == ["header"]
    assert front.service.calls == []


def test_two_idempotency_keys_at_once(front, client):
    """Neither is chosen: whoever repeats the request may send them in another order."""
    body = json.dumps(NEW).encode()
    with closing(client.connect()) as connection:
        connection.putrequest("POST", "/v1/ses-setup")
        for name, text in (
            ("Authorization", "Bearer all"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Idempotency-Key", "one"),
            ("idempotency-key", "two"),
        ):
            connection.putheader(name, text)
        connection.endheaders(body)
        answer = connection.getresponse()
        said = json.loads(answer.read())
    assert (answer.status, said["error_code"]) == (422, "invalid_request")
    assert [(each["where"], each["field"], each["code"]) for each in said["errors"]] == [
        ("header", "Idempotency-Key", "repeated")
    ]
    assert front.service.calls == []


def test_an_idempotency_key_is_its_callers_own_and_of_one_body(front, client):
    """The engine is told whose key it is and what was asked, however the body was written."""
    for new in (NEW, dict(reversed(NEW.items())), NEW | {"tenant_name": "other"}):
        assert client.post("/v1/ses-setup", new, **{"Idempotency-Key": "x" * 255}).status == 201
    calls = [call for _, _, call in front.service.calls]
    assert {call.idempotency.key for call in calls} == {"k1:" + "x" * 255}
    first, same, other = (call.idempotency.request_hash for call in calls)
    assert first == same != other
    assert {(call.command, call.caller) for call in calls} == {("api POST /v1/ses-setup", "backend")}


def test_texts_of_others_play_no_trick(client):
    """Control and bidirectional characters in names of fields come back as escapes."""
    answer = client.post(
        "/v1/ses-setup", b'{"\\u001b[31m\\u202e": 1, "tenant_name": "\\u202e", "domain_identity": "\\ud800"}'
    )
    assert answer.code == "invalid_request"
    assert answer.body.isascii()
    assert [each["field"] for each in answer.json["errors"]] == [
        "tenant_name",
        "domain_identity",
        "\\x1b[31m\\u202e",
    ]


def test_half_of_a_pair_of_surrogates_is_no_name(client):
    """It could not be written in any answer."""
    answer = client.post("/v1/ses-setup", b'{"\\ud800": 1}')
    assert [(each["where"], each["code"]) for each in answer.json["errors"]] == [("body", "string_unicode")]


def test_an_error_repeats_only_some_of_a_long_text(client):
    """No answer is as long as the request."""
    answer = client.post("/v1/ses-setup", {"x" * 60_000: 1})
    assert answer.code == "invalid_request"
    assert len(answer.body) < 4_000


def test_an_answer_has_the_requests_id(front, client):
    """The caller's own, where it can stand in a log."""
    assert (
        client.get("/v1/ses-setup", **{"X-Request-Id": "deploy-7.a_b"}).headers["X-Request-Id"]
        == "deploy-7.a_b"
    )
    for bad in ("", "x" * 129, "a b", "a\tb", "<script>"):
        made = client.get("/v1/nothing", **{"X-Request-Id": bad})
        assert made.code == "not_found"
        assert made.headers["X-Request-Id"] != bad
        assert len(made.headers["X-Request-Id"]) == 32


def test_a_small_limit_can_be_set():
    """`--max-body`."""
    with running(body_bytes=100) as front:
        answer = front.client().post("/v1/ses-setup", NEW | {"tenant_name": "a" * 64})
        assert (answer.status, answer.json["detail"]) == (413, "The body has more than 100 bytes.")
