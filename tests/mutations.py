#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Deliberate bugs in lib/libpci, each of which the tests must catch.

    tests/mutations.py [--only REGEX] [--list]

Each row of MUTATIONS is applied alone to a scratch copy of the tree; the libpci tests are built there
(flavour "fast") and run until one fails. Prints "caught by ..." or "SURVIVED" per row; the status is 1 if
one survived, if a text is not found exactly once, or if the tests fail without any mutation.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TESTS = ["tree", "bars", "scan", "assign", "topology", "property"]

# name, file below lib/libpci, text, replacement
MUTATIONS = [
    ("memory window's limit one too high", "program.c", "uint64_t last = win->base + win->size - 1;\n\n\tif (!win->size)\n\t\treturn 0x0000fff0;",
     "uint64_t last = win->base + win->size;\n\n\tif (!win->size)\n\t\treturn 0x0000fff0;"),
    ("prefetchable and not swapped", "assign.c", "(res->pref || bus == &host->root)", "(!res->pref || bus == &host->root)"),
    ("upper half of a BAR not written", "program.c",
     "pci_cfg_write32(bus, fn->bdf, (uint16_t)(res->reg + 4), (uint32_t)(addr >> 32));", ";"),
    ("upper half of a window's limit missing", "program.c", "win->size ? (uint32_t)((win->base + win->size - 1) >> 32) : 0", "(uint32_t)(win->base >> 63)"),
    ("pins from 0", "tree.c", "((pin - 1 + slot) & 3) + 1", "(pin - 1 + slot) & 3"),
    ("slots modulo 4 in interrupt-map", "tree.c", "dt_cells_u32(&c, slot << 11);", "dt_cells_u32(&c, (slot & 3) << 11);"),
    ("pins not turned by the slot", "tree.c", "((pin - 1 + slot) & 3) + 1", "((pin - 1) & 3) + 1"),
    ("decoding stays on while sizing", "bars.c", "if (command & on)", "if (0)"),
    ("BARs not put back after sizing", "bars.c", "\tpci_cfg_write32(bus, fn->bdf, reg, orig);\n\treturn b;", "\t(void)orig;\n\treturn b;"),
    ("gone flag ignored in the tree", "tree.c", "fn->gone |= fn->parent->gone;\n\tfor", "fn->gone &= fn->gone;\n\tfor"),
    ("a vanished function keeps its addresses", "tree.c", "for (unsigned i = 0; fn->gone && i", "for (unsigned i = 0; 0 && i"),
    ("gone flag ignored when placing", "assign.c", "if (fn->gone || res->pool", "if (res->pool"),
    ("multifunction bridges not numbered", "scan.c", "if (!pci_is_bridge(fn) || !pci_bus_open(host, fn))",
     "if (fn->header != 1 || !pci_bus_open(host, fn))"),
    ("bridges not closed before the scan", "buses.c", "pci_cfg_write32(&host->bus, fn->bdf, PCI_BUSES, bus_numbers(fn, 0, 0));\n\tif (control",
     "if (control"),
    ("subordinate number not narrowed", "scan.c", "\t\tpci_bus_narrow(host, fn);\n", "\t\tif (fn->gone)\n\t\t\tpci_bus_narrow(host, fn);\n"),
    ("numbers run beyond the host's last", "buses.c", "n <= host->last_bus; n++", "n <= 255; n++"),
    ("no page of its own for a BAR", "bars.c", "if (type != PCI_TYPE_IO && res->align < w->host->min_align)", "if (0)"),
    ("BAR may end at 4 GiB - 1", "host.c", "PCI_4G - host->min_align", "PCI_4G"),
    ("I/O from 0 on", "host.c", "#define IO_START        0x1000u", "#define IO_START        0x0u"),
    ("prefetchable window without the other", "headroom.c", "fn->win[PCI_POOL_HIGH].size && *size < p->grain", "0"),
    ("prefetchable range first", "tree.c",
     "add_range(&c, &fn->win[PCI_POOL_LOW], PHYS_MEM32);\n\tadd_range(&c, &fn->win[PCI_POOL_HIGH], PHYS_MEM64 | PHYS_PREF);",
     "add_range(&c, &fn->win[PCI_POOL_HIGH], PHYS_MEM64 | PHYS_PREF);\n\tadd_range(&c, &fn->win[PCI_POOL_LOW], PHYS_MEM32);"),
    ("reg keeps QEMU's bus number", "tree.c", "hi = (hi & ~0x00ffff00u) | config_cell(fn);", ""),
    ("no prefetchable bit in reg", "tree.c", "hi |= PHYS_PREF;", "hi |= 0;"),
    ("assigned-addresses of what was left out", "tree.c", "if (!in_tree(res) || !pci_res_is(res, PCI_RES_PLACED))", "if (!in_tree(res))"),
    ("one memory BAR of several dropped", "assign.c", "return res->type == PCI_TYPE_IO && has_memory_bar(fn) ? PCI_DROP_IO : PCI_DROP_ALL;",
     "return res->type == PCI_TYPE_IO && has_memory_bar(fn) ? PCI_DROP_IO : PCI_DROP_ROM;"),
    ("offsets not turned into addresses", "assign.c", "fn->res[i].addr += base;", "fn->res[i].addr += 0;"),
    ("hole behind an item lost", "pack.c", "if (after.start < after.end)\n\t\tp->holes[i] = after;", "(void)0;"),
    ("cursor of equal items not reset", "pack.c", "\t\t\tfrom = 0;\n", "\t\t\tfrom += 0;\n"),
    ("a capability loop is walked for ever", "caps.c", "w->seen[dword / 32] |= 1u << dword % 32;", ""),
    ("virtual functions: space for one", "bars.c", "!mul_ok(res->size, total, &res->size)", "!mul_ok(res->size, 1, &res->size)"),
    ("windows not verified by moving bits", "bars.c", "fn->win[PCI_POOL_IO].can = ((orig ^ got) & 0xf0f0) == 0xf0f0;",
     "fn->win[PCI_POOL_IO].can = got != 0;"),
    ("bridges do not master", "program.c", "PCI_COMMAND_MEM | PCI_COMMAND_MASTER);\n}", "PCI_COMMAND_MEM);\n}"),
    ("numbers not written after CAS", "late.c", "pci_write_buses(host);", ""),
    ("boot devices not preferred", "degrade.c", "if (fn->preferred)", "if (0)"),
    ("large before small when space is short", "degrade.c", "return a->demand < b->demand ? -1 : 1;",
     "return a->demand > b->demand ? -1 : 1;"),
    ("the worse of two ways taken", "degrade.c", "return p->victims[i].kept;", "return !p->victims[i].kept;"),
    ("one that has no place ends the search", "degrade.c", "\t\t\tat++;\n\t\t\tstep = 1;", "\t\t\tbreak;\n\t\t\tstep = 1;"),
    ("ARI not turned on", "scan.c", "pci_cfg_write16(&host->bus, port->bdf, reg, control | PCI_EXP_CONTROL2_ARI);", ""),
]


