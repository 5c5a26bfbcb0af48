"""Platforms, and desks at which a job works whose pull request stands there."""

import json

import pytest

from tests.cli.desk import EMAIL, Desk
from tests.platforms.github_server import GitHub
from tests.platforms.gitlab_server import GitLab


class Job(Desk):
    """A job of the platform's CI about request 12, with a saved plan beside it."""

    def __init__(self, folder, platform, plan):
        super().__init__(folder)
        self.platform = platform
        self.request = platform.requests[12]
        self.write(EMAIL)
        self.write(plan, "reviewed.plan.json")

    def comment(self, *arguments, environment=None, **variables):
        """Runs `chanplan comment` on this platform, and on the saved plan if nothing else is named."""
        surroundings = self.platform.environment(self.folder) if environment is None else environment
        shown = arguments or ("reviewed.plan.json",)
        return self.run(
            "comment", "--platform", self.platform.PLATFORM, *shown, **{**surroundings, **variables}
        )

    def posted(self, *arguments, **variables):
        """Does so, and it must work."""
        ended = self.comment(*arguments, **variables)
        assert ended.code == 0, ended.said
        return ended

    def refused(self, *arguments, **variables):
        """Does so, and it must end with an error, on standard error alone; gives what it says on one line."""
        ended = self.comment(*arguments, **variables)
        assert (ended.code, ended.out) == (1, "")
        return ended.said

    def bodies(self):
        """Gives the texts of all comments."""
        return [comment.body for comment in self.request.comments]

    def edit(self, old, new):
        """Changes the configuration, and plans anew."""
        text = (self.folder / "chanplan.yaml").read_text()
        assert text.count(old) == 1
        self.write(text.replace(old, new))
        assert self.run("plan", "--refresh", "none", "--out", "reviewed.plan.json").code == 0

    def digest(self):
        """Gives the digest of the saved plan."""
        return json.loads((self.folder / "reviewed.plan.json").read_text())["digest"]


@pytest.fixture(scope="session")
def plan(tmp_path_factory):
    """A saved plan of the email workspace, of which nothing is made yet."""
    desk = Desk(tmp_path_factory.mktemp("plan"))
    desk.write(EMAIL)
    assert desk.run("plan", "--refresh", "none", "--out", "a.plan.json").code == 0
    return (desk.folder / "a.plan.json").read_bytes()


@pytest.fixture(scope="session")
def giant(tmp_path_factory):
    """A saved plan of 10,000 changes."""
    desk = Desk(tmp_path_factory.mktemp("giant"))
    declared = [
        f"  c{n}: {{tenant_name: c{n}, domain_identity: c{n}.example, dmarc: {{policy: none}}}}"
        for n in range(9_999)
    ]
    pool = (
        "sending_pools: {all: {pool_name: all, family: transactional, tiers: [onboarding], scaling: managed}}"
    )
    head = ["version: 1", "workspace: giant", "providers: {ses: {default: {region: us-east-1}}}", pool]
    desk.write("\n".join([*head, "ses_setups:", *declared]))
    assert desk.run("plan", "--refresh", "none", "--out", "a.plan.json").code == 0
    return (desk.folder / "a.plan.json").read_bytes()


@pytest.fixture(params=[GitHub, GitLab], ids=["github", "gitlab"])
def job(request, tmp_path, plan):
    """A job on each platform."""
    with request.param() as platform:
        yield Job(tmp_path, platform, plan)


@pytest.fixture
def github(tmp_path, plan):
    """A job at GitHub."""
    with GitHub() as platform:
        yield Job(tmp_path, platform, plan)


@pytest.fixture
def gitlab(tmp_path, plan):
    """A job at GitLab."""
    with GitLab() as platform:
        yield Job(tmp_path, platform, plan)
