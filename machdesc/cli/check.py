"""Compares descriptions with their older versions: does the guest keep what it was promised?

Exit code 0: the required contract is kept, or there are only new and removed descriptions; 1: it is broken,
or that cannot be decided; 2: a description could not be compared, or there was none to compare.
"""

from __future__ import annotations

from machdesc import __version__
from machdesc.check.comparison import Terms, compare_pair, lost_pair
from machdesc.check.finding import CONTRACTS
from machdesc.check.outcome import (
    BASE,
    COMPARED,
    FAILED,
    FOREIGN,
    NEW,
    REMOVED,
    Outcome,
    Report,
    Side,
    exit_code,
    summary,
)
from machdesc.check.pair import Mismatch, Pair, Place, disk_place, match_places
from machdesc.check.worker import MOST_JOBS
from machdesc.cli.file import look_into_folders, write_output
from machdesc.cli.output import JSON, PLAIN, XML, emit, flush, inert, say, wants_color
from machdesc.cli.report import (
    MAX_SHOWN,
    add_color,
    add_includes,
    add_machine_types,
    add_target,
    fail,
    report,
)
from machdesc.diagnostic import ERROR, Suggestion, file_error
from machdesc.target import UnknownTarget, find_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from machdesc.check.baseline import Commit
    from machdesc.check.finding import Finding
    from machdesc.diagnostic import Diagnostic
    from machdesc.resolve.guest import Guest

