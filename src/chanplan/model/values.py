"""JSON-like values, their canonical form, and secrets that refuse to be shown."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"
"""What configuration, state, plans and services exchange: anything JSON can hold."""

Attributes: TypeAlias = Mapping[str, Value]
"""Declared attributes of a resource by name."""

Facts: TypeAlias = Mapping[str, Value]
"""Observed-only attributes by name: ids, ARNs, tokens, statuses. Never diffed."""


def canonical(value: Value) -> str:
    """Write a value as JSON in which equal values have equal text: sorted keys, no spaces, raw UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hashed(value: Value) -> str:
    """Give `sha256:` and the hash of the canonical form."""
    return "sha256:" + hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret by the name of the environment variable that holds it; the value is never kept."""

    variable: str

    def reveal(self, environment: Mapping[str, str]) -> str:
        """Read the secret now. Raises KeyError when the variable is unset."""
        return environment[self.variable]

    def __str__(self) -> str:
        return f"${{env:{self.variable}}}"
