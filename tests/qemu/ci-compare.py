#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run clients/ci-test (32 and 64 bit) under firmware images and judge its TAP output.

Two uses:
  ci-compare.py --ours build/fw.bin --slof slof.bin   Markdown table of the checks whose results differ;
                                                      exit status 1 if ours fails any check
  ci-compare.py --tap FIRMWARE                        one TAP stream of all runs, for the test suite

The clients get a machine with two CPUs, a disk with a known pattern (word n holds n), and a device whose unit
address has a letter. SLOF runs are "gentle": the checks that hand over garbage are left out, since it faults.
"""

import argparse
import os
import re
import struct
import subprocess
import sys
import tempfile

DISK_WORDS = 0x40000
# Firmware may print without a final newline before a result, hence no anchor at the start.
RESULT = re.compile(r"(not ok|ok) (\d+) - (.*)")
PLAN = re.compile(r"1\.\.(\d+)\s*$")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", metavar="IMAGE", help="firmware under test")
    parser.add_argument("--slof", metavar="IMAGE", help="firmware to compare with, run gently")
    parser.add_argument("--tap", metavar="FIRMWARE", help="run under this one only and print TAP")
    parser.add_argument("--gentle", action="store_true", help="no garbage arguments with --tap and --ours either")
    parser.add_argument("--no-forth", action="store_true", help="do not expect interpret with --tap and --ours")
    parser.add_argument("--no-cas", action="store_true", help="leave out client-architecture-support")
    parser.add_argument("--clients", default="build/clients", help="folder of ci-test-*.elf (%(default)s)")
    parser.add_argument("--qemu", default=os.environ.get("QEMU") or "qemu-system-ppc64", help="($QEMU, %(default)s)")
    parser.add_argument("--deadline", type=float, default=60, help="seconds per run (%(default)s)")
    parser.add_argument("--logs", metavar="FOLDER", help="keep the console output of each run here")
    options = parser.parse_args()
    if not options.tap and not (options.ours or options.slof):
        parser.error("give --tap, or --ours and --slof")
    return options


def write_disk(path):
    """The pattern ci-disk.c expects: every big-endian word holds its own number."""
    with open(path, "wb") as disk:
        disk.write(struct.pack(f">{DISK_WORDS}I", *range(DISK_WORDS)))


def command(options, firmware, client, disk, words):
    return [
        options.qemu, "-M", "pseries", "-m", "512", "-smp", "2", "-nodefaults", "-nographic", "-no-reboot",
        "-serial", "stdio", "-monitor", "none", "-bios", firmware, "-kernel", client, "-append", " ".join(words),
        "-drive", f"if=none,id=ci,format=raw,file={disk}", "-device", "spapr-vscsi", "-device", "scsi-hd,drive=ci",
        "-device", "virtio-rng-pci,addr=0xa",
    ]


def run_qemu(cmd, deadline):
    """Console output, and whether QEMU ended by itself. QEMU never survives this function."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            process.wait(timeout=deadline)
            ended = True
        except subprocess.TimeoutExpired:
            ended = False
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        output.seek(0)
        return output.read().decode("utf-8", "replace").replace("\r", ""), ended


class Run:
    """The results of one client under one firmware: text of the check -> (status, detail), in order."""

    def __init__(self, name, console, ended):
        self.name = name
        self.ended = ended
        self.checks = {}
        self.plan = None
        for line in console.split("\n"):
            result = RESULT.search(line)
            plan = PLAN.match(line)
            if result:
                self.add(*result.groups())
            elif plan:
                self.plan = int(plan.group(1))

    def add(self, verdict, _number, rest):
        text, _, detail = rest.partition(" # ")
        status = "skip" if detail.startswith("SKIP") else verdict
        if text in self.checks:
            status, detail = "not ok", "text used twice"
        self.checks[text] = (status, detail.strip())

    def trouble(self):
        """Why the run as a whole is bad, or None."""
        if self.plan is None:
            return "stopped after %d checks%s" % (len(self.checks), self.last() if self.checks else "")
        if self.plan != len(self.checks):
            return f"{len(self.checks)} results for a plan of {self.plan}"
        if not self.ended:
            return "QEMU did not end by itself (power-off)"
        return None

    def last(self):
        return f' (the last was "{list(self.checks)[-1]}")'

    def failures(self):
        return [text for text, (status, _) in self.checks.items() if status == "not ok"]


