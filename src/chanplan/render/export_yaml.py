"""Resources of a state as a configuration file that declares them as they are."""

from collections.abc import Sequence
from textwrap import wrap

from chanplan.model.kinds.registry import KINDS
from chanplan.model.resources import ResourceState
from chanplan.planning.declarations import declaration_of
from chanplan.render.phrases import counted
from chanplan.render.yaml_text import block, comment, scalar

_WIDTH = 100
_HOW = (
    "Name this file under `include:` in the root file, and review `chanplan plan`: it shows nothing but that these resources are "
    "declared from now on. After `chanplan apply` they are managed by the configuration, and the HTTP API deletes them no more. "
    "To give one another name, rename it here and add a `moved:` entry."
)


def export_yaml(resources: Sequence[ResourceState], workspace: str) -> str:
    """Write one file to include; ends in a line break. The same resources give the same bytes."""
    lines = [
        comment(
            f"Written by `chanplan export` for workspace {workspace}: {counted(len(resources), 'resource')}."
        )
    ]
    if not resources:
        lines.append(comment("The state holds nothing that the HTTP API made and no configuration declares."))
    else:
        lines += [
            comment(text) for text in wrap(_HOW, _WIDTH, break_long_words=False, break_on_hyphens=False)
        ]
    for kind in KINDS.values():
        chosen = sorted(
            (each for each in resources if each.address.kind == kind.name), key=lambda each: each.address
        )
        if chosen:
            lines += ["", f"{kind.section}:"]
        for resource in chosen:
            lines += [f"  {scalar(resource.address.name)}:", *block(declaration_of(resource), 4)]
    return "\n".join(lines) + "\n"
