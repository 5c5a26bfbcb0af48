"""Configuration sets as SES has them."""

from dataclasses import dataclass

from chanplan.model.errors import Gone
from chanplan.providers.ses.answers import Answer, block, flag, text
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.making import Found, Made, made_or_found
from chanplan.providers.ses.marks import Tags, tags_in

TLS_POLICY = "REQUIRE"
"""Mail of a business sender goes over TLS or not at all."""


@dataclass(frozen=True, slots=True)
class ConfigurationSet:
    """One configuration set, as far as we look at it."""

    name: str
    sending_pool: str | None
    """None leaves the choice to SES."""
    delivery: Answer
    """The whole delivery block: SES replaces it as one, so what we don't change must be sent back."""
    sending_enabled: bool | None
    reputation_metrics: bool | None
    tags: Tags

    @property
    def tls_policy(self) -> str | None:
        """Whether mail may go without TLS: `OPTIONAL` or `REQUIRE`."""
        return text(self.delivery, "TlsPolicy")


def find_set(calls: Calls, name: str) -> ConfigurationSet | None:
    """Read a configuration set by its name."""
    try:
        answer = calls("sesv2:GetConfigurationSet", ConfigurationSetName=name)
    except Gone:
        return None
    delivery = block(answer, "DeliveryOptions")
    return ConfigurationSet(
        name=name,
        sending_pool=text(delivery, "SendingPoolName"),
        delivery=delivery,
        sending_enabled=flag(block(answer, "SendingOptions"), "SendingEnabled"),
        reputation_metrics=flag(block(answer, "ReputationOptions"), "ReputationMetricsEnabled"),
        tags=tags_in(answer),
    )


def make_set(
    calls: Calls, name: str, sending_pool: str | None, tags: list[dict[str, str]]
) -> Made[ConfigurationSet] | Found[ConfigurationSet]:
    """Make a configuration set, or find the one of that name."""
    delivery = {"TlsPolicy": TLS_POLICY} | ({} if sending_pool is None else {"SendingPoolName": sending_pool})

    def make() -> ConfigurationSet:
        calls(
            "sesv2:CreateConfigurationSet",
            ConfigurationSetName=name,
            DeliveryOptions=delivery,
            ReputationOptions={"ReputationMetricsEnabled": True},
            SendingOptions={"SendingEnabled": True},
            Tags=tags,
        )
        return ConfigurationSet(name, sending_pool, delivery, True, True, tags_in({"Tags": tags}))

    return made_or_found(make, lambda: find_set(calls, name))


def set_pool(calls: Calls, live: ConfigurationSet, sending_pool: str | None) -> None:
    """Send a set's mail through another pool; the rest of its delivery block stays."""
    kept = {
        member: live.delivery[member]
        for member in ("TlsPolicy", "MaxDeliverySeconds")
        if member in live.delivery
    }
    pool = {} if sending_pool is None else {"SendingPoolName": sending_pool}
    calls("sesv2:PutConfigurationSetDeliveryOptions", ConfigurationSetName=live.name, **kept, **pool)


def delete_set(calls: Calls, name: str) -> None:
    """Delete a configuration set; gone is fine."""
    try:
        calls("sesv2:DeleteConfigurationSet", ConfigurationSetName=name)
    except Gone:
        return
