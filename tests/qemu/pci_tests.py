# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of what the firmware tells about PCI: the client lspci, which holds the tree against the registers by the
client interface alone, on the topologies Linux judges; and the words pci-map, lspci, pci-doctor.
"""
import re

import topologies
from bench import FIRMWARE_TIME, NO_BOOT, PATIENCE, READY, row, wait_our_ready

WORD_TIME = 20 * PATIENCE
SUMMARY = r"^lspci: (\d+) functions, (\d+) not ok"
NOT_OK = r"^not ok \d+ - .*$"
EMPTY = r"^    without addresses, though it asks for \d+"
# What stands behind -device in the topologies and is no function.
NO_FUNCTIONS = ("spapr-pci-host-bridge", "nvme-subsys", "nvme-ns")


def functions_of(args):
    devices = [word for option, word in zip(args, args[1:]) if option == "-device"]
    return sum(not word.startswith(NO_FUNCTIONS) for word in devices)


def test_lspci(bench, topology, width):
    """Every function answers, is where the tree says, and nothing is missing; client-architecture-support came before."""
    wanted = topologies.named(topology)
    args, express = wanted.build(bench.assets.rom())
    args += ["-kernel", bench.client("lspci", width), "-append", "cas", "-m", "1G"]
    with bench.vm(args, express) as vm:
        found = vm.expect(SUMMARY, FIRMWARE_TIME + wanted.start_time * PATIENCE)
        text = vm.text()
    bad = re.findall(NOT_OK, text, re.M)
    if int(found.group(1)) < functions_of(args):
        bad.append("%s functions, not %d" % (found.group(1), functions_of(args)))
    without = len(re.findall(EMPTY, text, re.M))
    if not wanted.minor and without != wanted.left_out:
        bad.append("%d functions without addresses, not %d" % (without, wanted.left_out))
    return bad


# -- methods ---------------------------------------------------------------------------------------------------------------

def test_bus_methods(bench, width, depth, driver="pci-bridge"):
    """A driver's way: configuration space, unit addresses and DMA by the methods of a bus so many bridges deep (T43)."""
    m = topologies.Machine()
    bus = topologies.FIRST
    for _ in range(depth):
        bus = m.bridge(driver, bus, 0 if driver != "pci-bridge" and bus != topologies.FIRST else 3)
        driver = "pci-bridge"
    m.dev("edu", bus, 1)
    with bench.vm(m.args + ["-kernel", bench.client("pci-bus", width)], m.express) as vm:
        vm.expect(r"^pci-bus: (\d+) not ok", FIRMWARE_TIME)
        text = vm.text()
    enough = 21 if width == 64 else 17
    count = len(re.findall(r"^ok ", text, re.M))
    return re.findall(NOT_OK, text, re.M) + ([] if count >= enough else ["%d checks, not %d" % (count, enough)])


# -- methods at the prompt, where cells are wide enough for every address --------------------------------------------------

HOST = "/pci@800000020000000"
ONES = "ffffffff"


def answers(vm, commands):
    """What Forth prints for each command, without echo and "ok"."""
    given = []
    for command in commands:
        text = " ".join(said(vm, command, lambda line: not re.match(r" ?[0-9a-f]+ > ?$", line)))
        given.append(re.sub(r"\s*\bok$", "", text.replace(command, "").strip()))
    return given


def compared(vm, rows):
    """rows: (command, what it must print)"""
    got = answers(vm, [command for command, _wanted in rows])
    return ["%s: %s, not %s" % (command, g, wanted) for (command, wanted), g in zip(rows, got) if g != wanted]


