"""What exists at SES, ours or not: by the ids under which it can be imported, or with the reason why it can't be."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chanplan.model.discoveries import SETUP, Discovered, Undiscovered
from chanplan.model.errors import ProviderError
from chanplan.model.kinds.use_case import names_behind
from chanplan.model.problems import Problem, Severity
from chanplan.model.resources import Marks
from chanplan.model.values import Value
from chanplan.providers.ses import obstacles
from chanplan.providers.ses.answers import blocks, required, texts
from chanplan.providers.ses.arns import kind_and_name
from chanplan.providers.ses.identities import label_below
from chanplan.providers.ses.inventory import (
    HeldIdentity,
    HeldRule,
    HeldSet,
    HeldTenant,
    Inventory,
    take_inventory,
)
from chanplan.providers.ses.marks import Tags, marks_told
from chanplan.providers.ses.place import Place
from chanplan.providers.ses.receiving import number_of, rule_prefix
from chanplan.providers.ses.receiving_actions import declared_form
from chanplan.providers.ses.tenants import Reputation


def discover(
    place: Place, workspace: str, kinds: Collection[str], *, receives: bool
) -> Iterator[Discovered | Undiscovered]:
    """Give everything of some kinds, sorted within each; a kind whose lists can't be read is `Undiscovered`."""
    inventory = take_inventory(place, kinds, receives=receives)
    found = _Found(place, workspace, inventory)
    tellers: Mapping[str, Callable[[], Sequence[Discovered]]] = {
        "sending_pool": found.pools,
        "ses_setup": found.setups,
        "use_case": found.sets,
    }
    for kind, tell in tellers.items():
        if kind not in kinds:
            continue
        try:
            yield from tell()
        except ProviderError as error:
            yield Undiscovered((kind,), place.calls.scope, Problem(error.code, error.message, error.remedy))


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found at one place, put together by kind."""

    place: Place
    workspace: str
    inventory: Inventory

    def pools(self) -> Sequence[Discovered]:
        """Give each pool but SES's own."""
        return [
            self._discovered(
                "sending_pool",
                name,
                (pool.tags,),
                {"pool_name": name, "scaling": pool.scaling},
                {} if pool.arn is None else {"pool_arn": pool.arn},
            )
            for name, pool in self.inventory.pools.result().items()
        ]

    def setups(self) -> Sequence[Discovered]:
        """Give each pair of a tenant and a domain, and what would have to be one to be imported."""
        tenants, identities = self.inventory.tenants.result(), self.inventory.identities.result()
        reputations, rules = self.inventory.reputations.result(), self.inventory.rules.result()
        holders = _holders(tenants, "identity")
        told: list[Discovered] = []
        for name, held in sorted(tenants.items()):
            domains = _domains(held)
            if not domains:
                told.append(
                    self._discovered(
                        "ses_setup", name, (held.tags,), {}, {}, obstacles.tenant_without_domain(name)
                    )
                )
            for domain in domains:
                identity = identities.get(domain, HeldIdentity(domain, None, {}))
                problems = obstacles.pair(name, domains, domain, holders[domain])
                told.append(self._setup(held, identity, reputations.get(held.tenant.arn), rules, problems))
        for name, identity in identities.items():
            if "@" in name:
                problem = obstacles.email_address(name)
            elif name not in holders:
                problem = obstacles.domain_without_tenant(name)
            else:
                continue
            told.append(self._discovered("ses_setup", name, (identity.tags,), {}, {}, problem))
        return told

    def sets(self) -> Sequence[Discovered]:
        """Give each configuration set."""
        tenants = self.inventory.tenants.result()
        holders = _holders(tenants, "configuration-set")
        return [self._set(held, holders[held.name], tenants) for held in self.inventory.sets.result()]

    def _setup(
        self,
        held: HeldTenant,
        identity: HeldIdentity,
        reputation: Reputation | None,
        rules: Sequence[HeldRule],
        problems: Iterable[Problem],
    ) -> Discovered:
        domain, label = identity.name, label_below(identity.mail_from, identity.name)
        policy = None if reputation is None else reputation.policy
        status = (None if reputation is None else reputation.sending_status) or held.tenant.sending_status
        ours, theirs = _routes(rules, domain, rule_prefix(self.workspace))
        attributes: dict[str, Value] = {"tenant_name": held.tenant.name, "domain_identity": domain}
        attributes |= {} if label is None else {"mail_from": label}
        attributes |= {} if policy is None else {"reputation_policy": policy}
        attributes |= {} if not ours else {"receiving": ours[0]}
        return self._discovered(
            "ses_setup",
            f"{held.tenant.name}/{domain}",
            (held.tags, identity.tags),
            attributes,
            {"tenant_id": held.tenant.id, "tenant_arn": held.tenant.arn, "sending_status": status},
            *problems,
            *obstacles.dkim(domain, identity.dkim_tokens),
            *obstacles.mail_from(domain, label),
            *obstacles.reputation(held.tenant.name, reputation, status),
            *obstacles.receiving(domain, ours, theirs),
        )

    def _set(self, held: HeldSet, holders: Sequence[str], tenants: Mapping[str, HeldTenant]) -> Discovered:
        names = names_behind(held.name)
        attributes: dict[str, Value] = {"channel": "email", "sending_pool": held.sending_pool}
        if names is not None:
            attributes |= {"entity_name": names[0], "name": names[1]}
        facts: dict[str, Value] = {"configuration_set_name": held.name}
        if len(holders) == 1:
            domains = _domains(tenants[holders[0]])
            facts["tenant_name"] = holders[0]
            facts[SETUP] = f"{holders[0]}/{domains[0]}" if domains else holders[0]
        return self._discovered(
            "use_case",
            held.name,
            (held.tags,),
            attributes,
            facts,
            *obstacles.configuration_set(held.name, holders, fits=names is not None),
        )

    def _discovered(
        self,
        kind: str,
        import_id: str,
        tags: Sequence[Tags | None],
        attributes: Mapping[str, Value],
        facts: Mapping[str, Value],
        *problems: Problem,
    ) -> Discovered:
        errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
        return Discovered(
            kind,
            import_id,
            self.place.calls.scope,
            self._marks(tags),
            attributes,
            facts,
            errors or tuple(problems),
        )

    def _marks(self, tags: Sequence[Tags | None]) -> Marks | None:
        """Give the mark of a whole: that of a part which isn't this workspace's before one that is, before none."""
        told = [marks for each in tags if each is not None and (marks := marks_told(each)) is not None]
        marked = [marks for marks in told if marks.id is not None]
        others = [marks for marks in marked if marks.workspace != self.workspace]
        return next(iter(others or marked or told), None)


