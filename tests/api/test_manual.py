"""docs/api.md: every call in it works as it stands there, and its table of errors is the catalogue."""

import re
import shlex
from pathlib import Path

from chanplan.api.catalogue import CATALOGUE
from tests.api.test_description import CALLS

MANUAL = Path(__file__).parents[2] / "docs" / "api.md"


def calls():
    """Gives every curl of the manual as its arguments, before variables are put in."""
    blocks = re.findall(r"<!-- call -->\n```sh\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    for block in blocks:
        yield from re.split(r"\n(?=curl)", block.replace("\\\n", " ").strip())


def sent(client, command, variables):
    """Sends what a curl would, and returns the answer with what it was."""
    for name, value in variables.items():
        command = command.replace(f"${name}", value)
    assert "$" not in command, command
    words = shlex.split(command)[1:]
    method, body, headers, path = "GET", None, {}, None
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0).encode()
        else:
            path = word
    client._headers = {}
    return method, path, client.ask(method, path, body, {"Content-Type": None, **headers})


def test_every_call_works_as_it_is_written(world):
    """In the order of the manual, each with the ids that those before it gave; together they are all there are."""
    client = world.client()
    variables = {
        "API": "",
        "auth": f"Authorization: Bearer {world.key}",
        "json": "Content-Type: application/json",
        "TWILIO_SETUP": world.twilio_setup(),
    }
    seen = set()
    for command in calls():
        method, path, answer = sent(client, command, variables)
        assert answer.status in (200, 201, 204), (command, answer.body)
        if method == "POST" and path == "/v1/ses-setup":
            variables["SETUP"] = answer.json["id"]
            world.publish(answer.json)
        elif method == "POST" and answer.json["channel"] == "email":
            variables["USE_CASE"] = answer.json["id"]
        template = re.sub("/[0-9a-f-]{36}", "/{}", path.partition("?")[0])
        seen.add((method.lower(), template))
    assert seen == {(method, re.sub(r"{\w+}", "{}", path)) for method, path in CALLS}


def test_the_table_of_errors_is_the_catalogue():
    """With the status and the title of each."""
    _, _, rest = MANUAL.read_text().partition("<!-- errors -->")
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| (.*)\. \|$", rest, re.MULTILINE)
    assert {code: (int(status), title) for status, code, title in rows} == {
        code: (entry.status, entry.title) for code, entry in CATALOGUE.items()
    }