def extended_rows(bus, function, ids, first):
    """
    Registers of a function from 0x100 on; first: the one at 0x100, None if they are out of reach.  An address has bits 11:8 of the
    register on top.  AER's severities (0x10c) can be written.
    """
    head, end = 0x10000000 | function << 8, 0xf0000000 | function << 8
    rows = [
        ('0 to b " %s" open-dev to b b 0<> .' % bus, "-1"),
        ("%x l? ." % (function << 8), ids),
        ("%x l? ." % head, first or ONES),
        ("%x w? . %x b? ." % (head + 2, head + 1), "%x %x" % (int(first, 16) >> 16, int(first, 16) >> 8 & 0xff) if first else "ffff ff"),
        ("%x w? ." % (head + 1), "refused"),
        ("%x l? ." % (end + 0xfc), "0" if first else ONES),
        ("1000 %x l! %x l? ." % (head + 12, head + 12), "1000" if first else ONES),
        ("0 %x l! %x l? ." % (head + 12, head + 12), "0" if first else ONES),
    ]
    return rows + [("b close-dev", "")]


def test_extended(bench):
    """Extended registers by config-{b,w,l}{@,!} on the root bus, behind a port, and behind a conventional bus, where there are none."""
    m = topologies.Machine()
    m.dev("e1000e", addr=5)
    m.dev("e1000e", m.bridge("pcie-root-port", addr=1))
    m.dev("e1000e", m.bridge("pcie-pci-bridge", m.bridge("pcie-root-port", addr=2)), 3)
    with bench.vm(m.args + NO_BOOT, m.express) as vm:
        wait_our_ready(vm)
        answers(vm, ["hex 0 value b",
                     ": ?c ['] $call-method catch if 2drop 2drop .\" refused\" quit then ;",
                     ': l? " config-l@" b ?c ; : w? " config-w@" b ?c ; : b? " config-b@" b ?c ;',
                     ': l! " config-l!" b $call-method ;'])
        rows = extended_rows(HOST, 0x0028, "10d38086", "14020001")
        rows += extended_rows(HOST, 0x0008, "c1b36", "14820001")
        rows += extended_rows(HOST + "/pci@1", 0x0100, "10d38086", "14020001")
        rows += extended_rows(HOST + "/pci@2", 0x0200, "e1b36", "20001")
        rows += extended_rows(HOST + "/pci@2/pci@0", 0x0318, "10d38086", None)
        return compared(vm, rows)


def test_windows(bench):
    """Registers of edu devices answer through every bridge above them, at the address map-in gives: windows let them through."""
    m, where = topologies.Machine(), []
    bus, path = topologies.FIRST, HOST
    for depth in range(4):
        m.dev("edu", bus, 5)
        where.append((path, depth))
        bus, path = m.bridge(bus=bus, addr=3), path + "/pci@3"
    m.dev("edu", m.bridge("pcie-root-port", addr=9), 0)
    where.append((HOST + "/pci@9", 5))                                # four bridges above took bus numbers 1 to 4
    rows = []
    with bench.vm(m.args + NO_BOOT, m.express) as vm:
        wait_our_ready(vm)
        answers(vm, ["hex 0 value b 0 value e"])
        for path, number in where:
            function = number << 16 | (0 if path.endswith("@9") else 5 << 11)
            rows += [('" %s" open-dev to b 6 %x " config-w!" b $call-method b 0<> .' % (path, function | 4), "-1"),
                     ('0 0 %x 100000 " map-in" b $call-method to e e rl@ .' % (0x02000010 | function), "ed000001"),
                     ("%d e 4 + rl! e 4 + rl@ ." % (1234 + number), "%x" % (0xffffffff ^ int(str(1234 + number), 16))),
                     ("b close-dev", "")]
        return compared(vm, rows)


# -- words -----------------------------------------------------------------------------------------------------------------

def said(vm, word, keep=lambda line: line):
    """What a word prints."""
    before = len(vm.text())
    vm.send(word + "\n")
    vm.expect(READY, WORD_TIME)
    return [line for line in vm.text()[before:].splitlines() if keep(line)]


