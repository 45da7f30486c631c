"""Every change of signed evidence is found; and every check of the verifier is needed for that."""

import ast
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_bridge import certificate, evidence
from cloud_bridge.certificate import EvidenceError, looks_like_evidence, sign, verify
from tests.unit.evidence_helpers import (
    BODIES,
    HEAD_OF_UNBIND,
    KEY,
    OTHER_RAW,
    RAW,
    STRANGER,
    Outcome,
    chained_anew,
    document_of,
    signed_by,
    tampered,
    written,
)

Verify = Callable[..., object]

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20)
names = st.text(st.characters(max_codepoint=126), max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)
)
bodies = st.lists(st.dictionaries(names, values, max_size=4).map(lambda b: {**b, **BODIES[3]}))


def refused(raw: bytes) -> bool:
    """Also where nobody has the key from elsewhere: that is the weaker verifier."""
    try:
        verify(raw)
    except EvidenceError:
        return True
    return False


@given(bodies)
def test_whatever_is_signed_verifies_and_says_what_was_put_in(entries):
    assert list(verify(sign(HEAD_OF_UNBIND, entries, KEY), public_key=KEY.public).bodies) == entries


@pytest.mark.parametrize(
    "bit", [0, 5, *(pytest.param(bit, marks=pytest.mark.long) for bit in (1, 2, 3, 4, 6, 7))]
)
def test_every_single_flipped_bit_of_every_byte_is_found(bit):
    for place, byte in enumerate(RAW):
        raw = RAW[:place] + bytes([byte ^ 1 << bit]) + RAW[place + 1 :]
        assert refused(raw), place
        assert looks_like_evidence(raw)


@settings(max_examples=1000)
@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_a_byte_changed_to_any_other_is_found(place, difference):
    assert refused(RAW[:place] + bytes([RAW[place] ^ difference]) + RAW[place + 1 :])


def test_every_lost_every_doubled_byte_and_every_cut_is_found():
    for place in range(len(RAW)):
        assert refused(RAW[:place] + RAW[place + 1 :]), place
        assert refused(RAW[: place + 1] + RAW[place:]), place
        assert refused(RAW[:place]), place


@given(st.data())
def test_entries_dropped_doubled_moved_or_swapped_between_documents_are_found(data):
    own, other = document_of()["entries"], document_of(OTHER_RAW)["entries"]
    chosen = data.draw(st.lists(st.sampled_from([*own, *other]), max_size=6))
    if chosen == own:
        return
    document = {**document_of(), "entries": chosen}
    assert refused(written(document))
    # with the hashes mended, too: whoever has no key stays found
    if [each["body"] for each in chosen] != [each["body"] for each in own]:
        assert refused(written(chained_anew(document_of(written(document)))))


@given(st.data())
def test_parts_of_two_documents_never_make_a_third(data):
    stranger = signed_by(document_of(OTHER_RAW), STRANGER)
    sources = [document_of(), document_of(OTHER_RAW), stranger]
    mixed = {name: data.draw(st.sampled_from(sources))[name] for name in sources[0]}
    if mixed not in sources:
        assert refused(written(mixed))


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_an_evidence_error(raw):
    assert refused(raw)


# The mutants: a verifier without one of its checks, made from its source.

# What the writer refuses, and what other chains than evidence need, has tests of its own.
NOT_OF_THE_VERIFIER = {"sign", "_check_value", "_members"}
OF_OTHER_CHAINS = "if head is not None and head != last:"


class _Remove(ast.NodeTransformer):
    """Takes out the `wanted`-th statement that refuses something."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.seen, self.line = wanted, -1, 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node if node.name in NOT_OF_THE_VERIFIER else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        refuses = isinstance(node.body[-1], ast.Raise) and not node.orelse
        of_others = ast.unparse(node).startswith(OF_OTHER_CHAINS)
        return self._without(node) if refuses and not of_others else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        called = getattr(getattr(node.value, "func", None), "id", "")
        return self._without(node) if called.lstrip("_").startswith("check") else node

    def _without(self, node: ast.stmt) -> ast.AST:
        self.seen += 1
        if self.seen != self.wanted:
            return node
        self.line = node.lineno
        return ast.copy_location(ast.Pass(), node)


def _source(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text(encoding="utf-8")


def mutants() -> Iterator[tuple[str, Verify]]:
    """The verifier without one check, by the line that is missing."""
    for module in (evidence, certificate):
        source = _source(module)
        for number in itertools.count():
            remover = _Remove(number)
            tree = ast.fix_missing_locations(remover.visit(ast.parse(source)))
            if remover.seen < number:
                break
            line = source.splitlines()[remover.line - 1].strip()
            yield f"{module.__name__}: {line}", _verifier(module, tree)


def _verifier(module: ModuleType, tree: ast.Module) -> Verify:
    """`verify`, with the changed module in the place of its own."""
    changed, top = ModuleType(module.__name__), ModuleType("verifier")
    exec(compile(tree, str(module.__file__), "exec"), changed.__dict__)
    if module is certificate:
        return changed.verify  # type: ignore[no-any-return]
    exec(compile(_source(certificate), "verifier", "exec"), top.__dict__)
    taken = {n: v for n, v in vars(changed).items() if n in vars(top) and not n.startswith("__")}
    top.__dict__.update(taken)
    return top.verify  # type: ignore[no-any-return]


def said_of(verifier: Verify, raw: bytes) -> Outcome | str:
    """What a verifier says; a mutant may also break down."""
    try:
        verifier(raw, public_key=KEY.public)
    except ValueError as error:  # an EvidenceError of the mutant's own module
        found = (getattr(error, name, None) for name in ("part", "number", "reason"))
        return tuple(found)  # type: ignore[return-value]
    except Exception as error:  # noqa: BLE001 - a mutant may do anything
        return type(error).__name__
    return ACCEPTED


def caught_by(mutant: Verify) -> list[str]:
    """The tampered files of which it says something else than the verifier."""
    outcomes = ((name, said_of(mutant, raw), said) for name, raw, said in CORPUS)
    return [
        name + (" is accepted" if found == ACCEPTED else " is called otherwise")
        for name, found, said in outcomes
        if found != said
    ]


ACCEPTED = "accepted"
CORPUS = list(tampered())


def test_an_unchanged_copy_of_the_verifier_is_not_caught():
    assert caught_by(_verifier(certificate, ast.parse(_source(certificate)))) == []
    assert caught_by(_verifier(evidence, ast.parse(_source(evidence)))) == []


def test_a_verifier_without_any_one_of_its_checks_is_caught(record_property):
    fates = {name: caught_by(mutant) for name, mutant in mutants()}
    for name, caught in fates.items():
        record_property(name, caught)  # the table of mutants: pytest --junit-xml
    assert [name for name, caught in fates.items() if not caught] == []
    accepting = [name for name, caught in fates.items() if any("accepted" in c for c in caught)]
    assert len(fates) >= 30
    assert len(accepting) >= 10
