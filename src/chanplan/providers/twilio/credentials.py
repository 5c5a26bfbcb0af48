"""What the environment says of Twilio: what logs in, an API key before a token, read by the very call that needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chanplan.model.configuration import TwilioAlias
from chanplan.model.errors import Rejected

ACCOUNT_VARIABLE = "TWILIO_ACCOUNT_SID"
TOKEN_VARIABLE = "TWILIO_AUTH_TOKEN"  # noqa: S105 - a variable's name
KEY_VARIABLES = ("TWILIO_API_KEY", "TWILIO_API_SECRET")
BASE_VARIABLE = "CHANPLAN_TWILIO_BASE_URL"
"""Replaces scheme and host of every request; the host that it replaces becomes the first part of the path."""
REGION_VARIABLES = ("TWILIO_REGION", "TWILIO_EDGE")
SHORTEST_SECRET = 8
"""Characters below which a secret isn't looked for in texts: the sandbox's own may be a word that messages hold."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What goes into one login."""

    username: str
    password: str = field(repr=False)
    login: str
    """The names of the variables that hold it, for errors."""
    is_key: bool

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no text may repeat."""
        return (self.password,) if len(self.password) >= SHORTEST_SECRET else ()


def account_of(alias: TwilioAlias, environment: Mapping[str, str]) -> str | None:
    """Give the account of an alias: as configured, else as the environment names it."""
    return alias.account_sid or environment.get(ACCOUNT_VARIABLE) or None


def credentials_of(alias: TwilioAlias, account: str, environment: Mapping[str, str]) -> Credentials:
    """Give what logs in for an alias whose account is known.

    What the alias names comes before what the environment happens to hold, and a key before a token. An empty variable
    counts as unset. Raises `Rejected` when there is nothing, or Twilio's servers are chosen outside the United States.
    """
    refuse_regions(environment)
    if alias.api_key is not None and alias.api_secret is not None:
        pair = (alias.api_key.variable, alias.api_secret.variable)
    elif alias.auth_token.variable == TOKEN_VARIABLE and all(environment.get(name) for name in KEY_VARIABLES):
        pair = KEY_VARIABLES
    else:
        token = environment.get(alias.auth_token.variable)
        if not token:
            # Half a key says what somebody meant, unless the alias names a token of its own.
            halves = [name for name in KEY_VARIABLES if not environment.get(name)]
            is_meant = len(halves) == 1 and alias.auth_token.variable == TOKEN_VARIABLE
            raise _missing(alias, halves[0] if is_meant else alias.auth_token.variable)
        return Credentials(account, token, alias.auth_token.variable, is_key=False)
    key, secret = (environment.get(name) for name in pair)
    if not key or not secret:
        raise _missing(alias, pair[1] if key else pair[0])
    return Credentials(key, secret, f"{pair[0]} and {pair[1]}", is_key=True)


def refuse_regions(environment: Mapping[str, str]) -> None:
    """Raise `Rejected` when the environment chooses another region than US1: the Trust Hub lives in that one alone, and
    the SDK would send every call elsewhere (twilio.md 4.3)."""
    for name in REGION_VARIABLES:
        value = environment.get(name)
        if value and (name, value.lower()) != ("TWILIO_REGION", "us1"):
            raise Rejected(
                f"{name} is set to '{value}', and chanplan works with Twilio's region US1 only.",
                remedy=f"Unset {name}: customer profiles are kept in US1 alone.",
                code="unsupported_region",
            )


def _missing(alias: TwilioAlias, variable: str) -> Rejected:
    return Rejected(
        f"There are no Twilio credentials for alias '{alias.alias}': the environment variable {variable} isn't set.",
        remedy=f"Set {variable}; or name other variables below `providers: {{twilio: {{{alias.alias}: …}}}}`, as "
        "`auth_token: ${env:NAME}` or `api_key:` and `api_secret:`; or try it without an account: chanplan --sandbox",
        code="no_credentials",
    )
