# SPDX-License-Identifier: BSD-2-Clause
"""
What reading from disks costs, for bench.py: host CPU seconds of the QEMU process between two lines of the console.

The client `disk` reads 256 MiB in pieces of 8 MiB, for ours four times over, because ours is quick and CPU time ticks in
10 ms.  GRUB, started from a PReP partition, reads a file of 100 MiB from ext4.  The firmware's own `load` brings such a
file from ISO 9660; it is noise, and what ends the measurement is its refusal.  The limit is what this host itself needs to
read the first file into memory, by the same system call QEMU uses: no QEMU can be quicker.
"""
import mmap
import os
import resource
import shutil
import subprocess
import tempfile

MIB = 1 << 20
CLIENT_MIB, GRUB_MIB, LOAD_MIB = 256, 100, 100
TIMES = 4
PIECE = 2 * MIB
GRUB_SCRIPT = ("search --file --set=root /big\necho bench-%s\ntestspeed -s 1048576 /big\necho bench-%s\nhalt\n" % ("begins", "ends"))
GRUB_MODULES = "normal echo ofnet search search_fs_file part_msdos ext2 halt testspeed".split()
CONTROLLERS = {
    "virtio-blk": (["-device", "virtio-blk-pci,drive=d"], True),
    "virtio-blk, legacy": (["-device", "virtio-blk-pci,drive=d,disable-modern=on"], True),
    "virtio-scsi": (["-device", "virtio-scsi-pci,id=h", "-device", "scsi-hd,bus=h.0,drive=d"], True),
    "spapr-vscsi": (["-device", "spapr-vscsi,id=h", "-device", "scsi-hd,bus=h.0,drive=d"], True),
    "NVMe": (["-device", "nvme,drive=d,serial=1"], False),
    "AHCI": (["-device", "ich9-ahci,id=h", "-device", "ide-hd,bus=h.0,drive=d"], False),
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


def limit(path):
    """CPU seconds of this host for reading a file it has in its cache into memory that is there."""
    size, buffer = os.path.getsize(path), mmap.mmap(-1, PIECE)
    buffer.write(bytes(PIECE))
    with open(path, "rb", buffering=0) as f:
        for timed in (False, True):
            before = resource.getrusage(resource.RUSAGE_SELF)
            for at in range(0, size, PIECE):
                os.preadv(f.fileno(), [buffer], at)
            after = resource.getrusage(resource.RUSAGE_SELF)
            if timed:
                return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return None


def read_words(times):
    return "open=disk" + " read=0,%x" % (CLIENT_MIB * MIB) * times


def cases(opts, folder, tools):
    """(title, image, MiB for ours, MiB for SLOF, arguments for ours, for SLOF, first and last line)."""
    plain, grub, disc = (os.path.join(folder, name) for name in ("plain.img", "grub.img", "disc.iso"))
    noise(plain, CLIENT_MIB)
    tools["grub_image"](grub)
    load_disc(disc)
    client = ["-kernel", os.path.join(opts.clients, "disk-64.elf"), "-append"]
    named = ["-prom-env", "boot-device=disk:,\\big"]
    return plain, [
        ("read", plain, TIMES * CLIENT_MIB, CLIENT_MIB, client + [read_words(TIMES)], client + [read_words(1)],
         rb"open disk: yes", rb"disk done"),
        ("load", disc, LOAD_MIB, LOAD_MIB, named, named, rb"Trying to load", rb"E34\d\d|0 > "),
        ("GRUB", grub, GRUB_MIB, GRUB_MIB, [], [], rb"bench-begins", rb"bench-ends")]


def table(opts, tools):
    """Rows of MB a host CPU second; tools: base_args, between (args, first pattern, last pattern), grub_image, table, SLOF."""
    rows, titles = [], ["controller"]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(opts.clients)) as folder:
        plain, wanted = cases(opts, folder, tools)
        most = CLIENT_MIB / limit(plain)
        print("the limit: %.0f MiB a CPU second" % most, flush=True)
        for title, *_ in wanted:
            titles += [title + ": ours", "SLOF", "ours / SLOF"] + ["ours / limit"] * (title != "GRUB")
        for name, (args, slof_can) in CONTROLLERS.items():
            row = [name]
            for title, image, mib, slof_mib, extra, slof_extra, first, last in wanted:
                ours = mib / tools["between"](tools["base_args"](opts.ours) + drive(image) + args + extra, first, last, opts.runs)
                row.append(f"{ours:.0f}")
                if slof_can:
                    slof = slof_mib / tools["between"](tools["base_args"](tools["SLOF"]) + drive(image) + args + slof_extra, first, last, 1)
                    row += [f"{slof:.0f}", f"{ours / slof:.0f} x"]
                else:
                    row += ["-", "-"]
                row += [f"{ours / most:.2f}"] * (title != "GRUB")
            rows.append(row)
            print(row, flush=True)
    return tools["table"]("Disks: MiB a host CPU second; the limit is %.0f" % most, titles, rows)
