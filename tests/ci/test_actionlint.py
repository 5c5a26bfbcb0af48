"""What actionlint says of the workflows: contexts, outputs, types of expressions, names of events."""

from tests.ci.tools import EXAMPLES, WORKFLOWS, actionlint

APPLY = EXAMPLES / "github" / "chanplan-acme-production-apply.yml"


def test_actionlint_finds_nothing():
    """In any workflow."""
    assert (len(WORKFLOWS), actionlint(EXAMPLES / "github")) == (4, [])


SPOILT = {
    "steps.unreviewed.outputs.digest": (
        "steps.unreviewd.outputs.digest",
        'property "unreviewd" is not defined',
    ),
    "timeout-minutes: 350": ("timeout: 350", 'unexpected key "timeout"'),
    "github.event_name == 'push'": ("github.event_nam == 'push'", 'property "event_nam" is not defined'),
    "actions: read": ("actions: reed", '"reed" is invalid for permission'),
}


def test_actionlint_would_find(tmp_path):
    """Workflows that were spoilt on purpose don't pass: each mistake is told, and nothing else."""
    for number, (old, (new, _)) in enumerate(SPOILT.items()):
        assert old in APPLY.read_text()
        (tmp_path / f"{number}.yml").write_text(APPLY.read_text().replace(old, new, 1))

    found = sorted(actionlint(tmp_path), key=lambda line: line.partition(".yml:")[0])

    assert [told in line for line, (_, told) in zip(found, SPOILT.values(), strict=True)] == [True] * len(
        SPOILT
    )
