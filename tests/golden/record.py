#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Record what QEMU gives the firmware: its device tree and the configuration space of every function.

    tests/golden/record.py FOLDER [NAME...]

Per topology below it writes FOLDER/NAME.dtb (QEMU's own dumpdtb) and FOLDER/NAME.cfg. For the latter QEMU is
started without running a single instruction, and asked over its test protocol: the "rtas" command makes the
very calls the firmware makes. Buses are numbered the plain way first, since behind unnumbered bridges nothing
answers. Of the registers an enumerator writes, the writable bits are found by writing zeros and ones.

NAME.cfg: "# arguments"; "host UNIT" starts a host bridge; "fn BUS:DEVFN PARENT SIZE" a function (PARENT: number
of the bridge's line within its host from 0, or -); then "OFFSET VALUE MASK" for each dword that is not 0.
"""
import os
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "qemu"))
import topologies  # noqa: E402  pylint: disable=wrong-import-position

QEMU = os.environ.get("QEMU", "qemu-system-ppc64")
ONES = 0xffffffff


def express(m):
    m.nvme(addr=3)
    m.dev("e1000e", addr=4, romfile="")


def reserves(m):
    port = m.bridge("pcie-root-port", addr=1, **{"pref64-reserve": "32G", "mem-reserve": "96M", "bus-reserve": 3})
    m.nvme(port)
    m.nvme(m.bridge("pcie-root-port", addr=2, **{"io-reserve": 0}))


def large(m):
    m.dev("pci-testdev", addr=1, membar="128G")
    m.dev("pci-testdev", m.bridge(addr=2), 1, membar="1G")


def small_window(m):
    m.args += ["-global", "spapr-pci-host-bridge.mem64_win_size=0", "-global",
               "spapr-pci-host-bridge.mem_win_size=0x10000000"]
    m.dev("pci-testdev", addr=1)
    m.dev("virtio-net-pci", m.bridge(addr=2), 3)


EXTRA = {"reserves": reserves, "large": large, "small-window": small_window, "express": express}


class Qemu:
    def __init__(self, arguments, preload):
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "qtest")
        env = dict(os.environ, **({"LD_PRELOAD": preload} if preload else {}))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            self.process = subprocess.Popen([QEMU, *arguments, "-S", "-qtest", "unix:" + path, "-qtest-log", os.devnull],
                                            env=env, stderr=subprocess.DEVNULL)
            listener.settimeout(30)
            self.stream = listener.accept()[0].makefile("rw", encoding="ascii")

    def ask(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()
        answer = self.stream.readline().split()
        if not answer or answer[0] != "OK":
            raise RuntimeError(f"{line}: {answer}")
        return answer[1:]

    def rtas(self, name, arguments, returns):
        """Arguments go big-endian into guest memory, results come back from there."""
        raw = "".join(f"{a & ONES:08x}" for a in arguments)
        self.ask(f"write 0x1000 0x{len(raw) // 2:x} 0x{raw}")
        self.ask(f"write 0x2000 0x{4 * returns:x} 0x{'ff' * 4 * returns}")
        self.ask(f"rtas {name} {len(arguments)} 0x1000 {returns} 0x2000")
        got = self.ask(f"read 0x2000 0x{4 * returns:x}")[0][2:]
        return [int(got[i:i + 8], 16) for i in range(0, 8 * returns, 8)]

    def close(self):
        self.process.kill()
        self.process.wait()


class Host:
    """A host bridge by its BUID, and the functions below it."""

    def __init__(self, qemu, buid):
        self.qemu, self.buid, self.lines, self.count, self.last = qemu, buid, [], 0, 0

    @staticmethod
    def address(bus, devfn, reg):
        return (reg & 0xf00) << 20 | bus << 16 | devfn << 8 | reg & 0xff

    def read(self, bus, devfn, reg, size=4):
        status, value = self.qemu.rtas("ibm,read-pci-config", [self.address(bus, devfn, reg), self.buid >> 32,
                                                              self.buid, size], 2)
        return (1 << 8 * size) - 1 if status else value

    def write(self, bus, devfn, reg, value, size=4):
        self.qemu.rtas("ibm,write-pci-config", [self.address(bus, devfn, reg), self.buid >> 32, self.buid, size,
                                                value], 1)

    def mask(self, bus, devfn, reg):
        """The writable bits of a dword; as it was afterwards."""
        was = self.read(bus, devfn, reg)
        self.write(bus, devfn, reg, 0)
        zero = self.read(bus, devfn, reg)
        self.write(bus, devfn, reg, ONES)
        ones = self.read(bus, devfn, reg)
        self.write(bus, devfn, reg, was)
        return zero ^ ones

    def writable(self, bus, devfn, header, express):
        regs = [0x10, 0x14] + ([0x18, 0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x38, 0x3c] if header == 1 else
                               [0x18, 0x1c, 0x20, 0x24, 0x30])
        regs += [express + 0x28] if express else []
        virtual = self.extended(bus, devfn, 0x10) if express else 0
        regs += range(virtual + 0x24, virtual + 0x3c, 4) if virtual else []
        masks = {reg: self.mask(bus, devfn, reg) for reg in regs}
        masks[4] = 7
        if header == 1:
            masks[0x3c] &= 0x00ff0000
            masks[0x1c] &= 0xffff
        return masks

    def express(self, bus, devfn):
        at = self.read(bus, devfn, 0x34, 1) if self.read(bus, devfn, 6, 2) & 0x10 else 0
        for _ in range(48):
            if at < 0x40:
                return 0
            if self.read(bus, devfn, at, 1) == 0x10:
                return at
            at = self.read(bus, devfn, at + 1, 1) & 0xfc
        return 0

    def extended(self, bus, devfn, wanted):
        """The place of an extended capability, or 0."""
        at = 0x100
        for _ in range(480):
            head = self.read(bus, devfn, at)
            if head in (0, ONES) or at < 0x100:
                return 0
            if head & 0xffff == wanted:
                return at
            at = head >> 20
        return 0

    def function(self, bus, devfn, parent):
        header = self.read(bus, devfn, 0xe, 1) & 0x7f
        express = self.express(bus, devfn)
        size = 4096 if express else 256
        if header == 1:
            self.write(bus, devfn, 0x18, 0)
        masks = self.writable(bus, devfn, header, express)
        self.lines.append(f"fn {bus:02x}:{devfn:02x} {parent} {size}")
        for reg in range(0, size, 4):
            value = self.read(bus, devfn, reg)
            if reg >= 0x100 and value == ONES:
                continue
            if value or masks.get(reg):
                self.lines.append(f"{reg:03x} {value:08x} {masks.get(reg, 0):08x}")
        self.count += 1
        return header == 1

    def bus(self, number, parent):
        bridges = []
        for devfn in range(256):
            if devfn & 7 and not self.read(number, devfn & 0xf8, 0xe, 1) & 0x80:
                continue
            if self.read(number, devfn, 0) == ONES:
                continue
            if self.function(number, devfn, parent):
                bridges.append((devfn, self.count - 1))
        for devfn, line in bridges:
            self.last += 1
            secondary = self.last
            self.write(number, devfn, 0x18, 255 << 16 | secondary << 8 | number)
            self.bus(secondary, line)
            self.write(number, devfn, 0x18, self.last << 16 | secondary << 8 | number)


def units(dtb):
    """The BUIDs of the host bridges in a flattened tree: units of /pci@..."""
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", dtb], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [int(line.split("@")[1].split()[0], 16) for line in text.splitlines() if line.startswith("\tpci@")]


def record(folder, name, build):
    machine = topologies.Machine()
    build(machine)
    preload = os.environ.get("CHASSIS") if machine.express else None
    arguments = ["-nodefaults", "-display", "none", "-m", "512", *machine.args]
    dtb = os.path.join(folder, name + ".dtb")
    env = dict(os.environ, **({"LD_PRELOAD": preload} if preload else {}))
    subprocess.run([QEMU, "-M", "pseries,dumpdtb=" + dtb, *arguments], env=env, check=True, stderr=subprocess.DEVNULL)
    qemu = Qemu(["-M", "pseries", *arguments], preload)
    try:
        lines = ["# " + " ".join(arguments)]
        for buid in units(dtb):
            host = Host(qemu, buid)
            host.bus(0, "-")
            lines += [f"host {buid:x}", *host.lines]
    finally:
        qemu.close()
    with open(os.path.join(folder, name + ".cfg"), "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")


def main():
    folder, only = sys.argv[1], sys.argv[2:]
    wanted = {t.name.lower(): t.make for t in topologies.TOPOLOGIES}
    wanted.update(EXTRA)
    for name, build in wanted.items():
        if not only or name in only:
            record(folder, name, build)
            print(name, flush=True)


if __name__ == "__main__":
    main()
