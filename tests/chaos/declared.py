"""What a random configuration declares: plain data that a seed makes, written as a document and as what must follow."""

from dataclasses import asdict, dataclass, field

from tests.chaos import voice
from tests.chaos.voice import ACCOUNTS, Line, VoiceSetup

WORKSPACE = "chaos"
REGIONS = {"default": "us-east-1", "eu": "eu-west-1"}
FAMILIES = ("transactional", "marketing")
TIERS = ("onboarding", "premium", "standard")
ENTITIES = ("Acme", "Globex Corp", "Initech", "Wayne-Stark")


@dataclass
class Pool:
    pool_name: str
    family: str
    tiers: tuple[str, ...]
    scaling: str
    provider: str
    protected: bool = False


@dataclass
class Setup:
    tenant: str
    domain: str
    provider: str
    mail_from: str = "bounce"
    dmarc: str = "none"
    policy: str = "standard"
    receiving: dict | None = None
    """`rule_set`, `bucket` and `prefix`."""
    protected: bool = False
    published: bool = True
    """Whether its owner publishes the records that it asks for."""


@dataclass
class UseCase:
    setup: str
    entity: str
    name: str
    sender: str
    """The part before the @."""
    email_type: str
    description: str | None = None
    protected: bool = False
    made: bool = False
    """Whether it must be there: once made it stays, whatever becomes of its setup's records."""


