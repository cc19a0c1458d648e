#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
Measures the firmware against the distribution's slof.bin, in turn, in the same QEMU.

Two kinds of figures. Host CPU seconds: what the QEMU process has used (user and system) when a line
appears on the console; both firmwares run alternately, medians and their ratio are printed. Guest
instructions: exact, from the timebase a small client reads when it is entered, with
-icount shift=0,sleep=off (one instruction is one nanosecond, the timebase ticks at 512 MHz).

    tools/bench.py --ours build/slof.bin --clients build/clients [--runs 5] [--markdown FILE]
"""
import argparse
import datetime
import os
import re
import statistics
import subprocess
import sys
import time

import bench_disks
import bench_net

QEMU = os.environ.get("QEMU", "qemu-system-ppc64")
SLOF = os.environ.get("SLOF", "/usr/share/qemu/slof.bin")
DEADLINE = 600


def base_args(firmware):
    return [QEMU, "-M", "pseries", "-m", "1G", "-nodefaults", "-nographic", "-bios", firmware,
            "-chardev", "stdio,id=con,signal=off", "-device", "spapr-vty,chardev=con"]


def nics(count, bus="pci.0", first=1):
    return [a for i in range(count)
            for a in ("-device", f"virtio-net-pci,bus={bus},addr={first + i:x},romfile=")]


def bridges(count, nics_each):
    args = []
    for b in range(count):
        args += ["-device", f"pci-bridge,id=br{b},chassis_nr={b + 1},bus=pci.0,addr={b + 1:x}"]
        args += nics(nics_each, f"br{b}")
    return args


def disks(count):
    args = []
    for i in range(count):
        args += ["-drive", f"if=none,id=d{i},file=null-co://,file.size=1M,format=raw,read-only=on",
                 "-device", f"virtio-blk-pci,drive=d{i},bus=pci.0,addr={i + 1:x}"]
    return args


def hosts(count, each):
    args = []
    for h in range(1, count):
        args += ["-device", f"spapr-pci-host-bridge,index={h},id=phb{h}"]
    for h in range(count):
        args += nics(each, "pci.0" if h == 0 else f"phb{h}.0")
    return args


# name, arguments, what the console shows when it is done
CPU_CASES = [
    ("empty machine, ready", [], None),
    ("28 virtio-net, ready", nics(28), None),
    ("9 pci-bridges x 9 virtio-net, ready", bridges(9, 9), None),
]
ICOUNT_CASES = [
    ("empty machine", [], 3225),
    ("28 virtio-blk", disks(28), 5658),
    ("28 virtio-net", nics(28), None),
    ("4 PHBs x 28 virtio-net", hosts(4, 28), 13833),
    ("9 pci-bridges x 9 virtio-net", bridges(9, 9), None),
    ("9 pci-bridges x 28 virtio-net", bridges(9, 28), None),
]


def cpu_seconds(pid):
    """User and system time, by the process' own clock: /proc counts in hundredths of a second."""
    return time.clock_gettime(~pid << 3 | 2)  # CPUCLOCK_SCHED, as clock_getcpuclockid(3) makes it


def run_until(args, pattern, first=b""):
    """Start QEMU, wait for the pattern, return its CPU seconds then, less those when `first` came. Always ends QEMU."""
    p = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.set_blocking(p.stdout.fileno(), False)
    seen, end, regex = b"", time.monotonic() + DEADLINE, re.compile(pattern)
    begin = None if first else 0
    try:
        while time.monotonic() < end:
            seen += p.stdout.read() or b""
            if begin is None and re.search(first, seen):
                begin = cpu_seconds(p.pid)
            if begin is not None and regex.search(seen):
                return cpu_seconds(p.pid) - begin
            if p.poll() is not None:
                break
            time.sleep(0.002)
        tail = seen[-300:].decode("latin1")
        raise RuntimeError(f"no {pattern!r} within {DEADLINE} s; the console ends with:\n{tail}")
    finally:
        p.kill()
        p.wait()


def between(args, first, last, runs, of_all=statistics.median):
    """CPU seconds from one line to another."""
    return max(0.001, of_all([run_until(args, last, first) for _ in range(runs)]))


def ready_pattern(firmware):
    return rb"0 > " if firmware == SLOF else rb"Ready!"


def in_turn(ours, runs, make_args, pattern_of):
    """Medians of CPU seconds of both firmwares, run alternately."""
    got = {ours: [], SLOF: []}
    for _ in range(runs):
        for fw in (ours, SLOF):
            got[fw].append(run_until(make_args(fw), pattern_of(fw)))
    return statistics.median(got[ours]), statistics.median(got[SLOF])


