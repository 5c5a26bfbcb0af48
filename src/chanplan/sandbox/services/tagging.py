"""The tagging service's view over everything that carries, or once carried, tags."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services import paging, quirks
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.ses import names
from chanplan.sandbox.state.storage import Row


def get_resources(call: Call) -> Document:
    """
    Lists resources by ARN, with the tags that this service knows of by now.

    A `list_lag` fault on it makes changes of tags show late, as they do at the real service.
    """
    size = call.params.get("ResourcesPerPage", quirks.TAGGED_PAGE.value)
    if not 1 <= size <= quirks.TAGGED_PAGE.value:
        raise _invalid(f"ResourcesPerPage must be between 1 and {quirks.TAGGED_PAGE.value}.")
    after = paging.position(call, _invalid("The pagination token isn't of this request."), "PaginationToken")
    rows = paging.kept_rows(
        call, names.TAGS, limit=size + 1, after=after, keep=lambda row: _wanted(call, row)
    )
    more = len(rows) > size
    return {
        "ResourceTagMappingList": [
            {"ResourceARN": row.key, "Tags": _tags(call, row.value)} for row in rows[:size]
        ],
        "PaginationToken": paging.token(call, rows[size - 1].key) if more else "",
    }


def _wanted(call: Call, row: Row) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in _tags(call, row.value)}
    for wanted in call.params.get("TagFilters", []):
        values = wanted.get("Values") or None
        if wanted["Key"] not in tags or (values is not None and tags[wanted["Key"]] not in values):
            return False
    arns = call.params.get("ResourceARNList")
    types = call.params.get("ResourceTypeFilters") or []
    return (not arns or row.key in arns) and (not types or any(_is_of_type(row.key, kind) for kind in types))


def _tags(call: Call, value: Document) -> list[Document]:
    late = value["changed"] > call.now - call.list_lag and call.list_lag > 0
    tags: list[Document] = value["before"] if late else value["tags"]
    return tags


def _is_of_type(arn: str, wanted: str) -> bool:
    service, _, kind = wanted.partition(":")
    parts = names.taken_apart(arn)
    return parts is not None and parts.service == service and kind in ("", parts.type)


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)
