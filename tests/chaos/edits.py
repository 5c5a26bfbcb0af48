"""Random edits of a configuration: each is legal in one plan, whatever of the edits before it has been done.

An edit takes the configuration as it is now, the one that all was last brought to (`settled`), and what this round
has touched. It changes the former and says in words what it did, or None when there is nothing that it could do.
"""

import random
from collections.abc import Callable
from copy import deepcopy

from tests.chaos.declared import ENTITIES, FAMILIES, REGIONS, TIERS, Declared, Pool, Setup, UseCase
from tests.chaos.desk import Desk
from tests.chaos.sizes import Sizes
from tests.chaos.voice import APPROVED
from tests.chaos.voice_edits import VOICE_EDITS, add_line, add_voice_setup, remove_voice_setup

POLICIES = ("none", "standard", "strict")
DMARC = ("none", "quarantine", "reject")


def begin(lots: random.Random, sizes: Sizes) -> Declared:
    """Makes a first configuration: pools in both regions, setups and use cases of both services."""
    made = Declared()
    for alias in REGIONS:
        for family in FAMILIES:
            made.pools[f"{alias}-{family}"] = Pool(
                f"{alias}-{family}", family, TIERS, lots.choice(("managed", "standard")), alias
            )
    desk = Desk(lots, made, made)
    for add, number in (
        (add_setup, sizes.setups),
        (add_use_case, sizes.use_cases),
        (add_voice_setup, sizes.voice_setups),
        (add_line, sizes.lines),
    ):
        for _ in range(number):
            add(desk)
    made_now(made)
    return made


def made_now(declared: Declared) -> None:
    """Notes which use cases must be there once all is done: those whose gate is open, and those that were."""
    for case in declared.use_cases.values():
        case.made |= declared.setups[case.setup].published
    for line in declared.lines.values():
        line.made |= declared.voice_setups[line.setup].review == APPROVED


def add_setup(desk: Desk) -> str:
    """Declares a new setup."""
    fresh, lots = desk.now.fresh(), desk.lots
    setup = Setup(
        tenant=f"tenant-{fresh}",
        domain=f"mail.{fresh}.example",
        provider=lots.choice(tuple(REGIONS)),
        mail_from=lots.choice(("bounce", "return")),
        dmarc=lots.choice(DMARC),
        policy=lots.choice(POLICIES),
        receiving=some_receiving(lots) if lots.random() < 0.3 else None,
        published=lots.random() < 0.9,
    )
    desk.now.setups[f"setup-{fresh}"] = setup
    desk.touched.add(f"ses_setup.setup-{fresh}")
    return f"add ses_setup.setup-{fresh}"


def add_use_case(desk: Desk) -> str | None:
    """Declares a new use case, of a setup that is there or new."""
    # A setup that this round replaces may get no use case in the same plan; one that it makes may.
    names = [
        name
        for name in desk.now.setups
        if desk.may(f"ses_setup.{name}") or name not in desk.settled.setups or desk.now is desk.settled
    ]
    if not names:
        return None
    fresh, lots = desk.now.fresh(), desk.lots
    setup = lots.choice(sorted(names))
    desk.now.use_cases[f"case-{fresh}"] = UseCase(
        setup=setup,
        entity=lots.choice(ENTITIES),
        name=f"Case {fresh}",
        sender=fresh,
        email_type=lots.choice(FAMILIES),
        description=lots.choice((None, f"What {fresh} is for")),
    )
    desk.touched |= {f"use_case.case-{fresh}", f"ses_setup.{setup}"}
    return f"add use_case.case-{fresh} to {setup}"


def some_receiving(lots: random.Random) -> dict:
    """Draws one of a few ways to receive, so that rules are shared."""
    return {
        "rule_set": lots.choice(("inbound", "second")),
        "bucket": f"bucket-{lots.randrange(3)}",
        "prefix": lots.choice(("", "mail/")),
    }


def change_setup(desk: Desk) -> str | None:
    """Changes what can be changed in place."""
    name = desk.any_setup()
    if name is None:
        return None
    setup, lots = desk.now.setups[name], desk.lots
    what = lots.choice(("mail_from", "dmarc", "policy", "receiving", "receiving"))
    if what == "mail_from":
        setup.mail_from = f"b{desk.now.fresh()}"
        desk.touched.add(f"ses_setup.{name}")
    elif what == "receiving":
        setup.receiving = None if setup.receiving and lots.random() < 0.4 else some_receiving(lots)
    else:
        setattr(setup, what, lots.choice(DMARC if what == "dmarc" else POLICIES))
    return f"{what} of ses_setup.{name}"