def kernel_case(opts):
    kernel = opts.kernel
    if not kernel:
        return None

    def args(fw):
        return base_args(fw) + ["-kernel", kernel, "-append", "console=hvc0"]

    # the kernel's first line is prom_init's
    return in_turn(opts.ours, opts.runs, args, lambda fw: rb"OF stdout device is|Linux version")


def floor(opts, extra):
    """QEMU's own share on this machine: an image that prints one character by hypercall and then loops."""
    image = os.path.join(os.path.dirname(opts.clients), "floor.bin")
    # li r3,0x58; li r4,0; li r5,1; lis r6,0x2100; sldi r6,r6,32; sc 1; b .
    code = bytes.fromhex("38600058" "38800000" "38a00001" "3cc02100" "78c607c6" "44000022" "48000000")
    with open(image, "wb") as f:
        f.write(bytes(0x100) + code)
    return statistics.median(run_until(base_args(image) + extra, rb"!") for _ in range(opts.runs))


def icount(firmware, clients, extra):
    """Millions of guest instructions until the client is entered, and instructions per call."""
    args = base_args(firmware) + ["-icount", "shift=0,sleep=off", "-kernel",
                                  os.path.join(clients, "hello-32.elf")] + extra
    out = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE,
                         check=False).stdout.decode("latin1")
    entered = re.search(r"client entered, timebase (\d+)", out)
    if not entered:
        raise RuntimeError(f"{firmware}: the client was not entered; the console ends with:\n{out[-300:]}")
    per_tick = 1e9 / 512e6
    costs = {m[1]: int(m[2]) * per_tick / int(m[3])
             for m in re.finditer(r"cost (\S+) (\d+) ticks/(\d+) calls", out)}
    return int(entered[1]) * per_tick / 1e6, costs


def table(title, head, rows):
    lines = [f"### {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(r) + " |" for r in rows] + [""]


def cpu_row(name, least, ours, slof):
    return [name, f"{ours:.2f}", f"{slof:.2f}", f"{slof / ours:.0f} x", f"{least:.2f}", f"{ours - least:.2f}"]


def cpu_table(opts):
    rows = []
    for name, extra, _ in CPU_CASES:
        # SLOF would try to boot from every network card
        o, s = in_turn(opts.ours, opts.runs,
                       lambda fw, e=extra: base_args(fw) + ["-prom-env", "auto-boot?=false"] + e, ready_pattern)
        rows.append(cpu_row(name, floor(opts, extra), o, s))
    k = kernel_case(opts)
    if k:
        rows.append(cpu_row("-kernel: Linux' first line", floor(opts, []), *k))
    return table(f"Host CPU seconds, median of {opts.runs}",
                 ["until", "ours", "SLOF", "SLOF / ours", "QEMU alone", "our own share"], rows)


def icount_tables(opts):
    rows, ours_costs = [], None
    for name, extra, _ in ICOUNT_CASES:
        o, costs = icount(opts.ours, opts.clients, extra)
        ours_costs = ours_costs or costs
        s, _ = icount(SLOF, opts.clients, extra) if opts.slof_icount else (None, None)
        rows.append([name, f"{o:.2f}", f"{s:.0f}" if s else "-", f"{s / o:.0f} x" if s else "-"])
    lines = table("Millions of guest instructions until a -kernel client is entered",
                  ["machine", "ours", "SLOF", "SLOF / ours"], rows)
    slof_costs = icount(SLOF, opts.clients, [])[1] if opts.slof_icount else {}
    calls = [[n, f"{c:.0f}", f"{slof_costs[n]:.0f}" if n in slof_costs else "-",
              f"{slof_costs[n] / c:.0f} x" if n in slof_costs else "-"] for n, c in ours_costs.items()]
    return lines + table("Guest instructions per client call", ["call", "ours", "SLOF", "SLOF / ours"], calls)


def pci_setup(opts, extra):
    """What setting up PCI costs: functions, accesses to configuration space, guest ms, and CPU ms beyond QEMU's own start."""
    chatty = base_args(opts.ours) + ["-prom-env", "diag-switch?=true"] + extra
    run = subprocess.run(chatty + ["-icount", "shift=0,sleep=off", "-kernel", os.path.join(opts.clients, "hello-32.elf")],
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, check=False)
    out = run.stdout.decode("latin1")
    costs = [[int(n) for n in m.groups()] for m in re.finditer(r"set up in (\d+) us, (\d+) accesses", out)]
    functions = sum(int(n) for n in re.findall(r"\d+ bus\w*, (\d+) function", out))
    if not costs:
        raise RuntimeError("nothing about the cost of PCI; the console ends with:\n" + out[-300:])
    done = rb"(?s)" + rb"set up in .*" * len(costs)
    cpu = statistics.median(run_until(chatty, done) for _ in range(opts.runs)) - floor(opts, extra)
    return functions, sum(c[1] for c in costs), sum(c[0] for c in costs) / 1000, cpu * 1000


def pci_table(opts):
    rows = []
    for name, extra, _ in ICOUNT_CASES[1:]:
        functions, accesses, guest, cpu = pci_setup(opts, extra)
        rows.append([name, str(functions), str(accesses), f"{accesses / functions:.0f}", f"{guest:.1f}", f"{cpu:.0f}"])
    return table("PCI: scan, addresses, registers, tree, self-check",
                 ["machine", "functions", "configuration accesses", "a function", "guest ms at an instruction a ns",
                  "CPU ms, whole start less QEMU's own"], rows)


FORTH = {
    "nothing": "power-off",
    "empty loop, 268 million turns": "hex : t 10000000 0 do loop ; t power-off",
    "i drop in a loop, 67 million turns": "hex : t 4000000 0 do i drop loop ; t power-off",
    "Fibonacci of 34, recursive": "hex : t dup 2 < if drop 1 else dup 1- recurse swap 2 - recurse + then ; 22 t . "
                                  "power-off",
}


def forth_seconds(firmware, program):
    """Host CPU seconds of a run that ends with power-off."""
    args = [a.replace("stdio,id=con,signal=off", "null,id=con") for a in base_args(firmware)]
    args += ["-prom-env", "use-nvramrc?=true", "-prom-env", f"nvramrc={program}",
             "-prom-env", "auto-boot?=false"]
    before = os.times()
    subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   timeout=DEADLINE, check=True)
    after = os.times()
    return (after.children_user - before.children_user +
            after.children_system - before.children_system)


