"""What `discover` leaves to be filled in keeps a configuration from being valid until somebody does."""

import pytest

from chanplan.config.loader import load_configuration
from chanplan.model.discoveries import FILL_IN
from chanplan.model.errors import Invalid
from chanplan.render.discovery_yaml import discovery_yaml
from tests.unit.render import discoveries

ROOT = f"""\
version: 1
workspace: acme-production
include: [found.yaml]
providers:
  ses: {{default: {{region: us-east-1}}, eu: {{region: eu-west-1}}}}
  twilio: {{default: {{account_sid: {discoveries.TWILIO.account}}}}}
ses_setups: {{hooli: {{tenant_name: hooli, domain_identity: mail.hooli.example}}}}
"""


@pytest.fixture
def load(tmp_path):
    """Returns a function that reads a file as an included one."""

    def read(text):
        (tmp_path / "chanplan.yaml").write_text(ROOT)
        (tmp_path / "found.yaml").write_text(text)
        return load_configuration(tmp_path / "chanplan.yaml", {})

    return read


@pytest.mark.parametrize(
    "findings", [discoveries.everything(), discoveries.answered(), discoveries.unagreed()]
)
def test_every_open_value_is_a_problem_at_its_place(load, findings):
    """One problem for each, and no other: the rest of the file is right as it is. What a use case without a channel may
    hold, nobody can say, so that one comes first."""
    text = discovery_yaml(findings, "acme-production")
    places = set(open_places(text))
    assert places

    with pytest.raises(Invalid) as invalid:
        load(text)

    assert {(problem.source.line, problem.source.column) for problem in invalid.value.problems} == places
    assert len(invalid.value.problems) == len(places)


def open_places(text):
    """Gives line and column of each open value, but for others beside an open channel."""
    judged = True
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("    "):
            judged = True
        if f": {FILL_IN}" in line and judged:
            yield number, line.index(FILL_IN) + 1
        judged = judged and f"channel: {FILL_IN}" not in line


def test_what_was_filled_in_is_valid(load):
    """There is nothing else to do by hand."""
    text = discovery_yaml(discoveries.answered(), "acme-production")

    configuration = load(text.replace(FILL_IN, next(iter(line for line in names(text)))))

    number = len(discoveries.answered().proposals) + len(discoveries.answered().unclaimed)
    assert (len(configuration.imports), len(configuration.resources)) == (number, number)


def names(text):
    """Gives the names of Twilio setups."""
    section = text.partition("twilio_setups:\n")[2].partition("\n\n")[0]
    return [
        line.strip().rstrip(":") for line in section.splitlines() if line.startswith("  ") and line[2] != " "
    ]
