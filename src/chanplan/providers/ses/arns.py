"""Names of AWS objects. SES gives the ARNs of tenants alone; all others are built (aws-sdk-js-v3 issue 7562)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Home:
    """Where ARNs are at home."""

    partition: str
    """`aws`, `aws-cn` or `aws-us-gov`."""
    region: str
    account: str

    def identity(self, domain: str) -> str:
        """Name a domain identity."""
        return self._named("identity", domain)

    def configuration_set(self, name: str) -> str:
        """Name a configuration set."""
        return self._named("configuration-set", name)

    def pool(self, name: str) -> str:
        """Name a dedicated IP pool."""
        return self._named("dedicated-ip-pool", name)

    def tenant_prefix(self, name: str) -> str:
        """Give what the ARN of a tenant begins with; its end is an id that only SES knows."""
        return self._named("tenant", name) + "/"

    def _named(self, kind: str, name: str) -> str:
        return f"arn:{self.partition}:ses:{self.region}:{self.account}:{kind}/{name}"


def policy_arn(partition: str, region: str, policy: str) -> str:
    """Name one of SES's own reputation policies: none, standard or strict."""
    return f"arn:{partition}:ses:{region}:aws:reputation-policy/{policy}"


def last_part(arn: str) -> str:
    """Give what stands after the last slash: a policy's name."""
    return arn.rpartition("/")[2]


def account_in(arn: str) -> str | None:
    """Give the account that an ARN names, or None when it names none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else None


def kind_and_name(arn: str) -> tuple[str, str]:
    """Give the kind (`identity`, `configuration-set`, …) and the name of an SES object.

    Lists of tenants' resources spell the type in a way that the SDK's own enumeration doesn't know (ses.md,
    fact 5), so the type is always read from the ARN.
    """
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    return kind, name


def tenant_in(arn: str) -> str | None:
    """Give the name in a tenant's ARN, `…:tenant/NAME/tn-…`, or None for another object's."""
    parts = arn.split(":", 5)
    kind, _, rest = parts[-1].partition("/")
    name = rest.rpartition("/")[0]
    return name if len(parts) == 6 and kind == "tenant" and name else None