def change_use_case(desk: Desk) -> str | None:
    """Changes what only the state knows."""
    name = desk.any_use_case()
    if name is None:
        return None
    case = desk.now.use_cases[name]
    if desk.lots.random() < 0.5:
        case.description = f"As {desk.now.fresh()} says"
        return f"description of use_case.{name}"
    case.sender = desk.now.fresh()
    desk.touched.add(f"use_case.{name}")
    return f"sender of use_case.{name}"


def pass_senders(desk: Desk) -> str | None:
    """Lets the use cases of a setup pass their sender addresses round."""
    name = desk.any_setup()
    if name is None:
        return None
    cases = [case for case in desk.now.users(name) if desk.may(f"use_case.{case}")]
    if len(cases) < 2:
        return None
    senders = [desk.now.use_cases[case].sender for case in cases]
    for case, sender in zip(cases, [*senders[1:], senders[0]], strict=True):
        desk.now.use_cases[case].sender = sender
    desk.touched |= {f"use_case.{case}" for case in cases}
    return f"senders of {', '.join(cases)} passed round"


def replace_use_case(desk: Desk) -> str | None:
    """Changes what replaces a use case."""
    name = desk.any_use_case(destroying=True)
    if name is None:
        return None
    case, lots = desk.now.use_cases[name], desk.lots
    what = lots.choice(("name", "entity", "email_type", "setup"))
    if what == "setup":
        target = desk.any_setup(published=True)
        if target is None or target == case.setup:
            return None
        if desk.now.setups[target].provider != desk.now.setups[case.setup].provider:
            return None  # another region: that is refused
        desk.touched |= {f"ses_setup.{target}", f"ses_setup.{case.setup}"}
        case.setup = target
    elif what == "email_type":
        case.email_type = next(family for family in FAMILIES if family != case.email_type)
    elif what == "entity":
        case.entity = next(entity for entity in ENTITIES if entity != case.entity)
    else:
        case.name = f"Case {desk.now.fresh()}"
    desk.touched |= {f"use_case.{name}", f"ses_setup.{case.setup}"}
    return f"replace use_case.{name} ({what})"


def hand_over_name(desk: Desk) -> str | None:
    """Gives a use case the name of another, which takes a new one: that must be released before it is taken."""
    one, two = desk.any_use_case(destroying=True), desk.any_use_case(destroying=True)
    if one is None or two is None or one == two:
        return None
    taker, giver = desk.now.use_cases[one], desk.now.use_cases[two]
    if desk.now.region_of(taker) != desk.now.region_of(giver):
        return None
    taker.entity, taker.name = giver.entity, giver.name
    giver.name = f"Case {desk.now.fresh()}"
    desk.touched |= {
        f"use_case.{one}",
        f"use_case.{two}",
        f"ses_setup.{taker.setup}",
        f"ses_setup.{giver.setup}",
    }
    return f"use_case.{one} takes the name of use_case.{two}"


def remove_use_case(desk: Desk) -> str | None:
    """Removes a use case."""
    name = desk.any_use_case(destroying=True)
    if name is None:
        return None
    desk.touched |= {f"use_case.{name}", f"ses_setup.{desk.now.use_cases.pop(name).setup}"}
    return f"remove use_case.{name}"


def remake_use_case(desk: Desk) -> str | None:
    """Removes a use case and declares another with its name and sender."""
    name = desk.any_use_case(destroying=True)
    if name is None:
        return None
    old = desk.now.use_cases.pop(name)
    new = f"case-{desk.now.fresh()}"
    desk.now.use_cases[new] = UseCase(old.setup, old.entity, old.name, old.sender, old.email_type)
    desk.touched |= {f"use_case.{name}", f"use_case.{new}", f"ses_setup.{old.setup}"}
    return f"use_case.{new} in the place of use_case.{name}"


def forget_use_case(desk: Desk) -> str | None:
    """Forgets a use case; its object stays."""
    name = desk.any_use_case(destroying=True)
    if name is None or not desk.now.use_cases[name].made or name not in desk.settled.use_cases:
        return None
    pools = {f"sending_pool.{pool}" for pool in desk.now.pools}
    if not desk.may(*pools):
        return None
    # What is forgotten keeps its pool, which then may not go.
    desk.touched |= pools
    desk.touched |= {f"use_case.{name}", f"ses_setup.{desk.now.use_cases.pop(name).setup}"}
    desk.now.removed.append(f"use_case.{name}")
    return f"forget use_case.{name}"


