"""What a platform refuses, and what can't be sent: one line that says what is wrong, another what to do, exit code 1."""

import gzip
import io
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.platforms.github_server import TOKEN as GITHUB_TOKEN
from tests.platforms.gitlab_server import TOKEN as GITLAB_TOKEN
from tests.platforms.hosting import Account, Answer
from tests.twilio.raw_server import answering, http
from tests.untrusted import untrusted_certificate

LIST = r"/(comments|notes)$"


def test_a_token_that_is_wrong(job):
    """401: the token, and where it came from."""
    job.platform.accounts.clear()

    said = job.refused()

    assert "doesn't take the token, asked to look at the" in said
    assert "TOKEN is wrong, revoked or expired" in said


def test_a_token_that_may_only_read(job):
    """403: which permission is missing, and where it is given."""
    job.platform.me.may = "read"

    said = job.refused()

    assert "The token may not create a" in said
    assert ("permissions: {pull-requests: write}" in said) == (job.platform.PLATFORM == "github")
    assert ("the scope `api` and at least the role Reporter" in said) == (job.platform.PLATFORM == "gitlab")
    assert job.bodies() == []


def test_github_names_the_permissions_that_would_do(github):
    """GitHub says in a header what it takes, which no documentation needs to be read for."""
    github.platform.me.may = "read"

    assert "(it takes issues=write; pull_requests=write)" in github.refused()


def test_a_fork_is_told_that_its_tokens_only_read(github):
    """No permission helps the run of a fork's pull request; another workflow must post."""
    github.platform.me.may = "read"
    environment = github.platform.environment(github.folder)
    event = json.loads((github.folder / "event.json").read_text())
    event["pull_request"]["head"]["repo"]["full_name"] = "mallory/mail"
    github.platform.event(github.folder, event)

    said = github.refused(environment=environment)

    assert "comes from a fork, and its runs get tokens that only read" in said
    assert "workflow_run" in said


def test_a_request_that_is_not_there(job):
    """404: no such request, no such repository, or none that the token may see; the platforms tell no difference."""
    said = job.refused("reviewed.plan.json", "--pr", "404")
    job.platform.me.may = "nothing"
    hidden = job.refused()

    assert "has nothing there, asked to look at the" in said
    assert "may not see" in said
    assert "may not see" in hidden


def test_a_conversation_that_is_locked(job):
    """Locked, and the token is of somebody who may not write there any more."""
    job.request.locked = True

    said = job.refused()

    assert "The conversation is locked, and Git" in said
    assert "Unlock it" in said


def test_a_text_that_is_too_long(job):
    """A text of one's own is measured before anything is sent, and the platform's limit is named."""
    job.write("x" * job.platform.LIMIT, "long.md")

    said = job.refused("--body-file", "long.md")

    assert (
        f"The text has {job.platform.LIMIT:,} characters, and a comment there takes {job.platform.LIMIT:,}"
        in said
    )
    assert "chanplan comment PLANFILE" in said
    assert job.platform.asked == []


def test_a_text_that_just_fits(job):
    """The limit is the platform's own, to the character, and characters outside of ASCII count once."""
    mark = "<!-- chanplan: the comment of workspace quickstart -->\n"
    job.write("é" * (job.platform.LIMIT - len(mark)), "long.md")

    job.posted("--body-file", "long.md")

    assert [len(body) for body in job.bodies()] == [job.platform.LIMIT]


def test_a_platform_that_takes_less_than_it_says(job):
    """Somebody's own installation may have another limit: its words are shown."""
    said = Answer(
        422, {"message": "Validation Failed", "errors": [{"message": "body is too long (maximum is 9)"}]}
    )
    job.platform.break_next("POST", LIST, answer=said)

    told = job.refused()

    assert "The comment is too long for" in told
    assert "body is too long (maximum is 9)" in told
    assert "--comment-limit N" in told


