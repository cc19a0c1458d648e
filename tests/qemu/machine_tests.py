# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of the firmware alone and of our own clients: all kinds of processors, memory and machine types up to the last
line; keys and resets; what other people's programs look for in its output; what a -kernel client is given.
"""
import re
import time

import topologies
from assets import PATTERN_BYTES
from bench import END_TIME, FIRMWARE_TIME, NO_BOOT, PATIENCE, READY, machine_types, row, wait_our_ready, wait_ready

KEY_TIME = 10 * PATIENCE
RESETS = 20
HELLO_ENDS = r"^cost walk"
PCI_LINE = r"^\[[ \d.]+\] pci: [0-9a-f]{2,}:[0-9a-f]{2}\.[0-7] .*$"
PCI_SUMMARY = r"^\[[ \d.]+\] pci: \S+: \d+ buses, (\d+) functions"
SAID_BY_OTHERS = {"tp-qemu's start pattern": r"^.*\sSLOF\S+[ \t]+\*+", "QEMU's boot-serial test": r"Open Firmware"}


# -- up to the last line -------------------------------------------------------------------------------------------------

def test_banner(bench):
    with bench.vm([]) as vm:
        vm.expect(bench.banner, FIRMWARE_TIME)
        wait_ready(vm)
        lines = re.split(r"\r\n|\r|\n", vm.raw_text())
        return ["nothing for %s" % who for who, pattern in SAID_BY_OTHERS.items()
                if not any(re.search(pattern, "12:00:00: " + line) for line in lines)]


def test_ready(bench, args=(), machine="pseries"):
    with bench.vm(list(args), machine=machine) as vm:
        wait_ready(vm)
    return []


def newest_type():
    def version(name):
        return [int(part) for part in re.findall(r"\d+", name)]
    return max((t for t in machine_types() if re.fullmatch(r"pseries-\d+\.\d+", t)), key=version)


def test_newest_type(bench):
    return test_ready(bench, machine=newest_type())


def test_prompt_works(bench):
    """It waits for a person, and answers."""
    with bench.vm([]) as vm:
        wait_ready(vm)
        vm.send("hex 1234 1 + .\n")
        vm.expect(r"\b1235\b", KEY_TIME)
    return []


def test_chatty(bench, wanted):
    """diag-switch? gives a line per PCI function, and only it."""
    topology, express = topologies.named("T14").build()
    args = ["-prom-env", "diag-switch?=true"] if wanted else []
    with bench.vm(topology + NO_BOOT + args, express) as vm:
        wait_our_ready(vm)
        summary = re.search(PCI_SUMMARY, vm.text(), re.M)
        if not summary:
            return ["no summary of PCI"]
        before = len(re.findall(PCI_LINE, vm.text()[:summary.start()], re.M))
        functions = int(summary.group(1)) if wanted else 0
        return [] if before == functions else ["%d lines for %d functions" % (before, functions)]


# -- ends and new beginnings ---------------------------------------------------------------------------------------------

def test_reset_all(bench, times=RESETS):
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        for _ in range(times):
            vm.send("reset-all\n")
            vm.expect(bench.banner, FIRMWARE_TIME)
            vm.expect(READY, FIRMWARE_TIME)
    return []


def test_power_off(bench):
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        vm.send("power-off\n")
        status = vm.wait_exit(END_TIME)
    return [] if status == 0 else ["QEMU's exit status is %d" % status]


def test_early_reset(bench, times=RESETS):
    """Reset while the firmware is at work, at a different moment each time."""
    topology, express = topologies.named("T14").build(bench.assets.rom())
    with bench.vm(topology + NO_BOOT, express) as vm:
        for i in range(times):
            time.sleep(0.01 + 0.013 * i)
            vm.cmd("system_reset")
        wait_ready(vm)
    return []


# -- our own clients -----------------------------------------------------------------------------------------------------

def run_hello(bench, width, args=(), machine="pseries", console=True):
    """What the client said; it switches the machine off."""
    with bench.vm(["-kernel", bench.client("hello", width)] + list(args), machine=machine, console=console) as vm:
        if console:
            vm.expect(HELLO_ENDS, FIRMWARE_TIME)
        status = vm.wait_exit(END_TIME)
        return vm.text(), [] if status == 0 else ["QEMU's exit status is %d" % status]


def test_hello(bench, width, machine="pseries"):
    return run_hello(bench, width, machine=machine)[1]


def test_gifts(bench, width):
    """Arguments and initial RAM disk reach the client."""
    text, bad = run_hello(bench, width, ["-append", "three words  here", "-initrd", bench.assets.pattern()])
    total = sum(i * 7 & 0xff for i in range(PATTERN_BYTES))
    wanted = ('bootargs "three words  here", arguments "three words  here"', "initrd %d bytes at" % PATTERN_BYTES,
              "sum %d" % total)
    return bad + ["the client did not say '%s'" % w for w in wanted if w not in text]


def test_no_gifts(bench, width):
    text, bad = run_hello(bench, width)
    wanted = ('bootargs "", arguments ""', "initrd 0 bytes at")
    return bad + ["the client did not say '%s'" % w for w in wanted if w not in text]


def test_no_console(bench):
    """Without a vty nothing can be seen, but a client runs."""
    return run_hello(bench, 64, console=False)[1]


# -- the tables ----------------------------------------------------------------------------------------------------------

PROCESSORS = ("970", "power5+", "power7", "power7+", "power8", "power9", "power10")
MEMORY = ("256M", "512M", "1G", "3G")
LAZY_64G = ["-m", "64G", "-object", "memory-backend-ram,id=ram,size=64G,reserve=off", "-machine", "memory-backend=ram"]
NUMA = ["-m", "2G", "-smp", "2", "-object", "memory-backend-ram,id=m0,size=1G", "-object", "memory-backend-ram,id=m1,size=1G",
        "-numa", "node,memdev=m0,cpus=0", "-numa", "node,memdev=m1,cpus=1"]
OLDEST = "pseries-2.1,cap-htm=off"                 # TCG has no transactional memory
OLDER = "pseries-2.7,cap-htm=off"
MOVED = "pseries,kernel-addr=0x2000000"


def tests():
    rows = [
        row("banner", "fast", test_banner),
        row("prompt", "fast", test_prompt_works),
    ]
    rows += [row("ready-" + cpu, "fast", test_ready, ["-cpu", cpu]) for cpu in PROCESSORS]
    rows += [row("ready-" + size, "fast", test_ready, ["-m", size]) for size in MEMORY]
    rows += [
        row("ready-64G", "fast", test_ready, LAZY_64G),
        row("ready-numa", "fast", test_ready, NUMA),
        row("ready-type-2.1", "fast", test_ready, ["-cpu", "power8"], machine=OLDEST),
        row("ready-type-2.7", "fast", test_ready, ["-cpu", "power8"], machine=OLDER),
        row("ready-type-2.9", "fast", test_ready, ["-cpu", "power8"], machine="pseries-2.9,cap-htm=off"),
        row("ready-type-3.1", "fast", test_ready, ["-cpu", "power8"], machine="pseries-3.1"),
        row("ready-type-4.1", "fast", test_ready, machine="pseries-4.1"),
        row("ready-type-5.2", "fast", test_ready, machine="pseries-5.2"),
        row("ready-type-newest", "fast", test_newest_type),
        row("chatty", "fast", test_chatty, True),
        row("not-chatty", "fast", test_chatty, False),
        row("reset-all", "fast", test_reset_all),
        row("power-off", "fast", test_power_off),
        row("early-reset", "fast", test_early_reset),
        row("no-console", "fast", test_no_console),
    ]
    for width in (32, 64):
        rows += [
            row("hello-%d" % width, "fast", test_no_gifts, width),
            row("hello-%d-gifts" % width, "fast", test_gifts, width),
            row("hello-%d-moved" % width, "fast", test_hello, width, machine=MOVED),
        ]
    return rows
