"""Reads the parameters of a request by its operation, and writes answers and refusals."""

import json
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl

from chanplan.sandbox.documents import Document
from chanplan.sandbox.wire.messages import Answer, Request
from chanplan.sandbox.wire.twilio.model import Operation

_FORM = "application/x-www-form-urlencoded"


class Misfit(Exception):
    """A request that the operation doesn't take; the message names the parameter and what it must be."""


class NoSuchPath(Exception):
    """A path whose SID can't be one."""


def placed_values(operation: Operation, placed: Mapping[str, str]) -> Document:
    """Reads and checks the parameters in a path; raises `NoSuchPath` when a SID isn't one of its kind."""
    try:
        return {name: operation.path_check(name)(value) for name, value in placed.items()}
    except ValueError as error:
        raise NoSuchPath from error


def given_values(operation: Operation, request: Request) -> Document:
    """
    Reads and checks the parameters in a query (GET) or a form (POST).

    Raises:
        Misfit: a parameter is unknown, given twice, missing or malformed.
    """
    values: Document = {}
    for name, value in _given(request):
        check = operation.takes.get(name)
        if check is None:
            raise Misfit(f"{name}: {operation.name} has no such parameter")
        if name in values:
            raise Misfit(f"{name}: given twice")
        try:
            values[name] = check(value)
        except ValueError as error:
            raise Misfit(f"{name} {error}") from error
    missing = sorted(name for name in operation.required if not values.get(name))
    if missing:
        raise Misfit(f"{missing[0]} is required")
    return values


def _given(request: Request) -> list[tuple[str, str]]:
    try:
        query = parse_qsl(request.query, keep_blank_values=True, errors="strict")
        if request.method == "POST":
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if request.body and kind != _FORM:
                raise Misfit(f"The body must be {_FORM}")
            return [*query, *parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict")]
    except UnicodeDecodeError as error:
        raise Misfit("The parameters must be UTF-8") from error
    return query


def answer(operation: Operation, result: Document, headers: Mapping[str, str]) -> Answer:
    """Writes the answer of a call that worked; a delete says nothing."""
    body = b"" if operation.success == 204 else json.dumps(result).encode()
    return Answer(operation.success, body, {"Content-Type": "application/json", **headers})


def refusal(code: int, message: str, status: int, headers: Mapping[str, str]) -> Answer:
    """Writes a refusal as Twilio's own error body."""
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


def headers_of(request_id: str, began: float) -> dict[str, str]:
    """Returns the headers that every answer has; `began` is when the request came, by `time.monotonic`."""
    return {
        "Twilio-Request-Id": "RQ" + request_id.replace("-", ""),
        "Twilio-Request-Duration": f"{time.monotonic() - began:.3f}",
    }