def run_client(options, firmware, width, gentle, disk, label):
    words = ([] if options.no_cas else ["cas"]) + (["gentle"] if gentle else [])
    words += ["no-forth"] if options.no_forth and firmware != options.slof else []
    client = os.path.join(options.clients, f"ci-test-{width}.elf")
    console, ended = run_qemu(command(options, firmware, client, disk, words), options.deadline)
    if options.logs:
        os.makedirs(options.logs, exist_ok=True)
        name = f"ci-test-{width}-{label}.log"
        with open(os.path.join(options.logs, name), "w", encoding="utf-8") as log:
            log.write(console)
    return Run(f"{width} bit", console, ended)


def print_tap(runs):
    """All runs as one stream with one plan; what went wrong with a run as a whole is one more check."""
    number = failed = 0
    print("TAP version 13")
    for run in runs:
        for text, (status, detail) in run.checks.items():
            number += 1
            failed += status == "not ok"
            verdict = "not ok" if status == "not ok" else "ok"
            print(f"{verdict} {number} - {run.name}: {text}" + (f" # {detail}" if detail else ""))
        number += 1
        trouble = run.trouble()
        failed += trouble is not None
        print(f"{'not ok' if trouble else 'ok'} {number} - {run.name}: ran to the end" + (f" # {trouble}" if trouble else ""))
    print(f"1..{number}")
    return failed


def cell(run, text):
    if text not in run.checks:
        return "missing"
    status, detail = run.checks[text]
    if status == "skip":
        return "skipped"
    return status + (f" ({detail})" if detail else "")


def print_comparison(pairs):
    """@pairs: (ours, slof) per width. Only checks done by both whose verdict differs make the table."""
    print("| client | check | ours | SLOF |\n|---|---|---|---|")
    for ours, slof in pairs:
        for text in list(ours.checks) + [t for t in slof.checks if t not in ours.checks]:
            both = [run.checks.get(text, ("missing", ""))[0] for run in (ours, slof)]
            if both[0] != both[1] and "skip" not in both:
                row = [ours.name, text, cell(ours, text), cell(slof, text)]
                print("| " + " | ".join(field.replace("|", "\\|") for field in row) + " |")
    print()
    for ours, slof in pairs:
        for label, run in (("ours", ours), ("SLOF", slof)):
            print(f"* {run.name}, {label}: {len(run.checks)} checks, {len(run.failures())} failed"
                  + (f"; {run.trouble()}" if run.trouble() else ""))


def print_failures(runs, label):
    """With one firmware only: what it fails."""
    print(f"| client | check | {label} |\n|---|---|---|")
    for run in runs:
        for text in run.failures():
            print(f"| {run.name} | {text} | {cell(run, text)} |")
    for run in runs:
        print(f"\n* {run.name}: {len(run.checks)} checks, {len(run.failures())} failed"
              + (f"; {run.trouble()}" if run.trouble() else ""))


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        disk = os.path.join(folder, "pattern.img")
        write_disk(disk)

        def runs(firmware, gentle, label="ours"):
            return [run_client(options, firmware, width, gentle, disk, label) for width in (32, 64)]

        if options.tap:
            return 1 if print_tap(runs(options.tap, options.gentle)) else 0
        ours = runs(options.ours, options.gentle) if options.ours else None
        slof = runs(options.slof, True, "slof") if options.slof else None
    if ours and slof:
        print_comparison(list(zip(ours, slof)))
    else:
        print_failures(ours or slof, "ours" if ours else "SLOF")
    return 1 if ours and any(run.failures() or run.trouble() for run in ours) else 0


if __name__ == "__main__":
    sys.exit(main())
