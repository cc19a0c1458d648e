# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of selection: what is tried in which order, what is said about it, keys and menu.  The disks hold small Forth
scripts that say their name, or programs of one instruction that return at once, so that whole lists are walked.
"""
import os
import re
import struct
import time

from assets import prep_disk, write
from bench import END_TIME, FIRMWARE_TIME, wait_ready
from disk_tests import disk_row as row

HOST = "/pci@800000020000000"
BLR = 0x4e800020
TRYING = r"^Trying to load: %s from: %s \.\.\.   Successfully loaded$"
FAILED = r"^Trying to load: %s from: %s \.\.\. "
NO_TABLE = bytes(2 << 20)


# -- disks -------------------------------------------------------------------------------------------------------------

def script(name):
    return ('\\ A boot script\n.( this is %s) cr\n' % name).encode()


def program(bits, order, flags=0, descriptor=False, addr=0x400000, code=None):
    """An ELF program that returns at once, or has this code."""
    wide = "Q" if bits == 64 else "I"
    code = code or struct.pack(order + "II", BLR, BLR)
    if descriptor:
        code = struct.pack(order + "QQQ", addr + 24, addr + 0x8000, 0) + code
    head, entry = (64, 56) if bits == 64 else (52, 32)
    ident = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    ehdr = ident + struct.pack(order + "HHI" + 3 * wide + "I6H", 2, 21 if bits == 64 else 20, 1, addr, head, 0, flags,
                               head, entry, 1, 0, 0, 0)
    if bits == 64:
        phdr = struct.pack(order + "IIQQQQQQ", 1, 7, head + entry, addr, addr, len(code), len(code) + 64, 0x10000)
    else:
        phdr = struct.pack(order + "8I", 1, head + entry, addr, addr, len(code), len(code) + 64, 7, 0x10000)
    return ehdr + phdr + code


def disk(bench, content, slot, **props):
    """Arguments for a virtio disk with this content: bytes for a PReP partition, or a whole image."""
    path = os.path.join(bench.logs, "%s.%d.img" % (bench.name, slot))
    write(path, content if content is NO_TABLE else prep_disk(content))
    more = "".join(",%s=%s" % (key, value) for key, value in props.items())
    return ["-drive", "if=none,id=d%d,format=raw,file=%s" % (slot, path),
            "-device", "virtio-blk-pci,drive=d%d,addr=%x%s" % (slot, slot, more)]


def scripts(bench, **indexes):
    """Disks a, b, c in slots 1, 2, 3; a number is a bootindex."""
    args = []
    for slot, name in enumerate("abc", 1):
        props = {"bootindex": indexes[name]} if name in indexes else {}
        args += disk(bench, script(name), slot, **props)
    return args


def slots(names):
    return [HOST + "/scsi@%d" % (1 + "abc".index(name)) for name in names]


def expect_scripts(vm, names, args=""):
    """These run, in this order."""
    for name, path in zip(names, slots(names)):
        vm.expect(TRYING % (args, path), FIRMWARE_TIME)
        vm.expect(r"^this is %s" % name, FIRMWARE_TIME)


def count_attempts(vm, wanted):
    found = vm.text().count("Trying to load:")
    return [] if found == wanted else ["%d attempts, not %d" % (found, wanted)]


# -- order -------------------------------------------------------------------------------------------------------------

def test_order(bench, args, names, **indexes):
    with bench.vm(scripts(bench, **indexes) + args) as vm:
        expect_scripts(vm, names)
        wait_ready(vm)
        return count_attempts(vm, len(names))


def test_strict(bench):
    """The one disk the host names has nothing to boot, and nothing else may be tried."""
    args = disk(bench, script("a"), 1) + disk(bench, NO_TABLE, 2, bootindex=1) + ["-boot", "strict=on"]
    with bench.vm(args) as vm:
        vm.expect(FAILED % ("", HOST + "/scsi@2"), FIRMWARE_TIME)
        vm.expect(r"^E3404: Not a bootable device! \(", FIRMWARE_TIME)
        vm.expect(r"^E3407: Load failed \(1 candidate tried, the host allows no others\)", FIRMWARE_TIME)
        wait_ready(vm)
        return count_attempts(vm, 1)


def test_once(bench):
    """-boot once is obeyed before the variable boot-device, and only once."""
    args = scripts(bench) + ["-boot", "once=c", "-prom-env", "boot-device=disk2 disk1"]
    with bench.vm(args) as vm:
        expect_scripts(vm, "abc")
        wait_ready(vm)
        bad = count_attempts(vm, 3)
        vm.cmd("system_reset")
        vm.expect(r"QEMU Starting", FIRMWARE_TIME)
        expect_scripts(vm, "cba")
        wait_ready(vm)
        return bad + count_attempts(vm, 6)


def test_letters(bench):
    """-boot order=cd,once=d: the CD-ROM, then the disks; after a reset the disks, then the CD-ROM."""
    path = os.path.join(bench.logs, bench.name + ".0.img")
    write(path, NO_TABLE)
    args = disk(bench, script("a"), 1) + disk(bench, script("b"), 2)
    args += ["-device", "virtio-scsi-pci,addr=5,id=s", "-drive", "if=none,id=cd,format=raw,readonly=on,file=" + path,
             "-device", "scsi-cd,bus=s.0,drive=cd", "-boot", "order=cd,once=d"]
    with bench.vm(args) as vm:
        vm.expect(FAILED % ("", HOST + "/scsi@5/disk@100000000000000"), FIRMWARE_TIME)
        expect_scripts(vm, "ab")
        wait_ready(vm)
        vm.cmd("system_reset")
        vm.expect(r"QEMU Starting", FIRMWARE_TIME)
        expect_scripts(vm, "ab")
        vm.expect(FAILED % ("", HOST + "/scsi@5/disk@100000000000000"), FIRMWARE_TIME)
        wait_ready(vm)
        return count_attempts(vm, 6)


# The three scenarios of RHEL's test slof_order: a disk without anything, a CD-ROM, a network that answers but has no file.
DISK, CD, NET = HOST + "/scsi@1", HOST + "/scsi@5/disk@100000000000000", HOST + "/ethernet@6"


def three_devices(bench, index=""):
    """Arguments; index: bootindex of the network card."""
    path = os.path.join(bench.logs, bench.name + ".0.img")
    write(path, NO_TABLE)
    return disk(bench, NO_TABLE, 1) + [
        "-device", "virtio-scsi-pci,addr=5,id=s", "-drive", "if=none,id=cd,format=raw,readonly=on,file=" + path,
        "-device", "scsi-cd,bus=s.0,drive=cd", "-netdev", "user,id=n", "-device", "virtio-net-pci,addr=6,netdev=n,romfile=" + index]


def expect_attempts(vm, paths):
    """These are tried, in this order, all fail, and nothing else is tried."""
    start = len(vm.text())
    for path in paths:
        vm.expect(FAILED % ("", path), FIRMWARE_TIME)
        vm.expect(r"^E34\d\d: ", FIRMWARE_TIME)
    vm.expect(r"^E3407: ", FIRMWARE_TIME)
    wait_ready(vm)
    tried = re.findall(r"^Trying to load: .* from: (\S+) ", vm.text()[max(start - 200, 0):], re.M)
    return [] if tried[-len(paths):] == paths else ["%s were tried, not %s" % (tried, paths)]


def test_slof_order_once(bench):
    """order=cdn,once=n: the network first; after reset-all disk, CD-ROM, network."""
    with bench.vm(three_devices(bench) + ["-boot", "order=cdn,once=n,strict=off"]) as vm:
        bad = expect_attempts(vm, [NET, DISK, CD])
        vm.send("reset-all\r")
        vm.expect(r"QEMU Starting", FIRMWARE_TIME)
        return bad + expect_attempts(vm, [DISK, CD, NET]) + count_attempts(vm, 6)


def test_slof_order_index(bench, strict, paths):
    """A bootindex: that device, and with strict=off the others behind it."""
    with bench.vm(three_devices(bench, ",bootindex=3") + ["-boot", "order=cdn,strict=" + strict]) as vm:
        return expect_attempts(vm, paths) + count_attempts(vm, len(paths))


def test_dead_entries(bench):
    """Paths that are not there, a partition that is not, a disk without a table: each is told, the good one boots."""
    args = disk(bench, NO_TABLE, 1) + disk(bench, script("b"), 2)
    env = HOST + "/scsi@9:1 nonsense " + HOST + "/scsi@2:7 " + HOST + "/scsi@1"
    with bench.vm(args + ["-prom-env", "boot-device=" + env]) as vm:
        for path, code in ((HOST + "/scsi@9:1", 3405), ("nonsense", 3405), (HOST + "/scsi@2:7", 3405), (HOST + "/scsi@1", 3404)):
            vm.expect(FAILED % ("", path), FIRMWARE_TIME)
            vm.expect(r"^E%d: " % code, FIRMWARE_TIME)
        expect_scripts(vm, "b")
        wait_ready(vm)
        return count_attempts(vm, 5)


def test_bridge(bench, device, function, written):
    """QEMU leaves out the function of a pci-bridge in its list."""
    path = os.path.join(bench.logs, bench.name + ".0.img")
    write(path, prep_disk(script("behind")))
    args = ["-device", "%s,id=b,chassis_nr=3,addr=6.%d" % (device, function), "-device", "virtio-blk-pci,bus=b,drive=d,addr=3,bootindex=1",
            "-drive", "if=none,id=d,format=raw,file=" + path]
    with bench.vm(args) as vm:
        vm.expect(TRYING % ("", HOST + written), FIRMWARE_TIME)
        vm.expect(r"^this is behind", FIRMWARE_TIME)
        wait_ready(vm)
        return count_attempts(vm, 1)


# -- programs ----------------------------------------------------------------------------------------------------------

KINDS = [program(32, ">"), program(64, ">", 2), program(64, ">", 1, True), program(64, "<", 2), program(64, "<", 1, True),
         program(32, "<")]


def test_kinds(bench):
    """A program of each kind is entered, returns, and leads to the next."""
    args = []
    for slot, content in enumerate(KINDS, 1):
        args += disk(bench, content, slot)
    with bench.vm(args + ["-prom-env", "boot-file=a b"]) as vm:
        for slot in range(1, len(KINDS) + 1):
            vm.expect(TRYING % ("a b", HOST + "/scsi@%d" % slot), FIRMWARE_TIME)
            vm.expect(r"^W3411: Client application returned\.$", FIRMWARE_TIME)
        vm.expect(r"^E3407: Load failed \(6 candidates tried\)", FIRMWARE_TIME)
        wait_ready(vm)
    return []


def test_bad_programs(bench):
    """A program for low memory, one for where there is none, a cut one, and something else."""
    contents = [program(32, ">", addr=0x1000), program(64, ">", 2, addr=0x10000000000), program(64, ">", 2)[:100], b"MZ\x90\0"]
    args = []
    for slot, content in enumerate(contents, 1):
        args += disk(bench, content, slot)
    with bench.vm(args) as vm:
        for pattern in (r"^E3408: Failed to claim memory for the executable \(1000 to ", r"^E3408: .*\(10000000000 to ",
                        r"^E3403: Bad executable \(the entry lies in no segment|^E3403: Bad executable \(", r"^E3403: .*4d 5a"):
            vm.expect(pattern, FIRMWARE_TIME)
        wait_ready(vm)
    return []


def test_chain(bench):
    """A program asks to be replaced by another one, which returns; should the service come back, it loops."""
    code = struct.pack(">6I", 0x3c600040, 0x60630040, 0x7ca903a6, 0x4e800421, 0x48000000, BLR).ljust(64, b"\0")
    array = struct.pack(">8I", 0x400080, 5, 0, 0, 0, 0x400014, 0, 0).ljust(64, b"\0")
    content = program(32, ">", code=code + array + b"chain\0")
    with bench.vm(disk(bench, content, 1) + disk(bench, script("b"), 2)) as vm:
        vm.expect(r"^W3411: Client application returned", FIRMWARE_TIME)
        expect_scripts(vm, "b")
        wait_ready(vm)
    return []


def test_hello(bench, width):
    """A client of ours from a disk, with its arguments from boot-command."""
    with open(bench.client("hello", width), "rb") as f:
        content = f.read()
    args = disk(bench, script("a"), 1) + disk(bench, content, 2) + ["-prom-env", "boot-command=boot disk1 one two"]
    with bench.vm(args) as vm:
        vm.expect(TRYING % ("one two", HOST + "/scsi@2"), FIRMWARE_TIME)
        vm.expect(r'arguments "one two"', FIRMWARE_TIME)
        vm.wait_exit(END_TIME)
        return count_attempts(vm, 1)


# -- keys and the menu -------------------------------------------------------------------------------------------------

def test_key_s(bench):
    with bench.vm(scripts(bench, a=1) + ["-prom-env", "boot-key-wait=20000"]) as vm:
        vm.expect(r"QEMU Starting", FIRMWARE_TIME)
        vm.send("s")
        wait_ready(vm)
        return count_attempts(vm, 0)


def test_menu(bench, keys, names, attempts):
    """F12, then keys."""
    with bench.vm(scripts(bench, b=1) + ["-boot", "menu=on"]) as vm:
        vm.expect(r"^Press F12 for boot menu\.", FIRMWARE_TIME)
        vm.send("\033[24~")
        vm.expect(r"^Select boot device \(or press '0' to abort\):", FIRMWARE_TIME)
        for number, (alias, path) in enumerate(zip(("disk1", "disk", "disk2"), slots("bac")), 1):
            vm.expect(r"^%d\) +%s : %s$" % (number, alias, path), FIRMWARE_TIME)
        vm.expect(r"usual order", FIRMWARE_TIME)
        vm.send(keys)
        expect_scripts(vm, names)
        wait_ready(vm)
        return count_attempts(vm, attempts)


def open_menu(vm, pause=0):
    vm.expect(r"^Press F12 for boot menu\.", FIRMWARE_TIME)
    time.sleep(pause)
    vm.send("\033[24~")
    vm.expect(r"^Select boot device ", FIRMWARE_TIME)


def test_menu_many(bench):
    """40 units of one controller: each has a number, and 38 typed boots that one. QEMU tells the units last one first; aliases count from LUN 0 up."""
    path = os.path.join(bench.logs, bench.name + ".img")
    write(path, prep_disk(script("the 38th")))
    args = ["-device", "virtio-scsi-pci,id=s,addr=1", "-boot", "menu=on"]
    for lun in range(40):
        node = "driver=raw,node-name=n%d,file.driver=file,file.filename=%s" % (lun, path) if lun == 37 else \
            "driver=null-co,node-name=n%d,size=1048576,read-zeroes=on" % lun
        args += ["-blockdev", node, "-device", "scsi-hd,bus=s.0,drive=n%d,scsi-id=0,lun=%d" % (lun, lun)]
    with bench.vm(args) as vm:
        open_menu(vm)
        vm.expect(r"^40\) +disk39 : /pci\S+/disk@100002700000000$", FIRMWARE_TIME)
        vm.send("38\r")
        vm.expect(TRYING % ("", HOST + r"/scsi@1/disk@100002500000000"), FIRMWARE_TIME)
        vm.expect(r"^this is the 38th", FIRMWARE_TIME)
    return []


def test_menu_countdown(bench):
    """F12 two seconds late still counts; nobody chooses for two seconds: the usual order."""
    with bench.vm(scripts(bench, b=1) + ["-boot", "menu=on", "-prom-env", "boot-menu-timeout=2"]) as vm:
        open_menu(vm, pause=2)
        vm.expect(r"^\(the usual order in 2 s, or with ESC\)", FIRMWARE_TIME)
        expect_scripts(vm, "bac")
        wait_ready(vm)
        return count_attempts(vm, 3)


def test_menu_word(bench):
    """boot-menu-start shows the same, and a key typed before is its choice: nothing is lost."""
    with bench.vm(scripts(bench) + ["-prom-env", "auto-boot?=false"]) as vm:
        wait_ready(vm)
        vm.send("boot-menu-start\r2")
        expect_scripts(vm, "b")
        return []


# What other people's test suites look for: tp-qemu in each line of a log with time stamps before the lines, openQA on the console.
OTHERS = {
    "tp-qemu, start": (r"\s+SLOF\S+\s+\*+", 1),
    "tp-qemu, attempt": (r"(\s+Trying to load:\s+from:\s)(/.+)(\s+\.\.\.)", 3),
    "tp-qemu, end": (r"\s+Successfully loaded$", 3),
    "tp-qemu, menu": (r"Select boot device", 1),
    "tp-qemu, entry": (r"\d+\)\s+disk\d*\s+:\s+/pci\S*/scsi@\d", 3),
    "tp-qemu, prompt": (r"0 >", 1),
    "openQA, devalias": (r": disk\d* : /pci\S+/scsi@\d$", 3),
    "tp-qemu, error": (r"(?i)error", 0),
}


def test_others(bench):
    """Each pattern is found in enough lines; "error" in none; the device tp-qemu takes from them is right."""
    with bench.vm(scripts(bench) + ["-boot", "menu=on"]) as vm:
        vm.expect(r"^Press F12 for boot menu\.", FIRMWARE_TIME)
        vm.send("\033[24~")
        vm.expect(r"usual order", FIRMWARE_TIME)
        vm.send("\033")
        wait_ready(vm)
        vm.send("devalias\r")
        vm.expect(r"^disk2 : /pci\S+/scsi@3", FIRMWARE_TIME)
        wait_ready(vm)
        log = ["12:00:00: " + line for line in re.split(r"\r\n|\r|\n", vm.raw_text())]
    bad = []
    for who, (pattern, wanted) in OTHERS.items():
        found = sum(1 for line in log if re.search(pattern, line))
        bad += [] if (found >= wanted if wanted else not found) else ["%s: %d lines, not %d" % (who, found, wanted)]
    tried = [m.group(2) for m in (re.search(OTHERS["tp-qemu, attempt"][0], line) for line in log) if m]
    return bad + ([] if tried == slots("abc") else ["tp-qemu would see %s tried" % tried])


def tests():
    return [
        row("bootsel-no-index", "fast", test_order, [], "abc"),
        row("bootsel-index", "fast", test_order, [], "cab", a=5, c=0),
        row("bootsel-variable", "fast", test_order, ["-prom-env", "boot-device=disk1 disk"], "bac"),
        row("bootsel-index-wins", "fast", test_order, ["-prom-env", "boot-device=disk1 disk"], "cba", c=0),
        row("bootsel-strict-index", "fast", test_order, ["-boot", "strict=on"], "ca", a=5, c=0),
        row("bootsel-strict", "fast", test_strict),
        row("bootsel-once", "fast", test_once),
        row("bootsel-letters", "fast", test_letters),
        row("bootsel-slof-order-once", "fast", test_slof_order_once),
        row("bootsel-slof-order-strict", "fast", test_slof_order_index, "on", [NET]),
        row("bootsel-slof-order-not-strict", "fast", test_slof_order_index, "off", [NET, DISK, CD]),
        row("bootsel-dead", "fast", test_dead_entries),
        row("bootsel-bridge", "fast", test_bridge, "pci-bridge,multifunction=on", 0, "/pci@6/scsi@3"),
        row("bootsel-kinds", "fast", test_kinds),
        row("bootsel-bad-programs", "fast", test_bad_programs),
        row("bootsel-chain", "fast", test_chain),
        row("bootsel-hello-32", "fast", test_hello, 32),
        row("bootsel-hello-64", "fast", test_hello, 64),
        row("bootsel-key-s", "fast", test_key_s),
        row("bootsel-menu-2", "fast", test_menu, "2", "abac", 4),
        row("bootsel-menu-escape", "fast", test_menu, "\033", "bac", 3),
        row("bootsel-menu-0", "fast", test_menu, "0", "", 0),
        row("bootsel-menu-many", "fast", test_menu_many),
        row("bootsel-menu-countdown", "fast", test_menu_countdown),
        row("bootsel-menu-word", "fast", test_menu_word),
        row("bootsel-others", "fast", test_others),
    ]
