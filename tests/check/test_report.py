"""Every format of a report: what it prints, and that no text of a user breaks out of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from machdesc.check.finding import CONTRACTS
from machdesc.check.outcome import (
    BROKEN,
    COMPARED,
    FAILED,
    KEPT,
    NOTHING,
    UNDECIDED,
    Outcome,
    Report,
    exit_code,
)
from machdesc.check.report.github import emit_github
from machdesc.check.report.json import emit_json, report_document, schema_path
from machdesc.check.report.junit import attribute, content, emit_junit
from machdesc.check.report.markdown import MAX_LENGTH, emit_markdown, escape
from machdesc.check.report.sarif import emit_sarif, sarif_log
from machdesc.check.report.text import emit_text
from machdesc.cli.main import main
from machdesc.diagnostic import printable
from tests.check.sample import sample
from tests.golden import Golden

HERE = Path(__file__).parent / "report"
VERSION = "0.0.0"

FORMATS: dict[str, Callable[[Report], str]] = {
    "text.txt": emit_text,
    "quiet.txt": lambda report: emit_text(report, quiet=True),
    "color.txt": lambda report: emit_text(report, color=True),
    "report.json": lambda report: emit_json(report, VERSION),
    "report.sarif": lambda report: emit_sarif(report, VERSION),
    "github.txt": emit_github,
    "junit.xml": emit_junit,
    "markdown.md": emit_markdown,
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_format_is_the_expected_one(name: str, golden: Golden) -> None:
    golden.check(HERE / name, FORMATS[name](sample()))


def test_what_is_required_decides_what_counts() -> None:
    first = Report("live", sample().outcomes[:1])
    assert [f.code for f in first.breaking(first.outcomes[0])] == ["MD201", "MD301", "MD501", "MD401"]
    assert [f.code for f in first.informing(first.outcomes[0])] == ["MD901"]
    assert first.verdict() == BROKEN
    additive = Report("additive", first.outcomes)
    assert [f.code for f in additive.breaking(first.outcomes[0])] == ["MD201"]
    strict = Report("additive", first.outcomes, strict=True)
    assert [f.code for f in strict.breaking(first.outcomes[0])] == ["MD201", "MD901"]


def test_exit_codes() -> None:
    whole = sample()
    outcome = whole.outcomes[0]
    undecided = outcome._replace(findings=(outcome.findings[2],))
    told = outcome._replace(findings=(outcome.findings[4],))
    for outcomes, verdict, code in (
        ((outcome,), BROKEN, 1),
        ((undecided,), UNDECIDED, 1),
        ((undecided, outcome), BROKEN, 1),
        ((told, *whole.outcomes[2:]), KEPT, 0),
        (whole.outcomes, FAILED, 2),
        ((), NOTHING, 0),
        (whole.outcomes[2:4], NOTHING, 0),
    ):
        report = Report("live", outcomes)
        assert (report.verdict(), exit_code(report)) == (verdict, code)
    assert exit_code(Report("cold", (undecided,))) == 0
    assert exit_code(Report("cold", (told,), strict=True)) == 1


def test_terminals_get_no_control_characters() -> None:
    for emit in (emit_text, emit_github, emit_junit, emit_markdown):
        text = emit(sample())
        assert all(c.isprintable() or c == "\n" for c in text)


@pytest.mark.parametrize("required", CONTRACTS)
@pytest.mark.parametrize("strict", [False, True])
def test_json_is_what_its_schema_says(required: str, strict: bool) -> None:
    schema = json.loads(Path(schema_path()).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(json.loads(emit_json(sample(required, strict), VERSION)))
    validator.validate(report_document(Report("live", ()), VERSION))


def test_the_schema_of_json_is_strict_about_what_it_names() -> None:
    schema = json.loads(Path(schema_path()).read_text())
    document = json.loads(emit_json(sample(), VERSION))

    def names(node: object) -> set[str]:
        if isinstance(node, dict):
            return set(node) | {name for inner in node.values() for name in names(inner)}
        return {name for inner in node for name in names(inner)} if isinstance(node, list) else set()

    def described(node: object) -> set[str]:
        if isinstance(node, dict):
            own = set(node.get("properties", {}))
            assert own == set(node.get("required", own))
            return own | {name for inner in node.values() for name in described(inner)}
        return set()

    assert names(document) == described(schema)


def test_sarif_points_where_it_should() -> None:
    log: Any = sarif_log(sample(), VERSION)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule["id"] for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "note")
    first = run["results"][0]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "guests/web01.md", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 4, "startColumn": 49, "endLine": 4, "endColumn": 68},
    }
    assert first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "guests/web01.md"
    (suppressed,) = [result for result in run["results"] if "suppressions" in result]
    assert suppressed["ruleId"] == "MD101"
    assert suppressed["suppressions"][0]["kind"] == "inSource"
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    uris = [n["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for n in invocation["toolExecutionNotifications"]]  # fmt: skip
    assert uris == ["guests/bad%20one%2C%25.md"] * 2
    assert len({r["partialFingerprints"]["machdescFinding/v1"] for r in run["results"]}) == len(
        run["results"]
    )


def test_github_gets_whole_commands_errors_first() -> None:
    lines = emit_github(sample()).splitlines()
    kinds = [line.split(" ")[0].split("::")[1] for line in lines[:-1]]
    assert kinds == sorted(kinds, key=["error", "notice"].index)
    assert set(kinds) == {"error", "notice"}
    assert lines[-1].startswith("`live` is broken")
    assert sum(line.startswith("::") for line in lines) == len(lines) - 1
    assert any("file=guests/bad one%2C%25.md,line=2," in line for line in lines)


def test_github_tells_of_its_limit() -> None:
    outcome = sample().outcomes[0]
    findings = tuple(outcome.findings[0]._replace(subject=f"nic{n}", old=str(n)) for n in range(11))
    many = Report("live", (outcome._replace(findings=findings),))
    assert "first 10" in emit_github(many).splitlines()[-1]
    assert "first 10" not in emit_github(Report("live", (outcome,))).splitlines()[-1]


def test_junit_is_xml_with_a_case_for_each_pair() -> None:
    root = ElementTree.fromstring(emit_junit(sample()))
    cases = list(root.iter("testcase"))
    assert len(cases) == len(sample().outcomes) == int(root.attrib["tests"])
    assert [len(case.findall("failure")) for case in cases] == [4, 0, 0, 0, 0]
    assert [len(case.findall("error")) for case in cases] == [0, 2, 0, 0, 0]
    assert (root.attrib["failures"], root.attrib["errors"], root.attrib["skipped"]) == ("1", "1", "2")


@given(st.text())
def test_junit_takes_every_text(text: str) -> None:
    root = ElementTree.fromstring(f'<a b="{attribute(text)}">{content(text)}</a>')
    assert root.attrib["b"] == printable(text)
    assert (root.text or "") == "\n".join(map(printable, text.split("\n")))


@given(st.text())
def test_markdown_shows_every_text_as_itself(text: str) -> None:
    shown = escape(text)
    assert re.fullmatch(r"(?:&#\d+;|[^\\`*_{}\[\]<>#.|~@&$:\n])*", shown)
    assert not re.search(r"&#(64|35);(?!&#8203;)", shown)


def test_markdown_fits_into_a_comment() -> None:
    outcome = sample().outcomes[0]
    for many in (1, 30, 300, 3000):
        text = emit_markdown(Report("live", (outcome,) * many))
        assert len(text) <= MAX_LENGTH
        assert text.count("<details") == text.count("</details>")
        assert text.count("\n| <code>") <= many * 6
    assert "more; the command itself" in text
    wide = outcome._replace(findings=outcome.findings[:1] * 2000)
    assert len(emit_markdown(Report("live", (wide,)))) <= MAX_LENGTH


def test_nothing_to_tell_is_told_in_a_line() -> None:
    kept = Report("live", (Outcome(COMPARED, None, None),))
    assert emit_text(kept) == "`live` is kept in 1 pair\n"
    assert emit_text(kept, quiet=True) == ""


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "check-report"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(Path(schema_path()).read_text())
