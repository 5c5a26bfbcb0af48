"""From nodes to declared values: the shape reads, pydantic judges, and each complaint gets its place."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from chanplan.config.complaints import Owner, problem_of
from chanplan.config.environment import CLEAR_TEXT_REMEDY, SECRET_KEY, resolve, secret_variable
from chanplan.config.nodes import Node, Scalar
from chanplan.config.reading import Reading
from chanplan.config.shapes import Shape, compile_shape
from chanplan.config.spots import follow
from chanplan.config.variables import Unresolved
from chanplan.model.problems import Source

T = TypeVar("T")


@dataclass(slots=True)
class FileScalars:
    """Reads the scalars of one file, and reports what can't be read once per place."""

    file: str
    reading: Reading
    faults: int = 0
    """Scalars so far that couldn't be read; each was reported."""
    resolved: dict[int, str] = field(default_factory=dict)
    """What scalars with references became, by the identity of their node: never to be shown."""
    faulty: set[int] = field(default_factory=set)

    def text(self, node: Scalar) -> str:
        """Give a scalar's text, references resolved."""
        text = node.text
        if "${env:" not in text:
            return text
        known = self.resolved.get(id(node))
        if known is not None:
            return known
        outcome = resolve(text, self.reading.variables)
        if isinstance(outcome, Unresolved):
            self._fault(node, outcome.code, outcome.message, outcome.remedy)
            return text
        self.resolved[id(node)] = outcome.text
        return outcome.text

    def bare(self, node: Scalar) -> str | None:
        """Give the text of a scalar that may be something else than text, or None when it is quoted.

        A reference is bare even in quotes: in a flow mapping YAML wants them.
        """
        if "${env:" in node.text:
            return self.text(node)
        return node.text if node.plain else None

    def secret(self, node: Scalar) -> str | None:
        """Give a secret's reference, unresolved; None, and a report, when the secret itself stands there."""
        if secret_variable(node.text) is not None:
            return node.text
        self._secret_written_out(node)
        return None

    def unknown(self, key: str, node: Node) -> None:
        """Look at the value of a key that no shape knows: it may be a secret that was written out."""
        if not SECRET_KEY.search(key) or not isinstance(node, Scalar) or node.is_null:
            return
        if secret_variable(node.text) is None:
            self._secret_written_out(node)

    def repeated(self, node: Scalar) -> None:
        """Report an item that stands in its list twice."""
        self._fault(node, "repeated_item", "This item stands in its list twice.", "Remove one of them.")

    def _secret_written_out(self, node: Scalar) -> None:
        self._fault(node, "secret_in_configuration", "A secret stands here in clear text.", CLEAR_TEXT_REMEDY)

    def _fault(self, node: Scalar, code: str, message: str, remedy: str) -> None:
        self.faults += 1
        if id(node) not in self.faulty:
            self.faulty.add(id(node))
            self.reading.report(code, message, Source(self.file, node.line, node.column), remedy)


class Declared(Generic[T]):
    """One declared type: its validation and its shape, compiled on first use."""

    def __init__(self, adapter: TypeAdapter[T]) -> None:
        self._adapter = adapter
        self._shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        """How nodes are read for this type."""
        if self._shape is None:
            self._shape = compile_shape(self._adapter.json_schema())
        return self._shape

    def decode(self, node: Node, scalars: FileScalars, owner: Owner) -> T | None:
        """Decode and validate a node. Everything that is wrong is reported; then there is None."""
        faults = scalars.faults
        value = self.shape.decode(node, scalars)
        try:
            decoded = self._adapter.validate_python(value)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                spot = follow(details["loc"], node, owner.key, self.shape, lambda t, n: t.record(n, scalars))
                # A value that was reported is not judged again; that its key is unknown is another matter.
                if id(spot.node) not in scalars.faulty or details["type"] == "extra_forbidden":
                    resolved = scalars.resolved.get(id(spot.node))
                    scalars.reading.problems.append(problem_of(details, spot, owner, scalars.file, resolved))
            return None
        return decoded if scalars.faults == faults else None
