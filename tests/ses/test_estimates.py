"""What a plan says that it costs is what SES sees and what the clock says, for whole plans."""

import pytest

from benchmarks.quota_rig import SES, WORKSPACE, Rig, shapes
from chanplan.model.configuration import SesAlias
from chanplan.providers.ses.provider import SesProvider
from chanplan.stores.memory import MemoryStore


@pytest.mark.parametrize("shape", shapes(6), ids=lambda shape: shape.name)
def test_a_plan_costs_what_it_says(environment, controls, rule_set, shape):
    """The calls are those of the service's own journal, exactly; the seconds are within 15 %."""
    alias = SesAlias(SES.alias, SES.region, account_id=SES.account)
    made = []

    def provider_of(pacer, clock):
        made.append(SesProvider({SES.alias: alias}, WORKSPACE, pacer, clock))
        return made[0]

    found = Rig(MemoryStore(), provider_of).measure(shape, controls.clear_calls)
    made[0].close()

    assert found.estimated_calls == len(controls.calls())
    assert abs(found.error) <= 0.15
