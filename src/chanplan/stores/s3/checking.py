"""What is looked at before the first write: whether the endpoint keeps to conditions, and the bucket old versions."""

import logging
import threading

from chanplan.stores.s3.bucket import Bucket
from chanplan.stores.s3.faults import conditions_ignored
from chanplan.stores.s3.place import Place

_log = logging.getLogger(__name__)

_BODY = b'{"what": "chanplan writes this to see whether the endpoint keeps to conditional writes"}\n'
_NOBODYS = '"00000000000000000000000000000000"'
"""An ETag that no object has."""


class Check:
    """The start-up test, done once by each store."""

    def __init__(self, bucket: Bucket, place: Place) -> None:
        self._bucket = bucket
        self._place = place
        self._guard = threading.Lock()
        self._passed = False

    def __call__(self) -> None:
        """Raise `StateUnwritable` (`conditions_ignored`) unless the endpoint refuses what it must refuse."""
        with self._guard:
            if self._passed:
                return
            key = self._place.check
            # The first may be new, and the second must not be.
            if self._bucket.create(key, _BODY) is not None and self._bucket.create(key, _BODY) is not None:
                raise conditions_ignored(self._place, "If-None-Match")
            if not refuses_what_it_must(self._bucket, self._place):
                raise conditions_ignored(self._place, "If-Match")
            self._passed = True
            if self._bucket.keeps_versions() is False:
                _log.warning(
                    "The bucket of the state %s keeps no old versions, so that nothing can be put back after a mistake. "
                    "Turn on versioning, with a lifecycle rule for old versions.",
                    self._place,
                )


def refuses_what_it_must(bucket: Bucket, place: Place) -> bool:
    """Tell whether the endpoint refuses to write over an object that isn't there as it was known. Whoever may not write
    at all gets `StateUnwritable`: rights are looked at before conditions."""
    return bucket.replace(place.check, _BODY, _NOBODYS) is None
