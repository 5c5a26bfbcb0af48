"""Draws Markdown as a pull request shows it: CommonMark with tables, GitHub's few tags, all other HTML escaped."""

import argparse
import html
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

WIDTH = 900
"""Pixels of a comment, with its margin."""
TALLEST = 16_000
"""Pixels; a browser draws no more at once."""
PATIENCE = 120
"""Seconds for one start of the browser."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)
ALLOWED = re.compile(
    r"</?(?:details|summary|br|sub|sup|kbd|b|i|strong|em|code|p)(?: open)?\s*/?>", re.IGNORECASE
)
STYLE = """
body { margin: 16px; font: 14px/1.5 "DejaVu Sans", sans-serif; color: #1f2328; background: #fff; }
.comment { border: 1px solid #d1d9e0; border-radius: 6px; padding: 16px; overflow-wrap: break-word; }
h1, h2, h3, h4 { line-height: 1.25; margin: 20px 0 12px; }
h1 { font-size: 24px; } h2 { font-size: 20px; border-bottom: 1px solid #d1d9e0; padding-bottom: 4px; } h3 { font-size: 16px; }
.comment > :first-child { margin-top: 0; }
code { font: 12px "DejaVu Sans Mono", monospace; background: #eff1f3; border-radius: 6px; padding: 2px 5px; }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px; overflow: hidden; }
pre code { background: none; padding: 0; white-space: pre-wrap; }
pre .added { background: #dafbe1; display: block; } pre .removed { background: #ffebe9; display: block; }
table { border-collapse: collapse; margin: 12px 0; }
th, td { border: 1px solid #d1d9e0; padding: 5px 12px; text-align: left; vertical-align: top; }
blockquote { margin: 0; padding: 0 12px; color: #59636e; border-left: 4px solid #d1d9e0; }
details { margin: 8px 0; } summary { cursor: pointer; }
"""


def page(markdown: str, *, is_open: bool) -> str:
    """Give the page that shows a text as a comment."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("html_block", _tags)
    parser.add_render_rule("html_inline", _tags)
    parser.add_render_rule("fence", _fence)
    body = parser.render(markdown)
    if is_open:
        body = body.replace("<details>", "<details open>")
    # The page says itself how tall it is, in its title, which `--dump-dom` shows.
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><style>{STYLE}</style></head>'
        f'<body><div class="comment">{body}</div>'
        "<script>document.title = Math.ceil(document.documentElement.getBoundingClientRect().height) + 32</script>"
        "</body></html>"
    )


def draw(browser: str, markdown: str, target: Path, *, is_open: bool = False) -> None:
    """Write a picture of a text as a comment."""
    with tempfile.TemporaryDirectory(prefix="chanplan-picture-") as folder:
        source = Path(folder, "comment.html")
        source.write_text(page(markdown, is_open=is_open), encoding="utf-8")
        seen = _browse(browser, folder, f"--window-size={WIDTH},600", "--dump-dom", source.as_uri())
        height = re.search(r"<title>([0-9]+)</title>", seen)
        if height is None:
            sys.exit("script/picture: the browser didn't show the page.")
        size = f"--window-size={WIDTH},{min(int(height[1]), TALLEST)}"
        _browse(browser, folder, size, f"--screenshot={target.resolve()}", source.as_uri())
    if not target.exists():
        sys.exit("script/picture: the browser wrote no picture.")


def _browse(browser: str, folder: str, *arguments: str) -> str:
    profile = tempfile.mkdtemp(prefix="profile-", dir=folder)
    ended = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={profile}", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if ended.returncode:
        sys.exit(f"script/picture: {browser} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
    return ended.stdout


def _tags(_: RendererHTML, tokens: Sequence[Token], index: int, *_rest: object) -> str:
    text = re.sub(r"<!--.*?-->", "", tokens[index].content, flags=re.DOTALL)
    kept, last = [], 0
    for found in ALLOWED.finditer(text):
        kept += [html.escape(text[last : found.start()], quote=False), found[0]]
        last = found.end()
    return "".join([*kept, html.escape(text[last:], quote=False)])


def _fence(_: RendererHTML, tokens: Sequence[Token], index: int, *_rest: object) -> str:
    token = tokens[index]
    lines = [html.escape(line, quote=False) for line in token.content.splitlines()]
    if token.info.strip() == "diff":
        marks = {"+": "added", "-": "removed"}
        shown = "".join(
            f'<span class="{marks[line[0]]}">{line}</span>' if line[:1] in marks else f"{line}\n"
            for line in lines
        )
    else:
        shown = "\n".join(lines)
    return f"<pre><code>{shown}</code></pre>\n"


def main() -> None:
    """Read arguments, find the browser, draw."""
    parser = argparse.ArgumentParser(prog="script/picture", description=__doc__)
    parser.add_argument("markdown", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--open", action="store_true", dest="is_open", help="show what is folded")
    given = parser.parse_args()
    found = subprocess.run(
        ["bash", Path(__file__).with_name("browser")], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    if not found:
        sys.exit(1)
    draw(found, given.markdown.read_text(encoding="utf-8"), given.picture, is_open=given.is_open)


if __name__ == "__main__":
    main()
