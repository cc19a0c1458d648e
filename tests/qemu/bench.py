# SPDX-License-Identifier: BSD-2-Clause
"""
What all boot tests share: the Bench a test gets, the rows of the tables, the patterns of the firmware's own words.

A test is a function that takes a Bench (firmware, clients, assets, log folder) and returns a list of complaints; raising
VmError or AssetError is a failure too, raising Skip is not.  The Bench remembers the machines it made: whatever the
firmware printed on their consoles up to the hand-over must be free of the word "error", which other people's test suites
look for; run_one() adds that check to every test.
"""
import functools
import os
import re
import subprocess
import time
import traceback
from dataclasses import dataclass, field, replace

from assets import AssetError, Assets
from vm import VM, VmError

PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))
FIRMWARE_TIME = 60 * PATIENCE
END_TIME = 30 * PATIENCE
# The firmware waits for a person: Open Firmware's prompt is now the last thing on the console.
READY = r"^ ?[0-9a-f]+ > ?\Z"
# For who wants the prompt of a machine with network cards that lead nowhere: each would be given time to answer.
NO_BOOT = ["-prom-env", "auto-boot?=false"]
NAME = r"FW Version = (\S+)\s"
OUR_NAME = "Espalier"
FIRMWARE_STARTS = r"QEMU Starting"
CLIENT_STARTS = r"Booting from memory|Successfully loaded|Welcome to GRUB"


class Skip(Exception):
    """This test makes no sense with this QEMU or this firmware."""


@dataclass
class Bench:
    firmware: str
    clients: str
    assets: Assets
    logs: str
    banner: str
    tolerate: str = None
    name: str = ""
    vms: list = field(default_factory=list)

    def vm(self, args, preload=False, machine="pseries", console=True):
        need_machine(machine)
        vm = VM(self.firmware, args, machine, log=os.path.join(self.logs, self.log_name()),
                preload=self.assets.chassis() if preload else None, console=console)
        self.vms.append(vm)
        return vm

    def log_name(self):
        """NAME.log; a test that starts several machines numbers the others."""
        return self.name + ("-%d" % (len(self.vms) + 1) if self.vms else "") + ".log"

    def client(self, name, width):
        path = os.path.join(self.clients, "%s-%d.elf" % (name, width))
        if not os.path.isfile(path):
            raise AssetError("no client %s; use --clients FOLDER" % path)
        return path

    def save(self, ending, text):
        with open(os.path.join(self.logs, self.name + ending), "w", encoding="utf-8") as f:
            f.write(text)


@functools.lru_cache(None)
def machine_types():
    qemu = os.environ.get("QEMU") or "qemu-system-ppc64"
    out = subprocess.run([qemu, "-M", "help"], stdout=subprocess.PIPE, timeout=60, check=True).stdout.decode()
    return [line.split()[0] for line in out.splitlines() if line.startswith("pseries")]


def need_machine(machine):
    if machine.split(",")[0] not in machine_types():
        raise Skip("this QEMU has no %s" % machine.split(",")[0])


def wait_ready(vm):
    """The firmware has nothing left to do and waits."""
    return vm.expect(READY, FIRMWARE_TIME)


def wait_our_ready(vm):
    """The same, for tests of what only our firmware claims to have."""
    name = vm.expect(NAME, FIRMWARE_TIME).group(1)
    if name != OUR_NAME:
        raise Skip("this firmware is %s, not %s" % (name, OUR_NAME))
    return wait_ready(vm)


# -- the word "error" --------------------------------------------------------------------------------------------------

def firmware_words(text):
    """What the firmware printed before it handed over, of every start on this console."""
    words, at = [], 0
    while at is not None:
        end = re.compile(CLIENT_STARTS).search(text, at)
        words.append(text[at:end.start()] if end else text[at:])
        again = re.compile(FIRMWARE_STARTS).search(text, end.end()) if end else None
        at = again.start() if again else None
    return "".join(words)


def error_lines(text):
    lines = [line for line in firmware_words(text).splitlines() if re.search("error", line, re.I)]
    return ["the firmware says: " + line for line in dict.fromkeys(lines)]


# -- rows and their running --------------------------------------------------------------------------------------------

@dataclass
class Test:
    name: str
    speed: str                                     # fast: always; long: with --long; named: only when named
    run: object                                    # function of a Bench


def row(name, speed, function, *args, **options):
    return Test(name, speed, lambda bench: function(bench, *args, **options))


def run_one(bench, test):
    """(verdict, complaints, seconds); verdict: ok, not ok, skip."""
    own = replace(bench, name=test.name, vms=[])
    start = time.monotonic()
    try:
        bad = list(test.run(own))
        bad += [c for vm in own.vms for c in error_lines(vm.text())]
        bad = [c for c in bad if not (bench.tolerate and re.search(bench.tolerate, c))]
        verdict = "not ok" if bad else "ok"
    except Skip as err:
        verdict, bad = "skip", [str(err)]
    except (VmError, AssetError) as err:
        verdict, bad = "not ok", [str(err)]
    except Exception:                              # a fault of the test itself is a failure of this test only
        verdict, bad = "not ok", [traceback.format_exc()]
    return verdict, bad, time.monotonic() - start
