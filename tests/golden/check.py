#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Golden trees: tests/golden/check.py COMMAND [--update]

COMMAND is golden-pci, with qemu-ppc64 in front of it or not. Every NAME.cfg here is set up by it, the nodes of the
host bridges are compared with NAME.dts, and dtc looks at the whole tree: it must not complain about anything at or
below a host bridge. --update writes the .dts instead; read the difference before you commit it. Prints TAP.
"""
import difflib
import glob
import os
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def complaints(dtb):
    """What dtc says about PCI nodes."""
    done = subprocess.run(["dtc", "-I", "dtb", "-O", "dtb", "-o", os.devnull, dtb], stderr=subprocess.PIPE, text=True,
                          check=False)
    return [line for line in done.stderr.splitlines() if "/pci@" in line or done.returncode]


def differences(name, dts):
    with open(dts, encoding="ascii") as f:
        ours = f.read().splitlines()
    try:
        with open(os.path.join(HERE, name + ".dts"), encoding="ascii") as f:
            want = f.read().splitlines()
    except FileNotFoundError:
        return ["there is no %s.dts" % name]
    return list(difflib.unified_diff(want, ours, name + ".dts", "now", lineterm="", n=2))[:40]


def check(command, name, update):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, name)
        done = subprocess.run([*command, os.path.join(HERE, name), out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=120, check=False)
        if done.returncode:
            return done.stdout.splitlines() or ["status %d" % done.returncode]
        if update:
            os.replace(out + ".dts", os.path.join(HERE, name + ".dts"))
            return complaints(out + ".dtb")
        return differences(name, out + ".dts") + complaints(out + ".dtb")


def main():
    command, update = shlex.split(sys.argv[1]), "--update" in sys.argv[2:]
    names = sorted(os.path.basename(p)[:-4] for p in glob.glob(os.path.join(HERE, "*.cfg")))
    failed = 0
    for number, name in enumerate(names, 1):
        found = check(command, name, update)
        failed += bool(found)
        for line in found:
            print("# " + line)
        print(f"{'not ok' if found else 'ok'} {number} - golden {name}")
    print(f"1..{len(names)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
