"""What this version can declare, but not do yet: said plainly."""

from tests.cli.desk import EMAIL, SETUP, SandboxedDesk


def test_imports_are_refused(sandboxed: SandboxedDesk):
    """Nothing is made in place of what was to be taken over."""
    sandboxed.write(f'{EMAIL}\nimports: [{{to: {SETUP}, id: "acme/mail.acme.example"}}]\n')

    planned, applied = sandboxed.run("plan", "--format", "json"), sandboxed.apply()

    assert planned.code == 0
    assert [(refusal["code"], refusal["address"]) for refusal in planned.document["refusals"]] == [
        ("import_unavailable", SETUP)
    ]
    assert (applied.code, applied.out, sandboxed.controls.status().holdings) == (4, "", ())
    assert (
        "this version can't import yet. What to do: Take the entry out until a later version" in applied.said
    )
