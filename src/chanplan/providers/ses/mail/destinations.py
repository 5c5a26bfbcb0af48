"""Which events a configuration set publishes to CloudWatch under its own name, so that their absence means something."""

from collections import Counter

from chanplan.model.errors import Gone
from chanplan.providers.ses.answers import Answer, block, blocks, flag, text, texts
from chanplan.providers.ses.clients import Calls

GET_DESTINATIONS = "sesv2:GetConfigurationSetEventDestinations"
DIMENSION = "ses:configuration-set"
"""The tag that SES puts on each mail by itself."""


def published(calls: Calls, configuration_set: str) -> frozenset[str]:
    """Give the types of events (`SEND`, `BOUNCE`, …) that exactly one event destination publishes by the name of the set.

    Two would count each event twice. One with more dimensions makes metrics of each of their combinations, and none
    of the set as a whole.
    """
    try:
        answer = calls(GET_DESTINATIONS, ConfigurationSetName=configuration_set)
    except Gone:
        return frozenset()
    times = Counter(
        event
        for destination in blocks(answer, "EventDestinations")
        if flag(destination, "Enabled") and _dimensions(destination) == [DIMENSION]
        for event in set(texts(destination, "MatchingEventTypes"))
    )
    return frozenset(event for event, number in times.items() if number == 1)


def _dimensions(destination: Answer) -> list[str | None]:
    cloudwatch = block(destination, "CloudWatchDestination")
    return [text(each, "DimensionName") for each in blocks(cloudwatch, "DimensionConfigurations")]
