"""Asks a server with real boto3, and makes of an answer what two servers can agree on."""

import re
from datetime import datetime

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from chanplan.sandbox.wire.aws.model import BOTOCORE_NAMES

ABSENT = "(absent)"
# Different at every server, and rightly so; that they are there is still compared.
MADE_UP = re.compile(r"Tokens\.\d+$|NextToken$|PaginationToken$|^UserId$")


class Asked:
    """A server and boto3's clients of it."""

    def __init__(self, session: boto3.Session, endpoint: str) -> None:
        self._clients = {
            service: session.client(
                name,
                region_name="us-east-1",
                endpoint_url=endpoint,
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",
                config=Config(retries={"total_max_attempts": 1}),
            )
            for service, name in BOTOCORE_NAMES.items()
        }

    def ask(self, full_name: str, parameters: dict) -> dict[str, object]:
        """Returns what came of a call: `outcome`, and the members of the answer by their paths."""
        service, _, name = full_name.partition(":")
        client = self._clients[service]
        try:
            answer = getattr(client, _method(name))(**parameters)
        except ClientError as error:
            answer = error.response
            said = answer.pop("Error")
            return {"outcome": f"{answer['ResponseMetadata']['HTTPStatusCode']} {said['Code']}"}
        outcome = str(answer.pop("ResponseMetadata")["HTTPStatusCode"])
        return {"outcome": outcome, **flattened(answer)}

    def close(self) -> None:
        """Closes the connections."""
        for client in self._clients.values():
            client.close()


def differences(ours: dict[str, object], theirs: dict[str, object]) -> dict[str, list[object]]:
    """Returns what isn't the same, each with our value and theirs; where one refuses, only the outcomes."""
    paths = {"outcome"} if ours["outcome"] != theirs["outcome"] else {*ours, *theirs}
    return {
        path: [ours.get(path, ABSENT), theirs.get(path, ABSENT)]
        for path in sorted(paths)
        if ours.get(path, ABSENT) != theirs.get(path, ABSENT)
    }


def flattened(value: object, path: str = "") -> dict[str, object]:
    """Returns the leaves of an answer by their paths; items of lists are numbered from 1."""
    items = (
        value.items() if isinstance(value, dict) else enumerate(value, 1) if isinstance(value, list) else ()
    )
    if not items:
        return {path: _comparable(path, value)} if path else {}
    leaves = {}
    for key, item in items:
        leaves |= flattened(item, f"{path}.{key}" if path else str(key))
    return leaves


def _comparable(path: str, value: object) -> object:
    if isinstance(value, datetime):
        return "(a time)"
    if isinstance(value, str) and value and MADE_UP.search(path):
        return "(made up)"
    return value


def _method(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
