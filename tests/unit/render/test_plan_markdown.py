"""A plan as a review comment: it fits, it says what was cut, and nothing breaks out of its place."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chanplan.model.errors import Misused
from chanplan.render.markdown import block, code, prose
from chanplan.render.plan_markdown import SMALLEST_LIMIT, plan_markdown
from tests.unit.render import plans, tier_plans

TRICKS = st.text(st.sampled_from("`~<>/@#|*_[]()!:-+ \n\\&;.{}'\"=1aw\u202e\x1b語"), max_size=80)
COMMONMARK = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def outside_code(text):
    """The HTML of a text without what stands in code, where nothing has a meaning."""
    return re.sub(r"<code.*?</code>", "", COMMONMARK.render(text), flags=re.DOTALL)


@pytest.mark.parametrize("limit", [SMALLEST_LIMIT, 10_000, 32_768, 65_536])
@pytest.mark.parametrize(
    "plan",
    [
        plans.full_plan(),
        plans.hostile_plan(),
        plans.hostile_plan("語" * 3000),
        plans.large_plan(2000),
        tier_plans.moving_plan(),
        tier_plans.hostile_moves("語" * 3000),
    ],
    ids=["everything", "hostile", "wide", "large", "tiers", "hostile tiers"],
)
def test_it_fits(plan, limit):
    """The comment keeps its limit in characters and in bytes, and ends with the digest."""
    text = plan_markdown(plan, limit=limit)

    assert len(text.encode()) <= limit
    assert text.endswith(f"Digest: `{plan.digest}`\n")


def test_what_was_cut_is_said():
    """Ten thousand changes fit GitHub's limit: what is destroyed comes first, and the numbers left out are told."""
    text = plan_markdown(plans.large_plan(10_000), limit=65_536)

    assert len(text.encode()) <= 65_536
    assert text.startswith(
        "## Workspace acme-production\n\n"
        "**Plan: 9,900 to create, 0 to update, 100 to replace, 0 to delete; 4,900 wait.**\n\n"
        "**It destroys 100 resources, with 100 losses.**\n\n"
        "**This is not the whole plan**, which would not fit: `chanplan plan` shows it.\n\n"
        "### Destroys\n\n"
    )
    assert text.count("**replace (delete, then create)**") == 100
    left = re.search(r"_([0-9,]+) of 9,900 changes left out to fit the comment", text)
    assert left is not None
    assert text.count("**create**") == 9_900 - int(left[1].replace(",", ""))


LIMITS = {"Bitbucket": 32_768, "GitHub": 65_536, "Azure DevOps": 150_000, "GitLab": 1_000_000}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS.keys())
@pytest.mark.parametrize("size", [10, 1_000, 10_000])
def test_it_fits_every_platform(size, limit):
    """Whatever the size of a plan, it keeps each platform's limit; it uses what room there is, and says when it had to cut."""
    text = plan_markdown(plans.large_plan(size), limit=limit)
    shown = len(re.findall(r"\*\*(?:create|replace[^*]*)\*\*", text))

    assert len(text.encode()) <= limit
    assert ("This is not the whole plan" in text) == ("to fit the comment" in text) == (shown < size)
    assert shown == size or len(text.encode()) > limit * 0.6


def test_what_was_cut_can_be_read_elsewhere():
    """In CI the comment points to the job, whose log and files hold all of it."""
    job = "https://ci.example.com/acme/mail/actions/runs/17"
    text = plan_markdown(plans.large_plan(1000), limit=32_768, whole=job)

    assert f"which would not fit: [read it there](<{job}>)." in text
    assert f'<a href="{job}">read it there</a>' in COMMONMARK.render(text)


@example("https://ci.example/>) **x** [y](<https://evil.example")
@given(TRICKS)
@settings(max_examples=10)
def test_an_address_is_a_link_or_nothing(text):
    """What no address can hold isn't linked: the words are those without an address."""
    plan = plans.large_plan(40)

    assert plan_markdown(plan, limit=SMALLEST_LIMIT, whole=f"https://ci.example/{text} ") == plan_markdown(
        plan, limit=SMALLEST_LIMIT
    )


def test_a_plan_that_fits_is_not_cut():
    """A limit that is large enough changes nothing."""
    plan = plans.full_plan()

    assert plan_markdown(plan, limit=65_536) == plan_markdown(plan, limit=None)


def test_a_limit_that_holds_nothing_is_refused():
    """A limit below the smallest is a usage error that names the smallest."""
    with pytest.raises(Misused) as caught:
        plan_markdown(plans.first_plan(), limit=100)

    assert caught.value.remedy == f"Use --comment-limit {SMALLEST_LIMIT} or more."


@given(TRICKS, st.sampled_from([None, SMALLEST_LIMIT]))
def test_reasons_of_moves_break_out_of_nothing(text, limit):
    """What operators and services say of tiers stays in its place as well."""
    page = outside_code(plan_markdown(tier_plans.hostile_moves(text), limit=limit))

    assert page.count("<h2>") == 1
    assert set(re.findall(r"<h3>(.*?)</h3>", page)) <= {"Suspended", "Tenants"}
    assert set(re.findall(r"<(\w+)", page)) <= {"h2", "h3", "p", "strong", "em", "ul", "li", "pre"}


@example("\n ", None)
@given(TRICKS, st.sampled_from([None, SMALLEST_LIMIT, 6000]))
def test_fences_and_folds_are_balanced(text, limit):
    """Whatever values say, every fold that opens closes, and our headings are the only ones."""
    page = outside_code(plan_markdown(plans.hostile_plan(text), limit=limit))

    assert page.count("<details>") == page.count("</details>") == page.count("<summary>")
    assert page.count("<h2>") == 1
    assert set(re.findall(r"<h3>(.*?)</h3>", page)) <= {
        "Refused",
        "Destroys",
        "Waits for",
        "Other changes",
        "Warnings",
        "Changed outside chanplan",
        "Not compared by this refresh",
    }
    assert set(re.findall(r"<(\w+)", page)) <= {
        *("h2", "h3", "p", "strong", "em", "ul", "ol", "li", "pre", "details", "summary")
    }


@given(TRICKS)
def test_prose_is_nothing_but_text(text):
    """One line of prose is one paragraph that holds the text and no markup, mention or reference."""
    single = text.replace("\n", " ").replace("\x1b", "")
    page = COMMONMARK.render(f"- {prose(single)}")
    shown = re.sub(r"<[^>]*>", "", page)

    assert set(re.findall(r"</?(\w+)", page)) <= {"ul", "li"}
    assert re.search(r"[@#!$%~][\w]", shown) is None
    assert "".join(shown.split()) != "" or single.strip(" ") == ""


@given(TRICKS)
def test_code_holds_the_text(text):
    """A code span and a code block show exactly what they were given."""
    single = text.replace("\n", " ").replace("\x1b", "")
    tokens = COMMONMARK.parse(f"x {code(single)}")
    blocks = COMMONMARK.parse(block(single, "diff", indent=""))

    spans = [child for token in tokens for child in token.children or [] if child.type == "code_inline"]
    assert [span.content.strip(" ") for span in spans] == ([single.strip(" ")] if single else [])
    assert [(token.type, token.content) for token in blocks] == [("fence", f"{single}\n")]
