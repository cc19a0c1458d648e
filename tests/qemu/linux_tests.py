# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests with a foreign program on top of the firmware: Linux on all topologies and machine variants, judged by what it
reports (guest-init.sh, judge.py); its ends (power-off, reboot, panic, reset); GRUB; Debian's installer.
"""
import json
import re

import judge
import topologies
from bench import END_TIME, FIRMWARE_TIME, NO_BOOT, PATIENCE, READY, firmware_words, row, wait_our_ready
from vm import VmError

LINUX_TIME = 90 * PATIENCE
INSTALLER_TIME = 240 * PATIENCE
RESETS = 20
KERNEL_START = r"Preparing to boot Linux"       # the kernel's first words, through the firmware's client interface
LEFT_OUT = re.compile(r"pci: ([0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) \S+: (bar[0-5]|rom) [^\n]*: (?:left out|no window can hold it)")
SAY_MORE = ["-prom-env", "diag-switch?=true"]
KERNEL_BAD = r"Kernel panic - not syncing[^\n]*|Unable to handle kernel[^\n]*|Preparing to boot Linux"
CMDLINE = "console=hvc0 panic=-1 "


def linux_args(bench, append, release=12, memory="1G"):
    args = ["-kernel", bench.assets.installer(release)[0], "-initrd", bench.assets.initrd(), "-append", CMDLINE + append]
    return args + (["-m", memory] if memory else [])


# -- Linux, judged ---------------------------------------------------------------------------------------------------

def run_linux(bench, args, preload=False, machine="pseries", release=12, append="", memory="1G", start_time=0):
    """One boot with the whole report: (console text, QEMU's query-pci)."""
    patience = start_time * PATIENCE                # a machine slow to start is slow to answer CAS, too
    with bench.vm(linux_args(bench, "test.wait " + append, release, memory) + args, preload, machine) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME + patience)
        vm.expect(r"^=== init", LINUX_TIME + patience, bad=KERNEL_BAD)
        vm.expect(r"^=== end", LINUX_TIME + patience, bad=KERNEL_BAD)
        buses = vm.cmd("query-pci", 20 + patience)
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


def judged(bench, topology, args=(), **options):
    extended = options.pop("extended", True)
    wanted = topologies.named(topology)
    dev_args, express = wanted.build(bench.assets.rom())
    text, buses = run_linux(bench, list(args) + SAY_MORE * wanted.minor + dev_args, preload=express, start_time=wanted.start_time, **options)
    left_out = left_out_by_firmware(text)
    bad = judge.judge(text, buses, extended, left_out=left_out)
    if len(left_out) != wanted.left_out:
        bad.append("the firmware left out something of %d functions, not %d: %s"
                   % (len(left_out), wanted.left_out, ", ".join(sorted(left_out)) or "nothing"))
    return bad + (wanted.promise(judge.parse(text)) if wanted.promise else []), text


def left_out_by_firmware(text):
    """{"0000:01:02.0": BAR indexes} of which the firmware says that they got no address (first host bridge only)."""
    found = {}
    for name, register in LEFT_OUT.findall(firmware_words(text)):
        found.setdefault("0000:" + name, set()).add(judge.ROM_INDEX if register == "rom" else int(register[3:]))
    return found


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


# -- two witnesses of the capability lists ------------------------------------------------------------------------------

MAP_FUNCTION = re.compile(r"^ *([0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) [0-9a-f]{4}:[0-9a-f]{4} ")
MAP_CAPS = re.compile(r"^ *caps((?: [0-9a-f]{2}@[0-9a-f]{2})*)(?:; ext( none|(?: [0-9a-f]{4}@[0-9a-f]{3})+))?$")


def firmware_caps(text):
    """{"01:00.0": (capabilities, extended ones or None if out of reach)} of the firmware's PCI map; each {offset: id}."""
    caps, name = {}, None
    for line in text.splitlines():
        function, found = MAP_FUNCTION.match(line), MAP_CAPS.match(line)
        if function:
            name = function.group(1)
            caps[name] = ({}, None)
        elif found and name:
            lists = [{int(at, 16): int(cap, 16) for cap, at in (word.split("@") for word in (part or "").split() if "@" in word)}
                     for part in found.groups()]
            caps[name] = (lists[0], lists[1] if found.group(2) else None)
    return caps


