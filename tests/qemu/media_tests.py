# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests from media: what installers write to disks and discs, started by our firmware through GRUB to Linux; what happens
when a disk holds nonsense.  One function a row; the images are media.py's.
"""
import glob
import gzip
import mmap
import os
import re
import shutil
import struct
import zlib

import media
from assets import read, run, write
from bench import END_TIME, FIRMWARE_TIME, PATIENCE, row, wait_our_ready
from disk_tests import behind_bridge, behind_port, behind_switch, on_root, second_host
from topologies import Machine

LINUX_TIME = 120 * PATIENCE
LONG_INITRD = 25 * media.MIB
BAD = r"Kernel panic - not syncing[^\n]*|Unable to handle kernel[^\n]*|symbol `[^\n]*not found|^error: [^\n]*|^E34\d\d[^\n]*"


def tidy(bench, function, *args, **options):
    """Runs a test; the images of one that went well go."""
    bad = function(bench, *args, **options)
    for path in [] if bad else glob.glob(os.path.join(bench.logs, bench.name + ".*.img")):
        os.unlink(path)
    return bad


def media_row(name, speed, function, *args, **options):
    return row("media-" + name, speed, tidy, function, *args, **options)


def path_of(bench, name="boot"):
    return os.path.join(bench.logs, "%s.%s.img" % (bench.name, name))


def add(m, path, driver="virtio-blk-pci", bus=None, addr=None, readonly=False, **props):
    """A disk or disc at a controller; virtio-scsi and spapr-vscsi get one with it."""
    node = "n%d" % len(m.args)
    m.args += ["-blockdev", "driver=raw,node-name=%s,read-only=%s,file.driver=file,file.filename=%s" %
               (node, "on" if readonly else "off", path)]
    if driver in ("scsi-hd", "scsi-cd"):
        host = props.pop("host", "virtio-scsi-pci")
        bus = (m.dev(host) if host == "spapr-vscsi" else m.dev(host, bus, addr)) + ".0"
        addr = None
    if driver in ("ide-hd", "ide-cd"):
        bus, addr = m.dev("ich9-ahci", bus, addr) + ".0", None
    return m.dev(driver, bus, addr, drive=node, **props)


def reach_linux(bench, m, env=(), bad=BAD):
    """From the firmware through GRUB to our initial RAM disk."""
    with bench.vm(["-m", "1G"] + m.args + list(env), preload=m.express) as vm:
        vm.expect(r"Successfully loaded", FIRMWARE_TIME, bad=bad)
        vm.expect(r"grub-found-its-config", FIRMWARE_TIME, bad=bad)
        vm.expect(r"^=== init", LINUX_TIME, bad=bad)
        vm.wait_exit(END_TIME)
        return vm.text()


def test_disk(bench, driver="virtio-blk-pci", place=on_root, label="mbr", block=512, prep=1, active=True, args="", padding=0,
              **props):
    """An installed disk: GRUB from PReP, its files from ext4, grubenv written."""
    m = Machine()
    path = media.installed_disk(bench.assets, path_of(bench), label, block, prep, active, padding)
    if block != 512:
        props.update(logical_block_size=block, physical_block_size=block)
    add(m, path, driver, place(m), None if place in (behind_port, behind_switch) else 3, bootindex=0, **props)
    env = ["-prom-env", "boot-device=disk" + args] if args else []
    if args:
        m.args = [a.replace(",bootindex=0", "") for a in m.args]
    reach_linux(bench, m, env)
    with open(path, "rb") as f:
        return [] if b"tried=once" in f.read() else ["grubenv was not written"]


def test_disc(bench, driver="scsi-cd", script=None, **props):
    """A CD-ROM that boots by its boot script."""
    m = Machine()
    path = media.disc(bench.assets, path_of(bench), script)
    add(m, path, driver, readonly=True, bootindex=0, **props)
    text = reach_linux(bench, m, bad=BAD.replace("|^error: [^\\n]*", ""))  # grubenv cannot be written there
    return [] if "grub-found-its-config" in text else ["no GRUB"]


def test_reboot_entry(bench, driver, **props):
    """grub-reboot's entry is booted once and forgotten, by a boot-device that ends in :1."""
    m = Machine()
    path = media.installed_disk(bench.assets, path_of(bench), "gpt", config=media.DEBIAN_CONFIG, env=b"next_entry=other\n")
    add(m, path, driver, addr=3, **props)
    bad = []
    for entry in ("other", "usual", "usual"):
        text = reach_linux(bench, m, ["-prom-env", "boot-device=disk:1"])
        bad += [] if "test.entry=" + entry in text else ["%s was not booted" % entry]
    with open(path, "rb") as f:
        return bad + (["next_entry is still there"] if b"next_entry=other" in f.read() else [])


