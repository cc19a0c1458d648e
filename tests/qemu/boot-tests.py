#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
The boot tests: our firmware in QEMU, from its banner to Linux, GRUB and Debian's installer; prints TAP.

    boot-tests.py --firmware build/slof.bin [--long] [--only NAME]... [--list] [--jobs 2] [--work build/boot-tests]

A test is a function that takes a Bench (firmware, assets, log folder) and returns a list of complaints; raising VmError or
AssetError is a failure too, raising Skip is not.  The tables at the end name the tests; `fast` ones run always, `long`
ones with --long or when named by --only (a name, or a pattern with * and ?).  Each test leaves its console in
WORK/logs/NAME.log.  Environment: FIRMWARE, QEMU (binary), FETCH_DEB, TEST_PATIENCE (factor on all deadlines).
"""
import argparse
import concurrent.futures
import fnmatch
import functools
import json
import os
import re
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, replace

sys.dont_write_bytecode = True

import judge
import topologies
from assets import AssetError, Assets, TOP
from vm import VM, VmError

PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))
FIRMWARE_TIME = 60 * PATIENCE
LINUX_TIME = 90 * PATIENCE
INSTALLER_TIME = 240 * PATIENCE
END_TIME = 30 * PATIENCE
RESETS = 20
PROMPT = r"^ ?\d+ > ?\Z"                         # Open Firmware's prompt, now the last thing on the console
KERNEL_START = r"Preparing to boot Linux"       # the kernel's first words, through the firmware's client interface
KERNEL_BAD = r"Kernel panic - not syncing[^\n]*|Unable to handle kernel[^\n]*|Preparing to boot Linux"
CMDLINE = "console=hvc0 panic=-1 "


class Skip(Exception):
    """This test makes no sense with this QEMU."""


@dataclass
class Bench:
    firmware: str
    assets: Assets
    logs: str
    banner: str
    tolerate: str = None
    name: str = ""

    def vm(self, args, preload=False, machine="pseries"):
        return VM(self.firmware, args, machine, log=os.path.join(self.logs, self.name + ".log"),
                  preload=self.assets.chassis() if preload else None)

    def linux_args(self, append, release=12, memory="1G"):
        args = ["-kernel", self.assets.installer(release)[0], "-initrd", self.assets.initrd(), "-append", CMDLINE + append]
        return args + (["-m", memory] if memory else [])

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


# -- Linux, judged ---------------------------------------------------------------------------------------------------

def run_linux(bench, args, preload=False, machine="pseries", release=12, append="", memory="1G"):
    """One boot with the whole report: (console text, QEMU's query-pci)."""
    need_machine(machine)
    with bench.vm(bench.linux_args("test.wait " + append, release, memory) + args, preload, machine) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"^=== init", LINUX_TIME, bad=KERNEL_BAD)
        vm.expect(r"^=== end", LINUX_TIME, bad=KERNEL_BAD)
        buses = vm.cmd("query-pci")
        vm.send("\n")
        vm.wait_exit(END_TIME)
        bench.save(".json", json.dumps(buses, indent=1))
        return vm.text(), buses


def section(text, name):
    """The lines of one section of the guest's report."""
    for title, lines in judge.split_sections(text):
        if title == name:
            return "\n".join(lines)
    raise VmError("no section '%s' in the guest's report" % name)


def topology_named(name):
    return next(t for t in topologies.TOPOLOGIES if t.name == name)


def judged(bench, topology, args=(), **options):
    extended = options.pop("extended", True)
    dev_args, express = topology_named(topology).build(bench.assets.rom())
    text, buses = run_linux(bench, list(args) + dev_args, preload=express, **options)
    return judge.judge(text, buses, extended), text


def test_topology(bench, topology, release=12):
    return judged(bench, topology, release=release)[0]


def test_variant(bench, args=(), machine="pseries", proof=None, topology="T09", memory="1G", extended=True, but=None):
    """A machine variant: the usual judgement, and proof = (section, pattern that must be in it).
    but: a pattern of complaints that describe this machine rather than a fault."""
    bad, text = judged(bench, topology, args, machine=machine, memory=memory, extended=extended)
    bad = [c for c in bad if not (but and re.search(but, c))]
    if proof and not re.search(proof[1], section(text, proof[0]), re.M):
        bad.append("no /%s/ in section '%s' of the guest's report" % (proof[1], proof[0]))
    return bad


# -- the firmware alone ------------------------------------------------------------------------------------------------

def test_banner(bench):
    with bench.vm([]) as vm:
        vm.expect(bench.banner, FIRMWARE_TIME)
        vm.expect(PROMPT, FIRMWARE_TIME)
    return []


def test_prompt_works(bench, args=(), machine="pseries"):
    need_machine(machine)
    with bench.vm(list(args), machine=machine) as vm:
        vm.expect(PROMPT, FIRMWARE_TIME)
        vm.send("hex 1234 1 + .\n")
        vm.expect(r"\b1235\b", 10 * PATIENCE)
    return []


# -- ends and new beginnings ---------------------------------------------------------------------------------------------