@pytest.mark.parametrize(
    "answer",
    [
        Answer(429, {"message": "Retry later"}, {"Retry-After": "1"}),
        Answer(403, {"message": "You have exceeded a secondary rate limit."}, {"Retry-After": "1"}),
    ],
    ids=["429", "403"],
)
def test_asked_too_often_waits_as_told(job, answer):
    """A throttle did nothing, so even a create is repeated once its time has passed."""
    job.platform.break_next("POST", LIST, answer=answer)

    assert job.posted().out.startswith("created ")
    assert len(job.bodies()) == 1


def test_asked_far_too_often_says_so_at_once(job):
    """Nobody pays for a job that waits an hour."""
    reset = str(int((datetime.now(UTC) + timedelta(minutes=50)).timestamp()))
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    job.platform.break_next(
        "GET", LIST, answer=Answer(403, {"message": "API rate limit exceeded for installation ID 1."}, spent)
    )

    said = job.refused()

    assert "is asked too often: API rate limit exceeded for installation ID 1." in said
    assert "seconds to pass, and nobody waits that long here" in said
    assert len([asked for asked in job.platform.asked if asked.path.endswith(("comments", "notes"))]) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_error_of_the_platform_passes(job, status):
    """What may be repeated is, whether the platform's own error or a page of what stands before it."""
    job.platform.break_next("GET", LIST, answer=Answer(status, raw=b"<html>Unicorn!</html>"))

    assert job.posted().out.startswith("created ")


def test_an_error_after_a_create_is_looked_into(job):
    """A 502 to a create says nothing of whether it was done: the platform is asked what is there."""
    job.platform.break_next("POST", LIST, answer=Answer(502, raw=b""))

    assert job.posted().out.startswith("created ")
    assert len(job.bodies()) == 1


@pytest.mark.parametrize(
    "raw", [b"<html>Sign in to the hotel's Wi-Fi</html>", b"", b"[[[", b'{"a": 1}', b"[1]", b"[" * 100_000]
)
def test_an_answer_that_is_none_of_the_platform(job, raw):
    """A page of a proxy, or of somebody else's API, is told from an answer."""
    job.platform.break_next("GET", LIST, answer=Answer(200, raw=raw), times=9)

    said = job.refused()

    assert "answered with something that can't be read, as Git" in said
    assert "Check the API's URL and proxies" in said


def test_an_answer_without_an_end(job):
    """So is a giant, of which only so much is read, packed or not."""
    giant = gzip.compress(b" " * (129 * 1024**2), 1)
    job.platform.break_next("GET", LIST, answer=Answer(200, raw=giant, headers={"Content-Encoding": "gzip"}))

    assert "with more than 128 MiB, as Git" in job.refused()


def test_a_list_without_an_end(job):
    """A server whose every page has a next one is left after more pages than any discussion has."""
    page = Answer(
        200, [{"id": 1, "body": "Hello."}], {"Link": '<…>; rel="next"'.replace("…", job.platform.url)}
    )
    job.platform.break_next("GET", LIST, answer=page, times=999)

    assert "The server has more than 200 pages when asked to list the" in job.refused()


def test_a_comment_whose_answer_cannot_be_read_is_looked_for(job):
    """It was made all the same."""
    job.platform.break_next("POST", LIST, answer=Answer(200, raw=b"thanks"))

    assert job.posted().out.startswith("created ")
    assert len(job.bodies()) == 1


def test_the_token_goes_to_no_other_host(job):
    """A redirect elsewhere isn't followed: whoever answers would get the token."""
    with answering(http(200, [])) as (port, asked):
        elsewhere = Answer(307, {}, {"Location": f"http://127.0.0.1:{port}/stolen"})
        job.platform.break_next("GET", LIST, answer=elsewhere)
        said = job.refused()

    assert "to another host, which doesn't get the token" in said
    assert asked == []


