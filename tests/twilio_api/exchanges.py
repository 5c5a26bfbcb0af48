"""
Holds recorded exchanges against Twilio's descriptions.

The descriptions require nothing and forbid nothing of answers, so an answer's keys must be exactly those of its schema
(spec/twilio.md, 6.2). They have no refusals, so those are held against the shape that all of Twilio's have. Three things
are let through because the real service is known to have them: in answers an empty text where a SID is nullable, in forms
an empty text for a SID or a URL, which clears, and wildcards in a list's PhoneNumber.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from urllib.parse import parse_qsl, urlsplit

from tests.twilio_api.description import Described, operation_at, registry, resolved

_SID_PATTERN = re.compile(r"\^\[?[a-zA-Z\-\]{}2]+\[0-9a-fA-F\]\{32\}\$")
_ADDRESS = re.compile(r"/([a-z0-9.-]+\.twilio\.com)(/.*)")
_FORM = "application/x-www-form-urlencoded"
_REFUSAL = {"code": int, "message": str, "more_info": str, "status": int}


@dataclass(frozen=True)
class Exchange:
    """What a sandbox recorded of one request and its answer."""

    method: str
    path: str
    query: str
    content_type: str
    body: str
    status: int | None
    answer: str | None

    @property
    def asked(self) -> str:
        """Returns the request's first line, for people."""
        return f"{self.method} {self.path}"


def read(text: str) -> list[Exchange]:
    """Returns the exchanges of a recorder's file."""
    return [Exchange(**json.loads(line)) for line in text.splitlines()]


def operation_of(exchange: Exchange) -> Described | None:
    """Returns what an exchange asks for; None where the descriptions have nothing."""
    found = _ADDRESS.fullmatch(exchange.path)
    return None if found is None else operation_at(found[1], found[2], exchange.method)


def violations(exchange: Exchange) -> list[str]:
    """Returns everything in an exchange that Twilio's description doesn't have."""
    operation = operation_of(exchange)
    if operation is None:
        return [f"{exchange.asked}: nothing like this is described"]
    found = [*_in_request(operation, exchange)]
    if exchange.status is not None:
        found += _in_answer(operation, exchange)
    return [f"{operation.name}: {each}" for each in found]


def with_answer(exchange: Exchange, answer: object) -> Exchange:
    """Returns an exchange with another answer."""
    return replace(exchange, answer=json.dumps(answer))


def _in_request(operation: Described, exchange: Exchange) -> Iterator[str]:
    place = operation.pattern.fullmatch(exchange.path.partition(".com")[2])
    assert place is not None
    # A path whose SID is none asks for something that isn't there, and hears so.
    if exchange.status != 404:
        for name, value in place.groupdict().items():
            yield from _values_fit(operation, name, [value], operation.parameters["path"][name])
    yield from _names_and_values(operation, exchange.query, operation.parameters["query"], ())
    if operation.form is None:
        if exchange.body:
            yield "a body where none is described"
        return
    if exchange.body and exchange.content_type.partition(";")[0] != _FORM:
        yield f"a body of the type {exchange.content_type or 'unknown'}"
        return
    form = resolved(operation.file, operation.form)
    yield from _names_and_values(
        operation, exchange.body, form.get("properties", {}), form.get("required", ())
    )


def _names_and_values(operation: Described, text: str, known: dict, required) -> Iterator[str]:
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        given.setdefault(name, []).append(value)
    for name in sorted(set(required) - set(given)):
        yield f"{name} is missing"
    for name, values in given.items():
        if name not in known:
            yield f"{name} isn't described"
        else:
            yield from _values_fit(operation, name, values, known[name])


def _values_fit(operation: Described, name: str, values: list[str], schema: dict) -> Iterator[str]:
    plain = resolved(operation.file, schema)
    if plain["type"] != "array" and len(values) > 1:
        yield f"{name} is given {len(values)} times"
    clears = ["VoiceApplicationSid", "SmsApplicationSid", "TrunkSid"]
    for value in values:
        if value == "" and (name in clears or plain.get("format") == "uri"):
            continue
        if name == "PhoneNumber" and "*" in value and operation.method == "GET":
            continue
        item = resolved(operation.file, plain["items"]) if plain["type"] == "array" else plain
        yield from (f"{name}: {wrong}" for wrong in _wrong(operation.file, item, _typed(item, value)))


def _typed(schema: dict, value: str) -> object:
    """Returns a parameter's text as its schema's type, where it can be one."""
    if schema["type"] == "integer" and re.fullmatch("-?[0-9]+", value):
        return int(value)
    if schema["type"] == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _in_answer(operation: Described, exchange: Exchange) -> Iterator[str]:
    if exchange.status >= 400:
        yield from _in_refusal(exchange)
        return
    if exchange.status != operation.status:
        yield f"it answers {operation.status}, not {exchange.status}"
    if operation.answer is None or operation.status == 204:
        if exchange.answer:
            yield "an answer where none is described"
        return
    answer, schema = json.loads(exchange.answer), resolved(operation.file, operation.answer)
    for name, part in schema["properties"].items():
        if part.get("type") == "array" and isinstance(answer.get(name), list):
            for number, row in enumerate(answer.pop(name)):
                found = _judged(operation.file, json.dumps(part["items"]), json.dumps(row))
                yield from (f"{name}.{number}.{each}" for each in found)
            answer[name] = []
    yield from _judged(operation.file, json.dumps(schema), json.dumps(answer))


