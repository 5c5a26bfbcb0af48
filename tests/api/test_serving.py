"""`chanplan serve` as people run it: what keeps it from starting, who may call, what goes wrong around it, and its end."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.stores.sqlite.store import SqliteStore
from tests.api.front import PATIENCE
from tests.api.test_tls import made as made_certificate
from tests.api.world import DECLARED, email_for, new_name
from tests.conformance.postgres_server import VARIABLE, Server

ARGUMENTS = ("serve", "--port", "0")


def new_body():
    """Makes a body for a setup that nobody has."""
    name = new_name()
    return {"tenant_name": name, "domain_identity": f"mail.{name}.example"}


def refused(world, *arguments, **variables):
    """Runs what must not start, and returns the error: one line, and one that says what to do."""
    ended = world.scene.run(*ARGUMENTS, *arguments, **variables)
    assert (ended.code, ended.out) == (1, ""), ended.err
    lines = ended.err.splitlines()
    assert len(lines) <= 3, ended.err
    assert "Traceback" not in ended.err
    return ended.err


class TestStarting:
    def test_without_any_key_it_does_not_start(self, own_world):
        """Revoked ones don't count."""
        own_world.scene.expect(0, "api-key", "revoke", "everything")
        said = refused(own_world)
        assert said.startswith("Error: There is no key that opens anything")
        assert "chanplan api-key create" in said

    def test_what_cant_work_is_one_clear_line(self, own_world, tmp_path):
        """Each with what to do."""
        assert "can be reached by others" in refused(own_world, "--insecure-local", "--host", "0.0.0.0")
        usage = own_world.scene.run(*ARGUMENTS, "--tls-cert", "x.pem")
        assert usage.code == 1
        assert usage.err.endswith("Error: --tls-cert and --tls-key belong together.\n")
        for option, value in (("--rate", "nan"), ("--rate", "-1"), ("--request-timeout", "0s")):
            ended = own_world.scene.run(*ARGUMENTS, option, value)
            assert (ended.code, ended.out) == (1, "")
            assert option in ended.err.splitlines()[-1]
        assert "can't be read: No such file" in refused(
            own_world, "--tls-cert", "x.pem", "--tls-key", "x.pem"
        )
        assert "is no address and no network to trust" in refused(own_world, "--trust-proxy", "*")
        files = made_certificate(tmp_path, password="hunter2")
        tls = ("--tls-cert", str(files.certificate), "--tls-key", str(files.key))
        assert "its password isn't given" in refused(own_world, *tls)
        said = refused(own_world, *tls, CHANPLAN_TLS_KEY_PASSWORD="hunter3")
        assert "its password is wrong" in said
        assert "hunter" not in said

    def test_a_port_that_is_taken(self, own_world):
        """By another server."""
        own_world.start()
        port = own_world.client().port
        ended = own_world.scene.run("serve", "--port", str(port))
        assert ended.code == 1
        assert f"Error: 127.0.0.1 port {port} can't be listened at: Address already in use." in ended.err

    def test_a_configuration_with_problems(self, own_world):
        """As every command says it."""
        own_world.scene.edit(("workspace: channels", "workspace: channels\nnonsense: 1"))
        assert "nonsense" in own_world.scene.run(*ARGUMENTS).err

    def test_the_state_of_another_workspace(self, own_world):
        """It is left alone."""
        own_world.scene.edit(("workspace: channels", "workspace: others"))
        assert "channels" in refused(own_world)

    def test_with_a_certificate(self, own_world, tmp_path):
        """The line for programs says https."""
        files = made_certificate(tmp_path)
        own_world.start("--tls-cert", str(files.certificate), "--tls-key", str(files.key))
        assert own_world.url.startswith("https://127.0.0.1:")

    def test_the_standard_output_has_one_line_and_the_log_is_elsewhere(self, own_world):
        """So that programs may read it."""
        own_world.start()
        running = own_world.running
        assert own_world.client().get("/v1/ses-setup").status == 200
        assert own_world.stop() == 0
        ended = running.wait()
        assert json.loads(ended.out)["workspace"] == "channels"
        assert json.loads(ended.err.splitlines()[-1])["path"] == "/v1/ses-setup"
        assert own_world.key not in ended.out + ended.err

    @pytest.mark.parametrize(
        "package,command",
        [
            *((name, "serve") for name in ("fastapi", "uvicorn", "prometheus_client", "fastapi_offline")),
            *((name, "schema api") for name in ("fastapi", "fastapi_offline")),
        ],
    )
    def test_without_the_extra_it_says_how_to_install_it(self, tmp_path, package, command):
        """One line that names what is missing, one that says what to do."""
        (tmp_path / f"{package}.py").write_text(f"raise ImportError('no', name='{package}')\n")
        (tmp_path / "chanplan.yaml").write_text(DECLARED.read_text())
        ended = subprocess.run(
            [sys.executable, "-m", "chanplan.cli.main", "-C", str(tmp_path), *command.split()],
            env={**os.environ, "PYTHONPATH": str(tmp_path), "TWILIO_ACCOUNT_SID": "AC" + "0" * 32},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE * 2,
        )
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr == (
            f"Error: The HTTP API needs the package {package}, which isn't installed.\n"
            "  Run `pip install 'chanplan[api]'`.\n"
        )