def linux_caps(dev):
    """The same for one device, from the configuration space Linux read."""
    plain, at = {}, dev.config[0x34] & ~3 if dev.u16(6) & 0x10 else 0
    while at and at not in plain:
        plain[at] = dev.config[at]
        at = dev.config[at + 1] & ~3
    if len(dev.config) != 4096:
        return plain, None
    return plain, {at: cap for at, (cap, _version) in (judge.extended_caps(dev) or {}).items()}


def test_capabilities(bench, topology):
    """The firmware's own walk of all capability lists, extended ones included, finds what Linux finds."""
    dev_args, express = topologies.named(topology).build(bench.assets.rom())
    with bench.vm(dev_args + NO_BOOT, express) as vm:
        wait_our_ready(vm)
        vm.send("pci-map\n")
        vm.expect(READY, FIRMWARE_TIME)
        ours = firmware_caps(vm.text())
    guest = judge.parse(run_linux(bench, dev_args, preload=express)[0])
    theirs = {dev.name[5:]: linux_caps(dev) for dev in guest.devices.values()}
    bad = ["%s: the firmware says %s, Linux %s" % (name, ours.get(name), theirs.get(name))
           for name in sorted(set(ours) | set(theirs)) if ours.get(name) != theirs.get(name)]
    if not any(extended for _plain, extended in ours.values()):
        bad.append("no extended capability was seen: this test proves nothing")
    return bad


# -- configuration space after the firmware --------------------------------------------------------------------------------

NOTHING = "ffffffff"


def set_pci(vm, *words):
    """What pciutils' setpci prints in the guest's shell, on one line."""
    vm.send("echo =\"== $(echo $(setpci %s 2>&1))\"\n" % " ".join(words))
    return vm.expect(r"^=== ?(.*)$", 20 * PATIENCE).group(1).strip()


def check_registers(vm, where, ids, first):
    """Below 0x100 and, if they are within reach, from there on: what is read is right, what is written stays, and neither is the other."""
    bad = []

    def same(what, got, wanted):
        if got != wanted:
            bad.append("setpci -s %s %s: %s, not %s" % (where, what, got, wanted))

    at = "-s " + where
    same("0.l", set_pci(vm, at, "0.l"), ids)
    same("100.l", set_pci(vm, at, "100.l"), first or NOTHING)
    set_pci(vm, at, "CACHE_LINE_SIZE.b=20")
    if first:
        severity = int(set_pci(vm, at, "ECAP_AER+c.l"), 16)
        for value in (severity ^ 0x1000, severity):
            set_pci(vm, at, "ECAP_AER+c.l=%x" % value)
            same("ECAP_AER+c.l", set_pci(vm, at, "ECAP_AER+c.l"), "%08x" % value)
            same("10d.b", set_pci(vm, at, "10d.b"), "%02x" % (value >> 8 & 0xff))
        same("ffc.l", set_pci(vm, at, "ffc.l"), "00000000")
    same("CACHE_LINE_SIZE.b", set_pci(vm, at, "CACHE_LINE_SIZE.b"), "20")
    same("0.l after all", set_pci(vm, at, "0.l"), ids)
    return bad


def test_setpci(bench):
    """Linux reads and writes registers by RTAS, extended ones too, wherever the firmware says they can be reached (compare pci-extended)."""
    m = topologies.Machine()
    m.dev("e1000e", addr=5)
    m.dev("e1000e", m.bridge("pcie-root-port", addr=1))
    m.dev("e1000e", m.bridge("pcie-pci-bridge", m.bridge("pcie-root-port", addr=2)), 3)
    args = ["-m", "1G", "-kernel", bench.assets.installer(12)[0], "-initrd", bench.assets.setpci_initrd(),
            "-append", CMDLINE + "test.dump=no test.do=shell"] + m.args
    with bench.vm(args, m.express) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"^=== shell", LINUX_TIME, bad=KERNEL_BAD)
        return [c for where, ids, first in (("00:05.0", "10d38086", "14020001"), ("00:01.0", "000c1b36", "14820001"),
                                            ("01:00.0", "10d38086", "14020001"), ("02:00.0", "000e1b36", "00020001"),
                                            ("03:03.0", "10d38086", None))
                for c in check_registers(vm, where, ids, first)]


