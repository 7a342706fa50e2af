"""Markdown as a parser of GitHub's kind reads it: no text of a user becomes anything but text."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from machdesc.check.report.markdown import code, code_words, emit_markdown, escape
from machdesc.diagnostic import printable
from tests.check.sample import sample

TEXTS = st.one_of(
    st.text(st.sampled_from(list("\\`*_{}[]()<>#+-.!|~@&$:\"'=^/ abc123;\n\tw@é ")), max_size=40),
    st.text(max_size=30),
    st.sampled_from(
        ["www.example.org", "https://example.org/|", "a@example.org", "<b>", "&amp;", "~~x~~", "`|`"]
    ),
)


class _Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(MarkdownIt("gfm-like").render(markdown))

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXTS)
def test_a_text_shows_as_itself(text: str) -> None:
    for emit, tags in ((escape, ["p"]), (code, ["p", "code"])):
        page = _Page(f"x{emit(text)}y")
        assert page.tags == tags
        assert page.text.strip().replace("\u200b", "") == f"x{printable(text)}y"


@given(TEXTS, TEXTS)
def test_a_text_stays_in_its_cell(left: str, right: str) -> None:
    page = _Page(f"| a | b |\n|---|---|\n| {code_words(left)} | {code(right)} |\n")
    assert page.tags.count("td") == 2
    assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}


def test_the_whole_is_made_of_what_we_wrote() -> None:
    page = _Page(emit_markdown(sample()))
    known = {"h3", "table", "thead", "tbody", "tr", "th", "td", "code", "strong"}
    assert set(page.tags) <= known | {"details", "summary", "ul", "li"}
    assert page.tags.count("details") == 2