def _holders(tenants: Mapping[str, HeldTenant], kind: str) -> Mapping[str, list[str]]:
    """Give the tenants that each resource of a kind belongs to, by its name."""
    holders: dict[str, list[str]] = defaultdict(list)
    for name, held in sorted(tenants.items()):
        for resource_kind, resource in map(kind_and_name, held.arns):
            if resource_kind == kind:
                holders[resource.lower() if kind == "identity" else resource].append(name)
    return holders


def _domains(held: HeldTenant) -> list[str]:
    return [
        name.lower() for kind, name in map(kind_and_name, held.arns) if kind == "identity" and "@" not in name
    ]


def _routes(rules: Sequence[HeldRule], domain: str, prefix: str) -> tuple[list[dict[str, Value]], list[str]]:
    """Give the receiving of a domain in each rule of ours that names it, and the other rules that do."""
    ours: list[dict[str, Value]] = []
    theirs: list[str] = []
    for held in rules:
        if domain not in (recipient.lower() for recipient in texts(held.rule, "Recipients")):
            continue
        name = required(held.rule, "Name")
        if number_of(name, prefix) is None:
            theirs.append(f"{held.rule_set}/{name}")
        else:
            ours.append({"rule_set": held.rule_set, "actions": declared_form(blocks(held.rule, "Actions"))})
    return ours, theirs
