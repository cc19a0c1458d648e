# SPDX-License-Identifier: BSD-2-Clause
"""
The PCI topologies of the boot tests, as QEMU arguments.

Each function below builds one topology with a Machine, which keeps what must be unique: ids, chassis numbers and
chassis_nr.  TOPOLOGIES is the table the tests run through.  Express ports need the chassis.c preload, and are made with
hotplug=off: Linux would otherwise find the slots empty (their presence bits stay 0 on pseries) and power them off.
Option ROM files are not installed with every QEMU: devices that want one get none (romfile=), or the given dummy.
"""
from dataclasses import dataclass

FIRST = "pci.0"                   # the root bus of the built-in host bridge
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

    def host_bridges(self, **props):
        """Sets properties of all host bridges, the built-in one too."""
        for name, value in props.items():
            self.args += ["-global", "spapr-pci-host-bridge.%s=%s" % (name, value)]

    def testdev(self, size, bus=None, addr=None):
        """A device with one large 64-bit prefetchable BAR (and two small ones)."""
        return self.dev("pci-testdev", bus, addr, membar=size)


def host_bridge(m, index, **props):
    """A further host bridge; the name of its root bus."""
    words = ["%s=%s" % pair for pair in props.items()]
    m.args += ["-device", ",".join(["spapr-pci-host-bridge,id=phb%d,index=%d" % (index, index)] + words)]
    return "phb%d.0" % index


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
    second, third = host_bridge(m, 1), host_bridge(m, 9)
    m.nvme(second, 2)
    behind = m.bridge(bus=second, addr=3)
    m.disk(behind, 1)
    m.dev("qemu-xhci", third, 4)
    m.dev("e1000e", third, 5)


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


def crowded_root_bus(m):
    """T04: 256 functions on the root bus, half of them with I/O BARs (QEMU has 32 slots there)."""
    for slot in range(32):
        for fn in range(8):
            where, head = "%x.%x" % (slot, fn), {"multifunction": "on"} if fn == 0 else {}
            if fn % 2:
                m.nvme(addr=where, **head)
            else:
                m.dev("pci-testdev", addr=where, **head)


def no_64bit_window(m):
    """T06: a host bridge without memory above 4 GiB."""
    m.host_bridges(mem64_win_size=0)
    bridge_slots(m)
    m.nvme(m.bridge("pcie-root-port", addr=5))
    m.testdev("256M", addr=6)


def small_32bit_window(m):
    """T07: 256 MiB below 4 GiB, ports and bridges that would each like headroom."""
    m.host_bridges(mem_win_size=0x10000000)
    bridge_slots(m)
    for slot in range(8, 16):
        m.dev("e1000e", m.bridge("pcie-root-port", addr=slot))
    m.dev("secondary-vga", addr=16, vgamem_mb=64)


def many_ports(m):
    """T12: 24 root ports, no I/O wanted behind them; the windows SLOF gives wrap at 64 KiB."""
    for slot in range(24):
        port = m.bridge("pcie-root-port", addr=slot + 1)
        if slot % 2:
            m.nvme(port)


def many_io_windows(m):
    """T13: 20 bridges that each want an I/O window of 4 KiB; there is room for 15."""
    for slot in range(20):
        m.dev("e1000", m.bridge(addr=slot + 1), 1)


def deep_switches(m):
    """T15: a root port and eight switches, each below the other: 17 buses deep."""
    port = m.bridge("pcie-root-port", addr=1)
    for level in range(8):
        down = m.switch(port, 2)
        port = down[0]
        if level % 3 == 0:
            m.nvme(down[1])
    m.dev("e1000e", port)


