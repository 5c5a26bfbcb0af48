"""Where a configuration set publishes what becomes of its mail. Only CloudWatch takes anything here: the counts of events."""

from collections.abc import Iterator

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call, already_exists, bad_request, not_found
from chanplan.sandbox.services.ses import names

SET_DIMENSION = "ses:configuration-set"
COUNTED = ("SEND", "DELIVERY", "BOUNCE", "COMPLAINT")
"""The types of events that the sandbox has counts of."""
_KINDS = ("CloudWatchDestination", "KinesisFirehoseDestination", "SnsDestination", "EventBridgeDestination")


def create_configuration_set_event_destination(call: Call) -> Document:
    """Adds a destination; one that isn't told to be enabled isn't."""
    name, given = call.params["EventDestinationName"], call.params["EventDestination"]
    held = _of(call, _existing(call))
    if any(each["Name"] == name for each in held):
        raise already_exists(quirks.DESTINATION_EXISTS.value.format(name=name))
    if sum(kind in given for kind in _KINDS) != 1:
        raise bad_request(quirks.DESTINATION_KIND_REFUSED.value)
    keep(call, call.params["ConfigurationSetName"], [*held, {"Enabled": False, **given, "Name": name}])
    return {}


def get_configuration_set_event_destinations(call: Call) -> Document:
    """Answers all destinations of a set."""
    return {"EventDestinations": _of(call, _existing(call))}


def delete_configuration_set_event_destination(call: Call) -> Document:
    """Takes a destination away; what it published stays at CloudWatch, but isn't told here any more."""
    name, held = call.params["EventDestinationName"], _of(call, _existing(call))
    rest = [each for each in held if each["Name"] != name]
    if len(rest) == len(held):
        raise not_found(quirks.DESTINATION_MISSING.value.format(name=name))
    keep(call, call.params["ConfigurationSetName"], rest)
    return {}


def everything() -> Document:
    """Returns a destination that counts all mail of a set by its name."""
    dimension = {
        "DimensionName": SET_DIMENSION,
        "DimensionValueSource": "MESSAGE_TAG",
        "DefaultDimensionValue": "none",
    }
    return {
        "Name": "cloudwatch",
        "Enabled": True,
        "MatchingEventTypes": list(COUNTED),
        "CloudWatchDestination": {"DimensionConfigurations": [dimension]},
    }


def times_counted(call: Call, configuration_set: str, event: str) -> int:
    """Returns how often CloudWatch counts each event of a type by the name of the set alone."""
    return sum(
        each["Enabled"]
        and event in each.get("MatchingEventTypes", ())
        and list(_dimensions(each)) == [SET_DIMENSION]
        for each in _of(call, configuration_set)
    )


def keep(call: Call, configuration_set: str, destinations: list[Document]) -> None:
    """Stores the destinations of a set in place of those that it had."""
    call.put(names.DESTINATIONS, configuration_set, {"destinations": destinations})


def _dimensions(destination: Document) -> Iterator[str]:
    for each in destination.get("CloudWatchDestination", {}).get("DimensionConfigurations", ()):
        yield each["DimensionName"]


def _of(call: Call, configuration_set: str) -> list[Document]:
    kept = call.get(names.DESTINATIONS, configuration_set)
    return [] if kept is None else list(kept["destinations"])


def _existing(call: Call) -> str:
    name = str(call.params["ConfigurationSetName"])
    if call.get(names.CONFIGURATION_SET, name) is None:
        raise not_found(quirks.SET_MISSING.value.format(name=name))
    return name