def test_poweroff(bench):
    with bench.vm(bench.linux_args("test.dump=no")) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"^=== poweroff", LINUX_TIME, bad=KERNEL_BAD)
        status = vm.wait_exit(END_TIME)
    return [] if status == 0 else ["QEMU's exit status is %d" % status]


def boot_again(bench, append, farewell, args=()):
    """Linux ends in a way that must bring the firmware and Linux back."""
    topology, express = topology_named("T14").build(bench.assets.rom())
    with bench.vm(bench.linux_args(append) + topology + list(args), express) as vm:
        for _ in range(2):
            vm.expect(KERNEL_START, FIRMWARE_TIME)
            vm.expect(farewell, LINUX_TIME)
        vm.expect(KERNEL_START, FIRMWARE_TIME)
    return []


def test_reboot(bench):
    return boot_again(bench, "test.dump=no test.do=reboot", r"^=== reboot")


def test_panic(bench):
    return boot_again(bench, "test.dump=no test.do=panic panic=1", r"Kernel panic - not syncing", ["-action", "panic=none"])


def test_system_reset(bench, times=RESETS):
    topology, express = topology_named("T14").build(bench.assets.rom())
    with bench.vm(bench.linux_args("test.dump=no test.do=shell") + topology, express) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        for _ in range(times):
            vm.cmd("system_reset")
            vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"^=== init", LINUX_TIME, bad=KERNEL_BAD)
    return []


def test_early_reset(bench, times=RESETS):
    """Reset while the firmware is at work, at a different moment each time."""
    topology, express = topology_named("T14").build(bench.assets.rom())
    with bench.vm(topology + ["-prom-env", "auto-boot?=false"], express) as vm:
        for i in range(times):
            time.sleep(0.01 + 0.013 * i)
            vm.cmd("system_reset")
        vm.expect(PROMPT, FIRMWARE_TIME)
    return []


# -- other things to boot ------------------------------------------------------------------------------------------------

def test_installer(bench, release):
    kernel, disk = bench.assets.installer(release)
    args = ["-m", "2G", "-kernel", kernel, "-initrd", disk, "-append", "console=hvc0", "-device", "virtio-net-pci,romfile="]
    with bench.vm(args) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"Select a language|Choose language", INSTALLER_TIME, bad=KERNEL_BAD)
    return []


def use_grub(vm):
    vm.expect(r"^ *grub> ?\Z", FIRMWARE_TIME, bad=r"symbol `[^\n]*not found|Aborted\. Press any key")
    vm.send("ls\n")
    vm.expect(r"^ *grub> ?\Z", 60 * PATIENCE)
    vm.send("echo gr''ub-answers\n")
    vm.expect(r"^grub-answers", 20 * PATIENCE)


def test_grub_kernel(bench):
    """GRUB as -kernel: linked at 2 MiB, so kernel-addr=0 (QEMU then tells the firmware the real address)."""
    with bench.vm(["-kernel", bench.assets.grub()], machine="pseries,kernel-addr=0") as vm:
        use_grub(vm)
    return []


def test_grub_disk(bench):
    """GRUB from the PReP boot partition of a virtio disk, as an installed system does it."""
    args = ["-drive", "if=none,id=d,format=raw,readonly=on,file=" + bench.assets.grub_disk(),
            "-device", "virtio-blk-pci,drive=d,bootindex=0"]
    with bench.vm(args) as vm:
        use_grub(vm)
    return []


# -- the tables ------------------------------------------------------------------------------------------------------------

@dataclass
class Test:
    name: str
    speed: str
    run: object                                    # function of a Bench


def row(name, speed, function, *args, **options):
    return Test(name, speed, lambda bench: function(bench, *args, **options))


NUMA = ["-object", "memory-backend-ram,id=m0,size=4G", "-object", "memory-backend-ram,id=m1,size=4G",
        "-numa", "node,memdev=m0,cpus=0", "-numa", "node,memdev=m1,cpus=1", "-smp", "2"]
OLD_CPU = ["-cpu", "POWER8"]                       # the oldest that runs Debian's ppc64el kernel
NO_HTM = ",cap-htm=off"                            # machine types before 2.12 want what TCG does not have
NO_ACS = "extended capability 0d"                  # root ports have no ACS up to 3.1
OLD_TYPES = (("2.9", NO_HTM), ("2.12", ""), ("3.0", ""), ("3.1", ""))
NEWER_TYPES = ("4.0", "4.2", "6.2", "7.2", "8.2", "9.2", "10.0", "10.1", "10.2", "11.0", "11.1")


