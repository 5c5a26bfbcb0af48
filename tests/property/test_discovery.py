"""What a discovery writes is read back as it was found, whoever chose the names at the services."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from chanplan.config.loader import load_configuration
from chanplan.model.addresses import parse_address
from chanplan.model.configuration import Configuration, Providers, SesAlias, TwilioAlias
from chanplan.model.discoveries import SETUP, Answers, Discovered, Findings, PoolUse, Proposal
from chanplan.model.kinds.judging import judged
from chanplan.model.kinds.registry import KINDS
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Snapshot
from chanplan.model.values import Value
from chanplan.planning.proposals import propose
from chanplan.render.discovery_yaml import discovery_yaml
from tests.property.generated import FEW

ACCOUNT, TWILIO_ACCOUNT, PROFILE = "123456789012", "AC" + "0" * 32, "BU" + "0" * 32
SES, TWILIO = Scope("ses", ACCOUNT, "us-east-1"), Scope("twilio", TWILIO_ACCOUNT, None)
ROOT = f"""\
version: 1
workspace: acme
include: [found.yaml]
providers: {{ses: {{default: {{region: us-east-1}}}}, twilio: {{default: {{account_sid: {TWILIO_ACCOUNT}}}}}}}
"""
EMPTY = Configuration(
    "acme",
    "chanplan.yaml",
    {},
    Providers(
        {"default": SesAlias("default", "us-east-1")}, {"default": TwilioAlias("default", TWILIO_ACCOUNT)}
    ),
)
NOTHING = Snapshot("lineage", 0, {})
HOSTILE = (
    "x # y", "a: b", "- c", "NO", "+14155550100", "010", "1e3", "null", "~", "", " ", "[a]", "{a: b}", "&a", "*a", "!!int 1", "|", ">",
    "%TAG", "@x", "`x`", "'", '"', "\\", "\\n", "\n", "\r\nimports: []", "\t", "\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\ud800",
    "\u2028", "\u202e", "\ufeff", "\ufffe", "\U000e0041", "${env:HOME}", "$${env:HOME}", "${env:", "::error::x", "##[group]", "<<", "ß", "İ",
)  # fmt: skip
texts = (
    st.sampled_from(HOSTILE)
    | st.text(max_size=8)
    | st.lists(st.sampled_from(HOSTILE), max_size=3).map("".join)
)
words = st.text("abcyz", min_size=1, max_size=6)
slugs = st.text("abcdefgno", min_size=1, max_size=4)


def mostly(good: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Give what fits, and seldom what doesn't: an object of which one part is refused shows nothing of the others."""
    return st.integers(0, 15).flatmap(lambda chance: texts if chance == 9 else good)


def url(tail: str) -> str:
    """Give an address that ends in whatever somebody chose."""
    return f"https://voice.example/{tail}"


@st.composite
def setups(draw: st.DrawFn) -> list[Discovered]:
    """A setup and configuration sets in it."""
    tenant, domain = draw(mostly(slugs)), draw(mostly(slugs.map("{}.example".format)))
    attributes: dict[str, Value] = {"tenant_name": tenant, "domain_identity": domain}
    if draw(st.booleans()):
        attributes["mail_from"] = draw(mostly(slugs))
    if draw(st.booleans()):
        action = {"s3": {"bucket": "acme-inbound", "prefix": draw(texts)}}
        notice = {"sns": {"topic": f"arn:aws:sns:{draw(texts)}", "encoding": "UTF-8"}}
        attributes["receiving"] = {"rule_set": draw(mostly(slugs)), "actions": [action, notice]}
    import_id = f"{tenant}/{domain}"
    sets = draw(st.lists(st.tuples(slugs, slugs), max_size=2, unique=True))
    return [
        Discovered("ses_setup", import_id, SES, None, attributes, {}),
        *(
            Discovered(
                "use_case",
                f"{entity}_{name}",
                SES,
                None,
                {"channel": "email", "entity_name": entity, "name": name, "sending_pool": None},
                {SETUP: import_id},
            )
            for entity, name in sets
        ),
    ]