def forth_table(opts):
    """The same programs in nvramrc of both; what a run without one costs is subtracted."""
    lines = ["### Forth, host CPU seconds", "", "| program | ours | SLOF |", "|---|---|---|"]
    base = {}
    for name, program in FORTH.items():
        cells = []
        for firmware in (opts.ours, SLOF):
            seconds = statistics.median(forth_seconds(firmware, program) for _ in range(opts.runs))
            base.setdefault(firmware, seconds)
            cells.append(f"{seconds if name == 'nothing' else seconds - base[firmware]:.2f}")
        lines.append(f"| {name} | {cells[0]} | {cells[1]} |")
    return lines + [""]


def disks_table(opts):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "qemu"))
    sys.dont_write_bytecode = True
    import assets
    import media
    store = assets.Assets(os.path.join(os.path.dirname(opts.clients), "boot-tests"))

    def put(path, core, fs):
        parts = [(0x80, 0x41, 4, core), (0, 0x83, 16, fs)]
        entries = [media.mbr_entry(status, kind, at * 2048, -(-os.path.getsize(f) // 512)) for status, kind, at, f in parts]
        pieces = [(0, media.mbr(entries))] + [(at * media.MIB, media.read(f)) for _, _, at, f in parts]
        media.put(path, 150 * media.MIB, pieces)

    tools = {"base_args": base_args, "between": between, "table": table, "SLOF": SLOF,
             "grub_image": lambda path: bench_disks.grub_disk(path, store, put)}
    return bench_disks.table(opts, tools)


def net_table(opts):
    return bench_net.table(opts, {"base_args": base_args, "between": between, "table": table, "SLOF": SLOF})


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--ours", required=True)
    a.add_argument("--clients", required=True)
    a.add_argument("--kernel", default=os.environ.get("KERNEL", ""))
    a.add_argument("--runs", type=int, default=5)
    a.add_argument("--tables", nargs="+", default=["icount", "cpu", "pci", "forth", "disks", "net"],
                   help="which: icount, cpu, pci, forth, disks, net")
    a.add_argument("--no-slof-icount", dest="slof_icount", action="store_false")
    a.add_argument("--markdown", help="also write the tables to this file")
    opts = a.parse_args()
    version = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=True).stdout
    lines = [f"{datetime.date.today()}, {version.splitlines()[0]}, {os.cpu_count()} cores, TCG", ""]
    print(lines[0])
    try:
        for name, make in (("icount", icount_tables), ("cpu", cpu_table), ("pci", pci_table),
                           ("forth", forth_table), ("disks", disks_table), ("net", net_table)):
            part = make(opts) if name in opts.tables else []
            print("\n".join(part), flush=True)
            lines += part
    except (RuntimeError, subprocess.TimeoutExpired) as e:
        print(f"bench: {e}", file=sys.stderr)
        return 1
    if opts.markdown:
        with open(opts.markdown, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
