"""What is said offline."""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chanplan.model.configuration import SesAlias
from chanplan.model.problems import Problem
from chanplan.providers.ses import limits
from tests.ses.ses_world import RECEIVING, SCOPE


def _codes(provider, desired):
    return [problem.code for problem in provider.check(desired)]


def test_what_is_well_has_no_problems(world):
    """Setups, pools and use cases."""
    declared = [world.setup(receiving=RECEIVING), world.pool(), world.use_case()]

    assert [_codes(world.provider, desired) for desired in declared] == [[], [], []]
    assert world.calls() == {}


def test_a_reserved_pool_name_is_refused(world):
    """SES has pools of its own."""
    desired = world.pool(pool_name="ses-shared-pool")

    assert world.provider.check(desired) == (
        Problem(
            "reserved_pool_name",
            "The pool name 'ses-shared-pool' belongs to SES itself.",
            "Choose another pool_name.",
            address=desired.address,
        ),
    )


def test_a_region_that_ses_isnt_in_is_refused_with_a_guess(world, make_provider):
    """A typing mistake is found before a host name fails to resolve."""
    provider = make_provider({"default": SesAlias("default", "us-eats-1")})

    problems = provider.check(world.setup())

    assert [(problem.code, problem.remedy) for problem in problems] == [
        ("unknown_region", "Did you mean us-east-1?")
    ]


def test_behind_an_address_of_its_own_any_region_will_do(world, make_provider):
    """An emulator may call its region what it likes."""
    alias = SesAlias("default", "local", endpoint_url="http://127.0.0.1:9")

    assert _codes(make_provider({"default": alias}), world.setup()) == []


@pytest.mark.parametrize("regions, codes", [(None, ["receiving_unavailable"]), ({"eu-north-1"}, [])])
def test_receiving_where_ses_doesnt_receive_is_refused(world, make_provider, regions, codes):
    """The list of regions can be overridden."""
    provider = make_provider({"default": SesAlias("default", "eu-north-1")}, receiving_regions=regions)

    assert _codes(provider, world.setup(receiving=RECEIVING)) == codes


def test_an_alias_that_isnt_configured_is_refused(world):
    """A scope names an alias."""
    desired = replace(world.setup(), scope=replace(SCOPE, alias="eu"))

    assert _codes(world.provider, desired) == ["unknown_alias"]


def test_a_domain_whose_records_dns_cant_name_is_refused(world):
    """The DKIM names stand below the domain."""
    long = ".".join(["a" * 50] * 4 + ["example"])

    assert _codes(world.provider, world.setup(domain_identity=long)) == ["domain_too_long"]


@pytest.mark.parametrize(
    "tags, codes",
    [
        ({f"tag{number}": "" for number in range(48)}, []),
        ({f"tag{number}": "" for number in range(49)}, ["too_many_tags"]),
        ({"a" * 129: ""}, ["tag_too_long"]),
        ({"team": "a" * 257}, ["tag_too_long"]),
    ],
)
def test_tags_are_within_what_aws_takes(world, tags, codes):
    """Ours count too."""
    assert _codes(world.provider, world.pool(tags=tags)) == codes


def test_the_package_loads_without_boto3():
    """`chanplan --help` loads nothing heavy."""
    program = "import sys, chanplan.providers.ses.provider; print('boto3' in sys.modules, 'botocore' in sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout == "False False\n"


def test_every_limit_says_where_it_was_read():
    """A number without a source can't be checked."""
    body = ast.parse(Path(limits.__file__).read_text()).body
    named = [node for node in body if isinstance(node, ast.Assign) and node.targets[0].id != "__all__"]
    told = [body[body.index(node) + 1] for node in named]

    assert [node for node in told if not (isinstance(node, ast.Expr) and "20" in node.value.value)] == []
