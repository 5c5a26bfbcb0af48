"""The Channel Manager over every real store: several processes' worth of windows on one state, many callers at once."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chanplan.app.channels.channels import Channels
from chanplan.app.channels.declared import Declared
from chanplan.model.channels import NewSesSetup
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.postgres_server import Place
from tests.conformance.s3_doors import CREDENTIALS, Away
from tests.unit.channels.counter import Counter, call, told

CALLERS, ROUNDS, TENANTS = 8, 6, 4

STORES = {
    "sqlite": lambda folder: lambda: SqliteStore(folder / "state.db"),
    "s3": lambda _: Away().open,
    "postgres": lambda _: Place().open,
}


@pytest.fixture(params=STORES.values(), ids=STORES.keys())
def replicas(request, tmp_path, monkeypatch):
    """Two windows on one state, each with a store of its own; and what stands behind both."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    open_store = request.param(tmp_path)
    counter = Counter(store=open_store(), folder=tmp_path)
    windows = []
    for _ in range(2):
        workspace = replace(counter.workspace(), store=open_store())
        windows.append(Channels(workspace, Declared(counter.configuration, lambda: counter.configuration)))
    yield counter, windows
    for window in windows:
        window.close()
    counter.store.close()


def test_many_callers_at_two_windows_get_true_answers(replicas):
    """Each tenant is somebody's or nobody's: of those who ask for it at once one gets it, who deletes it frees it, and who
    was answered finds it in the list of either window."""
    counter, windows = replicas
    made, guard = {}, threading.Lock()
    untrue = []

    def caller(number):
        lots = random.Random(number)
        for _ in range(ROUNDS):
            window, other = lots.sample(windows, 2)
            tenant = f"t{lots.randrange(TENANTS)}"
            answer = told(
                lambda window=window, tenant=tenant: window.create_ses_setup(
                    NewSesSetup(tenant, f"{tenant}.example"), call(timeout=120)
                )
            )
            if isinstance(answer, str):
                if answer != "tenant_exists":
                    untrue.append(answer)
                continue
            with guard:
                if tenant in made:
                    untrue.append(f"{tenant} was given twice")
                made[tenant] = answer.id
            if answer.id not in {item.id for item in other.list_ses_setups()}:
                untrue.append(f"{tenant} isn't in the list")
            if lots.random() < 0.7:
                with guard:
                    del made[tenant]
                gone = told(
                    lambda other=other, id=answer.id: other.delete_ses_setup(id, call("DELETE", timeout=120))
                )
                if gone is not None:
                    untrue.append(f"{tenant} wasn't deleted")
                if answer.id in {item.id for item in window.list_ses_setups()}:
                    untrue.append(f"{tenant} is still in the list")

    with ThreadPoolExecutor(CALLERS) as callers:
        for ended in [callers.submit(caller, number) for number in range(CALLERS)]:
            ended.result()

    assert untrue == []
    resources = counter.store.load().resources
    assert {each.id for each in resources.values()} == set(made.values())
    assert counter.store.load().intents == ()
    assert counter.parts() == {
        part for tenant in made for part in (f"tenant/{tenant}", f"identity/{tenant}.example")
    }
    assert len(list(counter.store.runs(1000))) == counter.writes().count(
        "create_tenant"
    ) + counter.writes().count("delete_tenant")
