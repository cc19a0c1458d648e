# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of disks: what the client disk reads is what is in the image, and what it writes is found there.  One function a row;
the arguments of most rows are a place for the controller and its properties.
"""
import glob
import os
import random
import zlib

from bench import END_TIME, FIRMWARE_TIME, Skip, row
from topologies import FIRST, Machine, host_bridge

MIB = 1 << 20
SIZE = 24 * MIB
TAIL = 64 * 1024


# -- images ------------------------------------------------------------------------------------------------------------

def noise(seed, size):
    return random.Random(seed).randbytes(size)


def image(bench, name="disk", size=SIZE, at=0, seed=1):
    """A sparse file of that size, with noise from `at` on (at most SIZE bytes of it); its path and the noise."""
    path = os.path.join(bench.logs, "%s.%s.img" % (bench.name, name))
    data = noise(seed, min(SIZE, size - at))
    with open(path, "wb") as f:
        try:
            f.truncate(size)
        except OSError as err:
            raise Skip("no sparse file of %d bytes here: %s" % (size, err)) from err
        f.seek(at)
        f.write(data)
    return path, data


def tidy(bench, function, *args, **options):
    """Runs a test; the images of one that went well go."""
    bad = function(bench, *args, **options)
    for path in [] if bad else glob.glob(os.path.join(bench.logs, bench.name + ".*.img")):
        os.unlink(path)
    return bad


def disk_row(name, speed, function, *args, **options):
    return row(name, speed, tidy, function, *args, **options)


def written_pattern(offset, size):
    """What the client disk writes there."""
    return bytes((i * 7 + (i >> 9)) & 0xff for i in range(offset, offset + size))


def blockdev(m, path, node="disk", **props):
    """A node for an image."""
    words = ["driver=raw", "node-name=" + node, "file.driver=file", "file.filename=" + path]
    m.args += ["-blockdev", ",".join(words + ["%s=%s" % pair for pair in props.items()])]
    return node


# -- places for a controller -------------------------------------------------------------------------------------------

def on_root(m):
    return FIRST


def behind_bridge(m):
    return m.bridge(addr=5)


def behind_two_bridges(m):
    return m.bridge(bus=m.bridge(addr=5), addr=9)


def behind_port(m):
    return m.bridge("pcie-root-port", addr=6)


def behind_switch(m):
    return m.switch(m.bridge("pcie-root-port", addr=6), 2)[1]


def second_host(m):
    return host_bridge(m, 1)


# -- looking -----------------------------------------------------------------------------------------------------------

def run_client(bench, m, words):
    """Runs the client disk to its end; its text."""
    args = m.args + ["-kernel", bench.client("disk", 64), "-append", " ".join(words)]
    with bench.vm(args, preload=m.express) as vm:
        vm.expect(r"^disk done", FIRMWARE_TIME)
        vm.wait_exit(END_TIME)
        return vm.text()


def sums(parts):
    """Words that ask for the sums of (offset, bytes), and the lines expected."""
    return (["sum=%x,%x" % (at, len(data)) for at, data in parts],
            ["sum %x,%x is %08x" % (at, len(data), zlib.crc32(data)) for at, data in parts])


def missing(text, wanted):
    return ["no '%s'" % w for w in wanted if w not in text]


def test_read(bench, driver, place, block=512, path="disk", **props):
    """All of it, the ends, and pieces that respect no block."""
    m = Machine()
    img, data = image(bench)
    m.dev(driver, place(m), 3 if place in (on_root, behind_bridge, second_host) else None, drive=blockdev(m, img),
          logical_block_size=block, physical_block_size=max(block, 512), **props)
    words, wanted = sums([(0, data), (0, data[:512]), (SIZE - 4096, data[-4096:]), (12345, data[12345:112345])])
    text = run_client(bench, m, ["open=" + path, "info"] + words)
    return missing(text, ["open %s: yes" % path, "blocks of %x, %x of them" % (block, SIZE // block)] + wanted)


def test_write(bench, driver, place, path="disk", **props):
    """What is written is in the image when the machine is off, and nothing else changed."""
    m = Machine()
    img, data = image(bench)
    at, size = 8 * MIB + 512, 5 * MIB + 1024
    m.dev(driver, place(m), drive=blockdev(m, img), **props)
    want = bytearray(data)
    want[at:at + size] = written_pattern(at, size)
    words, wanted = sums([(at, bytes(want[at:at + size])), (0, bytes(want))])
    text = run_client(bench, m, ["open=" + path, "write=%x,%x" % (at, size)] + words + ["close"])
    with open(img, "rb") as f:
        same = f.read() == bytes(want)
    return missing(text, ["write %x,%x: done" % (at, size)] + wanted) + ([] if same else ["the image is something else"])


def test_read_only(bench, driver, path="disk"):
    """A write is refused, in words, and reads go on."""
    m = Machine()
    img, data = image(bench)
    m.dev(driver, drive=blockdev(m, img, **{"read-only": "on"}))
    words, wanted = sums([(0, data[:MIB])])
    text = run_client(bench, m, ["open=" + path, "write=10000,2000"] + words)
    return missing(text, ["write 10000,2000: failed", "not allowed"] + wanted)


def test_beyond(bench, driver, size, path="disk", **props):
    """A sparse disk beyond 2 TiB is read on both sides of the limit and at its end."""
    m = Machine()
    at = (2 << 40) - 8 * MIB
    img, data = image(bench, size=size, at=at)
    m.dev(driver, drive=blockdev(m, img), **props)
    words, wanted = sums([(at, data), (0, bytes(MIB)), (size - TAIL, bytes(TAIL))])
    text = run_client(bench, m, ["open=" + path] + words)
    return missing(text, wanted)


def test_many(bench, driver, count):
    """Every one of many disks has an alias and is the right one."""
    m = Machine()
    images = [image(bench, "d%d" % i, MIB, seed=i) for i in range(count)]
    bus = None
    for i, (img, _) in enumerate(images):
        if i % 31 == 0:
            bus = m.bridge(addr=1 + i // 31)
        m.dev(driver, bus, 1 + i % 31, drive=blockdev(m, img, "disk%d" % i))
    bad, per_run = [], 4
    for first in (0, 28, count - per_run):
        words, wanted = [], []
        for i in range(first, first + per_run):
            one, lines = sums([(0, images[i][1])])
            words += ["open=disk%s" % (i or "")] + one + ["close"]
            wanted += lines
        bad += missing(run_client(bench, m, words), wanted)
    return bad


def test_faulty(bench, driver, path="disk", host=None):
    """A block that cannot be read is a failed read, however large, and one of that block only."""
    m = Machine()
    img, data = image(bench)
    rules = os.path.join(bench.logs, bench.name + ".rules")
    with open(rules, "w", encoding="utf-8") as f:
        f.write('[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "8192"\n')
    m.args += ["-drive", "if=none,id=disk,format=raw,file=blkdebug:%s:%s" % (rules, img)]
    m.dev(driver, m.dev(host, None, None if host == "spapr-vscsi" else 3) + ".0" if host else None, drive="disk", **{"rerror": "report"})
    words, wanted = sums([(0, data[:4 * MIB]), (5 * MIB, data[5 * MIB:])])
    bad = ["%x,200" % (4 * MIB), "%x,%x" % (MIB, 7 * MIB)]
    text = run_client(bench, m, ["open=" + path, words[0], "sum=" + bad[0], "sum=" + bad[1], words[0], words[1]])
    return missing(text, wanted + ["sum %s: read gave" % r for r in bad])


def virtio_blk_tests():
    def read(name, speed, place, **props):
        return disk_row("disk-virtio-blk-" + name, speed, test_read, "virtio-blk-pci", place, **props)

    modern = {"disable-legacy": "on"}
    platform = {"disable-legacy": "on", "iommu_platform": "on"}
    return [
        read("root", "fast", on_root),
        read("bridge", "fast", behind_bridge),
        read("bridges", "long", behind_two_bridges),
        read("port", "fast", behind_port),
        read("switch", "fast", behind_switch),
        read("second-host", "long", second_host),
        read("modern", "long", on_root, **modern),
        read("legacy", "fast", on_root, **{"disable-modern": "on"}),
        read("legacy-bridge", "long", behind_bridge, **{"disable-modern": "on"}),
        read("platform", "fast", on_root, **platform),
        read("platform-port", "fast", behind_port, iommu_platform="on"),
        read("platform-bridge", "long", behind_bridge, **platform),
        read("4096", "fast", on_root, block=4096),
        read("4096-legacy", "long", on_root, block=4096, **{"disable-modern": "on"}),
        read("queue-4", "fast", on_root, **{"queue-size": 4}),
        read("queue-4-direct", "long", on_root, indirect_desc="off", **{"queue-size": 4}),
        read("queue-8-legacy", "long", on_root, **{"queue-size": 8, "disable-modern": "on"}),
        read("queue-1024", "long", on_root, **{"queue-size": 1024}),
        read("queue-1024-legacy", "long", on_root, **{"queue-size": 1024, "disable-modern": "on"}),
        read("packed-offered", "long", on_root, packed="on"),
        disk_row("disk-virtio-blk-write", "fast", test_write, "virtio-blk-pci", on_root),
        disk_row("disk-virtio-blk-write-platform", "long", test_write, "virtio-blk-pci", behind_port, iommu_platform="on"),
        disk_row("disk-virtio-blk-write-legacy", "long", test_write, "virtio-blk-pci", on_root, **{"disable-modern": "on"}),
        disk_row("disk-virtio-blk-read-only", "fast", test_read_only, "virtio-blk-pci"),
        disk_row("disk-virtio-blk-3t", "fast", test_beyond, "virtio-blk-pci", 3 << 40),
        disk_row("disk-virtio-blk-15t-4096", "long", test_beyond, "virtio-blk-pci", 15 << 40, logical_block_size=4096,
            physical_block_size=4096),
        disk_row("disk-virtio-blk-64", "long", test_many, "virtio-blk-pci", 64),
        disk_row("disk-virtio-blk-256", "long", test_many, "virtio-blk-pci", 256),
        disk_row("disk-virtio-blk-faulty", "fast", test_faulty, "virtio-blk-pci"),
    ]


def tests():
    return virtio_blk_tests()