@dataclass
class Declared:
    """A whole configuration, by the names in YAML."""

    pools: dict[str, Pool] = field(default_factory=dict)
    setups: dict[str, Setup] = field(default_factory=dict)
    use_cases: dict[str, UseCase] = field(default_factory=dict)
    """Those that send email."""
    voice_setups: dict[str, VoiceSetup] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    """The use cases with a voice."""
    tags: dict[str, str] = field(default_factory=lambda: {"team": "growth"})
    moved: list[tuple[str, str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Addresses to forget and not to destroy."""
    drawn: int = 0

    def fresh(self) -> str:
        """Draws letters that nothing has been named by."""
        self.drawn += 1
        number, text = self.drawn, ""
        while number:
            number, digit = divmod(number, 26)
            text += chr(ord("a") + digit)
        return text

    def users(self, setup: str) -> list[str]:
        """Names the use cases of a setup."""
        return [name for name, each in self.use_cases.items() if each.setup == setup]

    def callers(self, setup: str) -> list[str]:
        """Names the lines of a setup."""
        return [name for name, each in self.lines.items() if each.setup == setup]

    def region_of(self, use_case: UseCase) -> str:
        """Names the region of a use case."""
        return REGIONS[self.setups[use_case.setup].provider]

    def pool_of(self, use_case: UseCase) -> str:
        """Names the pool that carries a use case: every tier is onboarding here."""
        provider = self.setups[use_case.setup].provider
        (found,) = (
            pool.pool_name
            for pool in self.pools.values()
            if pool.provider == provider and pool.family == use_case.email_type and "onboarding" in pool.tiers
        )
        return found

    def document(self) -> dict[str, object]:
        """Writes it as chanplan reads it."""
        return {
            "version": 1,
            "workspace": WORKSPACE,
            "providers": {
                "ses": {alias: {"region": region} for alias, region in REGIONS.items()},
                "twilio": {alias: {"account_sid": sid} for alias, sid in ACCOUNTS.items()},
            },
            "tags": self.tags,
            "sending_pools": {
                name: {
                    "pool_name": pool.pool_name,
                    "family": pool.family,
                    "tiers": list(pool.tiers),
                    "scaling": pool.scaling,
                    "provider": pool.provider,
                    **lifecycle(pool),
                }
                for name, pool in self.pools.items()
            },
            "ses_setups": {
                name: {
                    "tenant_name": setup.tenant,
                    "domain_identity": setup.domain,
                    "mail_from": setup.mail_from,
                    "dmarc": {"policy": setup.dmarc},
                    "reputation_policy": setup.policy,
                    **({} if setup.receiving is None else {"receiving": receiving(setup.receiving)}),
                    "provider": setup.provider,
                    **lifecycle(setup),
                }
                for name, setup in self.setups.items()
            },
            "twilio_setups": {name: voice.setup_document(setup) for name, setup in self.voice_setups.items()},
            "use_cases": {name: voice.line_document(line) for name, line in self.lines.items()}
            | {
                name: {
                    "channel": "email",
                    "entity_name": case.entity,
                    "name": case.name,
                    **({} if case.description is None else {"description": case.description}),
                    "ses_setup": case.setup,
                    "sender_email_address": f"{case.sender}@{self.setups[case.setup].domain}",
                    "email_type": case.email_type,
                    **lifecycle(case),
                }
                for name, case in self.use_cases.items()
            },
            "moved": [{"from": origin, "to": target} for origin, target in self.moved],
            "removed": [{"address": address, "destroy": False} for address in self.removed],
            "safety": {"max_percent": 90, "from": 10},
        }

    def attributes(self) -> dict[str, dict[str, object]]:
        """Says what the state must remember of each address once all is done."""
        found: dict[str, dict[str, object]] = {}
        for name, pool in self.pools.items():
            found[f"sending_pool.{name}"] = {
                "pool_name": pool.pool_name,
                "family": pool.family,
                "tiers": sorted(pool.tiers),
                "scaling": pool.scaling,
                "prevent_destroy": pool.protected,
                "tags": self.tags,
            }
        for name, setup in self.setups.items():
            found[f"ses_setup.{name}"] = {
                "tenant_name": setup.tenant,
                "domain_identity": setup.domain,
                "mail_from": setup.mail_from,
                "dmarc": {"policy": setup.dmarc},
                "reputation_policy": setup.policy,
                "receiving": None if setup.receiving is None else receiving(setup.receiving),
                "prevent_destroy": setup.protected,
                "tags": self.tags,
            }
        for name, case in self.use_cases.items():
            if case.made:
                found[f"use_case.{name}"] = {
                    "channel": "email",
                    "entity_name": case.entity,
                    "name": case.name,
                    "description": case.description,
                    "ses_setup": f"ses_setup.{case.setup}",
                    "sender_email_address": f"{case.sender}@{self.setups[case.setup].domain}",
                    "email_type": case.email_type,
                    "prevent_destroy": case.protected,
                    "sending_pool": self.pool_of(case),
                    "tags": self.tags,
                }
        for name, setup in self.voice_setups.items():
            found[f"twilio_setup.{name}"] = voice.setup_attributes(setup)
        for name, line in self.lines.items():
            if line.made:
                found[f"use_case.{name}"] = voice.line_attributes(line, self.voice_setups[line.setup])
        return found

    def identity(self, address: str) -> tuple[object, ...] | None:
        """Gives what can't change of an address without losing something; None when it isn't declared."""
        kind, _, name = address.partition(".")
        if kind == "sending_pool" and name in self.pools:
            pool = self.pools[name]
            return pool.pool_name, pool.family, pool.scaling
        if kind == "ses_setup" and name in self.setups:
            setup = self.setups[name]
            return setup.tenant, setup.domain
        if kind == "use_case" and name in self.use_cases:
            case = self.use_cases[name]
            return case.entity, case.name, case.email_type, case.setup
        if kind == "twilio_setup" and name in self.voice_setups:
            return (self.voice_setups[name].provider,)
        if kind == "use_case" and name in self.lines:
            return (self.lines[name].setup,)
        return None

    @property
    def addresses(self) -> list[str]:
        """All addresses."""
        return [
            *(f"sending_pool.{name}" for name in self.pools),
            *(f"ses_setup.{name}" for name in self.setups),
            *(f"twilio_setup.{name}" for name in self.voice_setups),
            *(f"use_case.{name}" for name in (*self.use_cases, *self.lines)),
        ]

    def resource(self, address: str) -> "Resource | None":
        """Gives what an address declares."""
        kind, _, name = address.partition(".")
        sections = {
            "sending_pool": (self.pools,),
            "ses_setup": (self.setups,),
            "twilio_setup": (self.voice_setups,),
            "use_case": (self.use_cases, self.lines),
        }[kind]
        return next((section[name] for section in sections if name in section), None)

    def summary(self) -> dict[str, object]:
        """Gives plain data to compare by."""
        return asdict(self)


Resource = Pool | Setup | UseCase | VoiceSetup | Line


def receiving(entry: dict) -> dict[str, object]:
    """Writes what happens to inbound mail."""
    action = {"bucket": entry["bucket"]} | ({"prefix": entry["prefix"]} if entry["prefix"] else {})
    return {"rule_set": entry["rule_set"], "actions": [{"s3": action}]}


def lifecycle(each: Resource) -> dict[str, object]:
    """Writes the protection of a resource."""
    return {"lifecycle": {"prevent_destroy": each.protected}}