@lru_cache(maxsize=50_000)
def _judged(file: str, schema: str, answer: str) -> tuple[str, ...]:
    """Returns what is wrong in an answer or in one row of it; the same object is listed over and over."""
    described, value = json.loads(schema), json.loads(answer)
    return (
        *_strict(file, described, value, ""),
        *_wrong(file, described, _without_empty_sids(file, described, value)),
    )


def _in_refusal(exchange: Exchange) -> Iterator[str]:
    body = json.loads(exchange.answer)
    kinds = {name: type(value) for name, value in body.items()}
    if kinds != _REFUSAL:
        yield f"a refusal has code, message, more_info and status, not {sorted(body)}"
    elif (body["status"], body["more_info"]) != (
        exchange.status,
        f"https://www.twilio.com/docs/errors/{body['code']}",
    ):
        yield f"a refusal's status and more_info don't fit: {body['status']}, {body['more_info']}"


def _strict(file: str, schema: dict, value: object, where: str) -> Iterator[str]:
    """Returns where the keys of an answer aren't exactly those of its schema."""
    schema = resolved(file, schema)
    if isinstance(value, dict) and "properties" in schema:
        for name in sorted(schema["properties"].keys() - value.keys()):
            yield f"{where}{name} is missing in the answer"
        for name in sorted(value.keys() - schema["properties"].keys()):
            yield f"{where}{name} isn't described"
        for name in sorted(value.keys() & schema["properties"].keys()):
            yield from _strict(file, schema["properties"][name], value[name], f"{where}{name}.")
    elif isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _strict(file, schema["items"], item, f"{where}{number}.")


def _without_empty_sids(file: str, schema: dict, value: object) -> object:
    """Returns an answer with null in the place of the empty SIDs that the real service answers."""
    schema = resolved(file, schema)
    if isinstance(value, dict):
        inside = schema.get("properties", {})
        return {
            name: _without_empty_sids(file, inside[name], item) if name in inside else item
            for name, item in value.items()
        }
    if isinstance(value, list) and "items" in schema:
        return [_without_empty_sids(file, schema["items"], item) for item in value]
    if value == "" and schema.get("nullable") and _SID_PATTERN.fullmatch(schema.get("pattern", "")):
        return None
    return value


def _wrong(file: str, schema: dict, value: object) -> Iterator[str]:
    for error in _validator(file, json.dumps(schema)).iter_errors(value):
        place = ".".join(str(step) for step in error.absolute_path)
        yield f"{place}: {error.message}" if place else error.message


@cache
def _validator(file: str, schema: str):
    from openapi_schema_validator import OAS30Validator, oas30_format_checker

    checker = type(oas30_format_checker)(())
    for name, check in _FORMATS.items():
        checker.checks(name, raises=(ValueError, TypeError))(check)
    return OAS30Validator(_anchored(file, json.loads(schema)), registry=registry(), format_checker=checker)


def _anchored(file: str, value: object) -> object:
    """Returns a schema whose references name the description that they are in."""
    if isinstance(value, dict):
        return {
            key: f"urn:{file}{item}" if key == "$ref" else _anchored(file, item)
            for key, item in value.items()
        }
    return [_anchored(file, item) for item in value] if isinstance(value, list) else value


def _only_for_texts(check):
    return lambda value: check(value) if isinstance(value, str) else True


def _is_uri(value: str) -> bool:
    # Links of v2010 are relative, and an empty text is an unset URL: both stand in the descriptions' examples.
    return not re.search(r"[\s<>\"{}|\\^`]", value) and urlsplit(value) is not None


def _is_rfc_2822(value: str) -> bool:
    at = parsedate_to_datetime(value)
    return at.strftime("%a, %d %b %Y %H:%M:%S +0000") == value


def _is_date_time(value: str) -> bool:
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z") is not None and value.endswith("Z")


def _is_uri_map(value: object) -> bool:
    return not isinstance(value, dict) or all(
        isinstance(item, str) and _is_uri(item) for item in value.values()
    )


def _is_phone_number(value: str) -> bool:
    return re.fullmatch(r"\+[1-9][0-9]{1,14}", value) is not None


def _is_http_method(value: str) -> bool:
    return value in ("GET", "POST")


_FORMATS = {
    "uri": _only_for_texts(_is_uri),
    "date-time": _only_for_texts(_is_date_time),
    "date-time-rfc-2822": _only_for_texts(_is_rfc_2822),
    "phone-number": _only_for_texts(_is_phone_number),
    "http-method": _only_for_texts(_is_http_method),
    "uri-map": _is_uri_map,
}
