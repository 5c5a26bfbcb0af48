"""All kinds, in the order in which people read them."""

from collections.abc import Mapping

from chanplan.model.kinds import sending_pool, ses_setup, twilio_setup, use_case
from chanplan.model.kinds.table import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (sending_pool.KIND, ses_setup.KIND, twilio_setup.KIND, use_case.KIND)
}