def test_named_file(bench, words, disc=False):
    """A kernel by its name, without GRUB: boot disk:2,\\boot\\vmlinux console=hvc0."""
    m = Machine()
    if disc:
        add(m, media.disc(bench.assets, path_of(bench)), readonly=True)
    else:
        add(m, media.installed_disk(bench.assets, path_of(bench), "gpt"))
    with bench.vm(["-m", "1G", "-prom-env", "auto-boot?=false"] + m.args) as vm:
        wait_our_ready(vm)
        vm.send("boot %s console=hvc0 panic=-1\n" % words)
        vm.expect(r"Successfully loaded", FIRMWARE_TIME, bad=BAD)
        vm.expect(r"Linux version [^\n]*", LINUX_TIME)
        vm.expect(r"Kernel panic - not syncing: VFS", LINUX_TIME)
    return []


def test_packed(bench, damage=0):
    """A kernel that gzip made smaller, by its name; one whose checksum is wrong is refused."""
    m = Machine()
    packed = bytearray(gzip.compress(read(bench.assets.installer(12)[0]), 1))
    packed[-8] ^= damage
    files = path_of(bench, "files")
    write(files, bytes(packed))
    path = path_of(bench)
    run([media.tool("xorriso"), "-as", "mkisofs", "-quiet", "-R", "-graft-points", "-o", path, "vmlinux.gz=" + files], 300)
    add(m, path, readonly=True)
    with bench.vm(["-m", "512M", "-prom-env", "auto-boot?=false"] + m.args) as vm:
        wait_our_ready(vm)
        vm.send("boot disk:,\\vmlinux.gz console=hvc0 panic=-1\n")
        if damage:
            vm.expect(r"E3403: Bad executable \(incorrect data check\)", FIRMWARE_TIME)
            return []
        vm.expect(r"Successfully loaded", FIRMWARE_TIME, bad=BAD)
        vm.expect(r"Linux version [^\n]*", LINUX_TIME)
        vm.expect(r"Kernel panic - not syncing: VFS", LINUX_TIME)
    return []


def test_dir(bench):
    m = Machine()
    add(m, media.installed_disk(bench.assets, path_of(bench), "gpt"))
    with bench.vm(["-m", "1G", "-prom-env", "auto-boot?=false"] + m.args) as vm:
        wait_our_ready(vm)
        vm.send("dir disk:2,\\boot\n")
        vm.expect(r"^ +0? *\d+  vmlinux", FIRMWARE_TIME)
        vm.expect(r"0 > ", FIRMWARE_TIME)
        vm.send("dir disk:2\n")
        vm.expect(r"boot\\", FIRMWARE_TIME)
        for path, why in (("disk:7", "no such partition"), ("disk:2,\\boot\\vmlinux", "no directory"), ("disk:2,\\x", "not found"),
                          ("disk9", "not found")):
            vm.expect(r"0 > ", FIRMWARE_TIME)
            vm.send("dir %s\n" % path)
            vm.expect(r"^dir: %s: [^\n]*%s" % (re.escape(path), why), FIRMWARE_TIME)
    return []


# -- nonsense ----------------------------------------------------------------------------------------------------------

def circle():
    """A chain of logical partitions that leads back to its beginning."""
    ebr = media.mbr([media.mbr_entry(0, 0x83, 1, 1), media.mbr_entry(0, 5, 0, 100)])
    return [(0, media.mbr([media.mbr_entry(0, 5, 10, 1000)])), (5120, ebr)]


