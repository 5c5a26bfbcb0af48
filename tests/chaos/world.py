"""Playing rounds: one workspace, one sandbox process, the real command line, and the oracle's word after each round."""

import copy
import json
import shlex
import sqlite3
from collections import Counter
from pathlib import Path

from chanplan.cli.sandboxing import SANDBOX_DIRECTORY
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.dns.records import ZoneRecord
from tests.chaos import oracle, strangers
from tests.chaos.declared import REGIONS, Declared
from tests.chaos.mischief import Attempt, Round
from tests.chaos.services import Services
from tests.chaos.states import KEEPERS
from tests.chaos.twilio import Twilio
from tests.chaos.voice import REJECTED
from tests.e2e.commands import Commands, Ended, Running

PATIENCE = 600.0
MOST_HEALING = 6
"""Applies without any fault that a round may need: gates open one after the other."""
ENDS = {0, 1, 3, 4, 130, -9}
TOLD = 4000
"""Characters of a command's output that a diagnosis shows."""


class Failure(Exception):
    """A round that didn't end as it must."""


class World:
    """A workspace and its services below a folder."""

    def __init__(self, root: Path, workers: int, deep_every: int = 1, backend: str = "sqlite") -> None:
        """Every `deep_every`-th round ends with a deep plan, and so does each that stirs what SES verifies."""
        self.folder = root / "workspace"
        self.directory = self.folder / SANDBOX_DIRECTORY
        self.directory.mkdir(parents=True)
        self._keeper = KEEPERS[backend](self.folder)
        self.counts: Counter[tuple[str, str]] = Counter()
        self.log: list[str] = []
        """What happened in the present round, for a diagnosis."""
        self._workers = workers
        self._deep_every = deep_every
        self._written = 0
        self._published: set[ZoneRecord] = set()
        outputs = root / "outputs"
        outputs.mkdir()
        self._services = Services(self.directory)
        self._controls = Controls(self.directory)
        self._commands = Commands(outputs)
        self._twilio = Twilio(self._controls, self._services.environment)
        strangers.plant(self._services.environment)
        self._twilio.furnish()
        self._strangers = oracle.others(oracle.rows_in(self.directory))

    def close(self) -> None:
        """Ends every process."""
        self._commands.close()
        self._controls.close()
        self._services.close()
        self._keeper.close()

    def build(self, declared: Declared) -> None:
        """Brings all to a configuration, undisturbed. What was made before its setup's records went is made so here, too."""
        self.log = ["built without mischief"]
        earlier = copy.deepcopy(declared)
        earlier.use_cases = {name: case for name, case in earlier.use_cases.items() if case.made}
        for case in earlier.use_cases.values():
            earlier.setups[case.setup].published = True
        for each in (earlier, declared):
            self._heal(each, each, "all", set())

    def play(self, round_: Round) -> None:
        """Plays a round. Raises `Failure` when it doesn't end as it must."""
        self.log = []
        if round_.hours:
            self._say(f"the services' clock moves on by {round_.hours} hours")
            self._controls.advance(round_.hours * 3600)
        if round_.destroys:
            self._destroy(round_)
            return
        for stage in round_.stages:
            for said in stage.said:
                self._say(f"edit: {said}")
                self.counts["edits", said.split()[0]] += 1
            for attempt in stage.attempts:
                self._write(stage.declared, round_)
                self._publish(stage.declared)
                self._attempt(attempt, self._agreed(round_.acknowledges, round_.destroyed, stage.declared))
        self._heal(round_.last, round_.settled, round_.acknowledges, round_.destroyed, round_)
        self._clean_up(round_)
        self._judge(round_.last)

    def calls(self) -> int:
        """Counts the calls that the services answered."""
        return sum(self._controls.status().calls.values())

    def _destroy(self, round_: Round) -> None:
        self._say("edit: destroy everything")
        self._heal(round_.last, round_.settled, "all", set(), round_)
        for attempt in round_.stages[0].attempts:
            self._attempt(attempt, ())
        ended = self._run(
            "destroy", "--auto-approve", "--allow-delete", "all", "--parallelism", str(self._workers)
        )
        if ended.code != 0:
            raise Failure(
                f"undisturbed, destroy exits {ended.code}\n{ended.out[-TOLD:]}\n{ended.err[-TOLD:]}"
            )
        self._judge(round_.last, gone=True)

    def _agreed(self, way: str, addresses: set[str], declared: Declared) -> tuple[str, ...]:
        match way:
            case "all":
                return ("--allow-delete", "all")
            case "each":
                # Agreeing about what isn't there would be an error of usage.
                with self._keeper.opened() as store:
                    known = {*declared.addresses, *map(str, store.load().resources)}
                return tuple(
                    word
                    for address in sorted(addresses & known)
                    for word in ("--allow-delete", address, "--allow-replace", address)
                )
            case _:
                return ()

    def _write(self, declared: Declared, round_: Round | None) -> None:
        """Writes the configuration; agreements stand in it under a reason of their own each time, as each counts once."""
        self._written += 1
        document = {**declared.document(), "state": self._keeper.settings}
        if round_ is not None and round_.acknowledges == "entries":
            document["acknowledge"] = [
                {"address": address, "action": action, "reason": f"CHAOS-{self._written}"}
                for address in sorted(round_.destroyed)
                for action in ("delete", "replace")
            ]
        # JSON is YAML.
        (self.folder / "chanplan.yaml").write_text(json.dumps(document, indent=1))

    def _attempt(self, attempt: Attempt, agreed: tuple[str, ...]) -> None:
        for fault in attempt.faults:
            self._controls.add_fault(fault)
        if attempt.blow is not None:
            blow = attempt.blow
            self._services.aim(what=blow.what, count=blow.count, writes=blow.writes, phase=blow.phase)
        arguments = (*attempt.arguments, *agreed, "--parallelism", str(self._workers), "--format", "jsonl")
        running = self._start(*arguments)
        if attempt.blow is not None:
            self._services.victim(running.pid)
        ended = running.wait(PATIENCE)
        struck = self._services.disarm()
        fired = self._fired()
        self._controls.clear_faults()
        for kind, times in fired.items():
            self.counts["faults", kind] += times
        for blow in struck:
            self.counts["blows", blow["struck"]] += 1
        self._note(ended, arguments)
        self._say(f"attempt: {shown(arguments)}: exit {ended.code}; {dict(fired)}; {struck}")
        running.forget()
        if ended.code not in ENDS or (ended.code == -9) != any(each["struck"] == "kill" for each in struck):
            raise Failure(f"exit {ended.code} after {struck}\n{ended.out[-TOLD:]}\n{ended.err[-TOLD:]}")
        if ended.code == -9 and self._keeper.locks_stay:
            self._unlock()

    def _unlock(self) -> None:
        """Breaks the lock that a killed run left, if it had one."""
        with self._keeper.opened() as store:
            holding = store.held()
        if holding is not None:
            ended = self._run("unlock", "--auto-approve", holding.id)
            if ended.code != 0:
                raise Failure(f"unlock exits {ended.code}\n{ended.out[-TOLD:]}\n{ended.err[-TOLD:]}")

    def _start(self, *arguments: str) -> Running:
        environment = {**self._services.environment, **self._keeper.environment}
        return self._commands.start(self.folder, environment, *arguments)

    def _fired(self) -> Counter[str]:
        connection = sqlite3.connect(self.directory / "sandbox.db", timeout=60)
        try:
            rows = connection.execute("SELECT spec, fired FROM faults").fetchall()
        finally:
            connection.close()
        found: Counter[str] = Counter()
        for spec, fired in rows:
            found[json.loads(spec)["kind"]] += fired
        return found

    def _run(self, *arguments: str) -> Ended:
        running = self._start(*arguments)
        ended = running.wait(PATIENCE)
        running.forget()
        self._note(ended, arguments)
        self._say(f"run: {shown(arguments)}: exit {ended.code}")
        if "deep" in arguments:
            self.counts["deep looks", arguments[0]] += 1
        return ended

    def _note(self, ended: Ended, arguments: tuple[str, ...]) -> None:
        self.counts["commands", arguments[0]] += 1
        self.counts["exits", str(ended.code)] += 1
        for line in ended.out.splitlines():
            if '"step_done"' in line:
                self.counts["changes", json.loads(line)["half"]] += 1
        if "Traceback" in ended.out + ended.err or "unforeseen" in ended.out + ended.err:
            raise Failure(f"an unforeseen error\n{ended.out[-TOLD:]}\n{ended.err[-TOLD:]}")

    def _heal(
        self,
        declared: Declared,
        settled: Declared,
        way: str,
        addresses: set[str],
        round_: Round | None = None,
    ) -> None:
        """Applies, with nothing in the way, until what can be done is done."""
        expected = _expected(declared)
        arguments = ("apply", "--auto-approve", "--parallelism", str(self._workers), "--format", "jsonl")
        for _ in range(MOST_HEALING):
            self._write(declared, round_)
            self._publish(declared)
            ended = self._run(*arguments, *self._agreed(way, addresses, declared))
            self.counts["applies without mischief", str(ended.code)] += 1
            if ended.code not in {0, 3, expected}:
                raise Failure(
                    f"undisturbed, apply exits {ended.code}\n{ended.out[-TOLD:]}\n{ended.err[-TOLD:]}"
                )
            if ended.code == expected and not self._publish(declared):
                break
        else:
            raise Failure(
                f"after {MOST_HEALING} applies the exit isn't {expected}\n{ended.out[-TOLD:]}\n{ended.err[-TOLD:]}"
            )
        # The oracle looks at every object after every round; a deep plan costs as much as the rest of a round.
        deep = round_ is None or round_.number % self._deep_every == 0 or round_.stirs_verification
        if not deep and "step_done" not in ended.out:
            return
        left = self._left("deep" if deep else "shallow")
        if left and all(_opened_meanwhile(*each) for each in left):
            self._run(*arguments, "--refresh", "deep", *self._agreed(way, addresses, declared))
            left = self._left("deep")
        if left:
            raise Failure(f"a plan would still do {left}")

    def _left(self, refresh: str) -> list[tuple[str, str]]:
        """Gives what a plan would still do, without what waits for a gate."""
        ended = self._run("plan", "--refresh", refresh, "--detailed-exitcode", "--format", "json")
        if ended.code not in {0, 2}:
            raise Failure(f"plan exits {ended.code}\n{ended.err[-TOLD:]}")
        plan = json.loads(ended.out)
        left = [
            (f"{change['address']} {change['change']['actions']}", change["action_reason"])
            for change in plan["resource_changes"]
            if change["change"]["actions"] != ["no-op"]
            and (change["gate"] is None or change["gate"]["state"] == "open")
        ]
        left += [(refusal["address"] or "", refusal["code"]) for refusal in plan["refusals"]]
        left += [
            (entry["address"] or "", entry["code"])
            for entry in plan["diagnostics"]
            if entry["code"] == "unfinished_replacement"
        ]
        if (
            not left
            and ended.code == 2
            and all(change["gate"] is None for change in plan["resource_changes"])
        ):
            left.append(("plan", "exits 2 and shows nothing to do"))
        return left

    def _judge(self, declared: Declared, *, gone: bool = False) -> None:
        with self._keeper.opened() as store:
            said, looked_at = oracle.differences(declared, store, self.directory, self._strangers, gone=gone)
        said += [f"the sandbox made a mistake of its own: {mistake}" for mistake in self._controls.mistakes()]
        self.counts["objects", "checked"] += looked_at
        if said:
            raise Failure("\n".join(said))

    def _clean_up(self, round_: Round) -> None:
        """Plays the person who deletes by hand what was forgotten: it must be there, with its marks."""
        for address in round_.last.removed:
            name = address.partition(".")[2]
            if name in round_.settled.lines:
                if complaint := self._twilio.clean_up(round_.settled, name):
                    raise Failure(complaint)
                continue
            case = round_.settled.use_cases[name]
            setup = round_.settled.setups[case.setup]
            region, key = REGIONS[setup.provider], f"{case.entity}_{case.name}".lower().replace(" ", "-")
            sesv2 = strangers.client(self._services.environment, "sesv2", region)
            try:
                marks = {tag["Key"] for tag in sesv2.get_configuration_set(ConfigurationSetName=key)["Tags"]}
                if "chanplan:id" not in marks:
                    raise Failure(f"{address} was forgotten, and its object has no marks any more")
                sesv2.delete_tenant_resource_association(
                    TenantName=setup.tenant,
                    ResourceArn=f"arn:aws:ses:{region}:{oracle.ACCOUNT}:configuration-set/{key}",
                )
                sesv2.delete_configuration_set(ConfigurationSetName=key)
            except sesv2.exceptions.NotFoundException as error:
                raise Failure(f"{address} was forgotten, and its object is gone") from error
            finally:
                sesv2.close()

    def _publish(self, declared: Declared) -> bool:
        """Makes DNS what the domains' owners publish, and reviews what the reviewers think; tells whether DNS changed."""
        self._twilio.review(declared)
        wanted: set[ZoneRecord] = set()
        rows = oracle.rows_in(self.directory)
        for setup in declared.setups.values():
            identity = rows.get((REGIONS[setup.provider], "ses.identity", setup.domain))
            if setup.published and identity is not None:
                wanted |= set(_records(setup, identity))
        new, old = wanted - self._published, self._published - wanted
        self._controls.unpublish(old)
        self._controls.publish(new)
        self._published = wanted
        return bool(new)

    def _say(self, text: str) -> None:
        self.log.append(text)