def many_bridges(m, count=100):
    """T17 as far as QEMU starts in reasonable time: 100 bridges. QEMU's own start-up grows with the cube of their number."""
    above = [m.bridge(addr=slot + 1) for slot in range(9)]
    behind = [m.bridge(bus=above[i % 9], addr=i // 9) for i in range(count - 9)]
    for bus in (above[0], behind[0], behind[-1]):
        m.dev("virtio-rng-pci", bus, 31)


def all_bus_numbers(m):
    """T17 in full: each number from 1 to 255 used once."""
    many_bridges(m, 255)


def bus_below_port(m):
    """T19: PCI Express devices, and one more bridge, on a conventional bus below a root port."""
    bus = m.bridge("pcie-pci-bridge", m.bridge("pcie-root-port", addr=1))
    m.nvme(bus, 1)
    m.dev("e1000e", bus, 2)
    m.dev("qemu-xhci", bus, 3)
    m.nvme(m.bridge(bus=bus, addr=4), 31)


def no_io_windows(m):
    """T22: root ports without an I/O window (io-reserve=0); an I/O BAR behind one of them has no place."""
    for slot, driver in ((1, "e1000e"), (2, "nvme"), (3, "virtio-blk-pci")):
        port = m.bridge("pcie-root-port", addr=slot, **{"io-reserve": 0})
        if driver == "nvme":
            m.nvme(port)
        elif driver == "virtio-blk-pci":
            m.disk(port)
        else:
            m.dev(driver, port)
    m.dev("e1000", m.bridge(addr=4), 1)


def large_bars(m):
    """T23: BARs of 128 GiB on the root bus, below a root port and below a bridge."""
    m.testdev("128G", addr=1)
    m.testdev("128G", m.bridge("pcie-root-port", addr=2))
    m.testdev("128G", m.bridge(addr=3), 5)
    m.dev("virtio-net-pci", addr=4)


def too_large_together(m):
    """T24: 512 + 512 + 128 GiB in a window of 1 TiB."""
    m.testdev("512G", addr=1)
    m.testdev("512G", addr=2)
    m.testdev("128G", addr=3)
    m.dev("virtio-net-pci", addr=4)


def too_large_alone(m):
    """T25: a 2 TiB BAR behind a bridge; its neighbours must not suffer."""
    behind = m.bridge(addr=1)
    m.testdev("2T", behind, 1)
    m.dev("virtio-net-pci", behind, 2)
    m.testdev("512G", addr=4)


def too_much_32bit(m):
    """T26: five frame buffers of 512 MiB, 32 bits wide, in a window of 2 GiB: three fit."""
    for slot in range(1, 6):
        m.dev("secondary-vga", addr=slot, vgamem_mb=512)
    m.dev("virtio-net-pci", addr=6)
    m.dev("e1000", m.bridge(addr=7), 1)


def reserving_ports(m):
    """T27: ports that ask for room (QEMU's *-reserve)."""
    hints = {"bus-reserve": 3, "io-reserve": "4K", "mem-reserve": "64M", "pref64-reserve": "32G"}
    m.nvme(m.bridge("pcie-root-port", addr=1, **hints))
    m.bridge("pcie-root-port", addr=2, **hints)
    m.nvme(m.bridge("pcie-root-port", addr=3))


def room_kept(guest):
    """T27's promise: three spare buses and windows as large as asked for, at the two ports that ask."""
    bad = []
    for name in ("0000:00:01.0", "0000:00:02.0"):
        port = guest.devices.get(name)
        if not port:
            bad.append("%s is not there" % name)
            continue
        for kind, size in (("io", 0x1000), ("mem", 64 << 20), ("pref", 32 << 30)):
            low, high = port.window(kind) or (1, 0)
            if high - low + 1 < size:
                bad.append("%s: %s window of %x bytes, asked for %x" % (name, kind, high - low + 1, size))
        spare = port.config[0x1a] - port.config[0x19]
        if spare < 3:
            bad.append("%s: %d spare buses, asked for 3" % (name, spare))
    return bad


def virtual_functions(m):
    """T28: NVMe with four virtual functions, on the root bus and below a root port."""
    for number, bus in ((1, None), (2, m.bridge("pcie-root-port", addr=1))):
        m.args += ["-device", "nvme-subsys,id=ss%d" % number]
        m.nvme(bus, addr=None if bus else 2, subsys="ss%d" % number, sriov_max_vfs=4, sriov_vq_flexible=8, sriov_vi_flexible=4)
    m.dev("virtio-net-pci", addr=3)


def odd_windows(m):
    """T38: two windows of 512 MiB and a little, aligned to 512 MiB"""
    for slot in (1, 2):
        m.dev("secondary-vga", m.bridge(addr=slot), 1, vgamem_mb=512)


def large_roms(m):
    """T39: option ROMs of 16 MiB beside small ones."""
    big = {"romfile": m.rom, "romsize": 16 << 20} if m.rom else {}
    small = {"romfile": m.rom} if m.rom else {}
    behind = m.bridge(addr=1)
    m.dev("pci-testdev", behind, 1, **big)
    m.dev("virtio-rng-pci", behind, 2, **small)
    m.dev("e1000e", m.bridge("pcie-root-port", addr=2), **big)
    m.dev("edu", addr=3, **big)
    m.dev("VGA", addr=4, **small)


def many_small_io(m):
    """T40: VGA and many I/O BARs of 32 to 1024 bytes: none may cover the VGA's ports."""
    m.dev("VGA", addr=1)
    drivers = ("rtl8139", "AC97", "ES1370", "lsi53c895a", "am53c974", "pcnet", "piix3-usb-uhci", "pci-serial")
    special = {"pcnet": {"romfile": ""}, "AC97": {"audiodev": "mute"}, "ES1370": {"audiodev": "mute"}}
    m.args += ["-audiodev", "none,id=mute"]                     # newer QEMU makes none by itself
    for slot in range(2, 30):
        driver = drivers[slot % len(drivers)]
        m.dev(driver, addr=slot, **special.get(driver, {}))
    behind = m.bridge(addr=30)
    for slot in range(1, 13):
        m.dev("rtl8139", behind, slot)


def host_bridge_indexes(m):
    """Indexes 0, 7 and 30, which is the last, with a port and a large BAR each."""
    for bus in (FIRST, host_bridge(m, 7), host_bridge(m, 30)):
        m.dev("e1000e", m.bridge("pcie-root-port", bus, 1))
        m.testdev("256G", bus, 2)
        m.dev("virtio-net-pci", m.bridge(bus=bus, addr=3), 4)


def all_host_bridges(m):
    """All 31 host bridges there can be, each with a card on its root bus and one behind a bridge."""
    for index in range(31):
        bus = host_bridge(m, index) if index else FIRST
        m.dev("virtio-net-pci", bus, 1)
        m.dev("virtio-rng-pci", m.bridge(bus=bus, addr=2), 1)


def host_bridge_on_node(m):
    """A host bridge that belongs to NUMA node 1."""
    for node in range(2):
        m.args += ["-object", "memory-backend-ram,id=m%d,size=512M" % node, "-numa", "node,memdev=m%d,nodeid=%d" % (node, node)]
    bus = host_bridge(m, 1, numa_node=1)
    m.nvme(bus, 1)
    m.dev("virtio-net-pci", m.bridge(bus=bus, addr=2), 1)
    m.nvme(FIRST, 3)


def devices_on_node(guest):
    nodes = {name: dev.facts.get("numa_node") for name, dev in guest.devices.items() if dev.domain == 1}
    return ["%s is on NUMA node %s, not 1" % pair for pair in nodes.items() if pair[1] != 1] or ([] if nodes else ["no domain 1"])


def eight_full_host_bridges(m):
    """8 host bridges with 31 devices each, mixed differently."""
    for index in range(8):
        bus = host_bridge(m, index) if index else FIRST
        makers = (lambda a, b=bus: m.dev("virtio-net-pci", b, a), lambda a, b=bus: m.nvme(b, a),
                  lambda a, b=bus: m.dev("e1000", b, a), lambda a, b=bus: m.dev("qemu-xhci", b, a),
                  lambda a, b=bus: m.dev("virtio-rng-pci", b, a))
        for slot in range(1, 32):
            makers[slot * (index + 1) % len(makers)](slot)


@dataclass
class Topology:
    name: str
    make: object
    about: str
    speed: str = "fast"
    left_out: int = 0                   # functions that cannot get all they want
    minor: bool = False                 # ... and what they lose is of no consequence, so the firmware does not warn
    start_time: int = 0                 # seconds QEMU itself may need before the firmware runs
    promise: object = None              # a further check of the guest's report: function of a judge.Guest

    def build(self, rom=None):
        """(QEMU arguments, needs the preload)"""
        machine = Machine(rom)
        self.make(machine)
        return machine.args, machine.express


TOPOLOGIES = [
    Topology("T01", empty, "empty host bridge"),
    Topology("T02", one_virtio, "one virtio device"),
    Topology("T03", full_root_bus, "32 devices on the root bus"),
    Topology("T04", crowded_root_bus, "256 functions on the root bus", "long"),
    Topology("T05", three_host_bridges, "three host bridges"),
    Topology("T06", no_64bit_window, "no memory window above 4 GiB"),
    Topology("T07", small_32bit_window, "256 MiB below 4 GiB", "long"),
    Topology("T08", empty_bridge, "an empty bridge"),
    Topology("T09", bridge_slots, "slots 0 1 5 31 behind a bridge"),
    Topology("T10", one_root_port, "one root port"),
    Topology("T11", multifunction_ports, "eight root ports in one slot"),
    Topology("T12", many_ports, "24 root ports"),
    Topology("T13", many_io_windows, "20 bridges with I/O behind", "long", left_out=5, minor=True),
    Topology("T14", switch, "root port, switch and PCI bus"),
    Topology("T15", deep_switches, "eight switches deep", "long"),
    Topology("T17", many_bridges, "100 bridges", "long", start_time=120),
    Topology("T17-255", all_bus_numbers, "255 bridges", "named", start_time=1800),
    Topology("T19", bus_below_port, "PCI bus below a root port", "long"),
    Topology("T20", nested_bridges, "four bridges deep"),
    Topology("T21", mixed_memory, "all kinds of memory behind a bridge"),
    Topology("T22", no_io_windows, "root ports without I/O window", left_out=1, minor=True),
    Topology("T23", large_bars, "BARs of 128 GiB", "long"),
    Topology("T24", too_large_together, "512G + 512G + 128G in 1T", left_out=1),
    Topology("T25", too_large_alone, "a BAR of 2 TiB", "long", left_out=1),
    Topology("T26", too_much_32bit, "five times 512 MiB of 32-bit memory", left_out=2),
    Topology("T27", reserving_ports, "ports with reserve hints", "long", promise=room_kept),
    Topology("T28", virtual_functions, "NVMe with virtual functions", "long"),
    Topology("T38", odd_windows, "windows of 513 MiB below 4 GiB", "long"),
    Topology("T39", large_roms, "option ROMs of 16 MiB", "long"),
    Topology("T40", many_small_io, "VGA and many small I/O BARs", "long"),
    Topology("indexes", host_bridge_indexes, "host bridges 0, 7 and 30"),
    Topology("indexes-all", all_host_bridges, "host bridges 0 to 30", "long", start_time=60),
    Topology("numa-bridge", host_bridge_on_node, "a host bridge on NUMA node 1", promise=devices_on_node),
    Topology("8x31", eight_full_host_bridges, "8 host bridges, 248 devices", "long"),
]


def named(name):
    return next(t for t in TOPOLOGIES if t.name == name)
