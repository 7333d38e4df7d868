"""The tree that all hosts share: Debian packages and the services' own environment, made once for each list of both."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from conformance.embedded import environment
from conformance.embedded.environment import DONE, PR_SET_PDEATHSIG
from conformance.embedded.places import locked
from conformance.embedded.release import Release
from conformance.errors import CloudError

from .namespaces import INSIDE, OWN, borrow
from .places import trees

SUITE = "trixie"
PACKAGES = Path(__file__).with_name("packages.txt")
DRIVER = "pymysql==1.2.4"
GUEST = (INSIDE / "lab_host" / "guest.py", *(INSIDE / "guest" / name for name in ("init", "lease", "pattern")))
MAKE_GUEST = ["/usr/bin/python3", "-m", "lab_host.guest", "/run/inside/guest"]
MAKING_SECONDS = 900
CACHE = "cache"
NEEDLESS = ("doc", "info", "locale", "man", "lintian")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Debian would make a database and start daemons; hosts do that themselves.
CLEAN = 'rm -rf "$1"/var/lib/mysql/* "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/etc/ssh/ssh_host_*'

# The guest's kernel is unpacked and never installed: a host has no use for it.
KERNEL = """chroot "$1" sh -ec 'mkdir -p /opt/guest/unpacked; cd /opt/guest
    name=$(apt-cache depends linux-image-cloud-amd64 | sed -n "s/^ *Depends: //p" | head -n1)
    apt-get -qq download "$name"; dpkg-deb -x linux-image-*.deb unpacked; rm linux-image-*.deb'"""


def packages() -> list[str]:
    """The Debian packages that a host has."""
    lines = (line.partition("#")[0].strip() for line in PACKAGES.read_text().splitlines())
    return [line for line in lines if line]


def key(release: Release) -> str:
    """Names a tree after all that goes into it, so that a stale one is never found."""
    parts = [SUITE, *packages(), KERNEL, CLEAN, DRIVER, release.lock.read_text()]
    parts += [file.read_text() for file in GUEST]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def prepare(release: Release, say: Callable[[str], None]) -> Path:
    """The tree of a release, made unless it is there; one that can't be finished is removed, but for its log."""
    folder = trees() / key(release)
    if not (folder / DONE).exists():
        with locked(folder.with_suffix(".lock"), MAKING_SECONDS, "making the tree of a lab"):
            if not (folder / DONE).exists():
                say(f"making the tree of all hosts in {folder}, once: Debian {SUITE} and OpenStack {release.name}")
                _make(release, folder)
    return folder / "root"


def _make(release: Release, folder: Path) -> None:
    root, log, temporary = folder / "root", folder.with_suffix(".log"), folder / "tmp"
    log.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        run([*OWN, "--mount-proc", *debian(root)], log, {"TMPDIR": str(temporary)})
        for command in [*python_environment(release), ["env", "PYTHONPATH=/run/inside", *MAKE_GUEST]]:
            run(borrow(root, _shown(release), command), log, {})
        shutil.rmtree(root / "opt/guest/unpacked")
    except BaseException:
        shutil.rmtree(folder)
        raise
    shutil.rmtree(temporary)
    (folder / DONE).touch()


def remove_unfinished() -> None:
    """Remove what was begun and is made no more, such as by a process that was killed: nobody holds its lock."""
    for folder in trees().iterdir() if trees().is_dir() else ():
        if folder.is_dir() and folder.name != CACHE and not (folder / DONE).exists():
            try:
                with locked(folder.with_suffix(".lock"), 0.1, "making it"):
                    shutil.rmtree(folder)
            except CloudError:
                continue


def debian(root: Path) -> list[str]:
    """What installs the Debian packages."""
    exclude = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in NEEDLESS]
    apt = ["--aptopt=APT::Install-Recommends false", "--aptopt=Acquire::Retries 3"]
    options = ["--variant=minbase", "--mode=root", "--quiet", "--dpkgopt=force-unsafe-io", *apt, *exclude]
    return [
        "mmdebstrap",
        *options,
        f"--customize-hook={KERNEL}",
        f"--customize-hook={CLEAN}",
        f"--include={','.join(packages())}",
        SUITE,
        str(root),
    ]


def python_environment(release: Release) -> list[list[str]]:
    """What makes the services' environment in the tree. The lock is complete, so nothing is resolved."""
    python, lock = "/opt/os/bin/python", "/run/lock.txt"
    make = ["--system-site-packages", "/opt/os"]
    if not _uv():
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        return [["/usr/bin/python3", "-m", "venv", *make], [*pip, "-r", lock, DRIVER]]
    install = ["/run/uv", "pip", "install", "--quiet", "--no-deps", "--compile-bytecode", "--link-mode=copy"]
    return [
        ["/run/uv", "venv", "--quiet", "--no-project", "--python=/usr/bin/python3", *make],
        [*install, "--cache-dir=/run/cache", "--python", python, "-r", lock, DRIVER],
    ]


def _uv() -> str:
    """The program itself, which runs in the tree as well; empty without one."""
    found = environment.uv()
    if len(found) == 1:
        return found[0]
    return str(import_module("uv").find_uv_bin()) if found else ""


def _shown(release: Release) -> dict[str, str]:
    """What of this machine an installation sees: the lock, the program, its cache, and the way to the index."""
    shown = {"/run/inside": str(INSIDE), "/run/lock.txt": str(release.lock), "/etc/resolv.conf": "/etc/resolv.conf"}
    if CERTIFICATES.exists():
        shown[str(CERTIFICATES)] = str(CERTIFICATES)
    if uv := _uv():
        cache = trees() / CACHE
        cache.mkdir(exist_ok=True)
        shown |= {"/run/uv": uv, "/run/cache": str(cache)}
    return shown


def run(command: Sequence[str], log: Path, extra: dict[str, str]) -> None:
    """Run a step of making, with its words in a log; it dies with this process. CloudError if it fails."""
    with log.open("ab") as output:
        try:
            done = subprocess.run(  # noqa: S603 - a command of our own making
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **extra, "PYTHONPATH": str(INSIDE), "PYTHONDONTWRITEBYTECODE": "1"},
                timeout=MAKING_SECONDS,
                preexec_fn=_die_with_parent,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            remedy = "Does 'conformance lab check' find all it needs?"
            raise CloudError(f"{type(error).__name__}: {error}"[:400], str(log), remedy) from None
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
        remedy = "Are a Debian mirror and the package index reachable?"
        raise CloudError(f"making the tree failed:\n{tail}", str(log), remedy)


def _die_with_parent() -> None:
    """In a child before it executes: have it killed when this process dies; ``unshare`` ignores gentler signals."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