FORMATS = ("text", "json", "sarif", "github", "junit", "markdown")
_FORMS = {"text": PLAIN, "json": JSON, "sarif": JSON, "github": PLAIN, "junit": XML, "markdown": XML}


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="OLD NEW, several times if you like: descriptions, folders of them, or REVISION:PATH for a "
        "version in git. With --against, the new ones alone",
    )
    parser.add_argument(
        "--require",
        choices=CONTRACTS,
        default="live",
        help="what has to be kept. live: a saved state loads, and the running guest notices nothing "
        "(default); cold: after power-off and on, the guest finds the same hardware; additive: all that it "
        "had is unchanged, more may be there",
    )
    parser.add_argument(
        "--against",
        metavar="REVISION",
        help="compare the files with their versions in this revision of git, or `REVISION...` for where "
        "HEAD left it. auto: what pre-commit or a CI system names, else HEAD",
    )
    add_target(parser)
    parser.add_argument("--old-qemu", metavar="RELEASE|BINARY", help="the QEMU of the old side")
    parser.add_argument(
        "--new-qemu",
        metavar="RELEASE|BINARY",
        help="the QEMU of the new side; with one FILE, both sides are it: what does an upgrade change?",
    )
    add_includes(parser)
    add_machine_types(parser)
    parser.add_argument("--format", choices=FORMATS, default="text", help="the form of the report")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the report into this file")
    parser.add_argument("-q", "--quiet", action="store_true", help="tell only what breaks the contract")
    parser.add_argument(
        "--strict", action="store_true", help="an `ignore` that is unused or has ended counts as broken"
    )
    parser.add_argument(
        "--skip-foreign", action="store_true", help="ignore files without a machdesc text, for hooks"
    )
    parser.add_argument(
        "--jobs", metavar="N", default="0", help="processes to use (default: as many as are worth it)"
    )
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Compares, and prints or writes the report."""
    jobs = arguments.jobs
    if not (jobs.isascii() and jobs.isdecimal()) or len(jobs) > 4 or int(jobs) > MOST_JOBS:
        fail(f"--jobs: `{jobs}` is not a number from 0 to {MOST_JOBS}")
    terms = _terms(arguments)
    commits: list[Commit] = []
    notes = look_into_folders(arguments.files)
    outcomes = [_unreadable(note) for note in notes if note.severity == ERROR]
    notes = [note for note in notes if note.severity != ERROR]
    try:
        outcomes += _outcomes(arguments, terms, commits, notes)
    except _unreadable_baseline() as unreadable:
        fail(str(unreadable))
    finally:
        for commit in commits:
            commit.close()
    if any(outcome.ignores for outcome in outcomes):
        from datetime import date

        from machdesc.check.ignore import unused_findings

        outcomes = unused_findings(outcomes, date.today().isoformat())
    if not {outcome.status for outcome in outcomes} & {COMPARED, FAILED}:
        notes += _nothing_compared(arguments, outcomes)
    whole = Report(arguments.require, tuple(_with_few_suggestions(outcomes)), arguments.strict, tuple(notes))
    _write(whole, arguments)
    if arguments.format != "github":
        errors = [d for outcome in outcomes for d in outcome.diagnostics if d.severity == ERROR]
        report([*notes, *errors], arguments.color)
    return exit_code(whole)


def _unreadable(error: Diagnostic) -> Outcome:
    """What comes of a folder that cannot be read."""
    return Outcome(FAILED, None, Side(error.name, error.name, "", ""), diagnostics=(error,))


def _nothing_compared(arguments: Namespace, outcomes: list[Outcome]) -> list[Diagnostic]:
    """What is said of a run that compared nothing, if that is wrong. It is not when files are new or were
    removed since a revision, or when a hook was called for files that are none of its business."""
    if arguments.skip_foreign and not outcomes:
        return []
    if arguments.against is not None and outcomes:
        return []
    help = "descriptions in two folders are matched by their paths below these" if outcomes else ""
    return [file_error("nothing-compared", "no descriptions were compared", "", help)]


def _unreadable_baseline() -> type[Exception]:
    """What git's refusals raise: of a revision, or later of a path in it. Only looked up when there is an
    exception, since most runs read nothing from git."""
    from machdesc.check.baseline import UnreadableBaseline

    return UnreadableBaseline


def _with_few_suggestions(outcomes: list[Outcome]) -> list[Outcome]:
    """The same, with names suggested for as many findings as a reader is shown: a report holds all of them,
    and each name that is looked for takes its time."""
    left = MAX_SHOWN
    fewer = []
    for outcome in outcomes:
        told = []
        for diagnostic in outcome.diagnostics:
            if isinstance(diagnostic.hint, Suggestion):
                if left <= 0:
                    diagnostic = diagnostic._replace(hint=diagnostic.hint.otherwise)
                left -= 1
            told.append(diagnostic)
        fewer.append(outcome._replace(diagnostics=tuple(told)) if told else outcome)
    return fewer


def _terms(arguments: Namespace) -> Terms:
    """What the options say of both sides; ends the command when a release is unknown."""
    try:
        first = find_target(arguments.old_qemu or arguments.qemu, directory=arguments.catalog)
        second = first
        if (arguments.new_qemu or arguments.qemu) != (arguments.old_qemu or arguments.qemu):
            second = find_target(arguments.new_qemu or arguments.qemu, directory=arguments.catalog)
    except UnknownTarget as unknown:
        fail(str(unknown))
    return Terms(first, second, tuple(arguments.include_dir), rules(), tuple(arguments.machine_types))


def rules() -> Callable[[Guest, Guest], list[Finding]]:
    """All rules as one function."""
    from machdesc.check.compare import check_guests

    return check_guests


def _outcomes(
    arguments: Namespace, terms: Terms, commits: list[Commit], notes: list[Diagnostic]
) -> list[Outcome]:
    """What came of all pairs that were not passed over. The commits that were opened are added
    to `commits`, what is about no pair to `notes`."""

    def compare(pairs: list[Pair]) -> list[Outcome]:
        if len(pairs) == 1:
            return [compare_pair(pairs[0], terms)]
        from machdesc.check.worker import map_items

        return map_items(lambda pair: compare_pair(pair, terms), pairs, int(arguments.jobs), lost_pair)

    if arguments.against is None:
        outcomes = _of_pairs(arguments, compare, commits, notes)
    else:
        from machdesc.check.against import compare_against

        names, revision, skip = arguments.files, arguments.against, arguments.skip_foreign
        outcomes = compare_against(names, revision, compare, commits, notes, skip)
    return [outcome for outcome in outcomes if outcome.status not in (FOREIGN, BASE)]


def _of_pairs(
    arguments: Namespace,
    compare: Callable[[list[Pair]], list[Outcome]],
    commits: list[Commit],
    notes: list[Diagnostic],
) -> list[Outcome]:
    """The same for the pairs of files and folders that are named."""
    couples = _couples(arguments, commits)
    pairs = [pair for _, _, those in couples for pair in those]
    outcomes = compare(pairs)
    found = outcomes
    if any(outcome.nameless or outcome.status == BASE for outcome in outcomes):
        from machdesc.check.dependent import without_bases

        found = without_bases(pairs, outcomes, notes)
    return found if arguments.skip_foreign else [*found, *_empty_folders(couples, outcomes)]


def _empty_folders(couples: list[tuple[Place, Place, list[Pair]]], outcomes: list[Outcome]) -> list[Outcome]:
    """What comes of the folders among those that are named that hold no descriptions."""
    empty: dict[str, Outcome] = {}
    start = 0
    for old, new, pairs in couples:
        statuses = {outcome.status for outcome in outcomes[start : start + len(pairs)]} - {FOREIGN}
        start += len(pairs)
        if not old.files.is_folder(old.name):
            continue
        from machdesc.check.against import failed_folder

        for place, other in ((old, NEW), (new, REMOVED)):
            if not statuses - {other}:
                empty[place.name] = failed_folder(place.name)
    return list(empty.values())


def _couples(arguments: Namespace, commits: list[Commit]) -> list[tuple[Place, Place, list[Pair]]]:
    """What is named, OLD and NEW, with the pairs in it; with two releases, one file or folder is a pair with
    itself."""
    places = [_place(word, commits) for word in arguments.files]
    if len(places) == 1 and arguments.old_qemu and arguments.new_qemu:
        places *= 2
    if len(places) % 2:
        hint = "or say what it is compared with: --against REVISION, or --old-qemu R --new-qemu R"
        fail(f"`{arguments.files[-1]}` has no partner: descriptions are given as OLD NEW, {hint}")
    couples = []
    for old, new in zip(places[::2], places[1::2], strict=True):
        try:
            couples.append((old, new, match_places(old, new, not arguments.skip_foreign)))
        except Mismatch as mismatch:
            fail(str(mismatch))
    return couples


def _place(word: str, commits: list[Commit]) -> Place:
    """Where a word of the command line leads: to the disk, or to git."""
    if ":" in word:
        from machdesc.check.against import versioned_place
        from machdesc.check.baseline import Commit

        place = versioned_place(word)
        if place is not None:
            assert isinstance(place.files, Commit)
            commits.append(place.files)
            return place
    return disk_place(word)


def _write(whole: Report, arguments: Namespace) -> None:
    """Prints the report, or writes it into the file that is asked for. A hook that was called for files
    that are none of its business prints none."""
    is_idle = arguments.skip_foreign and not whole.outcomes and not whole.notes
    if is_idle and arguments.format == "text" and arguments.output is None:
        return
    color = arguments.output is None and wants_color(arguments.color, 1)
    text = _emitted(whole, arguments.format, color, arguments.quiet)
    if arguments.format == "text":
        text = inert(text)
    if arguments.output is None:
        emit(text, _FORMS[arguments.format])
        flush()
        return
    write_output(arguments.output, text)
    if not arguments.quiet:
        say(summary(whole))


def _emitted(whole: Report, format: str, color: bool, quiet: bool) -> str:
    """The report in a format; each lies in a module of its own, which alone is imported."""
    if format == "text":
        from machdesc.check.report.text import emit_text

        return emit_text(whole, color, quiet)
    if format == "json":
        from machdesc.check.report.json import emit_json

        return emit_json(whole, __version__)
    if format == "sarif":
        from machdesc.check.report.sarif import emit_sarif

        return emit_sarif(whole, __version__)
    if format == "github":
        from machdesc.check.report.github import emit_github

        return emit_github(whole, quiet)
    if format == "junit":
        from machdesc.check.report.junit import emit_junit

        return emit_junit(whole)
    from machdesc.check.report.markdown import emit_markdown

    return emit_markdown(whole)
