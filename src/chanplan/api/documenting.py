"""What the description says of a call beside its shapes: scopes, links, and every error with an example."""

from collections.abc import Mapping
from typing import Any

from chanplan.api.catalogue import CATALOGUE
from chanplan.api.examples import ANSWERS, EXTRAS
from chanplan.api.problems import MEDIA_TYPE, Failure

PROBLEM = {"$ref": "#/components/schemas/Problem"}
Responses = dict[int | str, dict[str, Any]]

_ALWAYS = (
    "key_missing",
    "key_refused",
    "scope_missing",
    "host_not_allowed",
    "invalid_request",
    "rate_limited",
    "internal_error",
    "overloaded",
    "keys_unavailable",
    "timed_out",
)
_SORTS: Mapping[str, tuple[str, ...]] = {
    "body": (
        "not_json",
        "nested_too_deeply",
        "duplicate_field",
        "request_timeout",
        "length_required",
        "body_too_large",
        "content_type_unsupported",
        "content_encoding_unsupported",
        "idempotency_key_reused",
        "invalid",
    ),
    "list": ("state_unreadable", "state", "stopping"),
    "live": ("state_unreadable", "state", "stopping", "rejected", "service_timed_out"),
    "change": (
        "ambiguous",
        "changed_meanwhile",
        "refused",
        "rejected",
        "locked",
        "state_unreadable",
        "state_unwritable",
        "state",
        "configuration_invalid",
        "configuration_changed",
        "provider_missing",
        "handover_open",
        "stopping",
        "service_timed_out",
    ),
}
"""The errors of each sort of call."""
_RETRY = {
    "Retry-After": {
        "description": "Seconds after which to try again, where that is known",
        "schema": {"type": "integer", "minimum": 1},
    }
}
_CHALLENGE = {
    "WWW-Authenticate": {"description": "What kind of key is needed (RFC 6750)", "schema": {"type": "string"}}
}
_HEADERS: Mapping[int, dict[str, Any]] = {401: _CHALLENGE, 429: _RETRY, 502: _RETRY, 503: _RETRY, 504: _RETRY}


def needs(scope: str) -> dict[str, Any]:
    """Say which scope a call needs."""
    return {"security": [{"key": [scope]}]}


def links(**targets: Mapping[str, str]) -> dict[str, Any]:
    """Say where the values of an answer lead: parameters by the operation that takes them."""
    return {
        name: {"operationId": name, "parameters": dict(parameters)} for name, parameters in targets.items()
    }


def answered(
    status: int,
    description: str,
    example: str | None,
    linked: Mapping[str, Any] | None = None,
    media_type: str = "application/json",
) -> Responses:
    """Describe the answer that was hoped for, with an example of `examples.ANSWERS`."""
    told: dict[str, Any] = {"description": description}
    if example is not None:
        reference = {"$ref": f"#/components/examples/{example}"}
        told["content"] = {media_type: {"examples": {example: reference}}}
        if media_type == "text/plain":
            told["content"][media_type]["schema"] = {"type": "string"}
    if linked:
        told["links"] = dict(linked)
    return {status: told}


def errors(*sorts_and_codes: str) -> Responses:
    """Describe the errors of a call: those of its sorts, those that are named, and those that any call may end in."""
    codes = [*_ALWAYS]
    for each in sorts_and_codes:
        codes += _SORTS.get(each, (each,))
    responses: Responses = {}
    for code in dict.fromkeys(codes):
        entry = CATALOGUE[code]
        told = responses.setdefault(
            entry.status,
            {"description": "", "content": {MEDIA_TYPE: {"schema": PROBLEM, "examples": {}}}},
        )
        if entry.status in _HEADERS:
            told["headers"] = _HEADERS[entry.status]
        told["content"][MEDIA_TYPE]["examples"][code] = {"$ref": f"#/components/examples/{code}"}
    for told in responses.values():
        told["description"] = " · ".join(
            f"`{code}` {CATALOGUE[code].title}" for code in told["content"][MEDIA_TYPE]["examples"]
        )
    return dict(sorted(responses.items(), key=lambda item: int(item[0])))


def all_examples() -> dict[str, dict[str, Any]]:
    """Give the examples that references lead to: answers by their names, errors by their codes.

    They stand apart from the routes, since FastAPI takes every null out of what it describes.
    """
    made: dict[str, dict[str, Any]] = {name: {"value": value} for name, value in ANSWERS.items()}
    for code, entry in sorted(CATALOGUE.items()):
        failure = Failure(code, entry.status, entry.title, entry.detail, extra=EXTRAS.get(code))
        made[code] = {"summary": entry.title, "value": failure.document("5f0c6a4e2d9b4b7e8f1a3c5d7e9f0b2a")}
    return made
