"""
What can go wrong in the sandbox.

    SandboxError            for whoever starts or sets the sandbox: the state file is unusable, no port is free
      Mistaken              for whoever stops it: it did something wrong itself
    ModelBroken             inside: an answer or a refusal that the service's model doesn't allow
    DropCall                for a hook to raise: the connection closes instead of an answer
    ServiceError            for the client: becomes an error answer in the request's wire format

The sandbox has its own tree because it imports nothing of chanplan.
"""


class SandboxError(Exception):
    """The sandbox can't run or be set; the message says why and what to do."""


class Mistaken(SandboxError):
    """The sandbox itself did something wrong, so whatever was seen on it proves nothing; the message says what."""


class ModelBroken(Exception):
    """What the sandbox was about to answer isn't what the service's model allows: a mistake in the sandbox."""


class DropCall(Exception):
    """
    A hook raises it so that the client hears nothing.

    Raised in the phase "before", the call isn't done; in "after", it is. A hook that kills the client needs it to say
    which of the two the client's death shall leave behind.
    """


class ServiceError(Exception):
    """
    An answer that refuses the request.

    `code` is the service's error code as the SDK shows it. The HTTP status comes from the service model and, for
    codes that no model names, from `status`.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
