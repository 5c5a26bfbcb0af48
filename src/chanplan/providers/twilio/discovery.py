"""Listing what exists at Twilio, ours or not, by the ids under which it can be imported."""

from collections.abc import Iterator

from chanplan.model.resources import Discovered
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.voice import attributes_of


def discover_setups(calls: Calls) -> Iterator[Discovered]:
    """Give each customer profile of an account."""
    for profile in calls.profiles():
        yield Discovered(
            kind="twilio_setup",
            import_id=f"{calls.account_sid}/{profile.sid}",
            scope=calls.scope,
            marks=None,
            attributes={"customer_profile": {"sid": profile.sid}},
            facts={"profile_status": profile.status, "profile_name": profile.name},
        )


def discover_applications(calls: Calls) -> Iterator[Discovered]:
    """Give each Application of an account. None carries a mark, whoever made it."""
    for application in calls.applications():
        yield Discovered(
            kind="use_case",
            import_id=application.sid,
            scope=calls.scope,
            marks=None,
            attributes=attributes_of(application, {}),
            facts={"application_sid": application.sid},
        )