def remove_setup(desk: Desk) -> str | None:
    """Removes a setup with its use cases."""
    name = desk.any_setup()
    if name is None:
        return None
    addresses = [f"ses_setup.{name}", *(f"use_case.{case}" for case in desk.now.users(name))]
    before = {f"use_case.{case}" for case in desk.settled.users(name)}
    if not desk.may(*addresses, *before) or any(map(desk.protected, addresses)):
        return None
    if any(address.startswith("use_case") and address not in addresses for address in before):
        return None
    for case in desk.now.users(name):
        del desk.now.use_cases[case]
    del desk.now.setups[name]
    desk.touched |= set(addresses)
    return f"remove {', '.join(addresses)}"


def replace_setup(desk: Desk) -> str | None:
    """Gives a setup that nothing uses another tenant or domain."""
    names = [
        name
        for name in desk.now.setups
        if desk.may(f"ses_setup.{name}")
        and not desk.protected(f"ses_setup.{name}")
        and not desk.now.users(name)
        and not desk.settled.users(name)
    ]
    if not names:
        return None
    name, fresh = desk.lots.choice(sorted(names)), desk.now.fresh()
    setup = desk.now.setups[name]
    if desk.lots.random() < 0.5:
        setup.tenant = f"tenant-{fresh}"
    else:
        setup.domain = f"mail.{fresh}.example"
    desk.touched.add(f"ses_setup.{name}")
    return f"replace ses_setup.{name}"


_PREFIXES = {
    "setups": "ses_setup",
    "use_cases": "use_case",
    "pools": "sending_pool",
    "voice_setups": "twilio_setup",
    "lines": "use_case",
}


def rename(desk: Desk) -> str | None:
    """Gives a resource another name in YAML, and says so."""
    kind = desk.lots.choice(("setups", "use_cases", "use_cases", "pools", "voice_setups", "lines", "lines"))
    section, prefix = getattr(desk.now, kind), _PREFIXES[kind]
    names = sorted(name for name in section if desk.may(f"{prefix}.{name}"))
    if not names:
        return None
    old = desk.lots.choice(names)
    new = f"{prefix.partition('_')[2]}-{desk.now.fresh()}"
    setattr(desk.now, kind, {(new if name == old else name): each for name, each in section.items()})
    if kind in ("setups", "voice_setups"):
        users = desk.now.use_cases if kind == "setups" else desk.now.lines
        for name, each in users.items():
            if each.setup == old:
                each.setup = new
                # They refer to the new name, and the settled ones to the old: leave them alone.
                desk.touched.add(f"use_case.{name}")
    desk.now.moved.append((f"{prefix}.{old}", f"{prefix}.{new}"))
    desk.touched |= {f"{prefix}.{old}", f"{prefix}.{new}"}
    return f"rename {prefix}.{old} to {new}"


def protect(desk: Desk) -> str | None:
    """Protects something, or lifts its protection."""
    address = desk.lots.choice(sorted(desk.now.addresses))
    each = desk.now.resource(address)
    if not desk.may(address):
        return None
    if not each.protected and desk.lots.random() < 0.5:
        return None
    each.protected = not each.protected
    desk.touched.add(address)
    return f"{'protect' if each.protected else 'lift the protection of'} {address}"


def retag(desk: Desk) -> str | None:
    """Changes the tags of everything."""
    if desk.lots.random() < 0.7 or "tags" in desk.touched:
        return None
    desk.touched.add("tags")
    tags = dict(desk.now.tags)
    tags["team"] = desk.lots.choice(("growth", "mail", "core"))
    if tags.pop("cost", None) is None:
        tags["cost"] = desk.lots.choice(("low", "high"))
    desk.now.tags = tags
    return f"tags {tags}"


def rename_pool(desk: Desk) -> str | None:
    """Gives a pool another name at the service, perhaps another scaling: the new one comes before the old one goes."""
    name = desk.lots.choice(sorted(desk.now.pools))
    if not desk.may(f"sending_pool.{name}") or desk.protected(f"sending_pool.{name}"):
        return None
    pool = desk.now.pools[name]
    pool.pool_name = f"pool-{desk.now.fresh()}"
    if desk.lots.random() < 0.3:
        managed = [each for each in desk.now.pools.values() if each.scaling == "managed"]
        # SES allows five in a region, and the old one stays until the new one stands.
        pool.scaling = "managed" if len(managed) < 3 else "standard"
    desk.touched.add(f"sending_pool.{name}")
    return f"pool_name of sending_pool.{name}"