def chain(links, step=2, signed=True):
    """So many logical partitions, each behind the one before; the last link leads on."""
    last = b"" if signed else bytes(2)
    pieces = [(0, media.mbr([media.mbr_entry(0, 5, 10, 16000)]))]
    for i in range(links):
        ebr = media.mbr([media.mbr_entry(0, 0x83, 1, 1), media.mbr_entry(0, 5, step * (i + 1), 2)])
        pieces.append(((10 + step * i) * 512, ebr[:-2] + last if last else ebr))
    return pieces


def odd_gpt(at, field):
    """A GPT whose header, at this offset, has something else; its checksum is right, and there is no copy."""
    pieces = dict(media.gpt(8 * media.MIB, 512, {}))
    header = bytearray(pieces[512])
    header[at:at + len(field)] = field
    header[16:20] = bytes(4)
    header[16:20] = struct.pack("<I", zlib.crc32(bytes(header)))
    return [(0, pieces[0]), (512, bytes(header)), (1024, pieces[1024])]


def elf(segments, phnum=None, phoff=52):
    """A 32-bit program in a PReP partition; segments: (offset, address, bytes in the file, bytes in memory)."""
    head = struct.pack(">4s5B7xHHIIIIIHHHHHH", b"\x7fELF", 1, 2, 1, 0, 0, 2, 20, 1, segments[0][1], phoff, 0, 0, 52, 32,
                       len(segments) if phnum is None else phnum, 40, 0, 0)
    table = b"".join(struct.pack(">8I", 1, offset, at, at, filesz, memsz, 7, 4096) for offset, at, filesz, memsz in segments)
    return prep_of(head + table)


def prep_of(data):
    return [(0, media.mbr([media.mbr_entry(0x80, 0x41, 8, 8000)])), (4096, data)]


def bomb():
    """400 MiB of zeros from 400 KiB."""
    return prep_of(gzip.compress(bytes(400 * media.MIB), 9))


def disc_of(bench, fill):
    """A disc with what fill puts into its folder."""
    folder, path = path_of(bench, "tree"), path_of(bench, "iso")
    os.makedirs(folder)
    fill(folder)
    run([media.tool("xorriso"), "-as", "mkisofs", "-quiet", "-R", "-J", "-o", path, folder], 60)
    shutil.rmtree(folder)
    return [(0, read(path))]


def script_of(text):
    def fill(folder):
        os.mkdir(folder + "/ppc")
        write(folder + "/ppc/bootinfo.txt", text)
    return fill


def fat_circle(bench):
    """A directory \\ppc whose only cluster is followed by itself."""
    path = path_of(bench, "fat")
    media.put(path, 8 * media.MIB, [])
    run([media.tool("mkfs.vfat"), "-F", "16", "-s", "1", "-R", "1", path], 60)
    run([media.tool("mmd"), "-i", path, "::ppc"], 60)
    data = bytearray(read(path))
    data[512 + 4:512 + 6] = b"\2\0"
    sectors = struct.unpack_from("<H", data, 22)[0]
    data[512 * (1 + sectors) + 4:512 * (1 + sectors) + 6] = b"\2\0"
    return [(0, bytes(data))]


def ext_circle(bench):
    """A symbolic link \\ppc to itself."""
    folder, path = path_of(bench, "tree"), path_of(bench, "ext")
    os.makedirs(folder)
    os.symlink("ppc", folder + "/ppc")
    media.put(path, 8 * media.MIB, [])
    run([media.tool("mkfs.ext4"), "-q", "-F", "-d", folder, path], 60)
    shutil.rmtree(folder)
    return [(0, read(path))]


def bad_crc():
    pieces = media.gpt(8 * media.MIB, 512, {1: (media.PREP, 100, 100)})
    return [(at, data if at == 0 else data[:60] + b"\x01" + data[61:]) for at, data in pieces]


