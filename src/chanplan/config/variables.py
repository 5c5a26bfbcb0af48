"""Which environment variables a plain field may read.

What a plain field holds is shown in plans, logs and review comments, and whoever writes the configuration isn't
always somebody who may see the credentials beside it: the author of a pull request, for one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ALLOWED_VARIABLE = "CHANPLAN_ENV_ALLOWED"
"""Names, with commas between them, that whoever runs chanplan lets plain fields read: these, and no others."""

SHORTEST_SECRET = 8
"""Characters below which a secret's value isn't looked for in other values: `yes` and `1` stand in many."""

_SECRET_NAME = re.compile(
    "TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY"
    "|(^|_)(KEYS?|AUTH|PASS|PWD|PAT|JWT|DSN|COOKIE)(_|$)",
    re.IGNORECASE,
)
_INNOCENT_NAMES = frozenset({"PWD", "OLDPWD"})
"""What every shell sets to a directory."""
_SECRET_VALUE = re.compile(
    r"://[^\s/?#]*@"  # user and password of a URL
    r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ"  # a JSON Web Token (RFC 7519): two JSON objects in base64url
    r"|\bgh[pousr]_[A-Za-z0-9]{20}|\bgithub_pat_|\bglpat-"  # tokens of GitHub and GitLab
    r"|\bchk_[0-9a-f]{16}_"  # keys of our own API
)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a reference couldn't be replaced; never quotes a value."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Variables:
    """The environment as plain fields see it."""

    environment: Mapping[str, str]
    _judged: dict[str, str | Unresolved] = field(default_factory=dict)

    def value(self, name: str) -> str | Unresolved:
        """Give a variable's value, or why it has none here."""
        if name not in self._judged:
            self._judged[name] = self._judge(name)
        return self._judged[name]

    def _judge(self, name: str) -> str | Unresolved:
        allowed = self.environment.get(ALLOWED_VARIABLE)
        if allowed is not None and name not in {part.strip() for part in allowed.split(",")}:
            return Unresolved(
                "environment_not_allowed",
                f"{ALLOWED_VARIABLE} doesn't list the environment variable {name}.",
                f"Whoever runs chanplan adds {name} to {ALLOWED_VARIABLE}; or write the value here.",
            )
        # Judged by its name first, so that nobody learns whether such a variable is set.
        if allowed is None and is_secret_name(name):
            return _secret(
                f"The environment variable {name} is a secret by its name, and this field is shown."
            )
        value = self.environment.get(name)
        if value is None:
            return Unresolved(
                "environment_unset",
                f"The environment variable {name} is not set.",
                f"Set {name} before running chanplan, or write the value here if it is no secret.",
            )
        if not _is_text(value):
            return Unresolved(
                "environment_not_utf8",
                f"The value of the environment variable {name} isn't UTF-8.",
                f"Set {name} to UTF-8 text.",
            )
        if allowed is None and (_SECRET_VALUE.search(value) or self._repeats_a_secret(value)):
            return _secret(
                f"The environment variable {name} holds what looks like a secret, and this field is shown."
            )
        return value

    def _repeats_a_secret(self, value: str) -> bool:
        return any(
            is_secret_name(name) and len(secret) >= SHORTEST_SECRET and secret in value
            for name, secret in self.environment.items()
        )


def is_secret_name(name: str) -> bool:
    """Tell whether a variable's name says that it holds a secret."""
    return name not in _INNOCENT_NAMES and _SECRET_NAME.search(name) is not None


def _secret(message: str) -> Unresolved:
    return Unresolved(
        "environment_secret",
        message,
        f"Write the value here if it is no secret; whoever runs chanplan can list in {ALLOWED_VARIABLE} what may be read.",
    )


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
