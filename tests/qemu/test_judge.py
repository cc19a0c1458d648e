#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
Unit tests of judge.py: a small invented machine that is right in every respect, then one fault at a time; prints TAP.

The machine: host bridge 0, a root port (bus 1) at 02.0 with AER and ACS, a device at 01:00.0 with a 32-bit memory BAR, an
I/O BAR and a 64-bit prefetchable BAR, and a plain device at 03.0.  World builds the guest's report and QEMU's answer from
the same numbers; a test spoils one of them and names a phrase of the complaint it expects.
"""
import copy
import struct
import sys

sys.dont_write_bytecode = True

import judge

IO_CPU, MEM_CPU = 0x200000000000, 0x200080000000
NO_RESOURCE = (0, 0, 0)


def cells(*values):
    return struct.pack(">%dI" % len(values), *values)


def put(config, fmt, offset, *values):
    struct.pack_into("<" + fmt, config, offset, *values)


def endpoint_config():
    config = bytearray(4096)
    put(config, "HHHH", 0, 0x1234, 0x5678, 0, 0x10)
    put(config, "III", 0x10, 0x80100000, 0x1001, 0x21000000 << 4 & 0xffffffff | 0xc)
    put(config, "III", 0x18, 0x0000000c, 0x2100, 0)
    config[0x34] = 0x40
    put(config, "BBH", 0x40, 0x10, 0, 0x0002)
    return config


def port_config():
    config = bytearray(4096)
    put(config, "HHHH", 0, 0x1b36, 0x000c, 7, 0x10)
    config[0x0e] = 1
    put(config, "I", 0x10, 0x80200000)
    put(config, "BBB", 0x18, 0, 1, 1)
    put(config, "BB", 0x1c, 0x11, 0x11)
    put(config, "HH", 0x20, 0x8010, 0x8010)
    put(config, "HHII", 0x24, 0x0001, 0x0001, 0x2100, 0x2100)
    config[0x34] = 0x40
    put(config, "BBH", 0x40, 0x10, 0, 0x0042)
    put(config, "I", 0x100, 0x14820001)
    put(config, "I", 0x148, 0x0001000d)
    return config


def plain_config():
    config = bytearray(256)
    put(config, "HH", 0, 0x1af4, 0x1005)
    put(config, "I", 0x10, 0x80210000)
    return config


def swizzled_map(slot):
    rows = [cells(dev << 11, 0, 0, pin, 7, slot << 11, 0, 0, ((pin - 1 + dev) & 3) + 1)
            for dev in range(32) for pin in range(1, 5)]
    return b"".join(rows)


def mem(start, size):
    return (MEM_CPU - 0x80000000 + start, MEM_CPU - 0x80000000 + start + size - 1, 0x40200)


class World:
    def __init__(self):
        self.dmesg = ["[    0.1] pci 0000:01:00.0: reg 0x10: [mem 0x200080100000-0x200080100fff]"]
        self.config = {"0000:00:02.0": port_config(), "0000:00:03.0": plain_config(), "0000:01:00.0": endpoint_config()}
        windows = [(0x1000, 0x1fff, 0x40101), mem(0x80100000, 0x100000), (0x210000000000, 0x2100000fffff, 0x14220c), NO_RESOURCE]
        self.resources = {
            "0000:00:02.0": [mem(0x80200000, 0x1000)] + [NO_RESOURCE] * 12 + windows,
            "0000:00:03.0": [mem(0x80210000, 0x1000)] + [NO_RESOURCE] * 12,
            "0000:01:00.0": [mem(0x80100000, 0x1000), (0x1000, 0x103f, 0x40101),
                             (0x210000000000, 0x21000000ffff, 0x14220c)] + [NO_RESOURCE] * 10,
        }
        self.iomem = [
            "200080000000-2000ffffffff : pci@800000020000000", "  200080100000-2000801fffff : PCI Bus 0000:01",
            "    200080100000-200080100fff : 0000:01:00.0", "  200080200000-200080200fff : 0000:00:02.0",
            "  200080210000-200080210fff : 0000:00:03.0", "210000000000-21ffffffffff : pci@800000020000000",
            "  210000000000-2100000fffff : PCI Bus 0000:01", "    210000000000-21000000ffff : 0000:01:00.0"]
        self.ioports = [
            "00010000-0001ffff : pci@800000020000000", "  00010000-00010fff : Legacy IO",
            "  00011000-00011fff : PCI Bus 0000:01", "    00011000-0001103f : 0000:01:00.0"]
        self.left_out = {}
        self.nodes = self.make_nodes()
        self.qemu = self.make_qemu()

    @staticmethod
    def make_nodes():
        phb, port = "/pci@800000020000000", "/pci@800000020000000/pci@2"
        return {
            phb: {"reg": cells(0x8000000, 0x20000000, 0, 0), "bus-range": cells(0, 255), "phandle": cells(7),
                  "ranges": cells(0x1000000, 0, 0, IO_CPU >> 32, 0, 0, 0x10000)
                  + cells(0x2000000, 0, 0x80000000, MEM_CPU >> 32, 0x80000000, 0, 0x80000000)
                  + cells(0x3000000, 0x2100, 0, 0x2100, 0, 0x100, 0)},
            port: {"vendor-id": cells(0x1b36), "device_type": b"pci\0", "bus-range": cells(1, 1), "phandle": cells(8),
                   "reg": cells(0x1000, 0, 0, 0, 0, 0x2001010, 0, 0, 0, 0x1000),
                   "assigned-addresses": cells(0x82001010, 0, 0x80200000, 0, 0x1000),
                   "ranges": cells(0x1000000, 0, 0x1000, 0x1000000, 0, 0x1000, 0, 0x1000)
                   + cells(0x2000000, 0, 0x80100000, 0x2000000, 0, 0x80100000, 0, 0x100000)
                   + cells(0x43000000, 0x2100, 0, 0x43000000, 0x2100, 0, 0, 0x100000),
                   "interrupt-map-mask": cells(0xf800, 0, 0, 7), "interrupt-map": swizzled_map(2)},
            phb + "/rng@3": {"vendor-id": cells(0x1af4), "reg": cells(0x1800, 0, 0, 0, 0, 0x2001810, 0, 0, 0, 0x1000),
                             "assigned-addresses": cells(0x82001810, 0, 0x80210000, 0, 0x1000)},
            port + "/net@0": {"vendor-id": cells(0x1234), "reg": cells(0x10000, 0, 0, 0, 0, 0x2010010, 0, 0, 0, 0x1000)
                              + cells(0x1010014, 0, 0, 0, 0x40, 0x3010018, 0, 0, 0, 0x10000),
                              "assigned-addresses": cells(0x82010010, 0, 0x80100000, 0, 0x1000)
                              + cells(0x81010014, 0, 0x1000, 0, 0x40, 0xc3010018, 0x2100, 0, 0, 0x10000)},
        }

    @staticmethod
    def make_qemu():
        def device(bus, slot, vendor, ident, regions):
            return {"bus": bus, "slot": slot, "function": 0, "id": {"vendor": vendor, "device": ident},
                    "regions": [dict(zip(("bar", "size", "address"), r)) for r in regions]}

        inner = device(1, 0, 0x1234, 0x5678, [(0, 0x1000, 0x80100000), (1, 0x40, 0x1000), (2, 0x10000, 0x210000000000)])
        port = device(0, 2, 0x1b36, 0x000c, [(0, 0x1000, 0x80200000)])
        port["pci_bridge"] = {"devices": [inner], "bus": {
            "secondary": 1, "subordinate": 1, "io_range": {"base": 0x1000, "limit": 0x1fff},
            "memory_range": {"base": 0x80100000, "limit": 0x801fffff},
            "prefetchable_range": {"base": 0x210000000000, "limit": 0x2100000fffff}}}
        return [{"bus": 0, "devices": [port, device(0, 3, 0x1af4, 0x1005, [(0, 0x1000, 0x80210000)])]}]

    def text(self):
        lines = ["firmware noise", "=== iomem"] + self.iomem + ["=== ioports"] + self.ioports + ["=== dmesg"] + self.dmesg
        for name, config in self.config.items():
            lines += ["=== pci " + name, "vendor 0x1", "enable 1"]
            lines += ["resource 0x%016x 0x%016x 0x%016x" % r for r in self.resources[name]]
            lines += ["config " + config.hex()]
        for path, props in self.nodes.items():
            lines += ["=== node " + path] + ["prop %s %s" % (k, v.hex()) for k, v in props.items()]
        return "\n".join(lines + ["=== end", ""])

    def complaints(self, **options):
        return judge.judge(self.text(), self.qemu, left_out=self.left_out, **options)


PORT, NET, RNG = "0000:00:02.0", "0000:01:00.0", "0000:00:03.0"
PORT_NODE, NET_NODE = "/pci@800000020000000/pci@2", "/pci@800000020000000/pci@2/net@0"
CASES = []


def case(phrase):
    """Registers a fault; phrase must be part of some complaint about it (None: no complaint at all)."""
    def keep(function):
        CASES.append((function.__name__.replace("_", " "), phrase, function))
        return function
    return keep


@case(None)
def a_correct_machine_is_not_blamed(w):
    pass


@case("will remap")
def linux_remaps_a_resource(w):
    w.dmesg.append("[ 0.2] PCI: Cannot allocate resource region 0 of device 0000:01:00.0, will remap")


@case("had to assign")
def linux_6_12_assigns_a_bar(w):
    w.dmesg.append("[ 0.2] pci 0000:01:00.0: BAR 0 [mem 0x200080100000-0x200080100fff]: assigned")


@case("had to assign")
def linux_6_1_assigns_a_bar(w):
    w.dmesg.append("[ 0.2] pci 0000:01:00.0: BAR 0: assigned [mem 0x200080100000-0x200080100fff]")


@case("not in Linux' resource tree")
def a_bar_is_not_claimed(w):
    w.iomem.remove("    200080100000-200080100fff : 0000:01:00.0")


@case("not inside a window")
def a_bar_is_claimed_outside_its_bridge(w):
    w.iomem[2] = w.iomem[2][2:]
    w.iomem[1], w.iomem[2] = w.iomem[2], w.iomem[1]


@case("Cannot reserve")
def legacy_ports_are_taken(w):
    w.dmesg.append("[ 0.2] PCI 0000:00 Cannot reserve Legacy IO [io  0x10000-0x10fff]")


@case("overlaps")
def two_bars_overlap(w):
    w.resources[RNG][0] = mem(0x80200000, 0x1000)


@case("holds 80110000, Linux thinks")
def a_register_differs_from_linux(w):
    put(w.config[NET], "I", 0x10, 0x80110000)


@case("is not forwarded by")
def a_window_is_too_small(w):
    put(w.config[PORT], "HH", 0x20, 0x8020, 0x8020)


@case("window [80100000-801fffff] of 0000:00:04.0 overlaps [80100000-801fffff] of 0000:00:02.0")
def two_windows_overlap(w):
    w.config["0000:00:04.0"] = copy.copy(w.config[PORT])
    w.resources["0000:00:04.0"] = [NO_RESOURCE] * 17


@case("ranges say mem")
def ranges_differ_from_the_window(w):
    put(w.config[PORT], "HH", 0x20, 0x8000, 0x8010)


@case("bus numbers 0/0/0")
def a_bridge_is_not_numbered(w):
    put(w.config[PORT], "BBB", 0x18, 0, 0, 0)


@case("bus-range")
def bus_range_differs_from_registers(w):
    w.nodes[PORT_NODE]["bus-range"] = cells(1, 3)


@case("unknown to Linux")
def a_device_is_missing_in_linux(w):
    del w.config[RNG], w.nodes["/pci@800000020000000/rng@3"]


@case("QEMU has 2 functions, Linux 3")
def a_device_too_many(w):
    del w.qemu[0]["devices"][1]


@case("QEMU has it at")
def qemu_decodes_elsewhere(w):
    w.qemu[0]["devices"][1]["regions"][0]["address"] = 0x90000000


@case("not mapped by QEMU")
def qemu_does_not_decode(w):
    w.qemu[0]["devices"][1]["regions"][0]["address"] = -1


@case("is not assigned")
def a_bar_has_no_address(w):
    w.resources[RNG][0] = (0, 0xfff, 0x20040200)
    put(w.config[RNG], "I", 0x10, 0)


@case(None)
def virtual_functions_nobody_enabled_are_not_missed(w):
    ghost = copy.deepcopy(w.qemu[0]["devices"][1])
    ghost.update(function=1, id={"vendor": 0xffff, "device": 0xffff})
    w.qemu[0]["devices"].append(ghost)


@case("mem window: QEMU has")
def qemu_sees_another_window(w):
    w.qemu[0]["devices"][0]["pci_bridge"]["bus"]["memory_range"]["limit"] += 0x100000


@case("says 80110000, the register holds")
def assigned_addresses_differ(w):
    w.nodes[NET_NODE]["assigned-addresses"] = cells(0x82010010, 0, 0x80110000, 0, 0x1000)


@case("in reg but not in assigned-addresses")
def a_bar_is_left_out(w):
    w.nodes[NET_NODE]["assigned-addresses"] = w.nodes[NET_NODE]["assigned-addresses"][:20]


def lose_rng(w):
    """The firmware had no room for the plain device, and Linux looks for some itself."""
    w.resources[RNG][0] = (0, 0xfff, 0x20040200)
    put(w.config[RNG], "I", 0x10, 0)
    w.iomem = [line for line in w.iomem if RNG not in line]
    del w.nodes["/pci@800000020000000/rng@3"]["assigned-addresses"]
    w.dmesg += ["[    0.2] pci 0000:00:03.0: BAR 0 [mem size 0x00001000]: can't assign; no space",
                "[    0.2] Some PCI device resources are unassigned, try booting with pci=realloc"]
    w.left_out = {RNG: {0}}


@case(None)
def what_the_firmware_left_out_is_excused(w):
    lose_rng(w)


@case("no space")
def nothing_is_excused_unasked(w):
    lose_rng(w)
    w.left_out = {}


@case("0000:01:00.0: can't claim")
def others_are_not_excused(w):
    lose_rng(w)
    w.dmesg.append("[    0.2] pci 0000:01:00.0: can't claim BAR 0 [mem 0x80100000-0x80100fff]: no space")


@case("overlaps")
def overlapping_is_never_excused(w):
    w.left_out = {RNG: {0}}
    w.resources[RNG][0] = mem(0x80100000, 0x1000)


@case(None)
def linux_indents_five_levels_only(w):
    outer = ["    " + "  " * i + "200080100000-2000801fffff : PCI Bus 0000:%02x" % (i + 9) for i in range(3)]
    at = w.iomem.index("  200080100000-2000801fffff : PCI Bus 0000:01")
    w.iomem[at:at + 2] = ["  200080100000-2000801fffff : PCI Bus 0000:08"] + outer + [
        "          200080100000-2000801fffff : PCI Bus 0000:01", "          200080100000-200080100fff : 0000:01:00.0"]


@case("size 2000, reg says 1000")
def sizes_differ(w):
    w.nodes["/pci@800000020000000/rng@3"]["assigned-addresses"] = cells(0x82001810, 0, 0x80210000, 0, 0x2000)


@case("names a function Linux does not have")
def reg_has_the_wrong_bus(w):
    w.nodes[NET_NODE]["reg"] = cells(0, 0, 0, 0, 0)


@case("without a normal one before it")
def prefetchable_range_comes_first(w):
    ranges = w.nodes[PORT_NODE]["ranges"]
    w.nodes[PORT_NODE]["ranges"] = ranges[64:] + ranges[:64]


@case("interrupt-map has 36 bytes")
def interrupt_map_is_short(w):
    w.nodes[PORT_NODE]["interrupt-map"] = w.nodes[PORT_NODE]["interrupt-map"][:36]


@case("interrupt-map sends")
def interrupt_map_is_not_swizzled(w):
    data = w.nodes[PORT_NODE]["interrupt-map"]
    w.nodes[PORT_NODE]["interrupt-map"] = data[:-4] + cells(4)


@case("has no node")
def a_node_is_missing(w):
    del w.nodes["/pci@800000020000000/rng@3"]


@case("expected 4096")
def extended_space_is_hidden(w):
    w.config[NET] = w.config[NET][:256]


@case("no extended capability 0d")
def an_extended_capability_is_missing(w):
    put(w.config[PORT], "I", 0x100, 0x00020001)


@case("broken list")
def extended_capabilities_loop(w):
    put(w.config[PORT], "I", 0x148, 0x1001000d)


@case("incomplete")
def the_report_is_cut(w):
    w.text = lambda whole=w.text(): whole.split("=== end")[0]


def verdict(phrase, complaints):
    if phrase is None:
        return not complaints
    return any(phrase in c for c in complaints)


def main():
    print("1..%d" % len(CASES))
    failed = 0
    for number, (name, phrase, spoil) in enumerate(CASES, 1):
        world = copy.deepcopy(World())
        spoil(world)
        complaints = world.complaints()
        good = verdict(phrase, complaints)
        failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", number, name))
        for line in [] if good else ["expected: %s" % phrase] + complaints:
            print("#   " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