def test_words(bench):
    args, express = topologies.named("T14").build()
    with bench.vm(args + NO_BOOT, express) as vm:
        wait_our_ready(vm)
        short = said(vm, "lspci", lambda line: line.startswith("pci@"))
        long = said(vm, "lspci -v", lambda line: "capability 10 PCI Express" in line)
        windows = said(vm, "pci-map", lambda line: re.match(r"\s+mem32 [0-9a-f]+-[0-9a-f]+: ", line))
        doctor = " ".join(said(vm, "pci-doctor"))
    bad = [] if len(short) == functions_of(args) else ["lspci: %d lines for %d functions" % (len(short), functions_of(args))]
    bad += [] if long else ["lspci -v: no PCI Express"]
    bad += [] if len(windows) > 5 else ["pci-map: windows %s" % windows]
    return bad + ([] if "All is well" in doctor else ["pci-doctor: " + doctor])


LISTED = re.compile(r"^pci@\S+ ([0-9a-f]{2}):([0-9a-f]{2})\.([0-7]) ")
LISTED_BAR = re.compile(r"^    bar(\d) \S+ \S+ at ([0-9a-f]+)$")


def regions(devices):
    """{(bus, slot, function, BAR): address} as QEMU decodes them, behind bridges too."""
    found = {}
    for dev in devices:
        for region in dev["regions"]:
            if region["bar"] < 6:
                found[dev["bus"], dev["slot"], dev["function"], region["bar"]] = region["address"]
        found.update(regions(dev.get("pci_bridge", {}).get("devices", [])))
    return found


def test_decode_on(bench, topology):
    """With decoding on QEMU shows every BAR where lspci -v says it is, without an operating system."""
    args, express = topologies.named(topology).build(bench.assets.rom())
    with bench.vm(args + NO_BOOT, express) as vm:
        wait_our_ready(vm)
        lines = said(vm, "pci-decode-on lspci -v")
        theirs = regions(vm.cmd("query-pci")[0]["devices"])
    ours, where = {}, None
    for line in lines:
        function, bar = LISTED.match(line), LISTED_BAR.match(line)
        where = tuple(int(n, 16) for n in function.groups()) if function else where
        if bar:
            ours[where + (int(bar.group(1)),)] = int(bar.group(2), 16)
    return ["%02x:%02x.%x bar%d: lspci says %s, QEMU %s" % (*key, ours.get(key), theirs.get(key))
            for key in sorted(set(ours) | set(theirs)) if ours.get(key) != theirs.get(key)] + ([] if len(ours) > 5 else ["too few BARs"])


def test_nothing(bench):
    """A machine without devices is told so; a place where nothing is, too."""
    with bench.vm(NO_BOOT) as vm:
        wait_our_ready(vm)
        return compared(vm, [("lspci", "no PCI function"), ("lspci 01:", "no PCI function at 01:"),
                             ("pci-doctor", "pci@800000020000000 All is well: nothing is plugged in here.")])


def test_fcode_words(bench):
    """make-properties and assign-addresses, as FCode of a card would call them: its bus has given it both, and says so."""
    with bench.vm(["-device", "pci-bridge,id=b,chassis_nr=1,addr=3", "-device", "virtio-net-pci,bus=b,addr=1,romfile="] + NO_BOOT) as vm:
        wait_our_ready(vm)
        return compared(vm, [('" %s/pci@3/ethernet@1" select-dev make-properties assign-addresses depth . unselect-dev' % HOST, "0")])


def advice(vm):
    return " ".join(said(vm, "pci-doctor"))


NULL_DISK = ["-blockdev", "driver=null-co,read-zeroes=on,size=67108864,node-name=n"]
PORT = ["-device", "pcie-root-port,id=rp,chassis=1,chassis_nr=1,addr=3", "-device", "nvme,bus=rp,serial=x"]
# A boot device of which one register has no place: there is nothing above 4 GiB, and too little below.
BOOT_NVME = NULL_DISK + ["-device", "nvme,drive=n,serial=x,cmb_size_mb=2048,bootindex=1",
                         "-global", "spapr-pci-host-bridge.mem64_win_size=0"]


