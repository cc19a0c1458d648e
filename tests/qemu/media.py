# SPDX-License-Identifier: BSD-2-Clause
"""
Disks and discs to boot from, as installers leave them: GRUB, a kernel and our initial RAM disk, made with the real tools.

GRUB's core image looks for the file /espalier-media on all disks, and goes on with grub/grub.cfg beside it, so that it has
to find its way by itself.  Partition tables are written here (MBR, GPT of any sector size); file systems by mkfs.ext4 and
xorriso.
"""
import os
import shutil
import struct
import zlib

from assets import AssetError, read, run, write

MIB = 1 << 20
PREP = bytes.fromhex("382d1a9e12c61643aa268b49521e5a8b")
LINUX = bytes.fromhex("af3dc60f838472478e793d69d8477de4")
MODULES = ("normal ls echo boot linux ofnet net search search_fs_file configfile part_msdos part_gpt ext2 iso9660 fat loadenv test "
           "true halt reboot gzio regexp suspend").split()
EARLY = "search --file --set=root /espalier-media\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n"
CONFIG = """set timeout=0
load_env
if [ "$tried" = "once" ]; then echo tried-once-already; fi
set tried=once
save_env tried
echo grub-found-its-config on $root
linux /boot/vmlinux console=hvc0 panic=-1 test.dump=no %s
initrd /boot/initrd
boot
"""
# As grub-mkconfig writes it: an entry chosen once by grub-reboot is forgotten before it is booted.
DEBIAN_CONFIG = """load_env
if [ "${next_entry}" ]; then set default="${next_entry}"; set next_entry=; save_env next_entry; set boot_once=true
else set default="usual"; fi
set timeout=0
echo grub-found-its-config on $root
menuentry Usual --id usual { linux /boot/vmlinux console=hvc0 panic=-1 test.dump=no test.entry=usual
  initrd /boot/initrd
}
menuentry Other --id other { linux /boot/vmlinux console=hvc0 panic=-1 test.dump=no test.entry=other
  initrd /boot/initrd
}
"""
ENV_BLOCK = b"# GRUB Environment Block\n"
os.environ["PATH"] += ":/usr/sbin:/sbin"


def tool(name):
    if not shutil.which(name):
        raise AssetError("no %s; tools/install-deps.sh check installs it" % name)
    return name


def grub_core(assets):
    """GRUB that finds its configuration by searching all disks."""
    def make(part):
        modules = os.path.join(assets.package("bookworm", "ppc64el", "grub-ieee1275-bin"), "usr/lib/grub/powerpc-ieee1275")
        write(part + ".cfg", EARLY.encode())
        run([tool("grub-mkimage"), "-O", "powerpc-ieee1275", "-d", modules, "-p", "/boot/grub", "-c", part + ".cfg",
             "-o", part] + MODULES, 60)
        os.unlink(part + ".cfg")
    return assets._made("grub-search.elf", make)


def tree(assets, folder, words="", padding=0, config=None, env=b""):
    """/boot with kernel, initrd, grub.cfg, grubenv; padding: bytes of noise appended to the initrd, which Linux ignores."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "boot/grub"))
    write(os.path.join(folder, "espalier-media"), b"")
    write(os.path.join(folder, "boot/grub/grub.cfg"), (config or CONFIG % words).encode())
    write(os.path.join(folder, "boot/grub/grubenv"), (ENV_BLOCK + env).ljust(1024, b"#"))
    shutil.copy(assets.installer(12)[0], os.path.join(folder, "boot/vmlinux"))
    write(os.path.join(folder, "boot/initrd"), read(assets.initrd()) + bytes(512) + os.urandom(padding) * (padding > 0))
    return folder


def ext4(assets, path, padding=0, **words):
    folder = tree(assets, path + ".tree", padding=padding, **words)
    size = 96 * MIB + padding
    with open(path, "wb") as f:
        f.truncate(size)
    run([tool("mkfs.ext4"), "-q", "-F", "-d", folder, path], 300)
    shutil.rmtree(folder)


def mbr_entry(status, kind, first, count):
    return struct.pack("<B3sB3sII", status, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", first, count)


def mbr(entries):
    return bytes(446) + b"".join(entries) + bytes(64 - 16 * len(entries)) + b"\x55\xaa"


def gpt(size, block, parts):
    """(offset, bytes) pieces of a GPT: parts is {number: (type, first block, blocks)}."""
    last = size // block - 1
    table = bytearray(128 * 128)
    for number, (kind, first, count) in parts.items():
        table[(number - 1) * 128:number * 128] = struct.pack("<16s16sQQQ72s", kind, bytes([number] * 16), first,
                                                             first + count - 1, 0, b"")
    blocks = -(-len(table) // block)

    def header(me, other, at):
        fields = [b"EFI PART", 0x10000, 92, 0, 0, me, other, 2 + blocks, last - blocks - 1, b"espalier-media-x", at, 128, 128,
                  zlib.crc32(table)]
        fields[3] = zlib.crc32(struct.pack("<8sIIIIQQQQ16sQIII", *fields))
        return struct.pack("<8sIIIIQQQQ16sQIII", *fields)
    return [(0, mbr([mbr_entry(0, 0xee, 1, min(last, 0xffffffff))])), (block, header(1, last, 2)), (2 * block, bytes(table)),
            ((last - blocks) * block, bytes(table)), (last * block, header(last, 1, last - blocks))]


def put(path, size, pieces):
    with open(path, "wb") as f:
        f.truncate(size)
        for at, data in pieces:
            f.seek(at)
            f.write(data)


def installed_disk(assets, path, label="mbr", block=512, prep=1, active=True, padding=0, beyond=0, **words):
    """PReP as entry `prep`, ext4 as the next one, which begins at `beyond` if that is given."""
    core = read(grub_core(assets))
    part = path + ".ext4"
    ext4(assets, part, padding, **words)
    root = read(part)
    os.unlink(part)
    prep_at, root_at = 4 * MIB, beyond or 16 * MIB
    size = root_at + len(root) + 4 * MIB
    pieces = [(prep_at, core), (root_at, root)]
    if label == "mbr":
        entries = [bytes(16)] * 4
        entries[prep - 1] = mbr_entry(0x80 if active else 0, 0x41, prep_at // block, 8 * MIB // block)
        entries[prep] = mbr_entry(0, 0x83, root_at // block, len(root) // block)
        pieces.append((0, mbr(entries)))
    else:
        pieces += gpt(size, block, {prep: (PREP, prep_at // block, 8 * MIB // block),
                                    prep + 1: (LINUX, root_at // block, len(root) // block)})
    put(path, size, pieces)
    return path


def disc(assets, path, script=None):
    """An ISO 9660 disc that boots by \\ppc\\bootinfo.txt, as Debian's installer does."""
    folder = tree(assets, path + ".tree")
    os.makedirs(os.path.join(folder, "ppc"))
    script = script or "boot &device;:1,\\boot\\grub\\powerpc.elf"
    write(os.path.join(folder, "ppc/bootinfo.txt"), ("<chrp-boot>\n<description>Espalier's test disc</description>\n"
          "<os-name>test</os-name>\n<boot-script>%s</boot-script>\n</chrp-boot>\n" % script).encode())
    shutil.copy(grub_core(assets), os.path.join(folder, "boot/grub/powerpc.elf"))
    run([tool("xorriso"), "-as", "mkisofs", "-quiet", "-R", "-J", "-o", path, folder], 300)
    shutil.rmtree(folder)
    return path