# What each holds and what is said of it; those that need files made get the bench.
HOSTILE = {
    "circle": (circle, "circle"),
    "ebr-itself": (lambda: chain(1, 0), "circle"),
    "ebr-300": (lambda: chain(300), "chain of logical partitions is too long"),
    "ebr-outside": (lambda: chain(1, 1 << 28), "chain of logical partitions leaves the disk"),
    "ebr-unsigned": (lambda: chain(1, signed=False), "sector without signature"),
    "huge-gpt": (lambda: odd_gpt(80, b"\xff" * 4), "impossible number of entries"),
    "gpt-entry-0": (lambda: odd_gpt(84, bytes(4)), "impossible entry size"),
    "gpt-entry-7": (lambda: odd_gpt(84, b"\7\0\0\0"), "impossible entry size"),
    "gpt-table-outside": (lambda: odd_gpt(72, b"\xff" * 8), "the table lies outside the disk"),
    "bad-crc": (bad_crc, "wrong checksum"),
    "elf-over-all": (lambda: elf([(4096, 0, 4096, 0x3fff0000)]), "E3408"),
    "elf-wraps": (lambda: elf([(4096, 0xfffff000, 4096, 0x2000)]), "E3403"),
    "elf-overlaps": (lambda: elf([(4096, 0x200000, 4096, 8192), (4096, 0x201000, 4096, 8192)]), "E3403"),
    "elf-cut": (lambda: elf([(4096, 0x200000, 0x7fffffff, 0x7fffffff)]), "E3403"),
    "elf-65535-headers": (lambda: elf([(4096, 0x200000, 16, 16)], 65535), "E3406"),  # of zeros but one, like the program
    "elf-headers-outside": (lambda: elf([(4096, 0x200000, 16, 16)], phoff=0xfffffff0), "E3403"),
    "gzip-bomb": (bomb, "E3403: Bad executable (a gzip'd file that unpacks to more"),
    "script-itself": (lambda bench: disc_of(bench, script_of(b"<chrp-boot><boot-script>boot &device;</boot-script></chrp-boot>")),
                      "bootinfo.txt: it boots itself"),
    "script-endless": (lambda bench: disc_of(bench, script_of(b"<chrp-boot><boot-script>" + b"boot " * 40000)),
                       "bootinfo.txt: 2000"),
    "fat-circle": (fat_circle, "nothing to boot"),
    "ext-circle": (ext_circle, "nothing to boot"),
    "outside": (lambda: [(0, media.mbr([media.mbr_entry(0x80, 0x41, 0xfffffff0, 0xffffffff)]))], "outside the disk"),
    "prep-of-zeros": (lambda: [(0, media.mbr([media.mbr_entry(0x80, 0x41, 2048, 2048)]))], "E3403"),
    "empty": (lambda: [], "no partition table"),
    "noise": (lambda: [(0, os.urandom(65536))], "nothing to boot"),
}


def test_hostile(bench):
    """Each ends with a line that says why, soon, and the good disk behind them all boots."""
    m = Machine()
    for i, (name, (make, _)) in enumerate(HOSTILE.items()):
        path = path_of(bench, name)
        media.put(path, 8 * media.MIB, make(bench) if make.__code__.co_argcount else make())
        add(m, path, bootindex=i)
    add(m, media.installed_disk(bench.assets, path_of(bench)), bootindex=len(HOSTILE))
    text = reach_linux(bench, m, bad=None)
    wanted = sum(not says.startswith("E34") for _, says in HOSTILE.values())
    # every one was tried, and said what was wrong
    return (one_line_each(text) + ["no '%s' for %s" % (says, name) for name, (_, says) in HOSTILE.items() if says not in text] +
            (["%d attempts" % text.count("Trying to load")] if text.count("Trying to load") != len(HOSTILE) + 1 else []) +
            ["E3404 is there %d times, not %d" % (text.count("E3404"), wanted)] * (text.count("E3404") != wanted) + slow_attempts(bench))


def slow_attempts(bench):
    """Attempts that took longer than 2 s, by the console's log: a few milliseconds is usual."""
    begins = re.findall(r"^ *([\d.]+) Trying to load", read(os.path.join(bench.logs, bench.name + ".log")).decode("utf-8", "replace"), re.M)
    return ["attempt %d took %.3f s" % (i, float(b) - float(a)) for i, (a, b) in enumerate(zip(begins, begins[1:]))
            if float(b) - float(a) > 2 * PATIENCE]


def test_no_medium(bench):
    """An empty CD-ROM drive comes first; the disk behind it boots."""
    m = Machine()
    host = m.dev("virtio-scsi-pci")
    m.dev("scsi-cd", host + ".0", bootindex=0)
    add(m, media.installed_disk(bench.assets, path_of(bench)), bootindex=1)
    text = reach_linux(bench, m, bad=None)
    return [] if "E3405" in text or "E3404" in text else ["nothing was said about the empty drive"]


