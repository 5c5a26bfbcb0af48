"""Marks of ownership and the workspace's tags. `chanplan:id` alone decides; `chanplan:workspace` informs."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from chanplan.model.errors import Foreign
from chanplan.model.resources import Marks
from chanplan.model.values import Attributes, Value
from chanplan.providers.ses.answers import Answer, blocks, required
from chanplan.providers.ses.clients import Calls

ID_TAG = "chanplan:id"
WORKSPACE_TAG = "chanplan:workspace"

Tags: TypeAlias = Mapping[str, str]


class NoTagging(dict[str, str]):
    """No tags, since the endpoint tells none of anything: nobody can read there whose an object is."""


def tags_in(answer: Answer) -> Tags:
    """Read the tags of an answer. An emulator without tagging leaves the member out, where AWS has an empty list."""
    if "Tags" not in answer:
        return NoTagging()
    return {required(tag, "Key"): str(tag.get("Value", "")) for tag in blocks(answer, "Tags")}


def marks_in(tags: Tags) -> Marks:
    """Give the marks among tags."""
    return Marks(tags.get(ID_TAG), tags.get(WORKSPACE_TAG))


def marks_told(tags: Tags) -> Marks | None:
    """Give the marks among tags, or None where the endpoint tells no tags."""
    return None if isinstance(tags, NoTagging) else marks_in(tags)


def declared_tags(attributes: Attributes) -> dict[str, str]:
    """Give the workspace's tags as declared or remembered."""
    tags = attributes.get("tags")
    return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, Mapping) else {}


def marked(id: str, workspace: str, attributes: Attributes) -> list[dict[str, str]]:
    """Give the tags of a create call: both marks, and the workspace's tags."""
    return _listed({ID_TAG: id, WORKSPACE_TAG: workspace} | declared_tags(attributes))


def observed_tags(attributes: Attributes, *objects: Tags) -> dict[str, Value]:
    """Give attribute `tags` as the service's objects have it, or nothing where the endpoint tells no tags.

    Only keys that are recorded as ours are told: others are somebody else's, and showing them as drift would ask
    for removing them. Where the objects disagree, the value that deviates is told.
    """
    if any(isinstance(tags, NoTagging) for tags in objects):
        return {}
    seen: dict[str, Value] = {}
    for key, recorded in declared_tags(attributes).items():
        values = {tags.get(key) for tags in objects}
        value = recorded if values == {recorded} else next(iter(sorted(values - {recorded}, key=str)))
        if value is not None and None not in values:
            seen[key] = value
    return {"tags": seen}


def refuse_foreign(what: str, tags: Tags, id: str, remedy: str, *, remembered: bool) -> None:
    """Raise `Foreign` unless the tags carry our id, or nobody tells tags there and it is the object remembered."""
    marks = marks_in(tags)
    if marks.id == id or (remembered and isinstance(tags, NoTagging)):
        return
    whose = "carries no mark of chanplan" if marks.id is None else f"belongs to workspace {marks.workspace}"
    raise Foreign(
        f"{what} exists already and {whose}.",
        remedy=remedy,
        owner_id=marks.id,
        owner_workspace=marks.workspace,
    )


def refuse_taking(what: str, tags: Tags, id: str, taken_from: Collection[str], remedy: str) -> None:
    """Raise `Foreign` unless the tags carry our id, none, or one that is taken over."""
    if marks_in(tags).id not in {None, id, *taken_from}:
        refuse_foreign(what, tags, id, remedy, remembered=False)


def retag_as_ours(
    calls: Calls, arn: str, live: Tags, id: str, workspace: str, wanted: Attributes, recorded: Attributes
) -> bool:
    """Mark one object with our id, and bring the workspace's tags up to date, with one call for both; tell whether
    anything was to be done. Where the endpoint keeps no tags, nothing is."""
    tags = {ID_TAG: id, WORKSPACE_TAG: workspace} | declared_tags(wanted)
    surplus = [key for key in declared_tags(recorded) if key not in tags and key in live]
    if isinstance(live, NoTagging) or (live.items() >= tags.items() and not surplus):
        return False
    retag(calls, arn, live, {"tags": tags}, recorded)
    return True


def retag(calls: Calls, arn: str, live: Tags, wanted: Attributes, recorded: Attributes) -> None:
    """Bring the workspace's tags of one object up to date; only keys that were recorded as ours are removed."""
    tags, ours = declared_tags(wanted), declared_tags(recorded)
    missing = {key: value for key, value in tags.items() if live.get(key) != value}
    surplus = sorted(key for key in ours if key not in tags and key in live)
    if isinstance(live, NoTagging):
        return
    if missing:
        calls("sesv2:TagResource", ResourceArn=arn, Tags=_listed(missing))
    if surplus:
        calls("sesv2:UntagResource", ResourceArn=arn, TagKeys=surplus)


def _listed(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def shared_marks(id: str | None, objects: Iterable[Tags]) -> Marks | None:
    """Give the marks of what consists of several objects: those of a part that isn't `id`'s, else ours.

    None where the endpoint tells no tags.
    """
    marks = [marks for marks in map(marks_told, objects) if marks is not None]
    if not marks:
        return None
    unmarked = [each for each in marks if each.id is None]
    others = [each for each in marks if each.id != id]
    return (unmarked or others or marks)[0]


def carried_by(objects: Iterable[Tags]) -> tuple[Marks, ...]:
    """Give the marks that the parts of an object carry."""
    return tuple(marks for marks in map(marks_in, objects) if marks.id is not None)
