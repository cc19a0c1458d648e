# SPDX-License-Identifier: BSD-2-Clause
"""
Judges what a Linux guest and QEMU say about PCI after our firmware set it up.

Pure functions: parse() turns the console text of guest-init.sh into a Guest, every check_*() takes that (and QEMU's
query-pci answer) and returns a list of complaints, empty when all is well.  Four witnesses are held against each other:
the registers (configuration space), the device tree, Linux' resource tree and QEMU's own decoding.  Numbers in the
device tree and in registers are PCI bus addresses; Linux' memory addresses are CPU addresses, translated by the host
bridge's "ranges"; Linux' /proc/ioports is offset per host bridge.

Where not everything fits, left_out = {function name: BAR indexes} says what the firmware told it had no address for. Only
complaints about the lack of these are then dropped; that nothing overlaps and everything else is untouched is checked as ever.
"""
import re
import struct
from dataclasses import dataclass, field

IO, MEM, UNSET = 0x100, 0x200, 0x20000000
ROM_INDEX = 6
LINUX_INDENTS = 5
HEADER_BRIDGE = 1
CAP_EXPRESS = 0x10
EXPRESS_PORTS = (4, 5, 6)            # root, upstream and downstream port: extended space reaches through them

DMESG_FAIL = re.compile(
    r"will remap|can't claim|can't assign|no space|failed to assign|failed to claim|bogus alignment|are unassigned|"
    r"Cannot reserve|bad cfg reg|ignoring extra|too many memory|Can't get (bus-range|ranges)|conflicts with|"
    r"address conflict|not claimed|error updating|of_irq_parse_pci: failed|unknown header type|"
    r"devices behind bridge are unusable")
DMESG_LACK = re.compile(r"can't assign|no space|failed to assign|are unassigned|: assigned$|BAR \d+: assigned ")
DMESG_ASSIGNED = re.compile(r": assigned$|BAR \d+: assigned ")

# (vendor, device): extended capabilities as offset: (id, version), for functions whose extended space is reachable.
EXTENDED_CAPS = {
    (0x1b36, 0x000c): {0x100: (0x01, 2), 0x148: (0x0d, 1)},     # pcie-root-port: AER, ACS
    (0x8086, 0x3420): {0x100: (0x01, 2)},                       # ioh3420
    (0x104c, 0x8232): {0x100: (0x01, 2)},                       # x3130-upstream
    (0x104c, 0x8233): {0x100: (0x01, 2)},                       # xio3130-downstream
    (0x1b36, 0x000e): {0x100: (0x01, 2)},                       # pcie-pci-bridge
    (0x8086, 0x10d3): {0x100: (0x01, 2), 0x140: (0x03, 1)},     # e1000e: AER, serial number
}


# -- the guest's report --------------------------------------------------------------------------------------------