class TestAccess:
    def test_scopes_and_expiry_of_real_keys(self, own_world):
        """A key holds for what it was made for, as long as it was made for."""
        viewer = own_world.new_key("viewer", "view")
        short = own_world.new_key("short", "view", expires="6s")
        own_world.start()
        assert own_world.client(viewer).get("/v1/ses-setup").status == 200
        assert own_world.client(viewer).post("/v1/ses-setup", new_body()).code == "scope_missing"
        deadline = time.monotonic() + PATIENCE
        while (answer := own_world.client(short).get("/v1/ses-setup")).status == 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert answer.code == "key_refused"

    def test_a_key_that_was_revoked_opens_nothing_soon_after(self, own_world):
        """And one that was made meanwhile opens."""
        own_world.start()
        other = own_world.new_key("other", "view")
        own_world.scene.expect(0, "api-key", "revoke", "everything")
        deadline = time.monotonic() + PATIENCE
        while own_world.client().get("/v1/ses-setup").status != 401:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert own_world.client(other).get("/v1/ses-setup").status == 200


class TestMeanwhile:
    def test_two_posts_of_the_same_tenant_at_once(self, world, api):
        """One is made, the other hears that it exists."""
        body = new_body()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: api.post("/v1/ses-setup", body), range(8)))
        assert sorted(answer.status for answer in answers) == [201] + [409] * 7
        assert world.tenants().count(body["tenant_name"]) == 1

    def test_a_repeated_post_returns_the_first_answer(self, world, api):
        """Under its key, also at once; under the same key nothing else is asked for."""
        body = new_body()
        headers = {"Idempotency-Key": new_name()}
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: api.post("/v1/ses-setup", body, **headers), range(4)))
        assert {answer.status for answer in answers} == {201}
        assert len({answer.body for answer in answers}) == 1
        other = api.post("/v1/ses-setup", new_body(), **headers)
        assert (other.status, other.code) == (422, "idempotency_key_reused")

    def test_a_workspace_that_somebody_else_holds(self, own_world):
        """503 with Retry-After, and nothing of who it is; lists go on."""
        own_world.start("--lock-timeout", "0s")
        store = SqliteStore(own_world.scene.folder / "state" / "chanplan.db")
        with store.lock("ludmilla on laptop", "chanplan apply", 0):
            answer = own_world.client().post("/v1/ses-setup", new_body())
            assert (answer.status, answer.code) == (503, "locked")
            assert int(answer.headers["Retry-After"]) >= 1
            assert b"ludmilla" not in answer.body
            assert own_world.client().get("/v1/ses-setup").status == 200
        store.close()
        assert own_world.client().post("/v1/ses-setup", new_body()).status == 201

    def test_what_people_declare_meanwhile(self, own_world):
        """Problems in it stop changes, not reads; once they are gone it goes on."""
        own_world.start()
        client = own_world.client()
        good = (own_world.scene.folder / "chanplan.yaml").read_text()
        own_world.scene.write(good + "\nnonsense: 1\n")
        answer = client.post("/v1/ses-setup", new_body())
        assert (answer.status, answer.code) == (503, "configuration_invalid")
        assert (client.get("/readyz").status, client.get("/readyz").json["configuration"]) == (503, "invalid")
        assert client.get("/v1/ses-setup").status == 200
        own_world.scene.write(good)
        assert client.post("/v1/ses-setup", new_body()).status == 201
        assert client.get("/readyz").status == 200

    def test_a_service_that_says_no(self, world, api):
        """502 with the service and what was begun; the same request again ends it."""
        body = new_body()
        with world.scene.controls() as controls:
            controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:CreateEmailIdentity"))
        answer = api.post("/v1/ses-setup", body)
        assert answer.status == 502, answer.body
        assert answer.code
        assert answer.json["service"] == "ses"
        unfinished = answer.json["unfinished"]
        assert body["tenant_name"] not in [
            item["tenant_name"] for item in api.get("/v1/ses-setup").json["items"]
        ]
        with world.scene.controls() as controls:
            controls.clear_faults()
        again = api.post("/v1/ses-setup", body)
        assert (again.status, again.json["id"]) == (201, unfinished)

    def test_a_service_that_hangs(self, own_world):
        """504, and what was begun is found by the next request."""
        own_world.start("--request-timeout", "2s")
        client, body = own_world.client(), new_body()
        with own_world.scene.controls() as controls:
            controls.add_fault(Fault(FaultKind.LATENCY, "sesv2:CreateEmailIdentity", times=1, seconds=4))
        answer = client.post("/v1/ses-setup", body)
        assert (answer.status, answer.code) == (504, "timed_out")
        assert client.get("/healthz").status == 200
        deadline = time.monotonic() + PATIENCE
        while not [
            i for i in client.get("/v1/ses-setup").json["items"] if i["tenant_name"] == body["tenant_name"]
        ]:
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def test_the_store_away_and_back(self, own_world):
        """503 with Retry-After for everything but health, none of the store's address, and it goes on by itself."""
        server = Server()
        own_world.variables[VARIABLE] = server.dsn()
        folder = own_world.scene.folder
        text = (folder / "chanplan.yaml").read_text()
        own_world.scene.write(text + 'state: {backend: postgres, dsn: "${env:CHANPLAN_DSN}"}\n')
        ended = own_world.scene.run(
            "api-key",
            "create",
            "all",
            "--quiet",
            "--scope",
            "view",
            "--scope",
            "create",
            **own_world.variables,
        )
        key = ended.out.strip()
        own_world.start()
        client = own_world.client(key)
        assert client.post("/v1/ses-setup", new_body()).status == 201
        server.kill()
        for answer in (client.get("/v1/ses-setup"), client.post("/v1/ses-setup", new_body())):
            assert (answer.status, answer.code[:8]) == (503, "state_un")
            assert int(answer.headers["Retry-After"]) >= 1
            assert str(server.folder).encode() not in answer.body
        ready = client.get("/readyz")
        assert (ready.status, ready.json["store"]) == (503, "unreadable")
        assert client.get("/healthz").status == 200
        server.start()
        deadline = time.monotonic() + PATIENCE
        while client.get("/readyz").status != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert client.post("/v1/ses-setup", new_body()).status == 201
        own_world.stop()
        server.remove()

    def test_what_the_api_made_is_left_alone_by_a_plan(self, world, api):
        """It has `origin: api`."""
        setup = world.new_setup(verified=True)
        api.post("/v1/use-case", email_for(setup))
        plan = world.scene.plan()
        assert plan["summary"]["delete"] == 0
        assert plan["applyable"]


