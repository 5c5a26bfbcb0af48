"""What Twilio must hold, worked out from the configuration alone, and what its sandbox holds."""

from chanplan.model.snapshots import Snapshot
from tests.chaos.declared import Declared
from tests.chaos.voice import ACCOUNTS, Line, VoiceSetup, numbers_of, profiles_of

Row = tuple[str, str, str]
OUR_NUMBERS = frozenset(number for alias in ACCOUNTS for number in numbers_of(alias))
OUR_PROFILES = frozenset(profile for alias in ACCOUNTS for profile in profiles_of(alias))
PLACES = {
    "voice_url": "url",
    "voice_method": "method",
    "voice_fallback_url": "fallback",
    "status_callback": "callback",
    "voice_caller_id_lookup": "lookup",
}
"""What an Application says of a line, and where the line says it."""


def wanted(declared: Declared, attributes: dict[str, dict]) -> dict[Row, object]:
    """Says what must be there: Applications, and where each number is bound and assigned."""
    found: dict[Row, object] = {}
    for name, line in declared.lines.items():
        if f"use_case.{name}" in attributes:
            found |= _of_line(line, declared.voice_setups[line.setup])
    return found


def _of_line(line: Line, setup: VoiceSetup) -> dict[Row, object]:
    account = ACCOUNTS[setup.provider]
    places = {name: getattr(line, mine) or None for name, mine in PLACES.items()}
    return {
        (account, "application", line.friendly_name): [_meant(places)],
        **{(account, "bound", number): line.friendly_name for number in line.numbers},
        **{(account, "assigned", number): [setup.profile] for number in line.numbers},
    }


def _meant(places: dict[str, object]) -> dict[str, object]:
    """Leaves out how a URL would be asked that isn't there: nobody asks it, and chanplan doesn't compare it."""
    return places if places["voice_url"] else {**places, "voice_method": None}


def there(rows: dict[Row, object], strangers: dict[Row, object]) -> dict[Row, object]:
    """Says what is there beside what isn't ours, in the form of `wanted`."""
    names = {
        key: value["friendly_name"] for (_, kind, key), value in rows.items() if kind == "twilio.application"
    }
    numbers = {
        key: value["phone_number"] for (_, kind, key), value in rows.items() if kind == "twilio.number"
    }
    found: dict[Row, object] = {}
    for row, value in rows.items():
        if row in strangers:
            continue
        match row[1]:
            case "twilio.application":
                places = {name: value[name] or None for name in PLACES}
                key = (value["account_sid"], "application", value["friendly_name"])
                found.setdefault(key, []).append(_meant(places))
            case "twilio.number" if bound := value["voice_application_sid"]:
                found[value["account_sid"], "bound", value["phone_number"]] = names.get(bound, bound)
            case "twilio.assignment":
                profile, _, _ = row[2].partition("/")
                number = value["channel_endpoint_sid"]
                key = (value["account_sid"], "assigned", numbers.get(number, number))
                found.setdefault(key, []).append(profile)
    return found


def unclaimed(rows: dict[Row, object], snapshot: Snapshot) -> list[str]:
    """Names the assignments of our numbers that the state doesn't know to be ours, so that they would stay for ever:
    nobody else assigns these."""
    held = {
        entry.get("assignment")
        for resource in snapshot.resources.values()
        for entry in resource.facts.get("numbers", {}).values()
    }
    numbers = {
        key: value["phone_number"] for (_, kind, key), value in rows.items() if kind == "twilio.number"
    }
    return [
        f"state: the assignment {value['sid']} of {number} isn't known to be ours"
        for (_, kind, _), value in rows.items()
        if kind == "twilio.assignment"
        and (number := numbers.get(value["channel_endpoint_sid"])) in OUR_NUMBERS
        and value["sid"] not in held
    ]


def is_ours(row: Row, value: object) -> bool:
    """Tells whether chanplan may change a row, or that it changes says nothing: accounts, keys, indexes."""
    match row[1]:
        case "twilio.application" | "twilio.assignment":
            return False
        case "twilio.number":
            return value["phone_number"] in OUR_NUMBERS
        case _:
            return row[1].startswith("twilio.")