def test_a_link_to_the_next_page_leads_nowhere_else(job):
    """Pages are counted; the address of the next one, which a server chooses, isn't followed."""
    with answering(http(200, [])) as (port, asked):
        page = Answer(200, [], {"Link": f'<http://127.0.0.1:{port}/stolen>; rel="next"'})
        job.platform.break_next("GET", LIST, answer=page)
        job.posted()

    assert asked == []


def test_a_repository_that_was_renamed(job):
    """A redirect on the same host is followed, with the same method and text."""
    for method in ("GET", "POST"):
        path = (
            "/repos/acme/mail/issues/12/comments"
            if job.platform.PLATFORM == "github"
            else "/api/v4/projects/2786/merge_requests/12/notes"
        )
        job.platform.break_next(method, LIST, answer=Answer(308, {}, {"Location": f"{path}?sort=asc"}))

    assert job.posted().out.startswith("created ")
    assert len(job.bodies()) == 1


def test_redirects_without_an_end(job):
    """A server that sends us round in a circle is left."""
    job.platform.break_next("GET", LIST, answer=Answer(302, {}, {"Location": "?sort=asc"}), times=99)

    assert "redirects without an end" in job.refused()


def test_no_network(job):
    """Nobody is there: nothing was sent, and where to."""
    variable = "GITHUB_API_URL" if job.platform.PLATFORM == "github" else "CI_API_V4_URL"

    said = job.refused(**{variable: "http://127.0.0.1:1"})

    assert "Can't connect to http://127.0.0.1:1 to look at the" in said
    assert "nothing was sent" in said


def test_a_certificate_that_nobody_knows(job, tmp_path):
    """A server that shows another's certificate, or its own, doesn't get the token."""
    variable = "GITHUB_API_URL" if job.platform.PLATFORM == "github" else "CI_API_V4_URL"
    with answering(http(200, {}), certificate=untrusted_certificate(tmp_path)) as (port, asked):
        said = job.refused(**{variable: f"https://127.0.0.1:{port}"})

    assert "showed a certificate that isn't trusted" in said
    assert "REQUESTS_CA_BUNDLE" in said
    assert asked == []


@pytest.mark.parametrize(
    "url, said",
    [
        ("http://git.example/api", "would send the token to git.example without encryption"),
        ("ftp://git.example", "isn't the URL of an API"),
        ("https://user:secret@git.example", "has a login in it"),
        ("https://[::1", "isn't a URL"),
        ("https://git.example/?a=1", "isn't the URL of an API"),
        ("git.example", "isn't the URL of an API"),
    ],
)
def test_an_address_that_is_no_api(job, url, said):
    """A wrong address is refused before anything is sent, and in clear text the token goes to this machine alone."""
    variable = "GITHUB_API_URL" if job.platform.PLATFORM == "github" else "CI_API_V4_URL"

    told = job.refused(**{variable: url})

    assert f"{variable} {said}" in told
    assert "secret" not in told


def test_no_token(job):
    """What to set, and that it never stands on the command line."""
    environment = job.platform.environment(job.folder)
    del environment["GITHUB_TOKEN" if job.platform.PLATFORM == "github" else "GITLAB_TOKEN"]

    said = job.refused(environment=environment)

    assert "No token is set" in said
    assert ("CI_JOB_TOKEN may not write notes" in said) == (job.platform.PLATFORM == "gitlab")
    assert job.platform.asked == []


def test_a_token_on_the_command_line(job):
    """It is refused there, and isn't repeated."""
    said = job.refused("reviewed.plan.json", "--token", "hunter2")

    assert "Give it in the environment" in said
    assert "hunter2" not in said
    assert job.platform.asked == []


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "tök", "gh\u200bp"])
def test_a_token_that_was_copied_badly(job, token):
    """What no token has in it is told before it is sent, and isn't shown."""
    variable = "GITHUB_TOKEN" if job.platform.PLATFORM == "github" else "GITLAB_TOKEN"

    said = job.refused(**{variable: token})

    assert f"{variable} holds characters that no token has" in said
    assert token not in said