def split_pool(desk: Desk) -> str | None:
    """Gives a tier of a pool to a pool of its own, or takes it back."""
    name = desk.lots.choice(sorted(desk.now.pools))
    pool = desk.now.pools[name]
    siblings = [
        other
        for other, each in desk.now.pools.items()
        if other != name and (each.family, each.provider) == (pool.family, pool.provider)
    ]
    addresses = [f"sending_pool.{each}" for each in (name, *siblings)]
    if not desk.may(*addresses):
        return None
    desk.touched |= set(addresses)
    if siblings:
        if any(map(desk.protected, addresses)):
            return None
        del desk.now.pools[siblings[0]]
        pool.tiers = TIERS
        return f"sending_pool.{name} takes over sending_pool.{siblings[0]}"
    fresh = desk.now.fresh()
    first, rest = desk.lots.choice(
        ((("onboarding",), ("premium", "standard")), (("premium",), ("onboarding", "standard")))
    )
    desk.now.pools[f"pool-{fresh}"] = Pool(f"pool-{fresh}", pool.family, first, "standard", pool.provider)
    desk.touched.add(f"sending_pool.pool-{fresh}")
    pool.tiers = rest
    return f"sending_pool.pool-{fresh} takes {first} from sending_pool.{name}"


def _made_before(desk: Desk, setup: str) -> bool:
    """Tells whether all use cases of a setup that must be there were so when the round began: what an earlier stage of it
    was to make, its mischief may have kept from being made before the records go."""
    then = desk.settled.use_cases
    users = (name for name in desk.now.users(setup) if desk.now.use_cases[name].made)
    return all(name in then and then[name].made for name in users)


def flip_records(desk: Desk) -> str | None:
    """Lets a domain's owner publish its records, or withdraw them."""
    name = desk.any_setup()
    if name is None or not desk.may(*(f"use_case.{case}" for case in desk.now.users(name))):
        return None
    setup = desk.now.setups[name]
    if setup.published and (desk.lots.random() < 0.6 or not _made_before(desk, name)):
        return None
    setup.published = not setup.published
    desk.touched |= {f"ses_setup.{name}", *(f"use_case.{case}" for case in desk.now.users(name))}
    return f"records of ses_setup.{name} {'published' if setup.published else 'withdrawn'}"


EMAIL_EDITS: tuple[tuple[Callable[[Desk], str | None], int], ...] = (
    (add_setup, 4),
    (add_use_case, 10),
    (change_setup, 12),
    (change_use_case, 8),
    (pass_senders, 4),
    (replace_use_case, 10),
    (hand_over_name, 3),
    (remove_use_case, 7),
    (remake_use_case, 3),
    (forget_use_case, 1),
    (remove_setup, 3),
    (replace_setup, 3),
    (rename, 6),
    (protect, 4),
    (retag, 1),
    (rename_pool, 2),
    (split_pool, 2),
    (flip_records, 5),
)
"""With their weights."""


def edit(desk: Desk, number: int, sizes: Sizes) -> list[str]:
    """Makes so many edits, keeping about so many setups and use cases. Gives what was done."""
    done = []
    choices, weights = zip(*(EMAIL_EDITS + VOICE_EDITS if sizes.lines else EMAIL_EDITS), strict=True)
    for _ in range(number):
        (chosen,) = desk.lots.choices(choices, weights)
        for there, wanted, add, remove in (
            (desk.now.use_cases, sizes.use_cases, add_use_case, None),
            (desk.now.lines, sizes.lines, add_line, None),
            (desk.now.setups, sizes.setups, add_setup, remove_setup),
            (desk.now.voice_setups, sizes.voice_setups, add_voice_setup, remove_voice_setup),
        ):
            if len(there) < wanted * 0.9:
                chosen = desk.lots.choice((chosen, add))
            elif remove is not None and len(there) > wanted * 1.1 and chosen is add:
                chosen = remove
        said = chosen(desk)
        if said is not None:
            done.append(said)
    return done


def reverted(now: Declared, settled: Declared) -> Declared:
    """Gives the settled configuration again, from wherever the way to another one ended: renames go back."""
    back = deepcopy(settled)
    back.drawn = now.drawn
    back.moved = [(target, origin) for origin, target in reversed(now.moved)]
    for name, setup in back.setups.items():
        there = now.setups.get(
            dict_of_moves(now).get(f"ses_setup.{name}", f"ses_setup.{name}").partition(".")[2]
        )
        # What must be made again can only be made for an owner who publishes.
        setup.published = True if there is None else there.published
    for name, setup in back.voice_setups.items():
        there = now.voice_setups.get(
            dict_of_moves(now).get(f"twilio_setup.{name}", f"twilio_setup.{name}").partition(".")[2]
        )
        setup.review = APPROVED if there is None else there.review
    return back


def dict_of_moves(declared: Declared) -> dict[str, str]:
    """Gives where each renamed address went."""
    return dict(declared.moved)
