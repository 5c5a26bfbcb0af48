"""The marks of many objects at once, from the tagging service.

It answers with the tags of everything that carries one of a key, 100 objects a page, where SES itself tells the tags of one
object a call. It is late to learn of changes, and shows nothing to who may not ask it: what it says informs, and never
decides whether an object is ours.
"""

import logging
from collections.abc import Mapping
from typing import TypeAlias

from chanplan.model.errors import Rejected
from chanplan.providers.ses.answers import blocks, required, text
from chanplan.providers.ses.arns import kind_and_name
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.marks import ID_TAG, Tags, tags_in

_log = logging.getLogger(__name__)

_GET = "resourcegroupstaggingapi:GetResources"

Marked: TypeAlias = Mapping[tuple[str, str], Tags]
"""Tags by kind and name, as ARNs spell them, of all objects that carry a mark of ours."""


def marked_objects(calls: Calls) -> Marked | None:
    """Give the tags of all SES objects that any workspace marked; None where the tagging service can't be asked."""
    if calls.at_aws("resourcegroupstaggingapi") and not calls.at_aws("sesv2"):
        # Somebody who sends SES elsewhere doesn't want the rest to reach AWS.
        return None
    found: dict[tuple[str, str], Tags] = {}
    token: str | None = None
    try:
        while True:
            page = calls(
                _GET,
                TagFilters=[{"Key": ID_TAG}],
                ResourceTypeFilters=["ses"],
                **({} if token is None else {"PaginationToken": token}),
            )
            for entry in blocks(page, "ResourceTagMappingList"):
                tags = tags_in(entry)
                # It also lists what carried such a tag once.
                if ID_TAG in tags:
                    found[kind_and_name(required(entry, "ResourceARN"))] = tags
            following = text(page, "PaginationToken")
            if following in {None, token}:
                return found
            token = following
    except Rejected as error:
        _log.warning("%s So marks are read from each object by itself. %s", error.message, error.remedy)
        return None
