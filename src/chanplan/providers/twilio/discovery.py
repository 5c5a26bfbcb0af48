"""What exists at Twilio, ours or not: by the ids under which it can be imported, or with the reason why it can't be.

Nothing there carries a mark, and no Application says what it is used for.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from chanplan.model.discoveries import SETUP, Discovered, Undiscovered
from chanplan.model.errors import ProviderError
from chanplan.model.problems import Problem, Severity
from chanplan.model.values import Value
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.objects import Application, Number, Profile
from chanplan.providers.twilio.use_cases import answered_by
from chanplan.providers.twilio.voice import attributes_of

_APPROVED = "twilio-approved"


def discover(calls: Calls, kinds: Collection[str]) -> Iterator[Discovered | Undiscovered]:
    """Give everything of some kinds in one account; a kind whose lists can't be read is `Undiscovered`."""
    tellers: Mapping[str, Callable[[], Sequence[Discovered]]] = {
        "twilio_setup": lambda: _setups(calls),
        "use_case": lambda: _lines(calls),
    }
    for kind, tell in tellers.items():
        if kind not in kinds:
            continue
        try:
            yield from tell()
        except ProviderError as error:
            yield Undiscovered((kind,), calls.scope, Problem(error.code, error.message, error.remedy))


def _setups(calls: Calls) -> Sequence[Discovered]:
    """Give each customer profile of an account."""
    return [
        Discovered(
            kind="twilio_setup",
            import_id=_setup_id(calls, profile.sid),
            scope=calls.scope,
            marks=None,
            attributes={"customer_profile": {"sid": profile.sid}},
            facts={"profile_status": profile.status, "profile_name": profile.name},
            problems=tuple(_notes_on(profile)),
        )
        for profile in sorted(calls.profiles(), key=lambda profile: profile.sid)
    ]


def _lines(calls: Calls) -> Sequence[Discovered]:
    """Give each Application of an account, with the numbers that it answers and the profile that these are on."""
    applications, owned = calls.applications(), calls.numbers()
    profiles = [profile.sid for profile in calls.profiles()]
    on = {
        str(assignment.endpoint_sid): profile
        for profile in sorted(profiles)
        for assignment in calls.assignments(profile)
    }
    return [
        _line(calls, application, answered_by(owned, application.sid), profiles, on)
        for application in sorted(applications, key=lambda application: application.sid)
    ]


def _line(
    calls: Calls,
    application: Application,
    numbers: Sequence[Number],
    profiles: Sequence[str],
    on: Mapping[str, str],
) -> Discovered:
    attributes: dict[str, Value] = {
        **attributes_of(application, {}),
        "phone_numbers": sorted(number.phone_number for number in numbers),
    }
    assigned = {on[number.sid] for number in numbers if number.sid in on}
    # A line without numbers on a profile can be anybody's; where there is one profile, there is nothing to choose.
    choices = sorted(assigned) or sorted(profiles)
    facts: dict[str, Value] = {"application_sid": application.sid, "application_name": application.name}
    if len(choices) == 1:
        facts[SETUP] = _setup_id(calls, choices[0])
    errors = tuple(_obstacles(calls, application, assigned, profiles))
    return Discovered(
        kind="use_case",
        import_id=application.sid,
        scope=calls.scope,
        marks=None,
        attributes=attributes,
        facts=facts,
        problems=errors or tuple(_notes(application, numbers, on)),
    )


def _obstacles(
    calls: Calls, application: Application, assigned: Collection[str], profiles: Sequence[str]
) -> Iterator[Problem]:
    if application.name.count("/") != 1 or not all(application.name.split("/")):
        yield Problem(
            "application_name_unfit",
            f"The name of Application {application.sid} isn't ENTITY/NAME, by which chanplan knows its lines.",
            "Give it such a name at Twilio, 'Acme/Support line' for example, and look again; calls aren't touched by it.",
        )
    if not profiles:
        yield Problem(
            "account_without_profile",
            f"Account {calls.account_sid} has no customer profile, so there is no setup for Application {application.sid}.",
            "Make one in Twilio's Trust Hub and have it approved.",
        )
    if len(assigned) > 1:
        yield Problem(
            "application_several_profiles",
            f"The numbers of Application {application.sid} are on {len(assigned)} customer profiles, and a line has one setup: "
            f"{', '.join(sorted(assigned))}.",
            "Assign them all to one profile, or let each profile's numbers be answered by an Application of their own.",
        )


def _notes(application: Application, numbers: Sequence[Number], on: Mapping[str, str]) -> Iterator[Problem]:
    if application.voice_url is None:
        yield _note(
            "no_voice_url",
            f"Application {application.sid} has no voice URL: it may be for messages, or used by nobody.",
            "Leave it out if it is no voice line.",
        )
    missing = [number.phone_number for number in numbers if number.sid not in on]
    if missing:
        yield _note(
            "number_unassigned",
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} on no customer profile.",
            "The import's plan assigns them to the setup's profile.",
        )


def _notes_on(profile: Profile) -> Iterator[Problem]:
    if profile.status != _APPROVED:
        yield _note(
            "profile_not_approved",
            f"Customer profile {profile.sid} isn't approved: its status is {profile.status}.",
            "It can be imported; new lines wait until Twilio approves it.",
        )


def _setup_id(calls: Calls, profile_sid: str) -> str:
    return f"{calls.account_sid}/{profile_sid}"


def _note(code: str, message: str, remedy: str) -> Problem:
    return Problem(code, message, remedy, Severity.WARNING)
