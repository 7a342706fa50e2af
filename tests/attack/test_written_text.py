"""What machdesc writes into a description (`import`, `fmt`) reads back as the same texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from machdesc.importing.text import statement
from machdesc.model.load import load_source
from machdesc.source import source_of
from machdesc.syntax.edit import id_text
from machdesc.syntax.format import format_tree
from machdesc.syntax.parse import parse
from machdesc.syntax.tree import texts
from tests.attack.text_position import PAYLOADS

_ANY = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60)
TEXTS = (
    st.sampled_from(PAYLOADS) | _ANY | st.sampled_from(["```", "~~~", "```machdesc", "\n```\n", "# x", "}"])
)


@given(TEXTS)
def test_a_written_text_reads_back(text: str) -> None:
    written = "machdesc 1\n" + statement(
        ["object", "authz-simple", id_text(text)], {"identity": text, "list": [text, text]}
    )
    for whole in (written + "\n", f"# Title\n\n```machdesc\n{written}\n```\n\nmore\n"):
        for form in (whole, formatted(whole)):
            description, diagnostics = load_source(source_of(form, "g"))
            assert description is not None, diagnostics
            (read,) = description.all("object")
            assert read.id is not None
            assert [read.id.text, *(t for item in read.properties for t in texts(item.value))] == [text] * 4


def formatted(text: str) -> str:
    """The text in canonical form."""
    tree, diagnostics = parse(source_of(text, "g"))
    assert not diagnostics
    return format_tree(tree)
