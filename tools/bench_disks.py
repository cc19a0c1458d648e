# SPDX-License-Identifier: BSD-2-Clause
"""
What reading from disks costs, for bench.py: host CPU seconds of the QEMU process between two lines of the console.

The client `disk` reads 256 MiB in pieces of 8 MiB; GRUB, started from a PReP partition, reads a file of 100 MiB from ext4.
"""
import os
import shutil
import subprocess
import tempfile

MIB = 1 << 20
CLIENT_MIB, GRUB_MIB = 256, 100
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
    with open(os.path.join(files, "big"), "wb") as f:
        for _ in range(GRUB_MIB):
            f.write(os.urandom(MIB))
    subprocess.run(["grub-mkimage", "-O", "powerpc-ieee1275", "-d", modules, "-p", "/", "-c", config, "-o", core] + GRUB_MODULES,
                   check=True, timeout=60)
    with open(fs, "wb") as f:
        f.truncate((GRUB_MIB + 20) * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-d", files, fs], check=True, timeout=120)
    prep_disk(path, core, fs)
    shutil.rmtree(folder)


def table(opts, tools):
    """Rows of MB a host CPU second; tools: base_args, between (args, first pattern, last pattern), grub_image, table, SLOF."""
    rows = []
    with tempfile.TemporaryDirectory(dir=os.path.dirname(opts.clients)) as folder:
        plain, grub = os.path.join(folder, "plain.img"), os.path.join(folder, "grub.img")
        with open(plain, "wb") as f:
            for _ in range(CLIENT_MIB):
                f.write(os.urandom(MIB))
        tools["grub_image"](grub)
        client = ["-kernel", os.path.join(opts.clients, "disk-64.elf"), "-append", "open=disk read=0,%x" % (CLIENT_MIB * MIB)]
        for name, (args, slof_can) in CONTROLLERS.items():
            row = [name]
            for image, mib, extra, first, last in ((plain, CLIENT_MIB, client, rb"open disk: yes", rb"disk done"),
                                                   (grub, GRUB_MIB, [], rb"bench-begins", rb"bench-ends")):
                ours = tools["between"](tools["base_args"](opts.ours) + drive(image) + args + extra, first, last, opts.runs)
                row.append(f"{mib / ours:.0f}")
                if slof_can:
                    slof = tools["between"](tools["base_args"](tools["SLOF"]) + drive(image) + args + extra, first, last, 1)
                    row += [f"{mib / slof:.0f}", f"{slof / ours:.0f} x"]
                else:
                    row += ["-", "-"]
            rows.append(row)
            print(row, flush=True)
    return tools["table"]("Disks: MiB a host CPU second",
                          ["controller", "read: ours", "SLOF", "ours / SLOF", "GRUB: ours", "SLOF", "ours / SLOF"], rows)
