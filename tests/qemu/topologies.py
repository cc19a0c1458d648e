# SPDX-License-Identifier: BSD-2-Clause
"""
The PCI topologies of the boot tests, as QEMU arguments.

Each function below builds one topology with a Machine, which keeps what must be unique: ids, chassis numbers and
chassis_nr.  TOPOLOGIES is the table the tests run through.  Express ports need the chassis.c preload, and are made with
hotplug=off: Linux would otherwise find the slots empty (their presence bits stay 0 on pseries) and power them off.
Option ROM files are not installed with every QEMU: devices that want one get none (romfile=), or the given dummy.
"""
from dataclasses import dataclass

WANTS_ROM = ("e1000", "virtio-net-pci", "VGA", "secondary-vga", "virtio-vga", "rtl8139", "vmxnet3")


class Machine:
    def __init__(self, rom=None):
        self.args = []
        self.rom = rom
        self.express = False
        self.count = 0
        self.chassis = 0

    def dev(self, driver, bus=None, addr=None, **props):
        """Adds a device, returns its id (which is also the name of the bus behind a bridge)."""
        self.count += 1
        name = "d%d" % self.count
        words = [driver, "id=" + name] + ["%s=%s" % (k, v) for k, v in props.items()]
        words += ["bus=" + bus] if bus else []
        words += ["addr=" + (addr if isinstance(addr, str) else "%x" % addr)] if addr is not None else []
        if driver.startswith(WANTS_ROM) and "romfile" not in props:
            words.append("romfile=")
        self.args += ["-device", ",".join(words)]
        return name

    def bridge(self, driver="pci-bridge", bus=None, addr=None, **props):
        """Adds a bridge or port; chassis_nr is unique over the whole machine, as pseries demands."""
        self.chassis += 1
        words = {"chassis_nr": self.chassis}
        if driver in ("pcie-root-port", "ioh3420", "xio3130-downstream"):
            words.update(chassis=self.chassis, hotplug="off")
        self.express = self.express or driver != "pci-bridge"
        return self.dev(driver, bus, addr, **words, **props)

    def disk(self, bus=None, addr=None, driver="virtio-blk-pci", **props):
        self.count += 1
        node = "n%d" % self.count
        self.args += ["-blockdev", "driver=null-co,read-zeroes=on,size=67108864,node-name=" + node]
        return self.dev(driver, bus, addr, drive=node, **props)

    def nvme(self, bus=None, addr=None, **props):
        return self.dev("nvme", bus, addr, serial="s%d" % self.count, **props)

    def switch(self, bus, downstream):
        up = self.bridge("x3130-upstream", bus)
        return [self.bridge("xio3130-downstream", up, addr=i) for i in range(downstream)]


def empty(m):
    """T01: nothing at all."""


def one_virtio(m):
    """T02"""
    m.dev("virtio-net-pci", addr=3)


def full_root_bus(m):
    """T03: all 32 slots, most with I/O BARs, one with an option ROM."""
    makers = (lambda a: m.dev("virtio-net-pci", addr=a), lambda a: m.disk(addr=a), lambda a: m.dev("virtio-rng-pci", addr=a),
              lambda a: m.dev("e1000", addr=a), lambda a: m.dev("pci-testdev", addr=a), lambda a: m.nvme(addr=a),
              lambda a: m.dev("qemu-xhci", addr=a), lambda a: m.dev("lsi53c895a", addr=a))
    for slot in range(30):
        makers[slot % len(makers)](slot)
    m.dev("VGA", addr=30)
    m.dev("e1000", addr=31, **({"romfile": m.rom} if m.rom else {}))


def three_host_bridges(m):
    """T05: host bridges with indexes 0, 1 and 9."""
    m.dev("virtio-net-pci", addr=1)
    for index in (1, 9):
        m.args += ["-device", "spapr-pci-host-bridge,id=phb%d,index=%d" % (index, index)]
    m.nvme("phb1.0", 2)
    behind = m.bridge(bus="phb1.0", addr=3)
    m.disk(behind, 1)
    m.dev("qemu-xhci", "phb9.0", 4)
    m.dev("e1000e", "phb9.0", 5)