def test_a_token_of_somebody_else(github, gitlab):
    """GitHub's token isn't shown to GitLab, nor the other way round."""
    assert "holds a token of GitLab, so it wasn't sent" in github.refused(GITHUB_TOKEN=GITLAB_TOKEN)
    assert "holds a token of GitHub, so it wasn't sent" in gitlab.refused(GITLAB_TOKEN=GITHUB_TOKEN)
    assert (github.platform.asked, gitlab.platform.asked) == ([], [])


def test_the_token_of_githubs_own_command_line_comes_first(github):
    """GH_TOKEN before GITHUB_TOKEN, as `gh` has it, so that a job may post as somebody else than the workflow."""
    github.platform.accounts["ghp_another"] = Account("acme-bot", 77)

    github.posted(GH_TOKEN="ghp_another")

    assert [comment.author.login for comment in github.request.comments] == ["acme-bot"]


def test_no_other_file_chooses_the_token(job):
    """`~/.netrc`, which many programs believe for this host, isn't asked."""
    theirs = job.write("machine 127.0.0.1 login mallory password secret\n", "netrc")

    job.posted(NETRC=str(theirs))

    assert len(job.bodies()) == 1
    heads = [asked.headers.get("authorization", "") for asked in job.platform.asked]
    assert all(not head or head == f"Bearer {GITHUB_TOKEN}" for head in heads)


def test_a_server_that_repeats_the_token_is_not_quoted_with_it(job):
    """Whatever a server says, no error shows the token."""
    token = GITHUB_TOKEN if job.platform.PLATFORM == "github" else GITLAB_TOKEN
    job.platform.break_next(
        "GET", LIST, answer=Answer(400, {"message": f"What is {token}? \x1b[31m::error::{'x' * 999}"})
    )

    said = job.refused()

    assert "What is ***?" in said
    assert token not in said
    assert "\x1b" not in said
    assert len(said) < 700


def test_not_in_a_pull_request(job):
    """A scheduled run is about no request, and says how one is named."""
    said = job.refused(environment=job.platform.elsewhere())

    assert "isn't about a" in said
    assert "--pr NUMBER" in said


def test_not_in_a_repository(job):
    """On somebody's own machine nothing says which repository is meant."""
    variable = "GITHUB_REPOSITORY" if job.platform.PLATFORM == "github" else "CI_PROJECT_ID"
    environment = {**job.platform.elsewhere(), variable: "../../user"}

    assert f"{variable} names no" in job.refused(environment=environment)
    assert job.platform.asked == []


@pytest.mark.parametrize("event", [b"", b"{", b"\xff", None], ids=["empty", "cut", "bytes", "missing"])
def test_an_event_that_cannot_be_read(github, event):
    """GitHub's event is a file from outside like any other."""
    environment = github.platform.environment(github.folder)
    path = github.folder / "event.json"
    path.unlink() if event is None else path.write_bytes(event)

    assert "The event in GITHUB_EVENT_PATH can't be read" in github.refused(environment=environment)


@pytest.mark.parametrize(
    "reference, number",
    [("refs/pull/12/merge", 12), ("refs/heads/gh-readonly-queue/main/pr-12-0123abc", 12)],
)
def test_githubs_references_name_the_pull_request(github, reference, number):
    """Where the event doesn't say, the branch does: a pull request's own, or one of the merge queue."""
    github.posted(environment={**github.platform.elsewhere(), "GITHUB_REF": reference})

    assert (len(github.bodies()), github.request.number) == (1, number)


def test_a_comment_on_a_pull_request_names_it(github):
    """A run that somebody's comment started has the number in its event, as that of an issue."""
    event = github.platform.event(github.folder, {"issue": {"number": 12, "pull_request": {"url": "…"}}})

    github.posted(environment={**github.platform.elsewhere(), "GITHUB_EVENT_PATH": str(event)})

    assert len(github.bodies()) == 1


