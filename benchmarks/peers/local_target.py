"""A DNS host in a folder, for octoDNS: what is published is read from files of octoDNS's own format.

octoDNS's provider of such files forgets what is there when it is the target, so that a plan is always all new.
Imported by octoDNS, in its environment.
"""

from octodns.provider import ProviderException
from octodns.provider.yaml import YamlProvider


class LocalTarget(YamlProvider):
    """Reads zones as a target as it does as a source."""

    def populate(self, zone, target=False, lenient=False):  # noqa: ANN001, ANN201, ARG002
        """Read what is published; says whether the zone exists."""
        try:
            return super().populate(zone, target=False, lenient=lenient)
        except ProviderException:
            return False  # a zone without a file
