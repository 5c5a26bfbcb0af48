"""Twilio's own OpenAPI descriptions: which operations there are, and what may be sent and answered."""

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "twilio-oai"
UNCHECKED = (
    "NOT CHECKED: Twilio's OpenAPI descriptions aren't beside this project, at ../shared/data/twilio-oai"
)
"""What is said on a machine that hasn't got them; in CI they must be there."""
FILES = ("api_v2010.json", "trusthub_v1.json")
_METHODS = ("get", "post", "delete", "put", "patch")


def is_checked() -> bool:
    """Tells whether exchanges are held against the descriptions: where they are, and in CI whatever is there."""
    return FOLDER.is_dir() or "CI" in os.environ


@dataclass(frozen=True)
class Described:
    """One operation of a description."""

    file: str
    name: str
    method: str
    host: str
    path: str
    pattern: re.Pattern[str]
    parameters: dict
    """By their place (`query`, `path`) and name."""
    form: dict | None
    """The schema of the form that it takes; None when it takes none."""
    status: int
    """The HTTP status of success."""
    answer: dict | None
    """The schema of what is answered then; None when it is nothing."""


@cache
def documents() -> dict[str, dict]:
    """Returns the descriptions by file."""
    assert FOLDER.is_dir(), f"Twilio's OpenAPI descriptions aren't where they are expected: {FOLDER}"
    # They say \ud83d\ude00 somewhere, which readers of YAML refuse: JSON it is.
    return {name: json.loads((FOLDER / name).read_text("utf-8")) for name in FILES}


@cache
def operations() -> dict[str, tuple[Described, ...]]:
    """Returns all operations, by host."""
    found: dict[str, list[Described]] = {}
    for file, document in documents().items():
        for path, item in document["paths"].items():
            host = urlsplit(item.get("servers", document["servers"])[0]["url"]).netloc
            for method in _METHODS:
                if method in item:
                    found.setdefault(host, []).append(_described(file, host, path, method, item[method]))
    # Literal paths before those with placeholders.
    return {host: tuple(sorted(each, key=lambda one: one.path.count("{"))) for host, each in found.items()}


def operation_at(host: str, path: str, method: str) -> Described | None:
    """Returns the operation that a request asks for; None where nothing is described."""
    for each in operations().get(host, ()):
        if each.method == method and each.pattern.fullmatch(path):
            return each
    return None


def named(name: str) -> Described | None:
    """Returns an operation by its `operationId`."""
    return next((each for some in operations().values() for each in some if each.name == name), None)


@cache
def registry():
    """Returns where references between schemas are looked up: each description under its file's name."""
    from referencing import Registry
    from referencing.jsonschema import DRAFT4

    # OpenAPI 3.0 takes `$ref` from the draft of its time; nothing else of the draft's is looked at here.
    return Registry().with_resources(
        (f"urn:{file}", DRAFT4.create_resource(document)) for file, document in documents().items()
    )


def resolved(file: str, schema: dict) -> dict:
    """Returns a schema, or the one that it refers to."""
    while "$ref" in schema:
        part = documents()[file]
        for step in schema["$ref"].removeprefix("#/").split("/"):
            part = part[step]
        schema = part
    return schema


def _described(file: str, host: str, path: str, method: str, item: dict) -> Described:
    parameters: dict = {"query": {}, "path": {}}
    for each in item.get("parameters", []):
        parameters.setdefault(each["in"], {})[each["name"]] = each["schema"]
    form = item.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    # The few operations with two of them answer a second one for work that goes on; the sandbox has none of these.
    status, answered = min(item["responses"].items())
    body = answered.get("content", {}).get("application/json", {}).get("schema")
    return Described(
        file=file,
        name=item["operationId"],
        method=method.upper(),
        host=host,
        path=path,
        pattern=_pattern(path),
        parameters=parameters,
        form=form.get("schema"),
        status=int(status),
        answer=body,
    )


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile(
        "".join(f"(?P<{part}>[^/]+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
    )
