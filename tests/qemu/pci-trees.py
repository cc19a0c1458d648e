#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
Our PCI nodes and SLOF's, node by node and property by property, on the same command lines.  Prints a Markdown table.

    pci-trees.py --ours build/slof.bin --slof /usr/share/qemu/slof.bin [--only T14]... [--update docs/pci.md]

The tree is the one Linux got by the client interface, node by node, as /sys/firmware/fdt has it.  Each difference must be in
REASONS, else its row says so and the status is 1.  --update replaces the section of a page.
"""
import argparse
import datetime
import importlib
import os
import re
import struct
import sys

sys.dont_write_bytecode = True

import linux_tests
import topologies
from assets import Assets, TOP
from bench import Bench

compare = importlib.import_module("pci-compare")

HEADING = "## The tree, compared with SLOF's"
CHOSEN = ("T02", "T05", "T09", "T10", "T14", "T21", "T27", "T28", "T40")
ADDRESSES = "addresses are given out in another order, with other headroom; both are judged above"
DISPLAYS = "SLOF drives VGA, ours has no display"
CARDS = "IEEE 1275's network extensions, set for every card that is driven; SLOF sets some when a card is opened"
# (whose, property) or (whose, None) of a whole node -> why.  Whose: "ours" and "SLOF": only there; "both": they differ.
REASONS = {
    ("ours", None): "the block device of an NVMe controller has a node of its own",
    ("ours", "compatible"): "binding 2.1, chapter 4; neither QEMU nor SLOF gives it",
    ("both", "compatible"): DISPLAYS,
    ("ours", "device_type"): "of controllers SLOF does not drive: NVMe, RAID",
    ("ours", "#address-cells"): "of SCSI hosts SLOF does not drive: their units get nodes below",
    ("ours", "#size-cells"): "of SCSI hosts SLOF does not drive: their units get nodes below",
    ("SLOF", "device_type"): "SLOF goes by the class; ours say `network` or `display` only where there is a driver behind it",
    ("ours", "mac-address"): CARDS,
    ("ours", "local-mac-address"): CARDS,
    ("ours", "max-frame-size"): CARDS,
    ("ours", "address-bits"): CARDS,
    ("SLOF", "slof,from-fdt"): "SLOF's own mark",
    ("SLOF", "primary-bus"): "not in the binding; `bus-range` and `reg` say it",
    ("SLOF", "secondary-bus"): "not in the binding; `bus-range` says it",
    ("SLOF", "subordinate-bus"): "not in the binding; `bus-range` says it",
    ("SLOF", "slot-names"): "optional, and without the names it needs",
    ("SLOF", "subsystem-vendor-id"): "QEMU reads it in a bridge where the upper half of the prefetchable window is; ours is taken out again",
    ("SLOF", "udf-supported"): "SLOF takes the status bit of 66 MHz for it",
    ("both", "assigned-addresses"): ADDRESSES + "; ours in the order of `reg`, SLOF's begin with the ROM",
    ("SLOF", "assigned-addresses"): "empty ones, of bridges without registers",
    ("ours", "assigned-addresses"): "SLOF leaves out the I/O register of these",
    ("both", "ranges"): ADDRESSES,
    ("both", "bus-range"): "ours keep the numbers free that `bus-reserve=` asks for",
    ("both", "reg"): "ours have the bit for prefetchable, which QEMU leaves out",
    ("both", "interrupt-map"): "ours has all 32 slots, SLOF's those in use at boot; and phandles are in it",
    ("both", "ibm,pci-config-space-type"): "ours is 0 where registers from 0x100 on are out of reach or not there",
    ("both", "phandle"): "ours are numbers in a table, SLOF's are addresses in memory",
    **{("SLOF", name): DISPLAYS for name in ("character-set", "depth", "height", "width", "linebytes", "linux,opened")},
}


# -- flattened trees -------------------------------------------------------------------------------------------------------

def parse_fdt(data):
    """{path: {property: bytes}}"""
    magic, _total, structure, strings = struct.unpack_from(">4I", data)
    if magic != 0xd00dfeed:
        raise ValueError("no flattened tree")
    nodes, path, at = {}, [], structure
    while True:
        token, = struct.unpack_from(">I", data, at)
        at += 4
        if token == 1:
            end = data.index(b"\0", at)
            path.append(data[at:end].decode("latin-1"))
            nodes["/".join(path) or "/"] = {}
            at = (end + 4) & ~3
        elif token == 2:
            path.pop()
        elif token == 3:
            size, name = struct.unpack_from(">2I", data, at)
            end = data.index(b"\0", strings + name)
            nodes["/".join(path) or "/"][data[strings + name:end].decode("latin-1")] = data[at + 8:at + 8 + size]
            at = (at + 8 + size + 3) & ~3
        elif token == 9:
            return nodes


def tree_of(bench, topology):
    """The nodes of host bridges and below, as Linux has them."""
    args, express = topology.build(bench.assets.rom())
    with bench.vm(linux_tests.linux_args(bench, "test.dump=no test.do=shell") + args, express) as vm:
        vm.expect(linux_tests.KERNEL_START, linux_tests.FIRMWARE_TIME + topology.start_time)
        vm.expect(r"^=== shell", linux_tests.LINUX_TIME, bad=linux_tests.KERNEL_BAD)
        start = len(vm.text())
        vm.send("hexdump -v -e '64/1 \"%02x\" \"\\n\"' /sys/firmware/fdt; echo =\"== end\"\n")
        vm.expect(r"^=== end", linux_tests.LINUX_TIME)
        lines = re.findall(r"^((?:[0-9a-f]{2})+)\s*$", vm.text()[start:], re.M)
    nodes = parse_fdt(bytes.fromhex("".join(lines)))
    return {path: props for path, props in nodes.items() if path.startswith("/pci@")}


# -- differences -----------------------------------------------------------------------------------------------------------

def differences(ours, slof):
    """(whose, property or None, node) of each."""
    found = [("ours", None, path) for path in ours if path not in slof]
    found += [("SLOF", None, path) for path in slof if path not in ours]
    for path in ours:
        mine, other = ours[path], slof.get(path, ours[path])
        found += [("ours", name, path) for name in mine if name not in other]
        found += [("SLOF", name, path) for name in other if name not in mine]
        found += [("both", name, path) for name in mine if name in other and mine[name] != other[name]]
    return found


def kind_of(path):
    return "host bridges" if path.count("/") == 1 else "bridges" if re.search(r"/pci@[^/]*$", path) else "other functions"


def table(found, nodes, about):
    lines = [HEADING, "", "Made by `tests/qemu/pci-trees.py --update docs/pci.md` on %s; do not edit by hand." % about["date"],
             "Ours: %(ours)s. SLOF: %(slof)s. QEMU %(qemu)s. Topologies: %(topologies)s." % about,
             "%d nodes have the same names in both trees, and every property not listed here has the same bytes." % nodes, "",
             "| property | whose | nodes | at | why |", "|---|---|---|---|---|"]
    whose = {"ours": "only ours", "SLOF": "only SLOF's", "both": "differs"}
    rows = {}
    for who, name, path in found:
        rows.setdefault((name or "(the node itself)", who, REASONS.get((who, name))), []).append(path)
    for (name, who, why), paths in sorted(rows.items(), key=lambda r: r[0][:2]):
        kinds = ", ".join(sorted({kind_of(p) for p in paths}))
        lines.append("| `%s` | %s | %d | %s | %s |" % (name, whose[who], len(paths), kinds, why or "**not explained**: " + paths[0]))
    return "\n".join(lines) + "\n", sum(why is None for _name, _who, why in rows)


def main():
    parser = argparse.ArgumentParser(description="Our PCI nodes and SLOF's, property by property.")
    parser.add_argument("--ours", default=os.path.join(TOP, "build", "slof.bin"))
    parser.add_argument("--slof", default="/usr/share/qemu/slof.bin")
    parser.add_argument("--only", action="append", help="this topology only (repeatable)")
    parser.add_argument("--work", default=os.path.join(TOP, "build", "boot-tests"))
    parser.add_argument("--update", metavar="PAGE", help="replace the section in this page")
    args = parser.parse_args()
    chosen = args.only or CHOSEN
    assets, logs = Assets(args.work), os.path.join(args.work, "trees")
    os.makedirs(logs, exist_ok=True)
    found, nodes = [], 0
    for name in chosen:
        trees = [tree_of(Bench(firmware, "", assets, logs, "", name="%s-%s" % (name, who)), topologies.named(name))
                 for who, firmware in (("ours", args.ours), ("slof", args.slof))]
        nodes += len(trees[0].keys() & trees[1].keys())
        found += differences(*trees)
    bench = Bench(args.ours, "", assets, logs, "", name="version")
    text, unexplained = table(found, nodes, {"date": datetime.date.today().isoformat(), "ours": compare.versions(bench, args.ours),
                                             "slof": compare.versions(bench, args.slof), "qemu": compare.qemu_version(),
                                             "topologies": ", ".join(chosen)})
    print(text)
    if args.update:
        compare.update(args.update, text, HEADING)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
