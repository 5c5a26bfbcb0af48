"""The description of the API: OpenAPI 3.1, made of the routes and finished here."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chanplan.api.documenting import all_examples
from chanplan.api.problems import ProblemDetails

TITLE = "Channel Manager"
VERSION = "1.0"
TEXT = """Manage communication channels - voice, voicemail, and email - including domain verification, use case
provisioning, and reputation management. Served by chanplan over the same engine, state and guarantees as its command line.

Every error is a problem (RFC 9457) with a stable `error_code`. Beside those that stand with each call, any request may end
in 404 `not_found` and 405 `method_not_allowed` (there is no such path or method), in 400 `bad_request` (it isn't HTTP) and in 408
`request_timeout` or 431 `headers_too_large` (its head comes too slowly, or is too large).

Every answer has an `X-Request-Id`, yours if you sent one of letters, digits, dots, hyphens and underscores."""
TAGS = [
    {
        "name": "SES setups",
        "description": "A verified sending and receiving domain. After creating a setup, publish its DNS records, and get it to "
        "refresh their verification.",
    },
    {"name": "Use cases", "description": "A use case binds a channel to a setup and defines how it is used."},
    {
        "name": "Twilio setups (an addition)",
        "description": "Not in the Channel Manager's specification: where a caller finds the ids that use cases are bound to.",
    },
    {"name": "Operation", "description": "For those who run the service."},
]
_SECURITY = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of `chanplan api-key create`. Each call names the scope that it needs: view, create or delete.",
    }
}
_OURS = frozenset({"patternErrorMessage"})
"""What our schemas say to editors of YAML, and nobody else knows."""


def describe(app: FastAPI) -> dict[str, Any]:
    """Give the description of an application's routes."""
    document = get_openapi(
        title=TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        description=TEXT,
        tags=TAGS,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    components["schemas"] = dict(sorted(schemas.items()))
    components["examples"] = all_examples()
    components["securitySchemes"] = _SECURITY
    for path in document["paths"].values():
        for operation in path.values():
            _finish(operation)
    cleaned: dict[str, Any] = _without(document)
    return cleaned


def _finish(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _given(parameter["schema"])
    for answer in operation["responses"].values():
        answer.setdefault("headers", {})["X-Request-Id"] = {
            "description": "The request's id",
            "schema": {"type": "string"},
        }


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """Give the schema of a parameter that may be left out, but isn't null where it stands."""
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(choices) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    given: dict[str, Any] = rest | choices[0]
    return given


def _without(value: Any) -> Any:
    """Take out what is for editors of YAML."""
    if isinstance(value, dict):
        return {name: _without(item) for name, item in value.items() if name not in _OURS}
    return [_without(item) for item in value] if isinstance(value, list) else value