@dataclass
class Device:
    name: str                                       # "0000:01:00.0"
    facts: dict = field(default_factory=dict)       # vendor, device, class, irq, enable
    resources: list = field(default_factory=list)   # (start, end, flags) as in sysfs
    config: bytes = b""

    @property
    def domain(self):
        return int(self.name[0:4], 16)

    @property
    def bus(self):
        return int(self.name[5:7], 16)

    @property
    def devfn(self):
        return int(self.name[8:10], 16) << 3 | int(self.name[11])

    @property
    def bdf(self):
        return (self.domain, self.bus, self.devfn)

    @property
    def ids(self):
        return struct.unpack_from("<HH", self.config, 0)

    @property
    def is_bridge(self):
        return self.config[0x0e] & 0x7f == HEADER_BRIDGE

    def u16(self, offset):
        return struct.unpack_from("<H", self.config, offset)[0]

    def u32(self, offset):
        return struct.unpack_from("<I", self.config, offset)[0]

    @property
    def bar_count(self):
        return 2 if self.is_bridge else 6

    @property
    def rom_register(self):
        return 0x38 if self.is_bridge else 0x30

    def bar(self, index):
        """(address, is_io, is_64) of a register, index 6 being the ROM."""
        if index == ROM_INDEX:
            return self.u32(self.rom_register) & ~0x7ff, False, False
        low = self.u32(0x10 + 4 * index)
        if low & 1:
            return low & ~3, True, False
        if low & 6 != 4:
            return low & ~15, False, False
        return low & ~15 | self.u32(0x14 + 4 * index) << 32, False, True

    def capability(self, wanted):
        """Offset of a capability, 0 if there is none."""
        at, steps = self.config[0x34] & ~3, 0
        while at >= 0x40 and steps < 48 and self.u16(6) & 0x10:
            if self.config[at] == wanted:
                return at
            at, steps = self.config[at + 1] & ~3, steps + 1
        return 0

    @property
    def express_type(self):
        at = self.capability(CAP_EXPRESS)
        return self.u16(at + 2) >> 4 & 15 if at else None

    def window(self, kind):
        """(base, limit) of an open bridge window in bus addresses, or None.  kind: io, mem, pref."""
        if kind == "io":
            base = (self.config[0x1c] & 0xf0) << 8 | self.u16(0x30) << 16
            limit = (self.config[0x1d] & 0xf0) << 8 | self.u16(0x32) << 16 | 0xfff
        elif kind == "mem":
            base, limit = (self.u16(0x20) & 0xfff0) << 16, (self.u16(0x22) & 0xfff0) << 16 | 0xfffff
        else:
            base = (self.u16(0x24) & 0xfff0) << 16 | self.u32(0x28) << 32
            limit = (self.u16(0x26) & 0xfff0) << 16 | 0xfffff | self.u32(0x2c) << 32
        return (base, limit) if base <= limit else None


