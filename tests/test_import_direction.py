"""Imports point one way, and the modules of a short command import nothing that is slow."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "machdesc").rglob("*.py"))

LAYERS = {
    "record": 0,
    "memo": 0,
    "ending": 0,
    "surroundings": 0,
    "json_text": 0,
    "guard": 1,
    "shape": 1,
    "last_words": 1,
    "binary": 2,
    "writing": 3,
    "nearest": 0,
    "source": 1,
    "diagnostic": 2,
    "syntax": 3,
    "model": 4,
    "catalog": 5,
    "schema": 6,
    "resolve": 7,
    "target": 8,
    "abi": 8,
    "backend": 9,
    "pinning": 9,
    "hints": 9,
    "library": 10,
    "live": 11,
    "harvest": 12,
    "check": 11,
    "lifecycle": 12,
    "verify": 12,
    "importing": 13,
    "__init__": 14,
    "cli": 15,
    "__main__": 16,
}
"""Part of the package -> layer: a part may import from lower layers, and from itself."""

SLOW = {"typing", "dataclasses", "enum", "pathlib", "json", "argparse", "lark", "jsonschema", "asyncio"}

NOT_HOT = (
    "ending.py", "writing.py", "harvest/*", "cli/*", "live/*", "live/sandbox/*", "verify/*",
    "verify/sight/*",    "importing/*", "hints/hint.py", "*/generate.py",
    "syntax/location.py", "catalog/location.py", "catalog/store.py", "catalog/damage.py",
    "schema/document.py", "schema/explain.py",
)  # fmt: skip


def _imports(tree: ast.AST, path: Path) -> list[tuple[str, int]]:
    """The dotted names that a module imports, wherever in it, and the lines."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            base = node.module or ""
            if base == "machdesc":
                found += [(f"machdesc.{alias.name}", node.lineno) for alias in node.names]
            else:
                found.append((base, node.lineno))
    return found


def _part(dotted: str) -> str:
    """The part of the package that a dotted name belongs to."""
    part = dotted.split(".")[1] if "." in dotted else "__init__"
    return part if (ROOT / "machdesc" / part).exists() or part in LAYERS else "__init__"


def _wrong_arrows(part: str, tree: ast.AST, path: Path) -> list[str]:
    wrong = []
    for dotted, line in _imports(tree, path):
        if dotted.split(".")[0] != "machdesc":
            continue
        target = _part(dotted)
        if target != part and LAYERS[target] >= LAYERS[part]:
            wrong.append(f"{path}:{line}: {part} imports {dotted}")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    parts = path.relative_to(ROOT / "machdesc").with_suffix("").parts
    assert parts[0] in LAYERS, f"which layer is {parts[0]}? add it to LAYERS"
    assert not _wrong_arrows(parts[0], ast.parse(path.read_bytes()), path)


def _top_level(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements that run when a module is imported."""
    statements: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If):
            checking = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            statements += _top_level([] if checking else node.body) + _top_level(node.orelse)
        elif isinstance(node, ast.Try):
            statements += _top_level([*node.body, *node.orelse, *node.finalbody])
            statements += [s for handler in node.handlers for s in _top_level(handler.body)]
        elif isinstance(node, (ast.With, ast.ClassDef)):
            statements += _top_level(node.body)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            statements.append(node)
    return statements


def _slow_imports(tree: ast.Module, path: Path) -> list[str]:
    return [
        f"{path}:{line}: {dotted}"
        for statement in _top_level(tree.body)
        for dotted, line in _imports(statement, path)
        if dotted.split(".")[0] in SLOW
    ]


HOT = [
    path
    for path in MODULES
    if not any(path.relative_to(ROOT / "machdesc").match(pattern) for pattern in NOT_HOT)
]


@pytest.mark.parametrize("path", HOT, ids=lambda p: str(p.relative_to(ROOT)))
def test_hot_modules_import_nothing_slow(path: Path) -> None:
    assert not _slow_imports(ast.parse(path.read_bytes()), path)


def test_the_checks_see_what_they_should() -> None:
    path = Path("x.py")
    tree = ast.parse("def f():\n    from machdesc.model.load import load\nimport machdesc.record")
    assert len(_wrong_arrows("syntax", tree, path)) == 1
    assert _wrong_arrows("cli", tree, path) == []
    schema = ast.parse("from machdesc.resolve import lint")
    assert len(_wrong_arrows("schema", schema, path)) == 1
    slow = (
        "import json\nif TYPE_CHECKING:\n    import typing\nelse:\n    import enum\ndef f():\n    import lark"
    )
    assert [line.split()[1] for line in _slow_imports(ast.parse(slow), path)] == ["json", "enum"]
