#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run test programs in parallel and add up what they report in TAP.

    tests/run-tests.py [-j JOBS] [--timeout SECONDS] [--only REGEX] LISTFILE...

A list file ("-" is standard input) has one test program per line, fields
separated by tabs: name, shell command, optionally a deadline in seconds for
this one. Empty lines and lines starting with # are skipped. JOBS is also taken
from the environment; the default is the number of processors.

A program prints TAP: a plan "1..N" and N results "ok I - text" or "not ok I -
text"; "ok I # skip reason", or the plan "1..0 # skip reason", counts as skipped.
Each "not ok" is one failure. One more is counted for a program that does not
keep to the protocol: exits non-zero without a "not ok" explaining it, dies of a
signal, overruns its deadline, or has no plan or other than N results.

Each program gets a line here when it ends, followed by its whole output if it
failed. The very last line is the sum, "N passed, M failed[, K skipped]". The
status is 1 on any failure and when nothing ran.
"""

import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

PLAN = re.compile(r"1\.\.(\d+)\s*(#\s*skip.*)?$", re.IGNORECASE)
RESULT = re.compile(r"(not )?ok\b([^#]*)(#\s*skip)?", re.IGNORECASE)

# Process groups now running, ended with us however we end.
running = set()
running_lock = threading.Lock()


class Outcome:
    """What one test program reported, and how it broke the protocol if it did."""

    def __init__(self, name):
        self.name = name
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.planned = None
        self.problem = ""
        self.output = ""
        self.seconds = 0.0

    def parse(self, output):
        """Count the TAP lines of OUTPUT. A serial console ends lines with CR LF."""
        self.output = output
        for line in output.splitlines():
            line = line.strip("\r\n ")
            plan = PLAN.match(line)
            result = RESULT.match(line)
            if plan:
                self.planned = int(plan.group(1))
                if self.planned == 0 and plan.group(2):
                    self.planned = self.skipped = 1
            elif result and result.group(1):
                self.failed += 1
            elif result and result.group(3):
                self.skipped += 1
            elif result:
                self.passed += 1

    def judge(self, status, limit):
        """Count the one failure of a program that broke the protocol.

        STATUS is the exit status, negative for a signal, None for the deadline.
        """
        results = self.passed + self.failed + self.skipped
        if status is None:
            self.problem = f"not finished after {limit:g} s"
        elif status < 0 or status > 128:
            self.problem = f"killed by signal {-status if status < 0 else status - 128}"
        elif status != 0 and not self.failed:
            self.problem = f"exit status {status}"
        elif self.planned is None:
            self.problem = "no plan (1..N)"
        elif results != self.planned:
            self.problem = f"{results} results, {self.planned} planned"
        if self.problem:
            self.failed += 1

    def report(self):
        """The text to print: one line, and all there is if something failed."""
        counts = f"{self.passed} passed"
        if self.failed:
            counts += f", {self.failed} failed"
        if self.skipped:
            counts += f", {self.skipped} skipped"
        mark = "FAIL" if self.failed else "ok  "
        line = f"{mark} {self.name}: {counts} ({self.seconds:.1f} s)"
        if self.problem:
            line += f": {self.problem}"
        if self.failed:
            line += "\n" + "".join(f"  | {text}\n" for text in self.output.splitlines())
        return line.rstrip("\n")


def end_group(pid):
    """Kill a test program and whatever it has started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_one(name, command, limit):
    """Run one program in a process group of its own and judge it.

    Its output goes to a file, not a pipe: a forgotten background process that
    keeps a pipe open could make us wait for it.
    """
    outcome = Outcome(name)
    started = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with running_lock:
            running.add(child.pid)
        try:
            status = child.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            end_group(child.pid)
            child.wait()
            with running_lock:
                running.discard(child.pid)
        out.seek(0)
        outcome.parse(out.read().decode("utf-8", "replace"))
    outcome.seconds = time.monotonic() - started
    outcome.judge(status, limit)
    return outcome


def read_list(path, limit):
    """The tests of one list file as (name, command, deadline)."""
    tests = []
    with sys.stdin if path == "-" else open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            fields = line.split("\t")
            try:
                name, command = fields[:2]
                tests.append((name, command, float(fields[2]) if len(fields) > 2 else limit))
            except ValueError:
                sys.exit(f"run-tests: {path}:{number}: not name<TAB>command[<TAB>seconds]: {line}")
    return tests


def run_all(tests, jobs):
    """Run all TESTS, JOBS at a time, reporting each as it ends."""
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for future in concurrent.futures.as_completed([pool.submit(run_one, *t) for t in tests]):
            outcomes.append(future.result())
            print(outcomes[-1].report(), flush=True)
    return outcomes


def stop(number, _frame):
    """A signal ends us: take the programs with us."""
    with running_lock:
        for pid in running:
            end_group(pid)
    os._exit(128 + number)


def arguments():
    """The command line, with JOBS of the environment as default for -j."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    jobs = int(os.environ.get("JOBS") or os.cpu_count() or 1)
    parser.add_argument("-j", "--jobs", type=int, default=jobs, help="programs at a time")
    parser.add_argument("--timeout", type=float, default=120, help="deadline of each, seconds")
    parser.add_argument("--only", default="", help="run those whose name matches this expression")
    parser.add_argument("lists", nargs="+", metavar="LISTFILE")
    return parser.parse_args()


def main():
    """Run what the command line asks for and print the sum."""
    args = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    tests = [test for path in args.lists for test in read_list(path, args.timeout)]
    outcomes = run_all([t for t in tests if re.search(args.only, t[0])], max(1, args.jobs))

    passed, failed, skipped = (sum(getattr(o, k) for o in outcomes)
                               for k in ("passed", "failed", "skipped"))
    bad = sorted(o.name for o in outcomes if o.failed)
    if bad:
        print("failed: " + " ".join(bad))
    if not outcomes:
        print("run-tests: there is no test to run")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not outcomes or not passed + skipped else 0


if __name__ == "__main__":
    sys.exit(main())
