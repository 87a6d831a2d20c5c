"""
Under which licence is each package that the bot needs to run.

    python tools/licences.py           writes the table of LICENSES.md anew
    python tools/licences.py --check   exit code 1 where the table no longer fits

Read from the metadata of the installed packages; only what is installed nowhere here is stated by hand.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "requirements.txt"
PAGE = ROOT / "LICENSES.md"
BEGIN = "<!-- begin of the table made by tools/licences.py -->"
END = "<!-- end of the table -->"

_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)(?: ; ([^\\]+?))? ?\\?$", re.MULTILINE)
_NEEDED_BY = re.compile(r"#(?: via)? +([A-Za-z][\w.:-]*)(?: \([^)]*\))?")

# Packages that no machine of ours installs; read in the metadata of their wheels.
ELSEWHERE = {"colorama": "BSD-3-Clause", "httpx2-jsfetch": "BSD-3-Clause"}

# What the older fields of the metadata call a licence, as the SPDX list calls it.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "BSD-3-Clause": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT": "MIT",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "MPL-2.0": "MPL-2.0",
    "MPL-2.0 AND MIT": "MPL-2.0 AND MIT",
    "PSF-2.0": "PSF-2.0",
    "Python Software Foundation License": "PSF",
}


_OURSELVES = {"ivig-bot": "ivig-bot itself", "ivig-bot:build": "installing ivig-bot"}


class Package(NamedTuple):
    """A package that running needs."""

    name: str
    versions: tuple[str, ...]
    needed_by: tuple[str, ...]


class UnknownLicenceError(Exception):
    """A package whose metadata names no licence that the table above knows."""


def packages(text: str) -> list[Package]:
    """The packages of a hash-pinned list, each once, with the versions of all platforms."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    starts = list(_PINNED.finditer(text))
    for entry, following in zip(starts, [*starts[1:], None], strict=True):
        block = text[entry.end() : following.start() if following else len(text)]
        comments = [line.strip() for line in block.splitlines() if line.strip().startswith("#")]
        versions, needed_by = found.setdefault(entry[1], ([], []))
        versions.append(entry[2])
        for comment in comments:
            needer = _NEEDED_BY.fullmatch(comment)
            if needer and needer[1] not in (*needed_by, "via"):
                needed_by.append(needer[1])
    return [Package(name, tuple(versions), tuple(needed_by)) for name, (versions, needed_by) in sorted(found.items())]


def licence(name: str) -> str:
    """The licence of an installed package, as an SPDX expression where its metadata allows one."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        if name in ELSEWHERE:
            return ELSEWHERE[name]
        raise UnknownLicenceError(f"{name} is not installed here") from None
    if about["License-Expression"]:
        return str(about["License-Expression"])
    named = [(about["License"] or "").strip()]
    named += [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    known = {SPDX[name] for name in named if name in SPDX}
    if not known:
        raise UnknownLicenceError(f"{name}: none of {[text[:60] for text in named]} is a licence this script knows")
    # "BSD" says nothing that "BSD-3-Clause" does not; where two are left, both are stated.
    exact = {name for name in known if not any(other.startswith(f"{name}-") for other in known)}
    return " AND ".join(sorted(exact))


def table() -> str:
    """The table as LICENSES.md holds it."""
    lines = ["| package | version | licence | needed by |", "|---|---|---|---|"]
    for package in packages(LIST.read_text(encoding="utf-8")):
        needed_by = ", ".join(_OURSELVES.get(name, name) for name in package.needed_by)
        row = (package.name, ", ".join(package.versions), licence(package.name), needed_by)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def renewed(page: str) -> str:
    """The page with the table of today."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} lacks the two lines the table stands between")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write or check the page."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = renewed(page)
    if arguments == ["--check"]:
        if page != wanted:
            sys.stderr.write(f"{PAGE.name} is out of date; run python tools/licences.py\n")
            return 1
        return 0
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
