#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
The boot tests: our firmware in QEMU, from its banner to Linux, GRUB and Debian's installer; prints TAP.

    boot-tests.py --firmware build/slof.bin [--long] [--only NAME]... [--list] [--jobs N] [--work build/boot-tests]

The tests live in the files *_tests.py beside this one; each names its rows in a table at its end, which its function tests()
returns.
`fast` rows run always, `long` ones with --long, `named` ones (too slow even for that) only when named by --only: a name, or a
pattern with * and ?.  Each test leaves its console in
WORK/logs/NAME.log.  Another firmware, SLOF say, can be tested too: what it does not claim to have is skipped.
Environment: FIRMWARE, QEMU (binary), FETCH_DEB, TEST_PATIENCE (factor on all deadlines).
"""
import argparse
import concurrent.futures
import fnmatch
import glob
import importlib
import os
import sys

sys.dont_write_bytecode = True

from assets import Assets, TOP
from bench import Bench, run_one


def all_tests():
    names = sorted(os.path.basename(p)[:-3] for p in glob.glob(os.path.join(os.path.dirname(__file__), "*_tests.py")))
    return [test for name in names for test in importlib.import_module(name).tests()]


def print_result(number, test, verdict, bad, seconds):
    if verdict == "skip":
        print("ok %d - %s # SKIP %s" % (number, test.name, bad[0]), flush=True)
        return
    print("%s %d - %s (%.1f s)" % (verdict, number, test.name, seconds))
    for complaint in bad:
        for line in complaint.splitlines():
            print("#   " + line)
    sys.stdout.flush()


def run_all(bench, tests, jobs):
    print("1..%d" % len(tests), flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(run_one, bench, test): test for test in tests}
        for number, done in enumerate(concurrent.futures.as_completed(running), 1):
            verdict, bad, seconds = done.result()
            failed += verdict == "not ok"
            print_result(number, running[done], verdict, bad, seconds)
    return failed


def choose(tests, patterns, long_too):
    if patterns:
        return [t for t in tests if any(fnmatch.fnmatchcase(t.name, p) for p in patterns)]
    return [t for t in tests if t.speed == "fast" or (long_too and t.speed == "long")]


def arguments():
    parser = argparse.ArgumentParser(description="Boot tests of the firmware in QEMU; prints TAP.")
    parser.add_argument("--firmware", default=os.environ.get("FIRMWARE") or os.path.join(TOP, "build", "slof.bin"),
                        help="image to test ($FIRMWARE, build/slof.bin)")
    parser.add_argument("--clients", help="folder of our clients' *.elf (clients/ beside the firmware)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="run this test (pattern; repeatable)")
    parser.add_argument("--long", action="store_true", help="run the long tests too")
    parser.add_argument("--list", action="store_true", help="name the tests and stop")
    jobs = int(os.environ.get("JOBS") or os.cpu_count() or 1)
    parser.add_argument("--jobs", type=int, default=jobs, help="machines at a time ($JOBS, or one per processor)")
    parser.add_argument("--work", default=os.path.join(TOP, "build", "boot-tests"), help="folder for assets and logs")
    parser.add_argument("--tolerate", metavar="PATTERN", help="drop complaints like this (to compare another firmware)")
    parser.add_argument("--banner", default="Espalier|SLOF", help="pattern of the firmware's first words")
    return parser.parse_args()


def main():
    args = arguments()
    tests = all_tests() if args.list and not args.only else choose(all_tests(), args.only, args.long)
    if args.list:
        print("\n".join("%-20s %s" % (t.name, t.speed) for t in tests))
        return 0
    if not os.path.isfile(args.firmware):
        sys.exit("boot-tests: no firmware image %s; use --firmware FILE or FIRMWARE=FILE" % args.firmware)
    logs = os.path.join(args.work, "logs")
    os.makedirs(logs, exist_ok=True)
    if not tests:
        sys.exit("boot-tests: no test of that name; see --list")
    clients = args.clients or os.path.join(os.path.dirname(args.firmware), "clients")
    bench = Bench(args.firmware, clients, Assets(args.work), logs, args.banner, args.tolerate)
    return 1 if run_all(bench, tests, max(1, args.jobs)) else 0


if __name__ == "__main__":
    sys.exit(main())
