"""What Twilio, or the way to it, would refuse, said offline before anything is asked."""

from collections.abc import Iterator, Mapping

from chanplan.model.configuration import TwilioAlias
from chanplan.model.errors import Rejected
from chanplan.model.problems import Problem
from chanplan.model.resources import Desired
from chanplan.providers.twilio.clients import account_unknown
from chanplan.providers.twilio.credentials import account_of, credentials_of
from chanplan.providers.twilio.voice import line_name

NAME_LENGTH = 64
"""Characters of a FriendlyName (twilio.md 2)."""


def problems_of(
    desired: Desired, alias: TwilioAlias | None, environment: Mapping[str, str]
) -> Iterator[Problem]:
    """Give what is wrong with one resource, or with the alias that reaches it."""
    if alias is None:
        yield _problem(
            desired,
            "unknown_alias",
            f"The alias '{desired.scope.alias}' isn't configured under providers.twilio.",
            "Add it with its account_sid, or name another alias as `provider:`.",
        )
        return
    account = account_of(alias, environment)
    if account is None:
        unknown = account_unknown(alias)
        yield _problem(desired, unknown.code, unknown.message, unknown.remedy)
    else:
        try:
            credentials_of(alias, account, environment)
        except Rejected as error:
            yield _problem(desired, error.code, error.message, error.remedy)
    if (alias.api_key is None) != (alias.api_secret is None):
        yield _problem(
            desired,
            "half_a_key",
            f"providers.twilio.{alias.alias} names only one of api_key and api_secret.",
            "Name both, or neither and the auth_token.",
        )
    if desired.address.kind == "use_case" and len(line_name(desired.attributes)) > NAME_LENGTH:
        yield _problem(
            desired,
            "name_too_long",
            f"'{line_name(desired.attributes)}' is longer than the {NAME_LENGTH} characters of an Application's name.",
            "Shorten entity_name or name.",
        )


def _problem(desired: Desired, code: str, message: str, remedy: str) -> Problem:
    return Problem(code, message, remedy, source=desired.source, address=desired.address)