def run(scratch, build):
    """None if all tests pass, else what failed first."""
    programs = [f"{build}/fast/tests/test-libpci-{t}" for t in TESTS]
    made = subprocess.run(["make", "-C", scratch, "O=" + build, *programs], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if made.returncode:
        return "the compiler" if "error:" in made.stderr else "make: " + made.stderr[-200:]
    for program in programs:
        few = ["--machines", "1500"] if program.endswith("property") else []
        try:
            done = subprocess.run([program, *few], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return os.path.basename(program) + " (it hangs)"
        if done.returncode:
            first = re.search(r"^not ok \d+ - (\S+)", done.stdout, re.M)
            return first.group(1) if first else f"{os.path.basename(program)} (it dies)"
    return None


def try_one(scratch, build, row):
    """Apply ROW, run, undo. What caught it, "" if nothing did; raises ValueError if it does not apply."""
    _, name, text, replacement = row
    path = os.path.join(scratch, "lib/libpci", name)
    with open(path, encoding="ascii") as f:
        original = f.read()
    if original.count(text) != 1:
        raise ValueError(f"{name}: found {original.count(text)} times: {text!r}")
    try:
        with open(path, "w", encoding="ascii") as f:
            f.write(original.replace(text, replacement))
        return run(scratch, build) or ""
    finally:
        with open(path, "w", encoding="ascii") as f:
            f.write(original)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="those whose name matches")
    parser.add_argument("--list", action="store_true", help="print the names")
    parser.add_argument("--build", help="folder with fetched sources to start from (O of another build)")
    args = parser.parse_args()
    rows = [m for m in MUTATIONS if re.search(args.only, m[0])]
    if args.list:
        print("\n".join(m[0] for m in rows))
        return 0
    bad = 0
    with tempfile.TemporaryDirectory() as top:
        scratch, build = os.path.join(top, "tree"), os.path.join(top, "build")
        shutil.copytree(ROOT, scratch, ignore=shutil.ignore_patterns(".git", "build", "corpus"))
        if args.build:
            shutil.copytree(os.path.join(args.build, "src"), os.path.join(build, "src"))
        first = run(scratch, build)
        if first:
            sys.exit(f"mutations: the tests fail without any: {first}")
        for number, row in enumerate(rows, 1):
            try:
                caught = try_one(scratch, build, row)
            except ValueError as why:
                caught, row = "", (f"{row[0]}: {why}",)
            bad += not caught
            print(f"{'ok' if caught else 'not ok'} {number} - {row[0]}: "
                  f"{'caught by ' + caught if caught else 'SURVIVED'}", flush=True)
    print(f"1..{len(rows)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