def empty_bridge(m):
    """T08"""
    m.bridge(addr=2)


def bridge_slots(m):
    """T09: devices in slots 0, 1, 5 and 31 behind a bridge (interrupt routing)."""
    behind = m.bridge(addr=3)
    m.dev("e1000", behind, 0)
    m.disk(behind, 1)
    m.dev("qemu-xhci", behind, 5)
    m.dev("virtio-net-pci", behind, 31)
    m.dev("megasas", addr=4)


def one_root_port(m):
    """T10: an endpoint with option ROM behind a root port."""
    port = m.bridge("pcie-root-port", addr=1)
    m.dev("e1000e", port, **({"romfile": m.rom} if m.rom else {}))
    m.dev("virtio-net-pci", addr=2)


def multifunction_ports(m):
    """T11: eight root ports in one slot; QEMU does not number the first, whose header says multifunction."""
    ports = [m.bridge("pcie-root-port", addr="1.%d" % fn, multifunction="on" if fn == 0 else "off") for fn in range(8)]
    m.nvme(ports[0])
    m.dev("qemu-xhci", ports[1])
    m.disk(ports[4])
    m.dev("e1000e", ports[7])
    m.dev("virtio-rng-pci", addr=2)


def switch(m):
    """T14: a root port, a switch with three downstream ports, and a PCI bus behind another port."""
    down = m.switch(m.bridge("pcie-root-port", addr=1), 3)
    m.nvme(down[0])
    m.dev("virtio-net-pci", down[1])
    m.dev("megasas-gen2", down[2])
    legacy = m.bridge("pcie-pci-bridge", m.bridge("pcie-root-port", addr=2))
    m.dev("e1000e", legacy, 3)
    m.dev("pci-testdev", legacy, 4)
    m.disk(m.bridge("ioh3420", addr=3))


def nested_bridges(m):
    """T20: four PCI bridges deep, a device on each bus."""
    bus = None
    for level in range(4):
        bus = m.bridge(bus=bus, addr=level + 1)
        m.dev("e1000", bus, 7)
    m.disk(bus, 9)
    m.nvme(addr=7)


def mixed_memory(m):
    """T21: 32-bit prefetchable, 64-bit prefetchable and 64-bit plain BARs behind one bridge."""
    behind = m.bridge(addr=2)
    m.dev("secondary-vga", behind, 1)
    m.dev("pci-testdev", behind, 2, membar="256M")
    m.nvme(behind, 3)
    m.dev("qemu-xhci", behind, 4)
    m.dev("virtio-gpu-pci", behind, 5)
    m.dev("VGA", addr=3)
    m.dev("pci-testdev", addr=4, membar="8G")


@dataclass
class Topology:
    name: str
    make: object
    about: str

    def build(self, rom=None):
        """(QEMU arguments, needs the preload)"""
        machine = Machine(rom)
        self.make(machine)
        return machine.args, machine.express


TOPOLOGIES = [
    Topology("T01", empty, "empty host bridge"),
    Topology("T02", one_virtio, "one virtio device"),
    Topology("T03", full_root_bus, "32 devices on the root bus"),
    Topology("T05", three_host_bridges, "three host bridges"),
    Topology("T08", empty_bridge, "an empty bridge"),
    Topology("T09", bridge_slots, "slots 0 1 5 31 behind a bridge"),
    Topology("T10", one_root_port, "one root port"),
    Topology("T11", multifunction_ports, "eight root ports in one slot"),
    Topology("T14", switch, "root port, switch and PCI bus"),
    Topology("T20", nested_bridges, "four bridges deep"),
    Topology("T21", mixed_memory, "all kinds of memory behind a bridge"),
]


def named(name):
    return next(t for t in TOPOLOGIES if t.name == name)
