"""The rules of tags: which prefixes are taken, and how many fit on an object."""

from chanplan.config.draft import Draft
from chanplan.config.includes import SourceFile, place_of
from chanplan.config.nodes import MapNode
from chanplan.config.reading import quoted
from chanplan.model.kinds.declared import RESERVED_TAG_PREFIXES

TAGS_PER_OBJECT = 50
"""AWS's limit on one object."""
OWN_TAGS = ("chanplan:id", "chanplan:workspace")


def check_tags(root: SourceFile, draft: Draft) -> None:
    """Check the workspace's tags against AWS's rules and ours."""
    node = root.node.values.get("tags")
    if not isinstance(node, MapNode):
        return
    for key in node.keys:
        prefix = next((p for p in RESERVED_TAG_PREFIXES if key.text.lower().startswith(p)), None)
        if prefix is not None:
            whose = "AWS's" if prefix == "aws:" else "chanplan's"
            draft.reading.report(
                "tag_reserved",
                f"The tag {quoted(key.text)} begins with {prefix}, which is {whose} own.",
                place_of(root, key),
                "Choose a key without this prefix.",
            )
    room = TAGS_PER_OBJECT - len(OWN_TAGS)
    if len(node.keys) > room:
        draft.reading.report(
            "too_many_tags",
            f"{len(node.keys)} tags are declared, and {room} fit on an object: "
            f"AWS allows {TAGS_PER_OBJECT}, and {len(OWN_TAGS)} are chanplan's own.",
            place_of(root, node.keys[room]),
            f"Remove {len(node.keys) - room} of them.",
        )
