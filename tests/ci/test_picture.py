"""The comment as a person sees it: a real browser draws it, and nothing in it can be more than text.

`PICTURE=write script/test tests/ci/test_picture.py` writes the picture that `docs/ci.md` shows.
"""

import importlib.util
import os
import shutil
import struct
import zlib

import pytest

from tests.ci.tools import ROOT, browser
from tests.cli.conftest import begun_once, finished, finished_once
from tests.cli.desk import EMAIL, SandboxedDesk

__all__ = ["begun_once", "finished", "finished_once"]

SHOWN = ROOT / "docs" / "pictures" / "comment.png"


@pytest.fixture(scope="module")
def picture():
    """`script/picture.py`, as a module."""
    spec = importlib.util.spec_from_file_location("picture", ROOT / "script" / "picture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn(path):
    """Gives width and height of a picture, and how many of its lines aren't of one colour."""
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", content[16:26])
    packed, at = b"", 8
    while at < len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        packed += content[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    lines = zlib.decompress(packed)
    size = len(lines) // height
    assert (depth, kind, size) == (8, kind, width * {2: 3, 6: 4}[kind] + 1)
    return width, height, sum(len(set(lines[row * size + 1 : (row + 1) * size])) > 8 for row in range(height))


def test_a_plan_is_drawn(picture, finished: SandboxedDesk, tmp_path):
    """All of it, as high as it is: what is lost, what waits, what changes. Opened, it is higher."""
    text = EMAIL.replace("email_type: transactional\n  alerts:", "email_type: marketing\n  alerts:")
    text = text.replace("Sign-in and security alerts", "Sign-in, security and billing alerts")
    text += """  reminders:
    channel: email
    entity_name: Acme
    name: Reminders
    description: What is due tomorrow
    ses_setup: second-mail
    sender_email_address: reminders@post.acme.example
    email_type: transactional
acknowledge: [{address: use_case.receipts, action: replace, reason: "CH-118, agreed with deliverability"}]
"""
    text = text.replace(
        "use_cases:",
        "  second-mail: {tenant_name: acme-post, domain_identity: post.acme.example, dmarc: {policy: reject}}\n\nuse_cases:",
    )
    finished.write(text)
    ended = finished.run("plan", "--format", "markdown")
    assert ended.code == 0, ended.said

    picture.draw(browser(), ended.out, tmp_path / "folded.png")
    picture.draw(browser(), ended.out, tmp_path / "open.png", is_open=True)

    folded, opened = drawn(tmp_path / "folded.png"), drawn(tmp_path / "open.png")
    assert (folded[0], opened[0]) == (picture.WIDTH, picture.WIDTH)
    assert 500 < folded[1] < opened[1] < picture.TALLEST
    assert (folded[2] > 200, opened[2] > folded[2]) == (True, True)
    if os.environ.get("PICTURE") == "write":
        shutil.copy(tmp_path / "open.png", SHOWN)


def test_the_picture_of_the_documents_is_one():
    """What `docs/ci.md` shows is a picture that was drawn so."""
    width, height, lines = drawn(SHOWN)

    assert (width, height > 500, lines > 200) == (900, True, True)


def test_a_page_has_github_s_tags_alone(picture):
    """Whatever else looks like HTML is text, in blocks and within lines, in code and in comments."""
    page = picture.page(
        "<details><summary>a</summary>\n\nb\n\n</details>\n\n<script>alert(1)</script>\n\n"
        "x <img src=x onerror=alert(1)> <!-- hidden --> y\n\n```diff\n+<b onclick=1>\n-gone\n```\n",
        is_open=False,
    )
    body = page.partition('<div class="comment">')[2].rpartition("</div>")[0]

    assert "<details><summary>a</summary>" in body
    assert ("<script" in body, "<img" in body, "<b onclick" in body, "hidden" in body) == (False,) * 4
    assert '<span class="added">+&lt;b onclick=1&gt;</span><span class="removed">-gone</span>' in body