def all_tests():
    tests = [
        row("banner", "fast", test_banner),
        row("prompt", "fast", test_prompt_works),
        row("prompt-256M", "fast", test_prompt_works, ["-m", "256M"]),
    ]
    tests += [row("linux-" + t.name, "fast", test_topology, t.name) for t in topologies.TOPOLOGIES]
    tests += [
        row("smp-4", "fast", test_variant, ["-smp", "4"], proof=("cpus", r"^4$")),
        row("memory-256M", "fast", test_variant, memory="256M"),
        row("memory-3G", "fast", test_variant, memory="3G", proof=("memory", r"MemTotal: +(29|30|31)\d{5} kB")),
        row("memory-8G-numa", "fast", test_variant, NUMA, memory="8G", proof=("memory", r"node0\s+node1")),
        row("cpu-power8", "fast", test_variant, ["-cpu", "POWER8"], proof=("cpus", "POWER8")),
        row("cpu-power9", "fast", test_variant, ["-cpu", "POWER9"], proof=("cpus", "POWER9")),
        row("cpu-power10", "fast", test_variant, ["-cpu", "POWER10"], proof=("cpus", "POWER10")),
        row("ic-xics", "fast", test_variant, machine="pseries,ic-mode=xics", proof=("interrupts", "XICS")),
        row("ic-xive", "fast", test_variant, machine="pseries,ic-mode=xive", proof=("interrupts", "XIVE")),
        row("ic-dual", "fast", test_variant, machine="pseries,ic-mode=dual", proof=("interrupts", "XIVE")),
        row("machine-2.7", "fast", test_variant, OLD_CPU, machine="pseries-2.7" + NO_HTM, extended=False),
        row("machine-4.1", "fast", test_variant, OLD_CPU, machine="pseries-4.1", topology="T14"),
        row("machine-5.2", "fast", test_variant, OLD_CPU, machine="pseries-5.2", topology="T14"),
        row("poweroff", "fast", test_poweroff),
        row("reboot", "fast", test_reboot),
        row("panic-reboot", "fast", test_panic),
        row("system-reset", "fast", test_system_reset),
        row("early-reset", "fast", test_early_reset),
        row("grub-kernel", "fast", test_grub_kernel),
        row("grub-disk", "fast", test_grub_disk),
        row("installer-12", "fast", test_installer, 12),
        row("installer-13", "long", test_installer, 13),
        row("system-reset-100", "long", test_system_reset, 100),
    ]
    tests += [row("linux13-" + t.name, "long", test_topology, t.name, release=13) for t in topologies.TOPOLOGIES]
    tests += [row("machine-" + version, "long", test_variant, OLD_CPU, machine="pseries-" + version + extra,
                  topology="T14", but=NO_ACS) for version, extra in OLD_TYPES]
    tests += [row("machine-" + version, "long", test_variant, OLD_CPU, machine="pseries-" + version, topology="T14")
              for version in NEWER_TYPES]
    return tests


# -- running -----------------------------------------------------------------------------------------------------------------

def run_one(bench, test):
    """(verdict, complaints, seconds); verdict: ok, not ok, skip."""
    own = replace(bench, name=test.name)
    start = time.monotonic()
    try:
        bad = [c for c in test.run(own) if not (bench.tolerate and re.search(bench.tolerate, c))]
        verdict = "not ok" if bad else "ok"
    except Skip as err:
        verdict, bad = "skip", [str(err)]
    except (VmError, AssetError) as err:
        verdict, bad = "not ok", [str(err)]
    except Exception:                              # a fault of the test itself is a failure of this test only
        verdict, bad = "not ok", [traceback.format_exc()]
    return verdict, bad, time.monotonic() - start


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
    return [t for t in tests if t.speed == "fast" or long_too]


def arguments():
    parser = argparse.ArgumentParser(description="Boot tests of the firmware in QEMU; prints TAP.")
    parser.add_argument("--firmware", default=os.environ.get("FIRMWARE") or os.path.join(TOP, "build", "slof.bin"),
                        help="image to test ($FIRMWARE, build/slof.bin)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="run this test (pattern; repeatable)")
    parser.add_argument("--long", action="store_true", help="run the long tests too")
    parser.add_argument("--list", action="store_true", help="name the tests and stop")
    parser.add_argument("--jobs", type=int, default=2, help="machines at a time (2)")
    parser.add_argument("--work", default=os.path.join(TOP, "build", "boot-tests"), help="folder for assets and logs")
    parser.add_argument("--tolerate", metavar="PATTERN", help="drop complaints like this (to compare another firmware)")
    parser.add_argument("--banner", default="Espalier|SLOF", help="pattern of the firmware's first words")
    return parser.parse_args()


def main():
    args = arguments()
    tests = choose(all_tests(), args.only, args.long or args.list)
    if args.list:
        print("\n".join("%-18s %s" % (t.name, t.speed) for t in tests))
        return 0
    if not os.path.isfile(args.firmware):
        sys.exit("boot-tests: no firmware image %s; use --firmware FILE or FIRMWARE=FILE" % args.firmware)
    logs = os.path.join(args.work, "logs")
    os.makedirs(logs, exist_ok=True)
    if not tests:
        sys.exit("boot-tests: no test of that name; see --list")
    bench = Bench(args.firmware, Assets(args.work), logs, args.banner, args.tolerate)
    return 1 if run_all(bench, tests, max(1, args.jobs)) else 0


if __name__ == "__main__":
    sys.exit(main())