@st.composite
def lines(draw: st.DrawFn) -> list[Discovered]:
    """A profile, and Applications of whatever name and settings."""
    profile = Discovered(
        "twilio_setup",
        f"{TWILIO_ACCOUNT}/{PROFILE}",
        TWILIO,
        None,
        {"customer_profile": {"sid": PROFILE}},
        {"profile_name": draw(texts)},
    )
    applications = [
        Discovered(
            "use_case",
            f"AP{number:032x}",
            TWILIO,
            None,
            {
                "entity_name": draw(mostly(words)),
                "name": draw(mostly(words)),
                "voice": {
                    "url": draw(st.none() | texts.map(url)),
                    "method": draw(st.sampled_from(("GET", "POST"))),
                    "fallback_url": draw(mostly(texts.map(url))),
                    "fallback_method": "POST",
                    "status_callback": None,
                    "status_callback_method": "POST",
                    "caller_id_lookup": draw(st.booleans()),
                },
                "phone_numbers": draw(st.lists(mostly(st.just(f"+1415555010{number}")), max_size=1)),
            },
            {SETUP: profile.import_id},
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    return [profile, *applications]


pools = st.builds(
    lambda name: [Discovered("sending_pool", name, SES, None, {"pool_name": name, "scaling": "managed"}, {})],
    st.sampled_from(("txn", "no", "010", "Txn", "a b")),
)
worlds = st.lists(setups() | lines(), max_size=4).flatmap(
    lambda groups: st.just([each for group in groups for each in group])
) | st.builds(lambda pool, rest: pool + rest, pools, setups())


def answers(world: Sequence[Discovered]) -> Answers:
    """Answer everything that no service tells."""
    uses = {
        each.import_id: PoolUse("marketing", ("standard",)) for each in world if each.kind == "sending_pool"
    }
    return Answers("{entity}-{name}", "transactional", "ringless_voicemail", "prior_express", uses)


def unique(world: Sequence[Discovered]) -> list[Discovered]:
    """Leave out what no service holds twice."""
    return list({(each.kind, each.import_id.lower()): each for each in world}.values())


def loaded(text: str) -> Configuration:
    """Read a file as an included one."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "chanplan.yaml"
        root.write_text(ROOT)
        (Path(folder) / "found.yaml").write_text(text, encoding="utf-8")
        return load_configuration(root, {"HOME": "/home/somebody"})


def as_declared(proposals: Sequence[Proposal]) -> Mapping[str, object]:
    """Give the attributes that proposals declare."""
    return {
        str(proposal.address): judged(KINDS[proposal.address.kind], proposal.declared)
        for proposal in proposals
    }


@FEW
@given(worlds)
def test_what_is_written_is_read_back(world: list[Discovered]) -> None:
    """Every value is the one that the service told, or the object isn't proposed; nothing gets lost between the two."""
    world = unique(world)
    findings = propose(world, EMPTY, NOTHING, answers(world))
    text = discovery_yaml(findings, "acme")
    assert len(findings.proposals) + len(findings.unfit) == len(world)
    if not findings.proposals:
        return

    configuration = loaded(text)

    attributes = {
        str(address): {key: value for key, value in desired.attributes.items() if key != "tags"}
        for address, desired in configuration.resources.items()
    }
    assert attributes == as_declared(findings.proposals)
    assert {str(entry.target): entry.id for entry in configuration.imports} == {
        str(proposal.address): proposal.found.import_id for proposal in findings.proposals
    }
    for proposal in findings.proposals:
        assert told(proposal) == {key: attributes[str(proposal.address)][key] for key in told(proposal)}


def told(proposal: Proposal) -> Mapping[str, Value]:
    """Give what the service told of texts that stand in a file as they are."""
    found = proposal.found.attributes
    names = (
        "tenant_name",
        "domain_identity",
        "mail_from",
        "entity_name",
        "name",
        "pool_name",
        "phone_numbers",
    )
    return {name: found[name] for name in names if name in found}


@FEW
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_what_was_found_doesnt_matter(world: list[Discovered], random) -> None:  # type: ignore[no-untyped-def]
    """The file is the same, byte for byte, and so is what is said of the rest."""
    world = unique(world)
    shuffled = list(world)
    random.shuffle(shuffled)

    one = propose(world, EMPTY, NOTHING, answers(world))
    other = propose(shuffled, EMPTY, NOTHING, answers(world))

    assert discovery_yaml(one, "acme") == discovery_yaml(other, "acme")
    assert one == other


@FEW
@given(worlds)
def test_addresses_are_valid_and_each_is_given_once(world: list[Discovered]) -> None:
    """Whatever an object is called; one that is taken already is given to nobody."""
    world = unique(world)
    first: Findings = propose(world, EMPTY, NOTHING, answers(world))
    addresses = [proposal.address for proposal in first.proposals]

    assert [parse_address(str(address)) for address in addresses] == addresses
    assert len(set(addresses)) == len(addresses)


@FEW
@given(worlds)
def test_every_line_is_one_of_yamls_plain_ones(world: list[Discovered]) -> None:
    """No text of a service begins a line, and none holds what a terminal, a log or a reader would fall for."""
    world = unique(world)
    text = discovery_yaml(propose(world, EMPTY, NOTHING, Answers()), "acme")

    assert text.replace("\n", "").isprintable()
    assert "##[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