def test_unreadable(bench):
    """A disk whose every sector fails, then one that fails where the PReP partition begins; the good disk boots."""
    m = Machine()
    rules = os.path.join(bench.logs, bench.name + ".rules")
    good = media.installed_disk(bench.assets, path_of(bench))
    for i, sector in enumerate(("", 'sector = "8192"\n')):
        name = "%s%d" % (rules, i)
        with open(name, "w", encoding="utf-8") as f:
            f.write('[inject-error]\nevent = "read_aio"\nerrno = "5"\n' + sector)
        path = path_of(bench, "bad%d" % i)
        media.put(path, 8 * media.MIB, [(0, media.mbr([media.mbr_entry(0x80, 0x41, 8192, 2048)]))])
        m.args += ["-drive", "if=none,id=bad%d,format=raw,file=blkdebug:%s:%s" % (i, name, path)]
        m.dev("virtio-blk-pci", drive="bad%d" % i, rerror="report", bootindex=i)
    add(m, good, bootindex=2)
    text = reach_linux(bench, m, bad=None)
    return [] if text.count("device failure") >= 2 else ["the failures were not told"]


def one_line_each(text):
    """An attempt is a line, its failure the next one, with a reason; nothing comes between."""
    lines = [line for line in text.splitlines() if line]
    return ["'%s' and then '%s'" % pair for pair in zip(lines, lines[1:])
            if pair[0].startswith("Trying to load") and not pair[0].endswith("  Successfully loaded") and
            not (pair[0].endswith(" ... ") and re.match(r"E34\d\d: .* \(.+\)$", pair[1]))]


# -- trouble on the way to a good disk ---------------------------------------------------------------------------------

def attempts(text, at_least):
    tried = text.count("Trying to load")
    return one_line_each(text) + ([] if tried >= at_least else ["%d attempts, not %d" % (tried, at_least)])


def faulty(m, bench, path, sector=None, **props):
    """A disk that cannot read one sector (a number of 512 bytes), or any."""
    number = len(m.args)
    rules = os.path.join(bench.logs, "%s.%d.rules" % (bench.name, number))
    with open(rules, "w", encoding="utf-8") as f:
        f.write('[inject-error]\nevent = "read_aio"\nerrno = "5"\n' + ('sector = "%d"\n' % sector if sector is not None else ""))
    m.args += ["-drive", "if=none,id=bad%d,format=raw,readonly=on,file.driver=blkdebug,file.config=%s,file.image.driver=file,"
               "file.image.locking=off,file.image.filename=%s" % (number, rules, path)]
    m.dev("virtio-blk-pci", drive="bad%d" % number, rerror="report", **props)


