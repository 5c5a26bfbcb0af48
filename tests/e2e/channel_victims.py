"""A process of the API that answers one request, unless somebody kills it: `create`, or `delete ID`."""

import os
import sys
from pathlib import Path

from chanplan.app.channels.channels import open_channels
from chanplan.app.wiring import open_workspace
from chanplan.model.channels import Call, Idempotency, NewSesSetup

ACME = NewSesSetup("acme", "mail.acme.example")
CALL = Call("api POST", "dashboard", 60, Idempotency("dashboard/key", "body"))


def main() -> None:
    """Do what the command line says, in the working directory."""
    root, environment = Path("chanplan.yaml"), dict(os.environ)
    with open_workspace(root, environment) as workspace:
        service = open_channels(workspace, root, environment)
        if sys.argv[1] == "create":
            print(service.create_ses_setup(ACME, CALL).id)
        else:
            service.delete_ses_setup(sys.argv[2], CALL)


if __name__ == "__main__":
    main()