def _expected(declared: Declared) -> int:
    """Gives how an undisturbed apply ends: whose gate failed comes before whose gate waits."""
    if any(
        not line.made and declared.voice_setups[line.setup].review == REJECTED
        for line in declared.lines.values()
    ):
        return 1
    made = (case.made for case in (*declared.use_cases.values(), *declared.lines.values()))
    return 0 if all(made) else 3


def _records(setup, identity) -> list[ZoneRecord]:
    """Gives the records that SES's guide asks for."""
    region, domain = REGIONS[setup.provider], setup.domain
    bounce = f"{setup.mail_from}.{domain}"
    return [
        *(
            ZoneRecord(f"{token}._domainkey.{domain}", "CNAME", f"{token}.dkim.amazonses.com")
            for token in identity["dkim"]["tokens"]
        ),
        ZoneRecord(bounce, "MX", f"10 feedback-smtp.{region}.amazonses.com"),
        ZoneRecord(bounce, "TXT", "v=spf1 include:amazonses.com ~all"),
        ZoneRecord(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p={setup.dmarc};"),
        ZoneRecord(domain, "MX", f"10 inbound-smtp.{region}.amazonaws.com"),
    ]


def shown(arguments: tuple[str, ...]) -> str:
    """Writes a command line, the long list of agreements cut."""
    text = shlex.join(arguments)
    return text if len(text) <= 160 else f"{text[:160]} … ({len(arguments)} words)"


def _opened_meanwhile(what: str, reason: str) -> bool:
    """Tells whether time alone can have brought this work since the apply: a look that is due again, or a gate that
    the service opened only now. One more apply must do it then."""
    return reason == "rearmed" or (what.startswith("use_case.") and reason == "not_in_state")