def test_doctor_helps(bench, args, finds, follow):
    """The doctor's words match; follow(args, match) is the command line as advised, and all is well with it."""
    with bench.vm(args + NO_BOOT, True) as vm:
        wait_our_ready(vm)
        text = re.sub(r"\s+", " ", advice(vm))
    found = re.search(finds, text)
    if not found:
        return ["no advice: " + text]
    with bench.vm(follow(args, found) + NO_BOOT, True) as vm:
        wait_our_ready(vm)
        text = advice(vm)
    return [] if "All is well" in text else ["still not well: " + text]


def test_boot_device_keeps_its_place(bench):
    """Three displays and a disk's memory do not fit below 4 GiB: the disk goes without, unless it is to be booted."""
    bad = []
    for bootindex, loser in (("", "(nvme)"), (",bootindex=1", "(VGA)")):
        args = ["-global", "spapr-pci-host-bridge.mem64_win_size=0"] + NULL_DISK
        for slot in (1, 2, 3):
            args += ["-device", "secondary-vga,vgamem_mb=512,romfile=,addr=%d" % slot]
        args += ["-device", "nvme,drive=n,serial=x,cmb_size_mb=512,addr=4" + bootindex]
        with bench.vm(args + NO_BOOT) as vm:
            wait_our_ready(vm)
            text = re.sub(r"\s+", " ", advice(vm))
        lost = re.search(r"no room for ([^.]*\.[^.]*)\.", text)
        if not lost or loser not in lost.group(1) or lost.group(1).count("(") != 1:
            bad.append("with '%s' %s should go without, the doctor says: %s" % (bootindex, loser, text))
    return bad


def more_room(args, found):
    return args + ["-global", found.group(1)]


def test_doctor_knows_boot_devices(bench):
    """A boot device behind a bridge whose function QEMU's boot list leaves out is found."""
    args = ["-device", "pci-bridge,id=b0,chassis_nr=1,addr=6.0,multifunction=on",
            "-device", "pci-bridge,id=b3,chassis_nr=2,addr=6.3",
            "-device", "virtio-net-pci,bus=b3,addr=2,romfile=,bootindex=1"]
    with bench.vm(args + NO_BOOT) as vm:
        wait_our_ready(vm)
        text = advice(vm)
    return [] if "All is well" in text and "leads nowhere" not in text else [text]


def tests():
    rows = [row("lspci-" + t.name, "fast" if t.speed == "fast" and i % 3 == 0 else "named" if t.speed == "named" else "long",
                test_lspci, t.name, 32 if i % 2 else 64) for i, t in enumerate(topologies.TOPOLOGIES)]
    rows += [row("pci-bus-%d-%d" % (width, depth), "fast" if depth == 2 else "long", test_bus_methods, width, depth)
             for width in (32, 64) for depth in (0, 1, 2, 4)]
    return rows + [row("pci-bus-port", "long", test_bus_methods, 64, 2, "pcie-pci-bridge"), row("pci-words", "fast", test_words),
                   row("pci-decode-T14", "fast", test_decode_on, "T14"), row("pci-decode-T21", "fast", test_decode_on, "T21"),
                   row("pci-nothing", "fast", test_nothing), row("pci-fcode-words", "fast", test_fcode_words),
                   row("pci-extended", "fast", test_extended), row("pci-windows", "fast", test_windows),
                   row("pci-doctor-advises", "fast", test_doctor_helps, topologies.named("T25").build()[0],
                       r"bar2 \(pref64, 2T\) has no place: .*-global (\S+mem64_win_size=\d+)", more_room),
                   row("pci-doctor-port", "fast", test_doctor_helps, PORT, r"hot-plug of their own.*00:03\.0.*hotplug=off",
                       lambda args, found: [args[0], args[1] + ",hotplug=off"] + args[2:]),
                   row("pci-doctor-unreachable", "fast", test_doctor_helps, BOOT_NVME,
                       r"\(nvme\), which this boot needs: bar2 .* has no place: .*-global (\S+mem64_win_size=\d+)", more_room),
                   row("pci-boot-device-stays", "fast", test_boot_device_keeps_its_place),
                   row("pci-doctor-boot", "fast", test_doctor_knows_boot_devices)]
