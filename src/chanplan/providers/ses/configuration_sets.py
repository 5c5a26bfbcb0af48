"""Configuration sets as SES has them."""

from dataclasses import dataclass

from chanplan.model.errors import Gone, ProviderError, Rejected
from chanplan.model.kinds.sending_pool import RESERVED_POOL_NAMES
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
    """Send a set's mail through another pool; the rest of its delivery block stays. Raises `Rejected` (`pool_gone`) for a
    pool that isn't there: what SES says of it reads as if the set were wrong."""
    kept = {
        member: live.delivery[member]
        for member in ("TlsPolicy", "MaxDeliverySeconds")
        if member in live.delivery
    }
    pool = {} if sending_pool is None else {"SendingPoolName": sending_pool}
    try:
        calls("sesv2:PutConfigurationSetDeliveryOptions", ConfigurationSetName=live.name, **kept, **pool)
    except (Gone, Rejected) as error:
        if (
            sending_pool is None
            or sending_pool in RESERVED_POOL_NAMES
            or not _is_missing(calls, sending_pool)
        ):
            raise
        raise Rejected(
            f"Pool {sending_pool} isn't at SES any more, so configuration set {live.name} stays where it was.",
            remedy="Run `chanplan apply --refresh deep`, which makes it anew, or declare another pool; then run this again.",
            code="pool_gone",
        ) from error


def _is_missing(calls: Calls, pool: str) -> bool:
    try:
        calls("sesv2:GetDedicatedIpPool", PoolName=pool)
    except Gone:
        return True
    except ProviderError:
        # What SES said first is told then.
        pass
    return False


def delete_set(calls: Calls, name: str) -> None:
    """Delete a configuration set; gone is fine."""
    try:
        calls("sesv2:DeleteConfigurationSet", ConfigurationSetName=name)
    except Gone:
        return
