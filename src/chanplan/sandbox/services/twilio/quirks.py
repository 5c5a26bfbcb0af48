"""
What Twilio does that its public description doesn't say, as far as it is known, and what we assume where nothing is.

No live account was asked (2026-11-23). Sources are the labels of the research notes: [spec] Twilio's OpenAPI
description of 2026-04-14, [doc] its documentation, [code] seen in public third-party code, [skill] Twilio's guides
for agents, [infer] concluded, [ours] a choice of this sandbox, the harder one for a client where both can be had.
"""

from collections.abc import Iterator

from chanplan.sandbox.services.quirk import Quirk

# --- accounts
DEFAULT_ACCOUNT = Quirk(
    "AC00000000000000000000000000000001",
    "the account in the sandbox's environment; only its own token is let in",
    "[ours]",
)
FIRST_USE = Quirk(
    True,
    "any other account comes into being, active, when a request names it: as user, with the token that is given then;"
    " in a path, as a subaccount of who asks",
    "[ours]",
)
PARENTS_REACH = Quirk(
    True,
    "an account's own credentials, and on v2010 those of its parent, reach it; others get 20003, and so do a"
    " subaccount's for its parent",
    "[doc]",
)
API_KEYS = Quirk(
    True,
    "an API key (SK…) belongs to the account of the first v2010 path that it is used on, and reaches no other, no"
    " subaccount either; one that isn't known yet speaks at TrustHub for the sandbox's own account",
    "[doc] for subaccounts, else [ours]",
)
SUSPENDED = Quirk(
    True,
    "a suspended account's own credentials get 20005 for everything, and so do those of its subaccounts; its parent may"
    " read it, but write nothing in it, until it is active again",
    "[doc] for the code, else [ours]",
)
CLOSED = Quirk(
    True,
    "closing can't be undone and releases all numbers; the account's own credentials get 20003, its parent may read it",
    "[doc]; what reading shows [ours]",
)
STATUS_BY_PARENT = Quirk(
    True, "only a parent changes the status of an account, so nobody changes a main account's", "[doc]"
)
SUBACCOUNTS = Quirk(1000, "subaccounts of an account; more is 21480. They have none themselves", "[doc]")
ACCOUNT_NAME = Quirk("SubAccount Created at {time}", "the name of an account made without one", "[doc]")

# --- parameters
UNKNOWN_PARAMETERS = Quirk(
    True, "a parameter that an operation doesn't have is refused with 20001; Twilio passes over it", "[ours]"
)
NAME_CHARACTERS = Quirk(64, "characters of a FriendlyName; more is 20001", "[doc]; the code [ours]")
PAGE_SIZES = Quirk("50 by default, at most 1000", "more than 1000, or no number, is 20001", "[spec] [ours]")
LIST_ORDER = Quirk("by SID", "the order of lists, which nobody promises", "[ours]")
NO_WAY_BACK = Quirk(True, "the link to a previous page is always null", "[ours]")

HEADERS = Quirk(
    ("Twilio-Request-Id", "Twilio-Request-Duration"),
    "headers of every answer; Twilio-Concurrent-Requests isn't among them",
    "[doc] for the second, [ours]",
)

# --- Applications and numbers
APPLICATIONS = Quirk(1000, "Applications of an account; more is 21301", "[doc]")
FRIENDLY_NAME_FILTER = Quirk(
    True, "`FriendlyName=` finds exactly that name, at TrustHub too", "[doc] for v2010, [ours] for TrustHub"
)
NEVER_SET = Quirk(
    True,
    "a URL of an Application that was never set is null, one that was cleared is an empty text",
    "[spec] for null, [code] for the other",
)
UNSET_OF_NUMBERS = Quirk(
    (
        "sms_application_sid",
        "sms_fallback_url",
        "sms_url",
        "status_callback",
        "voice_application_sid",
    ),
    "attributes of a number that are an empty text while they are unset; the others are null",
    "[spec], its examples",
)
TRUNK_OR_APPLICATION = Quirk(
    True,
    "setting a number's VoiceApplicationSid clears its TrunkSid and the other way round; both at once is 20001",
    "[doc]; both at once [ours]",
)
APPLICATION_MUST_BE = Quirk(
    True, "a VoiceApplicationSid or SmsApplicationSid that the account doesn't have is 20001", "[ours]"
)
DANGLING = Quirk(
    True,
    "deleting an Application asks nobody: numbers that were bound to it still name it",
    "[ours]; an open question of the notes",
)
RELEASE = Quirk(True, "releasing a number takes it from its profile, too", "[ours]")

# --- customer profiles
SUBMISSIONS = Quirk(
    ("draft", "twilio-rejected"),
    "statuses from which a client may go, and only to pending-review; everything else is Twilio's to set, 20001",
    "[doc] [infer]; the code [ours]",
)
STATUS_ALONE = Quirk(True, "a Status and another property in one request is 22204", "[doc]")
PROFILE_WITH_NUMBERS = Quirk(
    True,
    "deleting a profile that has numbers is 21648; without them it goes, whatever its status",
    "[infer] [ours]",
)
ASSIGNED_WHEN_APPROVED = Quirk(
    True,
    "a number is assigned only to a profile that is twilio-approved, also after its valid_until; else 20001",
    "[ours]",
)
LAPSES = Quirk(True, "a profile past its valid_until is still twilio-approved", "[ours]")
ENDPOINT_TYPE = Quirk("phone-number", "the one ChannelEndpointType; others are 20001", "[doc]")
WHOSE_NUMBERS = Quirk(
    True,
    "a profile takes numbers of its account and of that one's subaccounts; others are 22205",
    "[doc]; the code [infer]",
)
ONE_PROFILE = Quirk(
    True,
    "a number is on one profile at a time: assigning it again is 20409, on the same profile as on another one",
    "[code]; for another profile [ours]",
)
UNASSIGNING_UNTOUCHED = Quirk(
    True,
    "assigning and unassigning leave a profile's date_updated as it is",
    "[ours]; an open question of the notes",
)


def table() -> Iterator[tuple[str, str, str, str]]:
    """Returns every quirk as name, value, meaning and source, in the order of this file; the manual shows it."""
    for name, quirk in globals().items():
        if isinstance(quirk, Quirk):
            yield name, _shown(quirk.value), quirk.means, quirk.source


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is True else str(value)