@dataclass
class Node:
    path: str
    props: dict = field(default_factory=dict)

    def cells(self, name):
        data = self.props.get(name, b"")
        return struct.unpack(">%dI" % (len(data) // 4), data[:len(data) // 4 * 4])

    @property
    def parent_path(self):
        return self.path.rsplit("/", 1)[0]


@dataclass
class Area:
    depth: int
    start: int
    end: int
    name: str
    parents: list                                    # names, outermost first


@dataclass
class Guest:
    devices: dict = field(default_factory=dict)      # by name
    nodes: dict = field(default_factory=dict)        # by path
    iomem: list = field(default_factory=list)
    ioports: list = field(default_factory=list)
    dmesg: list = field(default_factory=list)
    complete: bool = False
    left_out: dict = field(default_factory=dict)     # function name: indexes of BARs the firmware found no room for

    def by_bdf(self, bdf):
        return self.devices.get("%04x:%02x:%02x.%x" % (bdf[0], bdf[1], bdf[2] >> 3, bdf[2] & 7))

    def bridge_above(self, dev):
        """The bridge whose secondary bus the device is on; None on a root bus."""
        for other in self.devices.values():
            if other.domain == dev.domain and other.is_bridge and other.config[0x19] == dev.bus and dev.bus:
                return other
        return None

    def is_left_out(self, dev, index):
        return index in self.left_out.get(dev.name, ())

    def excuses(self):
        """Names that Linux may complain about: what was left out and the bridges above, which it tries to widen."""
        names = set(self.left_out)
        for name in self.left_out:
            dev = self.devices.get(name)
            while dev:
                names.add(dev.name)
                dev = self.bridge_above(dev)
        return names

    def phb_of(self, domain):
        for node in self.nodes.values():
            if node.path.count("/") == 1 and node.cells("reg")[1:2] and node.cells("reg")[1] & 0xffff == domain:
                return node
        return None


def parse_areas(lines):
    """Linux indents five levels and no more: below that the addresses say what lies in what."""
    areas, above = [], []
    for line in lines:
        match = re.match(r"( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$", line)
        if not match:
            continue
        depth, start, end = len(match[1]) // 2, int(match[2], 16), int(match[3], 16)
        if depth < LINUX_INDENTS:
            del above[depth:]
        while len(above) > depth and not above[-1].start <= start <= end <= above[-1].end:
            above.pop()
        areas.append(Area(len(above), start, end, match[4], [a.name for a in above]))
        above.append(areas[-1])
    return areas


def parse_device(name, lines):
    dev = Device(name)
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "resource":
            dev.resources.append(tuple(int(x, 16) for x in rest.split()))
        elif word == "config":
            dev.config = bytes.fromhex(rest)
        elif rest:
            dev.facts[word] = int(rest, 0)
    return dev


def parse_node(path, lines):
    node = Node(path)
    for line in lines:
        match = re.match(r"prop (\S+) ([0-9a-f]*)$", line)
        if match:
            node.props[match[1]] = bytes.fromhex(match[2])
    return node


def split_sections(text):
    title, lines = None, []
    for line in text.split("\n"):
        if line.startswith("=== "):
            if title is not None:
                yield title, lines
            title, lines = line[4:].strip(), []
        else:
            lines.append(line)
    if title is not None:
        yield title, lines


def parse(text):
    guest = Guest()
    for title, lines in split_sections(text):
        kind, _, name = title.partition(" ")
        if kind == "pci":
            guest.devices[name] = parse_device(name, lines)
        elif kind == "node":
            guest.nodes[name] = parse_node(name, lines)
        elif kind in ("iomem", "ioports"):
            setattr(guest, kind, parse_areas(lines))
        elif kind == "dmesg":
            guest.dmesg = lines
        elif kind == "end":
            guest.complete = True
    return guest


# -- addresses -----------------------------------------------------------------------------------------------------

def phb_windows(phb):
    """(space, bus address, CPU address, size) from a host bridge's "ranges"; space 1 I/O, 2 and 3 memory."""
    cells = phb.cells("ranges")
    for i in range(0, len(cells) - 6, 7):
        hi, bus_hi, bus_lo, cpu_hi, cpu_lo, size_hi, size_lo = cells[i:i + 7]
        yield hi >> 24 & 3, bus_hi << 32 | bus_lo, cpu_hi << 32 | cpu_lo, size_hi << 32 | size_lo


def to_bus(guest, domain, cpu_address):
    """A memory address of Linux as the PCI bus sees it, None outside all windows."""
    phb = guest.phb_of(domain)
    for space, bus, cpu, size in phb_windows(phb) if phb else ():
        if space != 1 and cpu <= cpu_address < cpu + size:
            return cpu_address - cpu + bus
    return None


def resource_bus_address(guest, dev, resource):
    start, _, flags = resource
    return start if flags & IO else to_bus(guest, dev.domain, start)


def io_offset(guest, domain):
    """What Linux adds to this host bridge's ports in /proc/ioports."""
    phb = guest.phb_of(domain)
    for area in guest.ioports:
        if phb and area.depth == 0 and area.name == phb.path.lstrip("/"):
            return area.start
    return 0


def bar_resources(dev):
    """(index, resource) of everything that has a size: BARs 0-5 and the ROM (6)."""
    for i, res in enumerate(dev.resources[:ROM_INDEX + 1]):
        if res[2] & (IO | MEM) and (res[0] or res[1]):
            yield i, res


# -- checks --------------------------------------------------------------------------------------------------------

def check_dmesg(guest, cold=True):
    """Linux' own complaints.  The legacy I/O ports (0-0xfff) taken by a BAR show here too, as "Cannot reserve"."""
    excuses = guest.excuses()
    bad = ["Linux: " + line for line in guest.dmesg if DMESG_FAIL.search(line)]
    if cold:
        bad += ["Linux had to assign: " + line for line in guest.dmesg if DMESG_ASSIGNED.search(line)]
    return [c for c in bad if not (excuses and DMESG_LACK.search(c) and
                                   (any(name in c for name in excuses) or "are unassigned" in c))]


def find_area(areas, start, end, name):
    for area in areas:
        if (area.start, area.end, area.name) == (start, end, name):
            return area
    return None


def check_nesting(guest):
    """Every BAR is claimed in Linux' resource tree, below its bus and nobody else's."""
    bad = []
    for dev in guest.devices.values():
        bridge = guest.bridge_above(dev)
        for index, (start, end, flags) in bar_resources(dev):
            if index == ROM_INDEX or flags & UNSET:
                continue
            offset = io_offset(guest, dev.domain) if flags & IO else 0
            area = find_area(guest.ioports if flags & IO else guest.iomem, start + offset, end + offset, dev.name)
            wanted = "PCI Bus %04x:%02x" % (dev.domain, dev.bus) if bridge else None
            if not area:
                bad.append("%s BAR %d [%x-%x] is not in Linux' resource tree" % (dev.name, index, start, end))
            elif wanted and wanted not in area.parents:
                bad.append("%s BAR %d [%x-%x] is not inside a window of %s" % (dev.name, index, start, end, wanted))
            elif not wanted and any(p.startswith("PCI Bus") for p in area.parents):
                bad.append("%s BAR %d [%x-%x] lies in a bridge's window" % (dev.name, index, start, end))
    return bad


def check_overlap(guest):
    """No two BARs (ROMs included) of one host bridge share an address."""
    spans = []
    for dev in guest.devices.values():
        for index, (start, end, flags) in bar_resources(dev):
            if not flags & UNSET:
                spans.append((dev.domain, bool(flags & IO), start, end, "%s BAR %d" % (dev.name, index)))
    spans.sort()
    return ["%s [%x-%x] overlaps %s [%x-%x]" % (b[4], b[2], b[3], a[4], a[2], a[3])
            for a, b in zip(spans, spans[1:]) if a[:2] == b[:2] and b[2] <= a[3]]


def check_windows(guest):
    """No two bridges on one bus forward the same address."""
    spans = sorted((dev.domain, dev.bus, kind == "io") + dev.window(kind) + (dev.name,) for dev in guest.devices.values()
                   if dev.is_bridge for kind in ("io", "mem", "pref") if dev.window(kind))
    return ["window [%x-%x] of %s overlaps [%x-%x] of %s" % (b[3:] + a[3:])
            for a, b in zip(spans, spans[1:]) if a[:3] == b[:3] and b[3] <= a[4]]


def windows_for(bridge, is_io):
    return [w for w in ([bridge.window("io")] if is_io else [bridge.window("mem"), bridge.window("pref")]) if w]


def check_registers(guest):
    """Linux' idea of each BAR is what the register holds, and every bridge above forwards it."""
    bad = []
    for dev in guest.devices.values():
        for index, res in bar_resources(dev):
            if res[2] & UNSET:
                continue
            address, is_io, _ = dev.bar(index)
            what = "%s BAR %d" % (dev.name, index)
            if address != resource_bus_address(guest, dev, res):
                bad.append("%s holds %x, Linux thinks %x" % (what, address, res[0]))
            last, bridge = address + res[1] - res[0], guest.bridge_above(dev)
            while bridge:
                if not any(low <= address and last <= high for low, high in windows_for(bridge, is_io)):
                    bad.append("%s [%x-%x] is not forwarded by %s" % (what, address, last, bridge.name))
                bridge = guest.bridge_above(bridge)
    return bad


def check_bus_numbers(guest):
    """Primary is the bus the bridge sits on, ranges nest, secondary numbers are unique."""
    bad, seen = [], {}
    for dev in guest.devices.values():
        if not dev.is_bridge:
            continue
        primary, secondary, subordinate = dev.config[0x18:0x1b]
        if (primary, secondary <= subordinate, secondary > dev.bus) != (dev.bus, True, True):
            bad.append("%s: bus numbers %d/%d/%d on bus %d" % (dev.name, primary, secondary, subordinate, dev.bus))
        above = guest.bridge_above(dev)
        if above and subordinate > above.config[0x1a]:
            bad.append("%s: subordinate bus %d is beyond its parent's %d" % (dev.name, subordinate, above.config[0x1a]))
        if (dev.domain, secondary) in seen:
            bad.append("%s has the bus number %d of %s" % (dev.name, secondary, seen[dev.domain, secondary]))
        seen[dev.domain, secondary] = dev.name
    return bad


# -- QEMU as a witness -----------------------------------------------------------------------------------------------

def qemu_devices(devices):
    """Virtual functions that nobody enabled, which newer QEMU lists too, read as all ones: they are not there."""
    for dev in devices:
        if dev["id"]["vendor"] != 0xffff:
            yield dev
        yield from qemu_devices(dev.get("pci_bridge", {}).get("devices", []))


def qemu_label(domain, q):
    return "%04x:%02x:%02x.%x" % (domain, q["bus"], q["slot"], q["function"])


def compare_region(guest, dev, region):
    index, size, address = region["bar"], region["size"], region["address"]
    res = dev.resources[index] if index < len(dev.resources) else (0, 0, 0)
    what = "%s BAR %d (%x bytes)" % (dev.name, index, size)
    placed = res[2] & (IO | MEM) and not res[2] & UNSET and res[0]
    if index == ROM_INDEX or guest.is_left_out(dev, index):
        return []
    if not placed or not dev.bar(index)[0]:
        return ["%s is not assigned" % what]
    if res[1] - res[0] + 1 != size:
        return ["%s: Linux thinks it has %x bytes" % (what, res[1] - res[0] + 1)]
    if address in (-1, 0xffffffffffffffff):
        return ["%s is not mapped by QEMU though enabled" % what] if dev.facts.get("enable", 1) >= 0 else []
    if address != resource_bus_address(guest, dev, res):
        return ["%s: QEMU has it at %x, Linux at %x" % (what, address, res[0])]
    return []


def compare_bridge(guest, dev, bus):
    bad = []
    if (bus["secondary"], bus["subordinate"]) != tuple(dev.config[0x19:0x1b]):
        bad.append("%s: QEMU says buses %d-%d, Linux %d-%d"
                   % (dev.name, bus["secondary"], bus["subordinate"], dev.config[0x19], dev.config[0x1a]))
    names = (("io", "io_range"), ("mem", "memory_range"), ("pref", "prefetchable_range"))
    for res, (kind, name) in zip(dev.resources[-4:], names):
        if res[2] & UNSET or not res[1]:
            continue
        seen = (bus[name]["base"], bus[name]["limit"])
        address = resource_bus_address(guest, dev, res)
        if address is None or seen != (address, address + res[1] - res[0]):
            bad.append("%s %s window: QEMU has [%x-%x], Linux [%x-%x]" % ((dev.name, kind) + seen + res[:2]))
    return bad


def compare_with_qemu(guest, domain, devices):
    bad = []
    for q in qemu_devices(devices):
        dev = guest.devices.get(qemu_label(domain, q))
        if not dev:
            bad.append("%s (%04x:%04x) is unknown to Linux"
                       % (qemu_label(domain, q), q["id"]["vendor"], q["id"]["device"]))
            continue
        if dev.ids != (q["id"]["vendor"], q["id"]["device"]):
            bad.append("%s is %04x:%04x for Linux, %04x:%04x for QEMU"
                       % ((dev.name,) + dev.ids + (q["id"]["vendor"], q["id"]["device"])))
        for region in q["regions"]:
            bad += compare_region(guest, dev, region)
        if "pci_bridge" in q:
            bad += compare_bridge(guest, dev, q["pci_bridge"]["bus"])
    return bad


def check_qemu(guest, query_pci):
    """QEMU does not name the domain of a root bus: each takes the one that fits best, empty root buses last."""
    bad, left = [], sorted({n.cells("reg")[1] & 0xffff for n in guest.nodes.values() if n.path.count("/") == 1})
    counted = 0
    for root in sorted(query_pci, key=lambda r: -len(r["devices"])):
        counted += sum(1 for _ in qemu_devices(root["devices"]))
        tries = [(len(c), domain, c) for domain in left for c in [compare_with_qemu(guest, domain, root["devices"])]]
        if not tries:
            bad.append("QEMU has more host bridges than the device tree")
            continue
        _, domain, complaints = min(tries)
        left.remove(domain)
        bad += complaints
    if counted != len(guest.devices):
        bad.append("QEMU has %d functions, Linux %d" % (counted, len(guest.devices)))
    return bad


# -- the device tree against the registers ---------------------------------------------------------------------------

def records(cells, width):
    return [cells[i:i + width] for i in range(0, len(cells) - width + 1, width)]


def check_assigned(guest, dev, node):
    bad, sizes, have = [], {}, set()
    for hi, _, _, size_hi, size_lo in records(node.cells("reg"), 5)[1:]:
        sizes[hi & 0xff] = size_hi << 32 | size_lo
    for hi, mid, lo, size_hi, size_lo in records(node.cells("assigned-addresses"), 5):
        register, address = hi & 0xff, mid << 32 | lo
        index = ROM_INDEX if register == dev.rom_register else (register - 0x10) // 4
        what = "%s: assigned-addresses register %02x" % (node.path, register)
        if register % 4 or not 0x10 <= register < 0x3c or index > ROM_INDEX:
            bad.append("%s: no such register" % what)
            continue
        have.add(register)
        held, is_io, _ = dev.bar(index)
        if not hi >> 31 or hi >> 8 & 0xffff != dev.bus << 8 | dev.devfn:
            bad.append("%s: phys.hi %08x is not this function's or lacks the n bit" % (what, hi))
        if address != held or not address:
            bad.append("%s says %x, the register holds %x" % (what, address, held))
        if (hi >> 24 & 3 == 1) != is_io:
            bad.append("%s: wrong address space in %08x" % (what, hi))
        if sizes.get(register) != size_hi << 32 | size_lo:
            bad.append("%s: size %x, reg says %x" % (what, size_hi << 32 | size_lo, sizes.get(register, 0)))
    bad += ["%s: BAR %02x is in reg but not in assigned-addresses" % (node.path, r) for r in sizes
            if r not in have and r != dev.rom_register and not guest.is_left_out(dev, (r - 0x10) // 4)]
    return bad


def check_bridge_ranges(dev, node):
    bad, told, kinds = [], {}, []
    for rec in records(node.cells("ranges"), 8):
        hi, base, size = rec[0], rec[1] << 32 | rec[2], rec[6] << 32 | rec[7]
        kind = "io" if hi >> 24 & 3 == 1 else "pref" if hi >> 30 & 1 else "mem"
        kinds.append(kind)
        if rec[0:3] != rec[3:6]:
            bad.append("%s: ranges are not one to one" % node.path)
        if size:
            told[kind] = (base, base + size - 1)
    if "ranges" not in node.props:
        bad.append("%s: no ranges" % node.path)
    if "pref" in kinds and "mem" not in kinds[:kinds.index("pref")]:
        bad.append("%s: a prefetchable range without a normal one before it" % node.path)
    for kind in ("io", "mem", "pref"):
        if told.get(kind) != dev.window(kind):
            bad.append("%s: ranges say %s %s, the window is %s"
                       % (node.path, kind, hex_span(told.get(kind)), hex_span(dev.window(kind))))
    return bad


def hex_span(span):
    return "[%x-%x]" % span if span else "closed"


def check_interrupt_map(guest, dev, node):
    """All 32 devices x 4 pins, each swizzled to the parent bus as seen from this bridge."""
    data = node.props.get("interrupt-map", b"")
    if len(data) != 128 * 36:
        return ["%s: interrupt-map has %d bytes, not 128 entries of 36" % (node.path, len(data))]
    if node.cells("interrupt-map-mask") != (0xf800, 0, 0, 7):
        return ["%s: interrupt-map-mask %s" % (node.path, node.props.get("interrupt-map-mask", b"").hex())]
    parent = guest.nodes.get(node.parent_path)
    phandle = parent.cells("phandle")[:1] if parent else ()
    bad, seen = [], set()
    for hi, _, _, pin, up, up_hi, _, _, up_pin in records(node.cells("interrupt-map"), 9):
        slot = hi >> 11 & 31
        seen.add((slot, pin))
        wanted = ((pin - 1 + slot) & 3) + 1
        if (up,) != phandle or up_hi >> 11 & 31 != dev.devfn >> 3 or up_pin != wanted:
            bad.append("%s: interrupt-map sends slot %d pin %d to %x slot %d pin %d"
                       % (node.path, slot, pin, up, up_hi >> 11 & 31, up_pin))
    if len(seen) != 128:
        bad.append("%s: interrupt-map repeats itself" % node.path)
    return bad[:3]


def check_bridge_node(guest, dev, node):
    bad = []
    if node.cells("bus-range") != tuple(dev.config[0x19:0x1b]):
        bad.append("%s: bus-range %s, registers %d-%d" % ((node.path, node.cells("bus-range")) + tuple(dev.config[0x19:0x1b])))
    if node.props.get("device_type") not in (b"pci\0", b"pciex\0"):
        bad.append("%s: device_type is not pci" % node.path)
    return bad + check_bridge_ranges(dev, node) + check_interrupt_map(guest, dev, node)


def unit_address(devfn):
    return "%x,%x" % (devfn >> 3, devfn & 7) if devfn & 7 else "%x" % (devfn >> 3)


def domain_of(guest, node):
    phb = guest.nodes.get("/" + node.path.split("/")[1])
    return phb.cells("reg")[1] & 0xffff


def check_node(guest, node):
    hi = (node.cells("reg") or (0,))[0]
    dev = guest.by_bdf((domain_of(guest, node), hi >> 16 & 0xff, hi >> 8 & 0xff))
    if not dev:
        return ["%s: reg %08x names a function Linux does not have" % (node.path, hi)], None
    bad, above = [], guest.nodes.get(node.parent_path)
    if above and (above.cells("bus-range") or (0,))[0] != dev.bus:
        bad.append("%s: reg says bus %d, the parent's bus-range %s" % (node.path, dev.bus, above.cells("bus-range")))
    if node.path.rpartition("@")[2] != unit_address(dev.devfn):
        bad.append("%s: unit address does not match reg %08x" % (node.path, hi))
    bad += check_assigned(guest, dev, node)
    if dev.is_bridge:
        bad += check_bridge_node(guest, dev, node)
    return bad, dev.name


def check_tree(guest):
    bad, found = [], set()
    for node in guest.nodes.values():
        if node.path.count("/") < 2 or "vendor-id" not in node.props:
            continue
        complaints, name = check_node(guest, node)
        if name in found:
            complaints.append("%s: a second node for %s" % (node.path, name))
        found.add(name)
        bad += complaints
    return bad + ["%s has no node in the device tree" % name for name in guest.devices if name not in found]


# -- extended configuration space ------------------------------------------------------------------------------------

def extended_reachable(guest, dev):
    if dev.express_type is None:
        return False
    bridge = guest.bridge_above(dev)
    while bridge:
        if bridge.express_type not in EXPRESS_PORTS:
            return False
        bridge = guest.bridge_above(bridge)
    return True


def extended_caps(dev):
    """{offset: (id, version)}, or None if the list is broken."""
    caps, at = {}, 0x100
    while at:
        head = dev.u32(at) if at + 4 <= len(dev.config) else 0xffffffff
        if head == 0xffffffff or at in caps:
            return None
        if head:
            caps[at] = (head & 0xffff, head >> 16 & 15)
        at = head >> 20 & ~3
        if at and at < 0x100:
            return None
    return caps


def check_extended(guest, available=True):
    """available: the machine has extended configuration space at all (pseries-2.9 and later)."""
    bad = []
    for dev in guest.devices.values():
        size = 4096 if available and extended_reachable(guest, dev) else 256
        if len(dev.config) != size:
            bad.append("%s: %d bytes of configuration space, expected %d" % (dev.name, len(dev.config), size))
        if size != 4096 or len(dev.config) != size:
            continue
        caps = extended_caps(dev)
        if caps is None:
            bad.append("%s: broken list of extended capabilities" % dev.name)
            continue
        for at, cap in EXTENDED_CAPS.get(dev.ids, {}).items():
            if caps.get(at) != cap:
                bad.append("%s: no extended capability %02x version %d at %x" % ((dev.name,) + cap + (at,)))
    return bad


def judge(text, query_pci, extended=True, cold=True, left_out=None):
    """All complaints about one boot."""
    guest = parse(text)
    guest.left_out = left_out or {}
    if not guest.complete:
        return ["the guest's report is incomplete"]
    bad = check_dmesg(guest, cold) + check_nesting(guest) + check_overlap(guest) + check_windows(guest)
    bad += check_registers(guest) + check_bus_numbers(guest) + check_qemu(guest, query_pci) + check_tree(guest)
    return bad + check_extended(guest, extended)
