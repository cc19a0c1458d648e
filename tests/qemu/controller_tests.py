# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of disks behind NVMe and SATA controllers, by the client disk, as disk_tests.py does it for virtio; and of the client
that shows what QEMU can.
"""
from bench import FIRMWARE_TIME
from disk_tests import (MIB, SIZE, behind_bridge, behind_port, behind_switch, blockdev, disk_row, image, missing, on_root,
                        run_client, sums, test_beyond, test_faulty, test_read, test_write)
from topologies import Machine


def parts(data):
    return sums([(0, data), (0, data[:512]), (SIZE - 4096, data[-4096:]), (12345, data[12345:112345])])


def test_namespaces(bench):
    """Three namespaces of one controller; the node itself is the first, and so is QEMU's path without an id."""
    m = Machine()
    images = [image(bench, "n%d" % i, 2 * MIB, seed=i) for i in range(3)]
    bus = m.dev("nvme", addr=3, serial="three")
    for i, (img, _) in enumerate(images):
        m.dev("nvme-ns", bus, drive=blockdev(m, img, "ns%d" % i), nsid=(1, 5, 32)[i],
              logical_block_size=(512, 4096, 512)[i], physical_block_size=4096)
    words, wanted = [], []
    for path, i in (("disk", 0), ("disk/namespace", 0), ("disk/namespace@1", 0), ("disk/namespace@5", 1), ("disk2", 2)):
        one, lines = sums([(0, images[i][1])])
        words += ["open=" + path] + one + ["close"]
        wanted += lines
    return missing(run_client(bench, m, words), wanted)


def ahci(m, place):
    return m.dev("ich9-ahci", place(m), 3 if place in (on_root, behind_bridge) else None)


def test_sata_disk(bench, place, **props):
    m = Machine()
    img, data = image(bench)
    m.dev("ide-hd", ahci(m, place) + ".2", drive=blockdev(m, img), **props)
    words, wanted = parts(data)
    return missing(run_client(bench, m, ["open=disk", "info"] + words), ["open disk: yes"] + wanted)


def test_sata_both(bench):
    """Two disks and a CD-ROM on one controller, by path and by alias."""
    m = Machine()
    hba = ahci(m, on_root)
    images = [image(bench, "p%d" % i, 4 * MIB, seed=i) for i in range(3)]
    for i, (driver, port) in enumerate((("ide-hd", 0), ("ide-cd", 3), ("ide-hd", 5))):
        m.dev(driver, "%s.%d" % (hba, port), drive=blockdev(m, images[i][0], "p%d" % i, **{"read-only": "on"}
                                                              if driver == "ide-cd" else {}))
    words, wanted = [], []
    for path, i in (("/pci@800000020000000/sata@3/drive@0", 0), ("cdrom", 1), ("disk1", 2)):
        one, lines = sums([(0, images[i][1])])
        words += ["open=" + path] + one + ["close"]
        wanted += lines
    return missing(run_client(bench, m, words), wanted)


LIMITS = {"virtio-blk": ("virtio-blk-pci", None), "nvme": ("nvme", None), "virtio-scsi": ("virtio-scsi-pci", "scsi-hd"),
          "spapr-vscsi": ("spapr-vscsi", "scsi-hd"), "ahci": ("ich9-ahci", "ide-hd")}


def test_limit(bench):
    """The client limit, which the bench holds our disks against, reads from each controller without the firmware."""
    img, _ = image(bench)
    for name, (driver, disk) in LIMITS.items():
        m = Machine()
        drive = blockdev(m, img)
        if disk:
            m.dev(disk, m.dev(driver) + ".0", drive=drive)
        else:
            m.dev(driver, drive=drive, **{"serial": "1"} if name == "nvme" else {})
        args = m.args + ["-kernel", bench.client("limit", 64), "-append", "%s 8 16" % name]
        with bench.vm(args, preload=m.express) as vm:
            vm.expect(r"^limit ends: 800000 bytes", FIRMWARE_TIME, bad=r"^limit(:| failed)[^\n]*")
    return []


def test_empty_cdrom(bench):
    """A drive without a medium does not open; the disk beside it does."""
    m = Machine()
    hba = ahci(m, on_root)
    img, data = image(bench, size=2 * MIB)
    m.dev("ide-cd", hba + ".0")
    m.dev("ide-hd", hba + ".1", drive=blockdev(m, img))
    words, wanted = sums([(0, data)])
    text = run_client(bench, m, ["open=cdrom", "open=disk"] + words)
    return missing(text, ["open cdrom: no"] + wanted)


def nvme_tests():
    def read(name, speed, place, **props):
        return disk_row("disk-nvme-" + name, speed, test_read, "nvme", place, serial="one", **props)

    return [
        read("root", "fast", on_root),
        read("bridge", "long", behind_bridge),
        read("port", "fast", behind_port),
        read("switch", "long", behind_switch),
        read("4096", "fast", on_root, block=4096),
        read("small-requests", "long", on_root, mdts=1),
        disk_row("disk-nvme-namespaces", "fast", test_namespaces),
        disk_row("disk-nvme-write", "fast", test_write, "nvme", on_root, serial="one"),
        disk_row("disk-nvme-3t", "long", test_beyond, "nvme", 3 << 40, serial="one"),
    ]


def ahci_tests():
    return [
        disk_row("disk-ahci-root", "fast", test_sata_disk, on_root),
        disk_row("disk-ahci-bridge", "long", test_sata_disk, behind_bridge),
        disk_row("disk-ahci-port", "long", test_sata_disk, behind_port),
        disk_row("disk-ahci-both", "fast", test_sata_both),
        disk_row("disk-ahci-faulty", "long", test_faulty, "ide-hd", host="ich9-ahci"),
        disk_row("disk-ahci-no-medium", "fast", test_empty_cdrom),
    ]


def tests():
    return nvme_tests() + ahci_tests() + [disk_row("disk-limit", "fast", test_limit)]