def test_enterprise_has_its_api_elsewhere(github):
    """At GitHub Enterprise, REST is at /api/v3 and GraphQL at /api/graphql of the same host."""
    inside = github.platform.answer
    seen = []

    def moved(asked):
        seen.append(asked.path)
        asked.path = asked.path.removeprefix("/api/v3").removeprefix("/api")
        return inside(asked)

    github.platform.answer = moved
    for _ in range(2):
        github.posted(GITHUB_API_URL=f"{github.platform.url}/api/v3/")

    assert len(github.bodies()) == 1
    assert seen[-1] == "/api/graphql"


def test_a_fork_of_gitlab_comments_where_it_wants_to_go(gitlab):
    """The pipeline of a fork runs in the fork; the merge request is in another project."""
    gitlab.posted(CI_PROJECT_ID="666")

    assert len(gitlab.bodies()) == 1


def test_a_project_may_be_named_by_its_path(gitlab):
    """On somebody's own machine nobody knows a project's number."""
    environment = {**gitlab.platform.elsewhere(), "CI_PROJECT_ID": "acme/mail"}

    gitlab.posted("reviewed.plan.json", "--pr", "12", environment=environment)

    assert len(gitlab.bodies()) == 1


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((), "Nothing to post: give a plan file, --outcome or --body-file."),
        (("reviewed.plan.json", "--body-file", "-"), "--body-file is posted as it is"),
        (
            ("reviewed.plan.json", "--workspace", "other"),
            "The plan is of workspace quickstart, not of other.",
        ),
        (("nothing.plan.json",), "nothing.plan.json can't be read"),
        (("chanplan.yaml",), "isn't JSON"),
        (("cut.plan.json",), "cut.plan.json isn't JSON"),
        (("newer.plan.json",), "newer.plan.json has format version 2."),
        (("edited.plan.json",), "edited.plan.json was edited after the plan was made"),
        (("--outcome", "nothing.jsonl"), "nothing.jsonl can't be read"),
        (("--body-file", "empty.md"), "There is nothing to post: the text is empty."),
        (("--body-file", "latin.md"), "latin.md isn't UTF-8, from byte 0 on."),
    ],
)
def test_what_cannot_be_posted(github, arguments, said):
    """Input that isn't there, is no input, or contradicts itself never reaches the platform."""
    github.write("\n \n", "empty.md")
    github.write(b"\xe9\xe9", "latin.md")
    whole = (github.folder / "reviewed.plan.json").read_text()
    github.write(whole[:-300], "cut.plan.json")
    github.write(whole.replace('"format_version": "1.', '"format_version": "2.'), "newer.plan.json")
    github.write(whole.replace("Order receipts", "Other receipts"), "edited.plan.json")

    ended = github.run(
        "comment", "--platform", "github", *arguments, **github.platform.environment(github.folder)
    )

    assert ended.code == (4 if "edited" in said else 1)
    assert said in ended.said
    assert github.platform.asked == []


def test_markdown_from_standard_input(job, monkeypatch):
    """What another command wrote is posted as it is, below the hidden line."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Nothing **changes**, é.\n".encode())))

    job.posted("--body-file", "-", "--workspace", "mine, too")

    assert job.bodies() == [
        "<!-- chanplan: the comment of workspace mine%2C%20too -->\nNothing **changes**, é.\n"
    ]


def test_the_workspace_of_the_configuration(job):
    """Where no plan file says whose comment it is, the configuration beside does; without one it must be said."""
    job.write("Hello.", "a.md")
    job.posted("--body-file", "a.md")
    (job.folder / "chanplan.yaml").unlink()

    assert job.bodies()[0].startswith("<!-- chanplan: the comment of workspace quickstart -->\n")
    assert "chanplan.yaml" in job.refused("--body-file", "a.md")
