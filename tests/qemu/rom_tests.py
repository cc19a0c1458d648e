# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of FCode in expansion ROMs: made here, given to QEMU with romfile=, run at every boot that asks for it, and
by hand. A ROM holds what cards of real machines hold: an image for x86 first, then one with FCode.
"""
import os
import re
import struct
import tempfile

from bench import FIRMWARE_TIME, row, wait_our_ready
from words_tests import OK, typed

VENDOR, RNG = 0x1af4, 0x1005
ROOT = "/pci@800000020000000"
X86, OPEN_FIRMWARE = 0, 1
B_QUOTE, END0, START1, DROP = 0x12, 0x00, 0xf1, 0x46
PROPERTY, ENCODE_STRING = 0x110, 0x114
MY_SPACE, ENCODE_INT, CALL_PARENT = 0x103, 0x111, 0x209


def fcode(tokens):
    """A program: start1, format, checksum, length, the tokens, end0 (IEEE 1275, 5.2)."""
    body = bytes(tokens) + bytes([END0])
    return struct.pack(">BBHI", START1, 8, sum(body) & 0xffff, 8 + len(body)) + body


def number(token):
    return [token >> 8, token & 0xff] if token > 0xff else [token]


def text(string):
    return [B_QUOTE, len(string)] + list(string.encode())


def rom_image(kind, content, last):
    """One image of a ROM: header, PCI data structure, content, filled up to 512 bytes (PCI Local Bus 3.0, 6.3.1)."""
    blocks = (0x40 + len(content) + 511) // 512
    header = b"\x55\xaa" + (struct.pack("<H", 0x40) if kind == OPEN_FIRMWARE else bytes([blocks, 0xcb]))
    header = header.ljust(0x18, b"\0") + struct.pack("<H", 0x1c) + b"\0\0"
    data = b"PCIR" + struct.pack("<HHHHB3sHHBBH", VENDOR, RNG, 0, 0x18, 0, b"\0\0\xff", blocks, 1, kind,
                                 0x80 if last else 0, 0)
    return (header + data).ljust(0x40, b"\0") + content + bytes(512 * blocks - 0x40 - len(content))


def rom_file(folder, name, program):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(rom_image(X86, b"\xcb", False) + rom_image(OPEN_FIRMWARE, program, True))
    return path


def makes_property(value):
    """FCode: " value" encode-string " from-rom" property"""
    return fcode(text(value) + number(ENCODE_STRING) + text("from-rom") + number(PROPERTY))


def machine(folder):
    """One card on the root bus, one behind two bridges, each with a ROM; a third whose FCode is broken."""
    args = ["-device", "pci-bridge,id=a,chassis_nr=1,addr=1", "-device", "pci-bridge,id=b,chassis_nr=2,bus=a,addr=1"]
    roms = {"addr=2": makes_property("upstairs"), "bus=b,addr=3": makes_property("downstairs"),
            "addr=4": fcode([DROP])}
    for i, (where, program) in enumerate(roms.items()):
        args += ["-device", "virtio-rng-pci,%s,romfile=%s" % (where, rom_file(folder, "rom%d" % i, program))]
    return args


def from_rom(vm, path):
    """The property the FCode makes, as .properties shows it."""
    vm.send("dev %s%s\n" % (ROOT, path))
    vm.expect(OK, FIRMWARE_TIME)
    lines = [line for line in typed(vm, ".properties").splitlines() if line.startswith("from-rom")]
    return lines[0].split(None, 1)[1].strip() if lines else None


def check(vm, wanted):
    found = {path: from_rom(vm, path) for path in wanted}
    return ["%s: from-rom is %s, not %s" % (p, found[p], w) for p, w in wanted.items() if found[p] != w]


def test_at_start(bench):
    """Every ROM's FCode runs, whatever bridges are above and however the others' ends; nothing else is disturbed."""
    with tempfile.TemporaryDirectory() as folder:
        with bench.vm(machine(folder) + ["-prom-env", "fcode-rom?=true"]) as vm:
            wait_our_ready(vm)
            told = re.search(r"fcode: legacy-device@4: FCode byte \S+ of \S+: drop: stack underflow", vm.text())
            bad = [] if told else ["nobody says what is wrong with the third"]
            return bad + check(vm, {"/legacy-device@2": '"upstairs"', "/pci@1/pci@1/legacy-device@3": '"downstairs"',
                                    "/legacy-device@4": None})


def test_by_hand(bench):
    """Nothing runs unasked; the word rom-fcode runs one, and says why not."""
    with tempfile.TemporaryDirectory() as folder:
        with bench.vm(machine(folder)) as vm:
            wait_our_ready(vm)
            bad = check(vm, {"/legacy-device@2": None, "/pci@1/pci@1/legacy-device@3": None})
            vm.send('" %s/pci@1/pci@1/legacy-device@3" rom-fcode\n' % ROOT)
            vm.expect(OK, FIRMWARE_TIME)
            vm.send('" %s/pci@1" rom-fcode\n' % ROOT)
            vm.expect(r"no FCode: ", FIRMWARE_TIME)
            return bad + check(vm, {"/legacy-device@2": None, "/pci@1/pci@1/legacy-device@3": '"downstairs"'})


def test_instance(bench):
    """FCode asks its bus: my-space " config-l@" $call-parent; and where it came from is in the node."""
    program = fcode(number(MY_SPACE) + text("config-l@") + number(CALL_PARENT) + number(ENCODE_INT) + text("id") + number(PROPERTY))
    with tempfile.TemporaryDirectory() as folder:
        args = ["-device", "virtio-rng-pci,addr=2,romfile=" + rom_file(folder, "rom", program), "-prom-env", "fcode-rom?=true"]
        with bench.vm(args) as vm:
            wait_our_ready(vm)
            shown = dict(line.split(None, 1) for line in typed(vm, ".properties %s/legacy-device@2" % ROOT).splitlines() if " " in line)
    wanted = {"id": "%x" % (RNG << 16 | VENDOR), "fcode-rom-offset": "200 (512)"}
    return ["%s is %s, not %s" % (n, shown.get(n), v) for n, v in wanted.items() if shown.get(n) != v]


def tests():
    return [
        row("rom-fcode-instance", "fast", test_instance),
        row("rom-fcode-at-start", "fast", test_at_start),
        row("rom-fcode-by-hand", "fast", test_by_hand),
    ]