# -- ends and new beginnings ---------------------------------------------------------------------------------------------

def test_poweroff(bench):
    with bench.vm(linux_args(bench, "test.dump=no")) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"^=== poweroff", LINUX_TIME, bad=KERNEL_BAD)
        status = vm.wait_exit(END_TIME)
    return [] if status == 0 else ["QEMU's exit status is %d" % status]


def boot_again(bench, append, farewell, args=()):
    """Linux ends in a way that must bring the firmware and Linux back."""
    topology, express = topologies.named("T14").build(bench.assets.rom())
    with bench.vm(linux_args(bench, append) + topology + list(args), express) as vm:
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
    topology, express = topologies.named("T14").build(bench.assets.rom())
    with bench.vm(linux_args(bench, "test.dump=no test.do=shell") + topology, express) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        for _ in range(times):
            vm.cmd("system_reset")
            vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"^=== init", LINUX_TIME, bad=KERNEL_BAD)
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


# -- the tables ------------------------------------------------------------------------------------------------------

NUMA = ["-object", "memory-backend-ram,id=m0,size=4G", "-object", "memory-backend-ram,id=m1,size=4G",
        "-numa", "node,memdev=m0,cpus=0", "-numa", "node,memdev=m1,cpus=1", "-smp", "2"]
NO_EXTENDED = ["-global", "spapr-pci-host-bridge.pcie-extended-configuration-space=off"]
OLD_CPU = ["-cpu", "POWER8"]                       # the oldest that runs Debian's ppc64el kernel
NO_HTM = ",cap-htm=off"                            # machine types before 2.12 want what TCG does not have
NO_ACS = "extended capability 0d"                  # root ports have no ACS up to 3.1
OLD_TYPES = (("2.9", NO_HTM), ("2.12", ""), ("3.0", ""), ("3.1", ""))
NEWER_TYPES = ("4.0", "4.2", "6.2", "7.2", "8.2", "9.2", "10.0", "10.1", "10.2", "11.0", "11.1")


def tests():
    rows = [row("linux-" + t.name, t.speed, test_topology, t.name) for t in topologies.TOPOLOGIES]
    rows += [
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
        row("machine-2.1", "long", test_variant, OLD_CPU, machine="pseries-2.1" + NO_HTM, extended=False),
        row("no-extended-space", "fast", test_variant, NO_EXTENDED, topology="T14", extended=False),
        row("kernel-moved", "fast", test_variant, machine="pseries,kernel-addr=0x2000000", topology="T02"),
        row("capabilities-T10", "fast", test_capabilities, "T10"),
        row("capabilities-T14", "fast", test_capabilities, "T14"),
        row("setpci", "fast", test_setpci),
        row("poweroff", "fast", test_poweroff),
        row("reboot", "fast", test_reboot),
        row("panic-reboot", "fast", test_panic),
        row("system-reset", "fast", test_system_reset),
        row("grub-kernel", "fast", test_grub_kernel),
        row("grub-disk", "fast", test_grub_disk),
        row("installer-12", "fast", test_installer, 12),
        row("installer-13", "fast", test_installer, 13),
        row("system-reset-100", "long", test_system_reset, 100),
    ]
    rows += [row("linux13-" + t.name, "named" if t.speed == "named" else "long", test_topology, t.name, release=13) for t in topologies.TOPOLOGIES]
    rows += [row("machine-" + version, "long", test_variant, OLD_CPU, machine="pseries-" + version + extra,
                  topology="T14", but=NO_ACS) for version, extra in OLD_TYPES]
    rows += [row("machine-" + version, "long", test_variant, OLD_CPU, machine="pseries-" + version, topology="T14")
              for version in NEWER_TYPES]
    return rows
