"""The blocks that a refusal prints for people to put back."""

from typing import Any

import pytest
import yaml

from chanplan.model.resources import Desired
from chanplan.planning.losses import block_of
from tests.planning.harness import applied, base_document, edited, load

FULL = edited(
    base_document(),
    {
        "ses_setups.acme-mail.dmarc": {"policy": "reject"},
        "use_cases.receipts.description": 'Says "yes": {all} #1',
        "use_cases.reminders.detection": {"timeout_s": 12},
        "sending_pools.eu": {
            "pool_name": "eu",
            "family": "marketing",
            "tiers": ["onboarding"],
            "provider": "eu",
        },
    },
)
RESOURCES = sorted(applied(FULL).resources.values(), key=lambda resource: resource.address)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: str(resource.address))
def test_a_printed_block_declares_what_it_is_of(resource: Any) -> None:
    """Put back as printed, it is the same resource with its protection off."""
    document = {**FULL}
    for section, blocks in yaml.safe_load(block_of(resource)).items():
        document[section] = {**FULL[section], **blocks}

    declared: Desired = load(document).resources[resource.address]

    assert declared == load(FULL).resources[resource.address]
