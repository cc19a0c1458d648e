# SPDX-License-Identifier: BSD-2-Clause
"""
What reading from disks costs, for bench.py: host CPU seconds of the QEMU process between two lines of the console, the least of
all runs: other work on the host only adds.

The client `disk` reads 256 MiB in pieces of 8 MiB, for ours eight times over, because ours is quick.  GRUB, started from a PReP
partition, reads a file of 100 MiB from ext4.  The firmware's own `load` brings such a file from ISO 9660; it is noise, and
what ends the measurement is its refusal.

The limit is QEMU's own, as the client `limit` finds it with the smallest drivers there can be and no firmware in the way: into
8 MiB again and again, to compare `read` with, and once over 96 MiB, for `load`.  The machine's memory is there from the
start (prealloc), so that no page faults of the host are in any figure.
"""
import os
import shutil
import subprocess
import tempfile

MIB = 1 << 20
CLIENT_MIB, GRUB_MIB, LOAD_MIB = 256, 100, 100
TIMES = 8
MEMORY = ["-object", "memory-backend-ram,id=mem,size=1G,prealloc=on", "-machine", "memory-backend=mem"]
GRUB_SCRIPT = ("search --file --set=root /big\necho bench-%s\ntestspeed -s 1048576 /big\necho bench-%s\nhalt\n" % ("begins", "ends"))
GRUB_MODULES = "normal echo ofnet search search_fs_file part_msdos ext2 halt testspeed".split()
# title: (arguments, does SLOF drive it, what the client limit calls it)
CONTROLLERS = {
    "virtio-blk": (["-device", "virtio-blk-pci,drive=d"], True, "virtio-blk"),
    "virtio-blk, legacy": (["-device", "virtio-blk-pci,drive=d,disable-modern=on"], True, None),
    "virtio-scsi": (["-device", "virtio-scsi-pci,id=h", "-device", "scsi-hd,bus=h.0,drive=d"], True, "virtio-scsi"),
    "spapr-vscsi": (["-device", "spapr-vscsi,id=h", "-device", "scsi-hd,bus=h.0,drive=d"], True, "spapr-vscsi"),
    "NVMe": (["-device", "nvme,drive=d,serial=1"], False, "nvme"),
    "AHCI": (["-device", "ich9-ahci,id=h", "-device", "ide-hd,bus=h.0,drive=d"], False, "ahci"),
    "MegaRAID SAS": (["-device", "megasas,id=h", "-device", "scsi-hd,bus=h.0,drive=d"], False, None),
    "Fusion MPT SAS": (["-device", "mptsas1068,id=h", "-device", "scsi-hd,bus=h.0,drive=d"], False, None),
}


def drive(path):
    return ["-blockdev", "driver=raw,node-name=d,read-only=off,file.driver=file,file.filename=" + path]


def grub_disk(path, assets, prep_disk):
    """PReP with GRUB and, as partition 2, ext4 with a file named big."""
    folder = tempfile.mkdtemp(dir=os.path.dirname(path))
    modules = os.path.join(assets.package("bookworm", "ppc64el", "grub-ieee1275-bin"), "usr/lib/grub/powerpc-ieee1275")
    config, core, fs, files = (os.path.join(folder, name) for name in ("cfg", "core", "fs", "files"))
    os.mkdir(files)
    with open(config, "w", encoding="ascii") as f:
        f.write(GRUB_SCRIPT)
    noise(os.path.join(files, "big"), GRUB_MIB)
    subprocess.run(["grub-mkimage", "-O", "powerpc-ieee1275", "-d", modules, "-p", "/", "-c", config, "-o", core] + GRUB_MODULES,
                   check=True, timeout=60)
    with open(fs, "wb") as f:
        f.truncate((GRUB_MIB + 20) * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-d", files, fs], check=True, timeout=120)
    prep_disk(path, core, fs)
    shutil.rmtree(folder)


def load_disc(path):
    """An ISO 9660 disc with a file named big."""
    folder = path + ".files"
    os.mkdir(folder)
    noise(os.path.join(folder, "big"), LOAD_MIB)
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", path, folder], check=True, timeout=120)
    shutil.rmtree(folder)


def noise(path, mib):
    with open(path, "wb") as f:
        for _ in range(mib):
            f.write(os.urandom(MIB))


def read_words(times):
    return "open=disk" + " read=0,%x" % (CLIENT_MIB * MIB) * times


class Case:
    """Something that reads: how much, by which arguments, between which lines; and how much the client limit reads, to where."""
    def __init__(self, title, image, ours, slof, lines, limit=None):
        self.title, self.image, self.lines, self.limit = title, image, lines, limit
        self.mib, self.args = ours
        self.slof_mib, self.slof_args = slof


def cases(opts, folder, tools):
    plain, grub, disc = (os.path.join(folder, name) for name in ("plain.img", "grub.img", "disc.iso"))
    noise(plain, CLIENT_MIB)
    tools["grub_image"](grub)
    load_disc(disc)
    client = ["-kernel", os.path.join(opts.clients, "disk-64.elf"), "-append"]
    load = (LOAD_MIB, ["-prom-env", "boot-device=disk:,\\big"])
    return [
        Case("read", plain, (TIMES * CLIENT_MIB, client + [read_words(TIMES)]), (CLIENT_MIB, client + [read_words(1)]),
             (rb"open disk: yes", rb"disk done"), (TIMES * CLIENT_MIB, 8)),
        Case("load", disc, load, load, (rb"Trying to load", rb"E34\d\d|0 > "), (96, 96)),
        Case("GRUB", grub, (GRUB_MIB, []), (GRUB_MIB, []), (rb"bench-begins", rb"bench-ends"))]


def columns(opts, tools, case, device, slof_can, limit_name):
    """Ours, SLOF's, their ratio; QEMU's limit and ours as a part of it."""
    def rate(firmware, mib, args, lines, runs):
        base = tools["base_args"](firmware) + MEMORY + drive(case.image) + device
        return mib / tools["between"](base + args, *lines, runs, min)

    ours = rate(opts.ours, case.mib, case.args, case.lines, opts.runs)
    slof = slof_can and rate(tools["SLOF"], case.slof_mib, case.slof_args, case.lines, 1)
    row = [f"{ours:.0f}"] + ([f"{slof:.0f}", f"{ours / slof:.0f} x"] if slof_can else ["-", "-"])
    if not case.limit:
        return row
    if not limit_name:
        return row + ["-", "-"]
    client = ["-kernel", os.path.join(opts.clients, "limit-64.elf"), "-append", "%s %d %d" % (limit_name, *case.limit)]
    limit = rate(opts.ours, case.limit[0], client, (rb"limit begins", rb"limit ends"), opts.runs)
    return row + [f"{limit:.0f}", f"{ours / limit:.2f}"]


def table(opts, tools):
    """Rows of MB a host CPU second; tools: base_args, between (args, first pattern, last pattern), grub_image, table, SLOF."""
    rows, titles = [], ["controller"]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(opts.clients)) as folder:
        wanted = cases(opts, folder, tools)
        for case in wanted:
            titles += [case.title + ": ours", "SLOF", "ours / SLOF"] + ["limit", "ours / limit"] * bool(case.limit)
        for name, (device, slof_can, limit_name) in CONTROLLERS.items():
            row = [name]
            for case in wanted:
                row += columns(opts, tools, case, device, slof_can, limit_name)
            rows.append(row)
            print(row, flush=True)
    return tools["table"]("Disks: MiB a host CPU second", titles, rows)
