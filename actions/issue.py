"""Keeps one issue: opens it while something is wrong, brings its text up to date, and closes it when nothing is.

It is found again by a label and a hidden first line. Only who may set labels can make another one look like it.
"""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from github import Failed, ask, fail, repository, setting, tell

LONGEST = 65_536
"""Characters of an issue's text."""


def mark(title: str) -> str:
    """Give the hidden line by which the issue is found."""
    return f"<!-- chanplan: the issue {quote(title, safe=' ')} -->"


def open_issue(title: str, label: str) -> dict[str, Any] | None:
    """Give our open issue, the oldest if somehow there are more, or None."""
    page = 1
    while True:
        path = f"{repository()}/issues?state=open&labels={quote(label, safe='')}&per_page=100&page={page}"
        found = ask("GET", path + "&sort=created&direction=asc")
        for issue in found:
            if "pull_request" not in issue and (issue["body"] or "").startswith(mark(title)):
                return issue
        if len(found) < 100:
            return None
        page += 1


def main() -> None:
    """Open, update or close the issue that ISSUE_TITLE, ISSUE_LABEL and ISSUE_IS_OPEN describe; tell `number`."""
    title, label = setting("ISSUE_TITLE"), setting("ISSUE_LABEL")
    wanted = os.environ.get("ISSUE_IS_OPEN") == "true"
    issue = open_issue(title, label)
    if not wanted:
        if issue is not None:
            ask(
                "PATCH",
                f"{repository()}/issues/{issue['number']}",
                {"state": "closed", "state_reason": "completed"},
            )
            print(f"Closed #{issue['number']}.")
        return
    body = f"{mark(title)}\n{Path(setting('ISSUE_BODY_FILE')).read_text(encoding='utf-8')}"
    if len(body) > LONGEST:
        raise Failed(
            f"The text has {len(body)} characters, and an issue takes {LONGEST}: use --comment-limit."
        )
    if issue is None:
        issue = ask("POST", f"{repository()}/issues", {"title": title, "body": body, "labels": [label]})
        print(f"Opened #{issue['number']}.")
    elif (issue["body"] or "").replace("\r\n", "\n").strip() != body.strip():
        ask("PATCH", f"{repository()}/issues/{issue['number']}", {"body": body})
        print(f"Updated #{issue['number']}.")
    tell("number", issue["number"])


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        fail(error)
    except (KeyError, TypeError, ValueError) as error:
        fail(Failed(f"GitHub's answer isn't of the shape that is expected ({type(error).__name__})."))
    sys.exit(0)
