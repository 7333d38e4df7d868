"""A gate's command: a project's own tests run beside a cloud, and however they end, nothing of it passes for green."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance import embedded
from conformance.errors import DataError
from conformance.gate import load
from conformance.library import Library
from tests.conftest import Cloud, Ended, command
from tests.helpers import documents, library, put
from tests.test_gate import NEEDS
from tests.wrong_server import TINY

TESTS = """
import unittest
class Tiny(unittest.TestCase):
    def test_sound(self):
        pass
    @unittest.skip("no disk here")
    def test_skipped(self):
        pass
"""
BROKEN = TESTS + "    def test_broken(self):\n        raise ValueError('token=abcdef it broke')\n"
PYTEST = '["{python}", -m, pytest, -q, -p, "no:cacheprovider", "--rootdir={tree}", "--junitxml={results}"]'
SUBUNIT = '["{python}", -m, subunit.run, test_tiny]'
GATE = """
summary: A gate with a command.
needs: [hands]
command: {{project: tiny, run: {run}, results: {form}, within: {within}, {more}}}
evidence:
  sound: {{what: What is sound passes., shown: ["test_tiny.Tiny.test_*"]}}
"""


@pytest.fixture
def run(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Run a gate with a command in a tiny tree, with this Python."""
    monkeypatch.setattr(embedded, "testbed", lambda *_: Path(sys.executable))
    cloud.configure(conformance={"hosts": "true"})

    def perform(words: str, *options: object, form: str = "junit", within: float = 60, more: str = "") -> Ended:
        prepare(cloud.folder, words, form, within, more)
        return cloud.run("--data", cloud.folder / "data", "--gate", "own", "--tree", cloud.folder / "tree", *options)

    return perform


def prepare(folder: Path, words: str, form: str, within: float, more: str = "") -> None:
    """The data of one gate, and a tree with tests unless there is one."""
    shutil.copytree(TINY, folder / "data")
    put(folder / "data/scenarios/needs.yaml", NEEDS)
    put(folder / "data/gates/own.yaml", GATE.format(run=words, form=form, within=within, more=more))
    if not (folder / "tree").exists():
        put(folder / "tree/test_tiny.py", TESTS)


