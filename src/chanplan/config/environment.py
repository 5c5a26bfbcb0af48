"""`${env:NAME}` in plain fields, and secrets, which only ever stay names of variables."""

import re
from dataclasses import dataclass

from chanplan.config.variables import Unresolved, Variables

VARIABLE_PATTERN = r"[A-Za-z_][A-Za-z0-9_]*"
SECRET_PATTERN = rf"^\$\{{env:{VARIABLE_PATTERN}\}}$"
"""A secret field holds this and nothing else."""

SECRET_KEY = re.compile(r"(?i)(token|secret|password|passwd|api_?key|private_?key|credentials?)$")
"""Keys that hold secrets at other tools: where one of them is unknown here, its value is not looked at."""

CLEAR_TEXT_REMEDY = (
    "Put it into an environment variable and write ${env:NAME} here; "
    "if this file was ever committed or shared, change the secret."
)

_REFERENCE = re.compile(r"(\$?)\$\{env:([^}]*)(\}?)")
_SECRET = re.compile(SECRET_PATTERN)
_VARIABLE = re.compile(VARIABLE_PATTERN)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The text with every reference replaced."""

    text: str


def resolve(text: str, variables: Variables) -> Resolved | Unresolved:
    """Replace `${env:NAME}` by the variable's value, and `$${env:` by `${env:`. Values are not looked at again."""
    parts: list[str] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        escape, name, brace = match.groups()
        if escape:
            parts.append(match.group()[1:])
            continue
        if not brace or not _VARIABLE.fullmatch(name):
            return Unresolved(
                "environment_malformed",
                "'${env:' begins a reference to an environment variable, and this one isn't complete.",
                "Write ${env:NAME}, with a name of letters, digits and underscores; "
                "where the text itself is meant, write $${env:.",
            )
        value = variables.value(name)
        if isinstance(value, Unresolved):
            return value
        parts.append(value)
    parts.append(text[end:])
    return Resolved("".join(parts))


def secret_variable(text: str) -> str | None:
    """Give the variable that a secret field names, or None when it holds anything but one reference."""
    return text[len("${env:") : -1] if _SECRET.fullmatch(text) else None
