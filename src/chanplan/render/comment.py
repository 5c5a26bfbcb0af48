"""The comment on a pull request: a hidden first line that says whose it is, and what a reader sees below it.

One workspace has one comment, and one more on its tiers. Its first line is compared as a whole, so that no text further down, whoever wrote it,
can pass for one.
"""

from urllib.parse import quote

from chanplan.model.errors import Misused
from chanplan.model.plans import Plan
from chanplan.render.markdown import code
from chanplan.render.plan_markdown import plan_markdown


def first_line(workspace: str, *, tiers: bool = False) -> str:
    """Give the hidden line by which a workspace's comment is found again; moves of tiers have one of their own."""
    # Two hyphens end a comment for some readers of HTML.
    name = quote(workspace, safe="").replace("--", "-%2D")
    what = "the comment on tiers" if tiers else "the comment"
    return f"<!-- chanplan: {what} of workspace {name} -->"


def plan_comment(plan: Plan, *, commit: str | None, limit: int) -> str:
    """Write the comment that shows a plan, and the commit whose configuration it is of, where that is known."""
    head = f"{first_line(plan.workspace, tiers=plan.tiers)}\n"
    foot = f"\nCommit: {code(commit[:12])}\n" if commit else ""
    return head + plan_markdown(plan, limit=limit - len((head + foot).encode())) + foot


def written_comment(workspace: str, text: str, *, limit: int) -> str:
    """Write the comment that shows somebody's own Markdown.

    Raises:
        Misused: there is nothing to show (`comment_empty`), or too much (`comment_too_long`).
    """
    if not text.strip():
        raise Misused(
            "There is nothing to post: the text is empty.",
            remedy="Look why the command before this one wrote nothing.",
            code="comment_empty",
        )
    head = f"{first_line(workspace)}\n"
    if len(head) + len(text) > limit:
        raise Misused(
            f"The text has {len(text):,} characters, and a comment there takes {limit:,}, {len(head)} of which are used "
            "to find it again.",
            remedy="Post a saved plan, which is cut where it must be: chanplan comment PLANFILE. Or make the text "
            f"shorter: chanplan plan --format markdown --comment-limit {limit - len(head)}",
            code="comment_too_long",
        )
    return head + text
