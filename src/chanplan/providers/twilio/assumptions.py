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
        "Does a list hold what was created a moment ago?",
        "After five seconds it does. An Application whose creation got no answer is looked for by name until then; "
        "what is found by its SID is believed at once.",
    ),
    Assumption(
        "2026-11-23",
        "Is the filter FriendlyName= of Applications exact?",
        "It gives at least the exact matches; chanplan compares again itself, letter by letter.",
    ),
    Assumption(
        "2026-11-23",
        "What happens to numbers whose Application is deleted?",
        "Nobody knows, so it never comes to that: numbers are unbound first, and a deletion is refused while others' are "
        "bound.",
    ),
    Assumption(
        "2026-11-23",
        "How is a second assignment of a number refused, on the same profile or on another?",
        'With 409, or with words that hold "already" or "another profile". chanplan lists what is assigned before it '
        "assigns, and looks again after such an answer.",
    ),
    Assumption(
        "2026-11-23",
        "Can a number be assigned to a profile while it is bound to an Application, and the other way round?",
        "Both; it is bound first and assigned then, and given back the other way round.",
    ),
    Assumption(
        "2026-11-23",
        "Does binding an Application clear the number's own voice URL?",
        "It may. The URL is ignored while an Application is bound, and a number that is given back answers as Twilio "
        "then decides.",
    ),
    Assumption(
        "2026-11-23",
        "Which error does a standard API key get that reads /Accounts?",
        "401 or 403. With an API key either is no sign of wrong credentials, and the account's status stays unknown.",
    ),
    Assumption(
        "2026-11-23",
        "Does an approved profile lose its numbers when it lapses?",
        "No. chanplan warns and touches nothing.",
    ),
)