class TestEnding:
    def test_a_signal_lets_what_is_in_flight_end(self, own_world):
        """201 for whoever waits, exit code 0, and the change is in the history."""
        own_world.start()
        client, body, answers = own_world.client(), new_body(), []
        with own_world.scene.controls() as controls:
            controls.add_fault(Fault(FaultKind.LATENCY, "sesv2:CreateEmailIdentity", times=1, seconds=2))
        asking = threading.Thread(target=lambda: answers.append(client.post("/v1/ses-setup", body)))
        asking.start()
        wait_for(lambda: "sesv2:CreateTenant" in own_world.asked()[-6:])
        own_world.running.send(signal.SIGTERM)
        asking.join(PATIENCE)
        assert [answer.status for answer in answers] == [201]
        assert own_world.running.wait().code == 0
        assert body["tenant_name"] in own_world.tenants()

    def test_what_takes_too_long_is_stopped_with_its_intent_recorded(self, own_world):
        """Exit code 130; the next server goes on where it stopped."""
        own_world.start("--shutdown-timeout", "0s")
        client, body, answers = own_world.client(), new_body(), []
        with own_world.scene.controls() as controls:
            controls.add_fault(Fault(FaultKind.LATENCY, "sesv2:CreateTenant", times=1, seconds=2))
        asking = threading.Thread(target=lambda: answers.append(client.post("/v1/ses-setup", body)))
        asking.start()
        wait_for(lambda: len(own_world.scene.state().intents) == 1)
        own_world.running.send(signal.SIGINT)
        asking.join(PATIENCE)
        assert answers[0].status in (201, 503), answers[0].body
        assert own_world.running.wait().code == 130
        own_world.start()
        again = own_world.client().post("/v1/ses-setup", body)
        assert again.status == (409 if answers[0].status == 201 else 201), again.body
        assert own_world.tenants().count(body["tenant_name"]) == 1

    @pytest.mark.parametrize("operation", ["sesv2:CreateTenant", "sesv2:CreateEmailIdentity"])
    def test_killed_anywhere_the_same_request_again_converges(self, own_world, operation):
        """One tenant, one identity, one setup."""
        own_world.start()
        client, body = own_world.client(), new_body()
        with own_world.scene.controls() as controls:
            controls.add_fault(Fault(FaultKind.LATENCY, operation, times=1, seconds=2))
        asking = threading.Thread(target=lost, args=(client, body))
        asking.start()
        wait_for(lambda: len(own_world.scene.state().intents) == 1)
        os.kill(own_world.running.pid, signal.SIGKILL)
        asking.join(PATIENCE)
        own_world.running.wait()
        own_world.running = None
        own_world.start()
        answer = own_world.client().post("/v1/ses-setup", body)
        assert answer.status in (201, 409), answer.body
        items = own_world.client().get("/v1/ses-setup").json["items"]
        assert [item["tenant_name"] for item in items].count(body["tenant_name"]) == 1
        assert own_world.tenants().count(body["tenant_name"]) == 1
        assert own_world.scene.state().intents == ()

    def test_a_second_signal_leaves_at_once(self, own_world):
        """Whatever is in flight."""
        own_world.start()
        client, body = own_world.client(), new_body()
        with own_world.scene.controls() as controls:
            controls.add_fault(Fault(FaultKind.LATENCY, "sesv2:CreateTenant", times=1, seconds=8))
        asking = threading.Thread(target=lost, args=(client, body))
        asking.start()
        wait_for(lambda: len(own_world.scene.state().intents) == 1)
        began = time.monotonic()
        own_world.running.send(signal.SIGTERM)
        time.sleep(0.3)
        own_world.running.send(signal.SIGTERM)
        assert own_world.running.wait().code == 130
        assert time.monotonic() - began < 7
        own_world.running = None
        asking.join(PATIENCE)


def lost(client, body):
    """Asks, of a server that is killed meanwhile: no answer comes."""
    with pytest.raises(OSError, match=r"(?i)reset|closed|aborted|refused"):
        client.post("/v1/ses-setup", body)


def wait_for(condition):
    """Waits until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
