"""What Twilio's documentation leaves open, and what chanplan takes for granted instead: one place, dated.

Each is to be tried on a real account once there is one; the sandbox behaves as they say. docs/providers-twilio.md
quotes them, and a test holds both together.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing that nobody could confirm."""

    since: str
    """When it was last looked for, as YYYY-MM-DD."""
    question: str
    taken: str
    """What chanplan takes for granted."""


ASSUMPTIONS = (
    Assumption(
        "2026-11-23",
        "Does a list hold what was made a moment ago?",
        "After five seconds it does. An Application whose creation got no answer is looked for by name until then; "
        "what is asked for by its SID is believed at once.",
    ),
    Assumption(
        "2026-11-23",
        "Is the filter `FriendlyName=` exact?",
        "It gives at least the exact matches; chanplan compares again itself, letter by letter. The Trust Hub's isn't used.",
    ),
    Assumption(
        "2026-11-23",
        "What happens to numbers whose Application is deleted?",
        "They may go on naming it. Numbers are unbound first, a deletion is refused while others' are bound, and a number "
        "that names a deleted Application of ours may be bound to its successor.",
    ),
    Assumption(
        "2026-11-23",
        "How is a second assignment of a number refused, on the same profile or on another?",
        "With 409, or with words that hold `already` or `another profile`. What is assigned is listed before, and looked at "
        "again after such an answer.",
    ),
    Assumption(
        "2026-11-23",
        "Does the order of binding and assigning matter?",
        "No; a number is bound first and assigned then, and given back the other way round.",
    ),
    Assumption(
        "2026-11-23",
        "Does binding an Application clear the number's own voice URL?",
        "It may. The URL is ignored while an Application is bound, and a number that was given back answers as Twilio then "
        "decides.",
    ),
    Assumption(
        "2026-11-23",
        "Which error does a standard API key get that reads `/Accounts`?",
        "401 or 403. With an API key neither is a sign of wrong credentials, and the account's status stays unknown.",
    ),
    Assumption(
        "2026-11-23",
        "What may a suspended or closed account's own credentials still do?",
        "Nothing that matters: they are refused with 10001, 20005, 20403 or 20003. Only its parent can tell the status.",
    ),
    Assumption(
        "2026-11-23",
        "Do numbers leave a profile that lapses or is rejected?",
        "No. chanplan warns and touches nothing.",
    ),
    Assumption(
        "2026-11-23",
        "Does `date_updated` of a profile move when numbers are assigned?",
        "It isn't relied on: a direct reading lists what is assigned.",
    ),
    Assumption(
        "2026-11-23",
        "Can an approved profile be edited or deleted?",
        "It doesn't matter: chanplan does neither.",
    ),
)