def sector_of(path, text):
    """Where in an image these bytes are."""
    with open(path, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        return whole.find(text) // 512


def hide(path):
    """GRUB shall not take this disk for the one it came from."""
    with open(path, "r+b") as f, mmap.mmap(f.fileno(), 0) as whole:
        at = whole.find(b"espalier-media", 16 * media.MIB)
        whole[at:at + 14] = b"espalier-other"


def test_faulty_stages(bench):
    """A sector fails in the table, in GRUB's core, in the file system, in a kernel being loaded: told, and the next one boots."""
    m = Machine()
    path = media.installed_disk(bench.assets, path_of(bench), "gpt")
    good = path_of(bench, "good")
    shutil.copyfile(path, good)
    hide(path)
    kernel = media.read(bench.assets.installer(12)[0])
    pages = (kernel[at:at + 4096] for at in range(len(kernel) // 2 & ~4095, len(kernel), 4096))
    middle = next(page for page in pages if len(set(page)) > 100)
    sectors = [0, 4 * media.MIB // 512 + 500, (16 * media.MIB + 1024) // 512, sector_of(path, middle)]
    for sector in sectors:
        faulty(m, bench, path, sector)
    add(m, good)
    env = "boot-device=disk disk1 disk2:2,\\boot\\vmlinux disk3:2,\\boot\\vmlinux disk4"
    text = reach_linux(bench, m, ["-prom-env", env], bad=None)
    return attempts(text, 5) + ([] if text.count("device failure") >= 4 else ["%d failures told" % text.count("device failure")])


def test_tiny(bench):
    """Disks with hardly any blocks, or none at all."""
    m = Machine()
    sizes = (0, 1, 2, 63)
    for i, blocks in enumerate(sizes):
        path = path_of(bench, "tiny%d" % blocks)
        media.put(path, blocks * 512, [(0, media.mbr([media.mbr_entry(0x80, 0x41, 1, 62)]))] if blocks else [])
        with open(path, "r+b") as f:
            f.truncate(blocks * 512)
        add(m, path, bootindex=i)
    add(m, media.installed_disk(bench.assets, path_of(bench)), bootindex=len(sizes))
    return attempts(reach_linux(bench, m, bad=None), len(sizes) + 1)


def test_fallback(bench):
    """boot-device begins with a path that is gone, an empty CD-ROM drive and a disk nobody can read; then the good one."""
    m = Machine()
    host = m.dev("virtio-scsi-pci", addr=2)
    m.dev("scsi-cd", host + ".0")
    bad = path_of(bench, "bad")
    media.put(bad, 8 * media.MIB, [])
    faulty(m, bench, bad, addr=3)
    add(m, media.installed_disk(bench.assets, path_of(bench)), addr=4)
    wanted = "/gone/disk@1 /pci@800000020000000/scsi@2/disk@100000000000000 disk disk1"
    text = reach_linux(bench, m, ["-prom-env", "boot-device=" + wanted], bad=None)
    return attempts(text, 4) + [word + " is not there" for word in ("E3405", "device failure") if word not in text]


def test_many(bench, count=64):
    """All disks have a bootindex, and only the last can boot."""
    m = Machine()
    nothing = path_of(bench, "nothing")
    media.put(nothing, media.MIB, [])
    bus = None
    for i in range(count - 1):
        if i % 31 == 0:
            bus = m.bridge(addr=1 + i // 31)
        m.args += ["-blockdev", "driver=raw,node-name=m%d,read-only=on,file.driver=file,file.locking=off,file.filename=%s" % (i, nothing)]
        m.dev("virtio-blk-pci", bus, 1 + i % 31, drive="m%d" % i, bootindex=i)
    add(m, media.installed_disk(bench.assets, path_of(bench)), bus=bus, addr=31, bootindex=count - 1)
    return attempts(reach_linux(bench, m, bad=None), count)


def test_resets(bench, times=20):
    """The machine is reset while GRUB runs, again and again, with a disk at each kind of controller looked at before."""
    m = Machine()
    for i, (driver, props) in enumerate((("scsi-hd", {}), ("scsi-hd", {"host": "spapr-vscsi"}), ("nvme", {"serial": "s1"}), ("ide-hd", {}))):
        path = path_of(bench, "n%d" % i)
        media.put(path, media.MIB, [])
        add(m, path, driver, bootindex=i, **props)
    add(m, media.installed_disk(bench.assets, path_of(bench)), bootindex=4)
    with bench.vm(["-m", "1G"] + m.args) as vm:
        for _ in range(times):
            vm.expect(r"grub-found-its-config", FIRMWARE_TIME)
            vm.cmd("system_reset")
        vm.expect(r"^=== init", LINUX_TIME)
        vm.wait_exit(END_TIME)
        return attempts(vm.text(), 5 * (times + 1))


def test_beyond(bench, words=None):
    """The file system lies beyond 2 TiB; GRUB reads it, or the firmware, by a file's name."""
    m = Machine()
    path = media.installed_disk(bench.assets, path_of(bench), "gpt", beyond=(2 << 40) + (300 << 30))
    add(m, path, bootindex=0)
    if not words:
        reach_linux(bench, m)
        return []
    m.args = [a.replace(",bootindex=0", "") for a in m.args]
    with bench.vm(["-m", "1G", "-prom-env", "boot-device=" + words, "-prom-env", "boot-file=console=hvc0 panic=-1"] + m.args) as vm:
        vm.expect(r"Successfully loaded", FIRMWARE_TIME, bad=BAD)
        vm.expect(r"Linux version [^\n]*", LINUX_TIME)
        vm.expect(r"Kernel panic - not syncing: VFS", LINUX_TIME)
    return []


CONTROLLERS = {"virtio-scsi": ("scsi-hd", {}), "nvme": ("nvme", {"serial": "s1"}), "ahci": ("ide-hd", {})}
PLACES = {"bridge": behind_bridge, "port": behind_port, "switch": behind_switch, "second-host": second_host}


def place_rows():
    """Each controller in each place; virtio-blk and the root bus have rows of their own."""
    return [media_row("%s-%s" % (controller, place), "long", test_disk, driver, place=function, label="gpt", padding=LONG_INITRD,
                      **props)
            for controller, (driver, props) in CONTROLLERS.items() for place, function in PLACES.items()]


def tests():
    return [
        media_row("mbr", "fast", test_disk),
        media_row("mbr-inactive", "long", test_disk, active=False, prep=2),
        media_row("gpt-1", "fast", test_disk, label="gpt"),
        media_row("gpt-3", "fast", test_disk, label="gpt", prep=3),
        media_row("gpt-1-by-number", "fast", test_disk, label="gpt", args=":1"),
        media_row("gpt-3-by-number", "long", test_disk, label="gpt", prep=3, args=":3"),
        media_row("mbr-2-by-number", "long", test_disk, prep=2, args=":2"),
        media_row("gpt-4096", "fast", test_disk, label="gpt", block=4096),
        media_row("mbr-4096", "long", test_disk, block=4096),
        media_row("reboot-entry-virtio-scsi", "long", test_reboot_entry, "scsi-hd"),
        media_row("reboot-entry-nvme", "long", test_reboot_entry, "nvme", serial="s1"),
        media_row("bridge", "long", test_disk, place=behind_bridge, label="gpt", padding=LONG_INITRD),
        media_row("port", "long", test_disk, place=behind_port, label="gpt", padding=LONG_INITRD),
        media_row("switch", "long", test_disk, place=behind_switch, label="gpt", padding=LONG_INITRD, prep=3),
        media_row("second-host", "long", test_disk, place=second_host, label="gpt", padding=LONG_INITRD),
        media_row("virtio-scsi", "long", test_disk, "scsi-hd", label="gpt", padding=LONG_INITRD),
        media_row("vscsi", "long", test_disk, "scsi-hd", label="gpt", padding=LONG_INITRD, host="spapr-vscsi"),
        media_row("nvme", "long", test_disk, "nvme", label="gpt", padding=LONG_INITRD, serial="s1"),
        media_row("nvme-port-4096", "long", test_disk, "nvme", place=behind_port, label="gpt", block=4096, serial="s1"),
        media_row("ahci", "long", test_disk, "ide-hd", label="gpt", padding=LONG_INITRD),
        media_row("disc-ahci", "long", test_disc, "ide-cd"),
        media_row("initrd-25M", "long", test_disk, label="gpt", padding=LONG_INITRD),
        media_row("disc-virtio-blk", "fast", test_disc, "virtio-blk-pci"),
        media_row("disc-virtio-scsi", "fast", test_disc),
        media_row("disc-vscsi", "long", test_disc, host="spapr-vscsi"),
        media_row("disc-full-path", "long", test_disc, "virtio-blk-pci", "boot &device;:&partition;,\\boot\\grub\\powerpc.elf"),
        media_row("named-ext4", "fast", test_named_file, "disk:2,\\boot\\vmlinux"),
        media_row("named-iso", "long", test_named_file, "disk:,\\boot\\vmlinux", disc=True),
        media_row("gzip", "fast", test_packed),
        media_row("gzip-damaged", "long", test_packed, damage=1),
        media_row("dir", "fast", test_dir),
        media_row("hostile", "fast", test_hostile),
        media_row("unreadable", "fast", test_unreadable),
        media_row("no-medium", "fast", test_no_medium),
        media_row("faulty-stages", "fast", test_faulty_stages),
        media_row("tiny", "fast", test_tiny),
        media_row("fallback", "fast", test_fallback),
        media_row("64-disks", "long", test_many),
        media_row("resets", "long", test_resets),
        media_row("beyond-2t", "long", test_beyond),
        media_row("beyond-2t-named", "long", test_beyond, "disk:2,\\boot\\vmlinux"),
        media_row("initrd-70M", "long", test_disk, label="gpt", padding=70 * media.MIB),
    ] + place_rows()
