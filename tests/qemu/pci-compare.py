#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
Which PCI topologies does SLOF get wrong, and which do we?  Prints a Markdown table; Linux judges both.

    pci-compare.py --ours build/slof.bin --slof /usr/share/qemu/slof.bin [--only T12]... [--update docs/pci.md]

Both firmwares get the same command lines (topologies.py) and the same Linux; judge.py's complaints are sorted into kinds and
counted.  Where not everything can fit, either firmware may leave out as many functions as the topology says, whichever it
likes.  What is only a matter of style is not held against anybody: incomplete interrupt maps (which matter when something is
plugged in later) have a column of their own.  --update replaces the section "Compared with SLOF" of a page.
"""
import argparse
import concurrent.futures
import datetime
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True

import judge
import linux_tests
import topologies
from assets import Assets, TOP
from bench import Bench
from vm import VmError

HEADING = "## Compared with SLOF"
STYLE = re.compile(r"interrupt-map|bytes of configuration space, expected")
MISSING = re.compile(r"^(\S+) BAR \d \([0-9a-f]+ bytes\) is not assigned")
KINDS = [                                           # the first that matches counts; worst first in the table
    ("overlaps", re.compile(r" overlaps |address conflict|conflicts with")),
    ("BARs out of reach behind a bridge", re.compile(r"is not forwarded by|is not inside a window|lies in a bridge's window")),
    ("legacy ports covered", re.compile(r"Cannot reserve")),
    ("BARs without address", re.compile(r"is not assigned|in reg but not in assigned|can't assign|no space|failed to assign|are unassigned")),
    ("resources Linux had to move or assign", re.compile(r"will remap|can't claim|had to assign|not in Linux' resource tree|holds \S+, Linux")),
    ("functions lost", re.compile(r"unknown to Linux|QEMU has \d+ functions|has no node|Linux does not have")),
    ("faults of bus numbers", re.compile(r"bus number|bus-range|subordinate|says buses|Can't get")),
    ("windows that differ between tree, registers and QEMU", re.compile(r"window|ranges|prefetchable range")),
    ("interrupts unmapped", re.compile(r"of_irq_parse_pci")),
    ("faults in assigned-addresses", re.compile(r"assigned-addresses")),
]


def boot(bench, topology):
    """(text, query-pci), or a word about how it failed."""
    args, express = topology.build(bench.assets.rom())
    try:
        return linux_tests.run_linux(bench, args, preload=express, start_time=topology.start_time), None
    except VmError as err:
        if "instead" in str(err) and "Preparing to boot" in str(err):
            return None, "**starts over instead of handing over** (stopped at the second start)"
        if "Kernel panic" in str(err) or "Unable to handle" in str(err):
            return None, "**Linux crashes**"
        return None, "**does not get to Linux**: " + last_words(bench)


def last_words(bench):
    lines = [line for line in bench.vms[-1].text().splitlines() if line.strip()] if bench.vms else []
    return "`%s`" % lines[-1].strip()[:60].replace("|", "/") if lines else "says nothing"


def complaints(answer, topology):
    """As the judge says; any functions may lack addresses, if no more than the topology allows."""
    text, buses = answer
    bad = judge.judge(text, buses)
    missing = {m.group(1): set(range(7)) for m in map(MISSING.match, bad) if m}
    if missing and len(missing) <= topology.left_out:
        bad = judge.judge(text, buses, left_out=missing)
    return bad


def in_kinds(bad):
    """{kind: number of complaints}"""
    counts = {}
    for complaint in bad:
        kind = next((name for name, pattern in KINDS if pattern.search(complaint)), "other faults")
        counts[kind] = counts.get(kind, 0) + 1
    order = [name for name, _pattern in KINDS] + ["other faults"]
    return {name: counts[name] for name in order if name in counts}


def verdict(bench, topology):
    """(right or what is wrong, incomplete interrupt maps)"""
    answer, failure = boot(bench, topology)
    if failure:
        return failure, 0
    bad = complaints(answer, topology)
    bench.save(".txt", "\n".join(bad) + "\n")
    maps = sum("interrupt-map" in c for c in bad)
    kinds = in_kinds([c for c in bad if not STYLE.search(c)])
    return ", ".join("%d %s" % (n, name) for name, n in kinds.items()) or "right", maps


def first_match(pattern, text, default="?"):
    found = re.search(pattern, text)
    return found.group(1) if found else default


def versions(bench, firmware):
    """What the firmware calls itself."""
    with Bench(firmware, "", bench.assets, bench.logs, "", name="version").vm([]) as vm:
        vm.expect(r"FW Version = [^\n]*\n", linux_tests.FIRMWARE_TIME)
        about = first_match(r"FW Version = ([^\n]*?)\s*\n", vm.text())
        try:
            vm.expect(r"(?i)release [^\n]*\n", 5)
        except VmError:
            return about
        return "%s release %s" % (about, first_match(r"(?i)release (\S+)", vm.text()))


def qemu_version():
    qemu = os.environ.get("QEMU") or "qemu-system-ppc64"
    out = subprocess.run([qemu, "--version"], stdout=subprocess.PIPE, timeout=60, check=True).stdout.decode()
    return first_match(r"version (\S+)", out)


def table(results, chosen, about):
    lines = [HEADING, "", "Made by `tests/qemu/pci-compare.py --update docs/pci.md` on %s; do not edit by hand." % about["date"],
             "Ours: %(ours)s. SLOF: %(slof)s. QEMU %(qemu)s. Linux, the judge: %(linux)s." % about,
             "Numbers count complaints of `tests/qemu/judge.py`, one fault can raise several. \"Maps\": bridges whose",
             "interrupt map lacks slots that are empty at boot; something plugged in there later gets no interrupt.", "",
             "| topology | ours | SLOF | maps, ours | maps, SLOF |", "|---|---|---|---|---|"]
    for t in chosen:
        ours, slof = results[t.name, "ours"], results[t.name, "slof"]
        lines.append("| %s: %s | %s | %s | %d | %d |" % (t.name, t.about, ours[0], slof[0], ours[1], slof[1]))
    return "\n".join(lines) + "\n"


def update(path, text, heading=HEADING):
    """Replace the section with this heading, or add it at the end."""
    with open(path, encoding="utf-8") as f:
        page = f.read()
    start = page.find(heading + "\n")
    if start < 0:
        page, start, end = page.rstrip("\n") + "\n\n", len(page.rstrip("\n")) + 2, None
    else:
        end = page.find("\n## ", start)
    rest = page[end:] if end is not None and end >= 0 else ""
    with open(path, "w", encoding="utf-8") as f:
        f.write(page[:start] + text + rest)


def compare(args, chosen):
    assets = Assets(args.work)
    logs = os.path.join(args.work, "compare")
    os.makedirs(logs, exist_ok=True)

    def run(topology, who):
        firmware = {"ours": args.ours, "slof": args.slof}[who]
        return verdict(Bench(firmware, "", assets, logs, "", name="%s-%s" % (topology.name, who)), topology)

    bench = Bench(args.ours, "", assets, logs, "", name="version")
    about = {"date": datetime.date.today().isoformat(), "ours": versions(bench, args.ours),
             "slof": versions(bench, args.slof), "qemu": qemu_version()}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        running = {(t.name, who): pool.submit(run, t, who) for t in chosen for who in ("ours", "slof")}
        results = {key: job.result() for key, job in running.items()}
    with open(os.path.join(logs, chosen[0].name + "-ours.log"), encoding="utf-8") as f:
        about["linux"] = first_match(r"Linux version (\S+)", f.read())
    return table(results, chosen, about)


def main():
    parser = argparse.ArgumentParser(description="Our firmware and SLOF on the same PCI topologies.")
    parser.add_argument("--ours", default=os.path.join(TOP, "build", "slof.bin"))
    parser.add_argument("--slof", default="/usr/share/qemu/slof.bin")
    parser.add_argument("--only", action="append", help="this topology only (repeatable)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--work", default=os.path.join(TOP, "build", "boot-tests"))
    parser.add_argument("--update", metavar="PAGE", help="replace the section in this page")
    args = parser.parse_args()
    chosen = [t for t in topologies.TOPOLOGIES if t.name in args.only] if args.only else \
             [t for t in topologies.TOPOLOGIES if t.speed != "named"]
    text = compare(args, chosen)
    print(text)
    if args.update:
        update(args.update, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