def summary(cloud: Cloud) -> Any:
    """summary.json of the run."""
    return json.loads((cloud.results / "summary.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("words", "form"), [(PYTEST, "junit"), (SUBUNIT, "subunit")])
def test_a_project_whose_tests_pass(cloud: Cloud, run: Callable[..., Ended], words: str, form: str) -> None:
    """Each test is a line of the results, what it skips is told with its reason, and evidence is taken."""
    ended = run(words, form=form)
    told = summary(cloud)["gate"]

    assert ended.code == 0, ended.out
    assert {name: one["outcome"] for name, one in cloud.records().items()} == {
        "test_tiny.Tiny.test_sound": "passed",
        "test_tiny.Tiny.test_skipped": "skipped",
    }
    assert "skipped (1 cases): " in ended.out
    assert "no disk here" in cloud.records()["test_tiny.Tiny.test_skipped"]["reason"]
    assert (told["tests"], told["evidence"]["sound"]["state"]) == ({"tiny": {"passed": 1, "skipped": 1}}, "taken")
    assert "no disk here" in told["evidence"]["sound"]["reason"]


@pytest.mark.parametrize(("words", "form"), [(PYTEST, "junit"), (SUBUNIT, "subunit")])
def test_a_test_that_fails(cloud: Cloud, run: Callable[..., Ended], words: str, form: str) -> None:
    """It is a finding with its traceback, without secrets, in the results and in JUnit; its evidence is refuted."""
    put(cloud.folder / "tree/test_tiny.py", BROKEN)
    ended = run(words, "--subunit", cloud.folder / "out.subunit", form=form)
    [finding] = cloud.records()["test_tiny.Tiny.test_broken"]["findings"]

    assert (ended.code, finding["code"], finding["service"]) == (1, "in-tree", "tiny")
    assert "ValueError: token=*** it broke" in finding["seen"]
    assert "ValueError: token=*** it broke" in (cloud.results / "junit.xml").read_text(encoding="utf-8")
    assert b"it broke" in (cloud.folder / "out.subunit").read_bytes()
    assert summary(cloud)["gate"]["evidence"]["sound"]["state"] == "refuted"
    assert "in-tree: tiny test_tiny.Tiny.test_broken\n" in ended.out


@pytest.mark.parametrize(
    ("code", "form", "words"),
    [
        ("pass", "junit", "it ended with 0, and it wrote no results"),
        ("raise SystemExit(4)", "junit", "it ended with 4, and it wrote no results"),
        ("open(sys.argv[1], 'w').write('<testsuites/>')", "junit", "it ended with 0, and ran no test"),
        ("open(sys.argv[1], 'w').write('<testsuites><test')", "junit", "can't be read as junit"),
        ("open(sys.argv[1], 'w').write('<html/>')", "junit", "can't be read as junit"),
        ("open(sys.argv[1], 'wb').write(b'\\xb3garbage' * 9)", "subunit", "Short read"),
        ("open(sys.argv[1], 'w').write('plain words')", "subunit", "it ended with 0, and ran no test"),
        ("print('its last words'); os.kill(os.getpid(), 9)", "junit", "it was killed by SIGKILL"),
        ("os.kill(os.getpid(), 9)", "subunit", "it was killed by SIGKILL, and it wrote no results"),
        ("write(''); raise SystemExit(3)", "junit", "it ended with 3, though no test failed"),
        ("write(''); os.kill(os.getpid(), 11)", "junit", "it was killed by SIGSEGV, though no test failed"),
        ("write('<skipped/>')", "junit", "each of its 1 tests was skipped"),
    ],
)
def test_a_command_that_proves_nothing(
    cloud: Cloud, run: Callable[..., Ended], code: str, form: str, words: str
) -> None:
    """One that dies, writes nothing or garbage, or runs no test is a finding, with how it ended."""
    one = '<testsuite><testcase classname=\\"a\\" name=\\"b\\">%s</testcase></testsuite>'
    script = put(
        cloud.folder / "script.py",
        f'import os, sys\ndef write(inner):\n    open(sys.argv[1], "w").write("{one}" % inner)\n{code}\n',
    )
    ended = run(f'["{{python}}", "{script}", "{{results}}"]', form=form)
    assert ended.code == 1
    assert words in " ".join(one["seen"] for each in cloud.records().values() for one in each["findings"])


def test_no_page_of_microversions(cloud: Cloud, run: Callable[..., Ended]) -> None:
    """What has no microversions isn't made into a page of them, and that is said."""
    run(SUBUNIT, form="subunit")
    ended = command("report", cloud.results, "--data", cloud.folder / "data")
    assert (ended.code, "a project's own tests" in ended.err) == (2, True)


def test_its_last_words_are_told_and_kept(cloud: Cloud, run: Callable[..., Ended]) -> None:
    """What a command printed before it died is in the finding and in a file, without secrets."""
    script = put(cloud.folder / "script.py", "print('last words\\npassword=hunter22')\nraise SystemExit(9)\n")
    run(f'["{{python}}", "{script}", "{{results}}"]')
    assert "last words" in cloud.records()["tiny.command"]["findings"][0]["seen"]
    assert (cloud.results / "logs/stdout.txt").read_text(encoding="utf-8") == "last words\npassword=***\n"


def test_a_test_that_never_ended(cloud: Cloud, run: Callable[..., Ended]) -> None:
    """A test in whose middle the command died is a finding of its own."""
    dying = "    def test_dying(self):\n        import os, sys\n        sys.stdout.flush()\n        os._exit(0)\n"
    put(cloud.folder / "tree/test_tiny.py", TESTS + dying)
    ended = run(SUBUNIT, form="subunit")
    assert ended.code == 1
    assert "never ended" in cloud.records()["test_tiny.Tiny.test_dying"]["findings"][0]["seen"]


def test_a_command_that_hangs(cloud: Cloud, run: Callable[..., Ended]) -> None:
    """It is ended at its deadline with all that it started, and that is a finding."""
    pids = cloud.folder / "pids"
    script = put(cloud.folder / "script.py", hanging(pids))
    ended = run(f'["{{python}}", "{script}", "{{results}}"]', within=2)
    assert ended.code == 1
    assert "had not ended after 2 s" in cloud.records()["tiny.command"]["findings"][0]["seen"]
    assert not any(map(alive, pids.read_text(encoding="utf-8").split()))


def hanging(pids: Path) -> str:
    """A program that starts another, which is deaf to SIGTERM, and waits for it; both tell who they are."""
    child = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    return (
        "import os, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        f"open({str(pids) + '.new'!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        f"os.rename({str(pids) + '.new'!r}, {str(pids)!r})\n"
        "child.wait()\n"
    )


def alive(pid: str) -> bool:
    """Whether a process runs."""
    path = Path("/proc", pid, "stat")
    return path.exists() and path.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped(cloud: Cloud, number: int, code: int) -> None:
    """Ctrl-C and SIGTERM end the command and all that it started, and what was read is left."""
    pids = cloud.folder / "pids"
    script = put(cloud.folder / "script.py", hanging(pids))
    cloud.configure(conformance={"hosts": "true"})
    prepare(cloud.folder, f'["{{python}}", "{script}", "{{results}}"]', "junit", 60)
    # The environment of the tests is this one.
    patch = "from conformance import embedded\nimport sys\nfrom pathlib import Path\n"
    patch += "embedded.testbed = lambda *_: Path(sys.executable)\nfrom conformance.__main__ import main\nmain()\n"
    program = put(cloud.folder / "patched.py", patch)
    started = cloud.start("--data", cloud.folder / "data", "--gate", "own", "--tree", cloud.folder / "tree", by=program)
    deadline = time.monotonic() + 60
    while not pids.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    started.send_signal(number)
    said, _ = started.communicate(timeout=30)
    assert started.returncode == code, said
    assert "it was interrupted" in cloud.records()["tiny.command"]["findings"][0]["seen"]
    assert not any(map(alive, pids.read_text(encoding="utf-8").split()))


def test_what_a_command_knows(cloud: Cloud, run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows the cloud by its entry and the file of entries, runs in the tree, and has no secret of ours."""
    monkeypatch.setenv("OS_PASSWORD", "hunter22")
    monkeypatch.setenv("MY_TOKEN", "hunter22")
    code = "import json, os, sys; json.dump({**os.environ, 'here': os.getcwd()}, open(sys.argv[1], 'w'))"
    out = cloud.folder / "environment.json"
    run(f'["{{python}}", -c, "{code}", "{out}"]', more='environment: {OWN: "{tree}/x"}')
    known = json.loads(out.read_text(encoding="utf-8"))
    tree = str(cloud.folder / "tree")
    assert (known["OS_CLOUD"], known["OS_CLIENT_CONFIG_FILE"]) == ("tiny", os.environ["OS_CLIENT_CONFIG_FILE"])
    assert (known["here"], known["OWN"], known["PYTHONPATH"]) == (tree, f"{tree}/x", tree)
    assert "hunter22" not in known.values()


def test_logs_are_kept(cloud: Cloud, run: Callable[..., Ended]) -> None:
    """The logs that the command wrote are kept without secrets; one of an earlier time isn't, and that is told."""
    put(cloud.folder / "tree/test_tiny.py", TESTS)
    stale = put(cloud.folder / "tree/old/stale.log", "stale\n")
    os.utime(stale, (1, 1))
    code = "import os; os.makedirs('new', exist_ok=True); open('new/a.log', 'w').write('admin_password = hunter22')"
    ended = run(f'["{{python}}", -c, "{code}"]', form="subunit", more='logs: ["new/*.log", "old/*.log"]')
    assert (cloud.results / "logs/new/a.log").read_text(encoding="utf-8") == "admin_password = ***"
    assert not (cloud.results / "logs/old").exists()
    assert "it wrote no log old/*.log" in ended.err


def test_it_is_published(cloud: Cloud, run: Callable[..., Ended]) -> None:
    """With its tests and its logs; there is no trace, and no page of microversions."""
    public = cloud.folder / "public"
    run(SUBUNIT, "--publish", public, form="subunit")
    names = {str(path.relative_to(public)) for path in public.rglob("*.*")}
    assert names >= {"testr_results.html.gz", "results.jsonl", "skipped.txt", "console.txt"}
    assert {"trace.txt", "trace.har", "report.html"} & names == set()
    assert "no disk here (1 case)\n  test_tiny.Tiny.test_skipped\n" in (public / "skipped.txt").read_text(
        encoding="utf-8"
    )
    assert (public / "result.txt").read_text(encoding="utf-8").startswith("* conformance-gate-own file:///")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["compute/server::*"], "cases says nothing"),
        (["--shard", "1/2"], "shard says nothing"),
        (["--every", "--slow", "3"], "every, slow says nothing"),
    ],
)
def test_what_is_for_stories(run: Callable[..., Ended], options: list[str], words: str) -> None:
    """What only stories have is refused, before anything runs."""
    ended = run(SUBUNIT, *options, form="subunit")
    assert (ended.code, words in ended.err) == (2, True), ended.err


def test_a_tree_without_a_command(cloud: Cloud) -> None:
    """A tree for a run of stories is refused."""
    ended = cloud.run("--tree", cloud.folder)
    assert (ended.code, "--tree is for a gate with a command" in ended.err) == (2, True)


def test_a_command_that_is_not_there(run: Callable[..., Ended]) -> None:
    """A program that can't be started is named."""
    ended = run("[/no/such/program]")
    assert (ended.code, "/no/such/program" in ended.err) == (2, True)


def test_a_tree_without_requirements(cloud: Cloud) -> None:
    """A tree that doesn't say what its tests require is none."""
    cloud.configure(conformance={"hosts": "true"})
    prepare(cloud.folder, SUBUNIT, "subunit", 9)
    ended = cloud.run("--data", cloud.folder / "data", "--gate", "own", "--tree", cloud.folder / "tree")
    assert (ended.code, "has no test-requirements.txt" in ended.err) == (2, True)


def test_a_project_that_the_release_has_not(cloud: Cloud) -> None:
    """Without a tree the project is one of the release's."""
    cloud.configure(conformance={"hosts": "true"})
    prepare(cloud.folder, SUBUNIT, "subunit", 9)
    ended = cloud.run("--data", cloud.folder / "data", "--gate", "own")
    assert (ended.code, "has no tiny" in ended.err) == (2, True)


def test_a_cloud_that_lacks_a_need(cloud: Cloud) -> None:
    """No command runs where the cloud lacks what the gate needs."""
    prepare(cloud.folder, SUBUNIT, "subunit", 9)
    ended = cloud.run("--data", cloud.folder / "data", "--gate", "own", "--tree", cloud.folder / "tree")
    assert (ended.code, "missing  hands" in ended.err) == (3, True)
    assert not cloud.results.exists()


def test_show(cloud: Cloud) -> None:
    """A gate with a command is shown with it."""
    prepare(cloud.folder, SUBUNIT, "subunit", 9)
    shown = command("gate", "show", "own", "--data", cloud.folder / "data")
    assert "{python} -m subunit.run test_tiny" in shown.out.replace("'", "")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("results: junit", "results: xml", "'xml' is not one of"),
        ("within: 60", "within: 0", "0 is less than or equal"),
        ("within: 60, ", "", "'within' is a required property"),
        ("project: tiny", "project: Tiny Thing", "does not match"),
        ("run: [a]", "run: []", "non-empty"),
        ("run: [a]", 'run: ["{moon}"]', "unknown place {moon}"),
        ("within: 60, ", "within: 60, shell: true, ", "'shell' was unexpected"),
        ("within: 60, ", "within: 60, environment: {A: 1}, ", "1 is not of type 'string'"),
        ("within: 60, ", "within: 60, environment: {a-b: x}, ", "does not match"),
        ("within: 60, ", "within: 60, logs: [../x], ", "leads out of the tree"),
        ("within: 60, ", "within: 60, logs: [/etc/passwd], ", "leads out of the tree"),
        ("needs: [hands]", "needs: [hands]\nstories: [compute/list]", "is valid under each of"),
        ("needs: [hands]", "needs: [hands]\nslow: 3", "should not be valid"),
        ("needs: [hands]", "needs: [hands]\nspans: {compute: 2.1..2.2}", "should not be valid"),
        ("evidence:", "proof:", "'evidence' is a required property|'proof' was unexpected"),
    ],
)
def test_a_command_that_makes_no_sense(tmp_path: Path, stories: Library, old: str, new: str, words: str) -> None:
    """It is refused at load, with its place and what is wrong."""
    text = GATE.format(run="[a]", form="junit", within=60, more="")
    assert old in text
    put(tmp_path / "gates/own.yaml", text.replace(old, new))
    with pytest.raises(DataError, match=words.replace("{", r"\{")) as caught:
        load(tmp_path / "gates", stories)
    assert "own.yaml" in caught.value.where


@pytest.fixture
def stories(tmp_path: Path) -> Library:
    """One story, and needs."""
    put(tmp_path / "scenarios/needs.yaml", NEEDS)
    return library(
        tmp_path, documents(tmp_path, "calls: {GET /servers: {status: 200}}"), list="steps: {show: {GET: /servers}}"
    )
