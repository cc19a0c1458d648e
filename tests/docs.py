#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
Is what the pages say of the tree true? Links lead somewhere, files named in `backquotes` exist, the graph of modules is
the one make prints, and every page, fuzz target and file of boot tests stands in its table. Prints TAP.

    tests/docs.py "fuzz-a fuzz-b ..." < output of make graph
"""
import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINK = re.compile(r"\]\(([^)#\s:]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"`([A-Za-z0-9_./*-]+\.(?:c|h|S|py|sh|mk|lds|md|pins|fs))`")
NO_FILE = re.compile(r"^(build/|/|~)|NAME")             # made by a build, elsewhere, or a pattern
THEIRS = {"ofnet.c"}                                    # of programs we speak of


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def pages():
    return ["README.md"] + sorted(os.path.relpath(p, TOP) for p in glob.glob(os.path.join(TOP, "docs", "*.md")))


def anchors(text):
    """How GitHub and its like name a heading: lower case, blanks to hyphens, other signs dropped."""
    heads = re.findall(r"^#+ +(.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def bad_links(page):
    for target, anchor in LINK.findall(read(page)):
        path = os.path.normpath(os.path.join(os.path.dirname(page), target)) if target else page
        if not os.path.exists(os.path.join(TOP, path)):
            yield "%s: a link to %s, which is not there" % (page, target)
        elif anchor and anchor not in anchors(read(path)):
            yield "%s: %s has no heading %s" % (page, path, anchor)


def tree_files():
    """Paths of our own files; the build's are left out."""
    found = []
    for folder, folders, files in os.walk(TOP):
        folders[:] = [d for d in folders if d != ".git" and not d.startswith("build")]
        found += [os.path.relpath(os.path.join(folder, f), TOP) for f in files]
    return found


def is_there(name, files):
    """As a whole path, or as the end of one: names.c, ci-*.c, term/lineedit.h, -need.c."""
    end = re.compile("(^|/|(?<=[a-z])(?=-))" + re.escape(name).replace(r"\*", "[^/]*") + "$")
    return any(end.search(path) for path in files)


def bad_files(page, files):
    for name in sorted(set(CODE.findall(read(page)))):
        if not NO_FILE.search(name) and name not in THEIRS and not is_there(name, files):
            yield "%s: there is no %s" % (page, name)


def bad_graph(wanted):
    shown = re.findall(r"^    (\w[\w-]*) +-> ?(.*)$", read("docs/architecture.md"), re.M)
    made = re.findall(r"^(\w[\w-]*) +-> ?(.*)$", wanted, re.M)
    return ["docs/architecture.md: the graph has %s, make graph does not" % " -> ".join(row) for row in shown if row not in made] + \
        ["docs/architecture.md: the graph lacks %s" % " -> ".join(row) for row in made if row not in shown]


def missing(page, names, what):
    text = read(page)
    return ["%s: %s %s is not in its table" % (page, what, name) for name in names if "`%s`" % name not in text]


def not_listed(index):
    links = {target for target, _ in LINK.findall(read(index))}
    folder = os.path.dirname(index)
    return ["%s: %s is not in the list" % (index, page) for page in pages() if os.path.dirname(page) == folder
            and page != index and os.path.basename(page) not in links]


def main():
    files = tree_files()
    boot_tests = sorted(os.path.basename(p) for p in glob.glob(os.path.join(TOP, "tests", "qemu", "*_tests.py")))
    checks = [
        ("links lead somewhere", [bad for page in pages() for bad in bad_links(page)]),
        ("files that are named exist", [bad for page in pages() for bad in bad_files(page, files)]),
        ("the graph of modules is the one make prints", bad_graph(sys.stdin.read())),
        ("docs/README.md lists every page", not_listed("docs/README.md")),
        ("every fuzz target is explained", missing("docs/testing.md", sys.argv[1].split(), "the fuzz target")),
        ("every file of boot tests is explained", missing("docs/testing.md", boot_tests, "the file")),
    ]
    for number, (name, bad) in enumerate(checks, 1):
        print("%s %d - %s" % ("not ok" if bad else "ok", number, name))
        for line in bad:
            print("# " + line)
    print("1..%d" % len(checks))
    return 1 if any(bad for _, bad in checks) else 0


if __name__ == "__main__":
    sys.exit(main())
