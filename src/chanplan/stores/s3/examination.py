"""Looking at a bucket in which a state lies."""

from chanplan.model.checkup import Concern, Remark, StoreFacts
from chanplan.model.errors import StateUnwritable
from chanplan.stores.s3.bucket import Bucket
from chanplan.stores.s3.checking import refuses_what_it_must
from chanplan.stores.s3.place import Place


def examine(bucket: Bucket, place: Place) -> StoreFacts:
    """Tell of a state in a bucket. Raises `StateUnreadable`."""
    stored = bucket.get(place.snapshot)
    details = {"journal": f"{len(bucket.keys(place.journals, ''))} objects"}
    encryption = place.settings.encryption
    details["encryption"] = "the bucket's own" if encryption is None else encryption.sse
    remarks = []
    try:
        if not refuses_what_it_must(bucket, place):
            remarks.append(Remark(Concern.CONDITIONS_IGNORED, "it ignores If-Match on PutObject"))
    except StateUnwritable as error:
        remarks.append(Remark(Concern.NOT_WRITABLE, f"{error.message} {error.remedy}"))
    versions = bucket.keeps_versions()
    if versions is None:
        remarks.append(Remark(Concern.VERSIONS_UNKNOWN, "s3:GetBucketVersioning isn't allowed"))
    elif not versions:
        remarks.append(Remark(Concern.NO_VERSIONS, "the bucket keeps no old versions"))
    return StoreFacts(
        str(place), None if stored is None else len(stored.body), details, tuple(remarks), bucket.ahead
    )
