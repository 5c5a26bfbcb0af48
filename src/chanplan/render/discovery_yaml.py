"""What a discovery found, as a configuration file with `imports:`. What a person must fill in doesn't validate before."""

from collections.abc import Iterator
from textwrap import wrap

from chanplan.model.discoveries import FILL_IN, Findings, Owner, Proposal, Unclaimed
from chanplan.model.kinds.registry import KINDS
from chanplan.render.phrases import counted
from chanplan.render.yaml_text import block, comment, scalar

_WIDTH = 100
_DMARC = "No service tells the DMARC policy: each setup asks for `none`, which any published record meets. Declare `dmarc:` to ask for more."
_NAMES = (
    "SES keeps entity_name and name folded, as in acme-corp_order-receipts. Spell them as you like, as long as letters "
    "and the places between words stay: after the import another spelling replaces the use case."
)


def discovery_yaml(findings: Findings, workspace: str) -> str:
    """Write all proposals as one file to include; ends in a line break. The same findings give the same bytes."""
    lines = [*_head(findings, workspace)]
    for kind in KINDS.values():
        proposals = [proposal for proposal in findings.proposals if proposal.address.kind == kind.name]
        if proposals:
            lines += ["", f"{kind.section}:"]
            for proposal in proposals:
                lines += _resource(proposal)
    if findings.proposals or findings.unclaimed:
        lines += ["", "imports:", *map(_entry, findings.proposals)]
    if findings.unclaimed:
        lines += [comment("Declared already:", 2), *map(_entry, findings.unclaimed)]
    return "\n".join(lines) + "\n"


def _entry(each: Proposal | Unclaimed) -> str:
    return f"  - {{to: {each.address}, id: {scalar(each.found.import_id)}}}"


def _head(findings: Findings, workspace: str) -> Iterator[str]:
    proposals, number = findings.proposals, len(findings.proposals) + len(findings.unclaimed)
    open_ones = sum(1 for proposal in proposals if proposal.gaps)
    yield comment(f"Written by `chanplan discover` for workspace {workspace}: {counted(number, 'object')}.")
    if not number:
        yield comment("Nothing that could be imported is missing from the state.")
        return
    yield from _wrapped(
        "Name this file under `include:` in the root file, run `chanplan validate`, and review `chanplan plan`: it shows what "
        "an import changes. `chanplan apply` marks the objects with tags, and changes nothing that the plan doesn't list. "
        "Once they are in state, `imports:` can go."
    )
    if open_ones:
        fill = "is a value" if open_ones == 1 else "are values"
        yield from _wrapped(
            f"In {counted(open_ones, 'object')} there {fill} that only a person knows: replace each {FILL_IN}. Until then the "
            "file doesn't validate."
        )
    kinds = {proposal.address.kind for proposal in proposals}
    if "ses_setup" in kinds:
        yield from _wrapped(_DMARC)
    if any(proposal.declared.get("channel") == "email" for proposal in proposals):
        yield from _wrapped(_NAMES)


def _resource(proposal: Proposal) -> Iterator[str]:
    for note in proposal.notes:
        yield from _wrapped(f"{note.message} {note.remedy}", 2)
    if proposal.owner is Owner.ORPHAN:
        yield from _wrapped("This workspace made it, and its state has lost it.", 2)
    yield f"  {scalar(proposal.address.name)}:"
    gaps = {gap.path[-1]: gap for gap in proposal.gaps}
    for line in block(proposal.declared, 4):
        name, colon, rest = line.partition(": ")
        gap = gaps.get(name.strip()) if colon and rest == FILL_IN else None
        yield line if gap is None else f"{line}{comment(f'{gap.choices}. {gap.why}', 2)}"


def _wrapped(text: str, indent: int = 0) -> Iterator[str]:
    for line in wrap(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False):
        yield comment(line, indent)
