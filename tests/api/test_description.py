"""The description: OpenAPI 3.1, every error with an example, links, and a page that needs no network."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from chanplan.api.application import description
from chanplan.api.catalogue import CATALOGUE

COMMITTED = Path(__file__).parents[2] / "schemas" / "api.openapi.json"
CALLS = {
    ("post", "/v1/ses-setup"): "create",
    ("get", "/v1/ses-setup"): "view",
    ("get", "/v1/ses-setup/{setup_id}"): "view",
    ("delete", "/v1/ses-setup/{setup_id}"): "delete",
    ("post", "/v1/use-case"): "create",
    ("get", "/v1/use-case"): "view",
    ("delete", "/v1/use-case/{use_case_id}"): "delete",
    ("get", "/v1/twilio-setup"): "view",
    ("get", "/metrics"): "view",
    ("get", "/healthz"): None,
    ("get", "/readyz"): None,
}


@pytest.fixture(scope="module")
def document():
    """The description."""
    return description()


def operations(document):
    """Gives every operation by method and path."""
    return {
        (method, path): each
        for path, methods in document["paths"].items()
        for method, each in methods.items()
    }


def resolved(document, value):
    """Follows a reference."""
    while isinstance(value, dict) and "$ref" in value:
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        value = found
    return value


def test_the_calls_are_those_of_the_specification_and_one_of_ours(document):
    """With the scope that each needs; the addition is marked as one."""
    found = operations(document)
    assert document["openapi"] == "3.1.0"
    assert {
        call: (each.get("security") or [{}])[0].get("key", [None])[0] for call, each in found.items()
    } == CALLS
    assert [path for (_, path), each in found.items() if each.get("x-addition")] == ["/v1/twilio-setup"]


def test_it_is_served_and_committed(client, document):
    """`script/generated --write` writes it."""
    assert client.get("/openapi.json").json == document
    assert json.loads(COMMITTED.read_text()) == document


def test_every_reference_leads_somewhere_and_every_operation_of_a_link_exists(document):
    """Links are how a client, and schemathesis, goes from one call to the next."""
    text = json.dumps(document)
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', text)):
        assert resolved(document, {"$ref": reference}) is not None
    names = {each["operationId"] for each in operations(document).values()}
    links = [
        (link["operationId"], name)
        for each in operations(document).values()
        for answer in each["responses"].values()
        for link in answer.get("links", {}).values()
        for name in link["parameters"]
    ]
    assert {operation for operation, _ in links} <= names
    assert {operation for operation, _ in links} == {"get_ses_setup", "delete_ses_setup", "delete_use_case"}


def test_every_error_has_an_example_that_fits_its_schema(document):
    """Each code stands under its own status, and each that can be answered stands with some call."""
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    errors = {code: each for code, each in document["components"]["examples"].items() if code in CATALOGUE}
    assert set(errors) == set(CATALOGUE)
    for code, example in errors.items():
        problem = example["value"]
        assert (problem["error_code"], problem["status"]) == (code, CATALOGUE[code].status)
        jsonschema.Draft202012Validator(schema).validate(problem)
    described = set()
    for each in operations(document).values():
        for status, answer in each["responses"].items():
            for code in answer.get("content", {}).get("application/problem+json", {}).get("examples", {}):
                assert str(CATALOGUE[code].status) == status
                described.add(code)
    elsewhere = {code for code in CATALOGUE if f"`{code}`" in document["info"]["description"]}
    assert described | elsewhere == set(CATALOGUE)


def test_every_example_fits_its_schema(document):
    """Of bodies and of answers."""
    seen = 0
    for each in operations(document).values():
        contents = [answer.get("content", {}) for answer in each["responses"].values()]
        contents.append(each.get("requestBody", {}).get("content", {}))
        for media in [content["application/json"] for content in contents if "application/json" in content]:
            for example in [resolved(document, item)["value"] for item in media["examples"].values()]:
                schema = media["schema"] | {"components": document["components"]}
                jsonschema.Draft202012Validator(schema).validate(example)
                seen += 1
    assert seen >= 11


def test_the_page_asks_no_other_host(front):
    """What it loads is here, and its policy lets it load nothing else."""
    client = front.client(key=None)
    page = client.get("/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = page.body.decode()
    assert "http:" not in text
    assert "https:" not in text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert sorted(loaded) == ["/docs/favicon.png", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"]
    for path in loaded:
        assert client.get(path).status == 200
    styles = client.get("/docs/swagger-ui.css").body.decode()
    assert not [
        url for url in re.findall(r"url\(([^)]+)\)", styles) if not url.strip("'\"").startswith("data:")
    ]
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert "http" not in policy


def test_only_the_pages_own_files_are_served(client):
    """Whatever else lies beside them, and whatever the path says."""
    for name in ("redoc.standalone.js", "..%2f__init__.py", "%2e%2e/core.py", ".", ""):
        assert client.get(f"/docs/{name}").status == 404
