# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of disks and CD-ROMs behind SCSI hosts, virtio-scsi and spapr-vscsi, by the client disk, as disk_tests.py does it for
virtio-blk: units anywhere are found by the paths of QEMU's boot list, and read and written as they are.
"""
import os
import struct

from disk_tests import MIB, behind_bridge, behind_port, behind_switch, blockdev, disk_row, image, missing, noise, on_root, \
    run_client, second_host, sums, test_faulty, written_pattern
from media_tests import media_row, test_disk
from topologies import Machine

VSCSI = "/vdevice/v-scsi"
VIRTIO = "/pci@800000020000000/scsi@3"


def virtio_unit(target, lun):
    return "%X" % ((0x01000000 | target << 16 | lun | (0x4000 if lun >= 256 else 0)) << 32)


def vscsi_unit(target, lun, channel=0):
    return "%X" % ((0x8000 | target << 8 | channel << 5 | lun) << 48)


def add_units(bench, m, bus, units):
    """Disks and CD-ROMs of 4 MiB at a host; their contents."""
    contents = []
    for i, (target, lun, channel, kind) in enumerate(units):
        img, data = image(bench, "u%d" % i, 4 * MIB, seed=i)
        props = {"scsi-id": target, "lun": lun, "drive": blockdev(m, img, "u%d" % i, **{"read-only": "on"} if kind == "scsi-cd" else {})}
        if channel:
            props["channel"] = channel
        m.dev(kind, bus + ".0", **props)
        contents.append(data)
    return contents


def check_units(bench, m, paths, contents):
    """Each unit's sum, a few units a run: a client has room for few arguments."""
    bad = []
    for first in range(0, len(paths), 2):
        words, wanted = [], []
        for path, data in list(zip(paths, contents))[first:first + 2]:
            one, lines = sums([(0, data)])
            words += ["open=" + path] + one + ["close"]
            wanted += ["open %s: yes" % path] + lines
        bad += missing(run_client(bench, m, words), wanted)
    return bad


def test_virtio(bench, place=on_root, path=VIRTIO, **props):
    """Targets and LUNs up to the last, disks and CD-ROMs."""
    units = [(0, 0, 0, "scsi-hd"), (3, 300, 0, "scsi-hd"), (3, 5, 0, "scsi-cd"), (255, 16383, 0, "scsi-hd")]
    m = Machine()
    bus = place(m)
    host = m.dev("virtio-scsi-pci", bus, None if place in (behind_port, behind_switch) else 3, **props)
    contents = add_units(bench, m, host, units)
    return check_units(bench, m, ["%s/disk@%s" % (path, virtio_unit(u[0], u[1])) for u in units], contents)


def test_alias(bench, host="virtio-scsi-pci"):
    """Who looks at the aliases finds disks and CD-ROMs there, but no empty drive opens."""
    m = Machine()
    bus = m.dev(host, None, None if host == "spapr-vscsi" else 3)
    contents = add_units(bench, m, bus, [(1, 0, 0, "scsi-hd"), (2, 0, 0, "scsi-cd")])
    m.dev("scsi-cd", bus + ".0", **{"scsi-id": 4})
    empty = "%s/disk@%s" % ((VSCSI, vscsi_unit(4, 0)) if host == "spapr-vscsi" else (VIRTIO, virtio_unit(4, 0)))
    words, wanted = sums([(0, contents[0])])
    text = run_client(bench, m, ["open=" + empty, "open=disk"] + words)
    return missing(text, ["open %s: no" % empty, "open disk: yes"] + wanted)


def test_vscsi(bench):
    """The corners of channels, ids and LUNs."""
    units = [(0, 0, 0, "scsi-cd"), (2, 1, 0, "scsi-hd"), (63, 31, 7, "scsi-hd"), (63, 0, 7, "scsi-hd"), (0, 31, 0, "scsi-hd")]
    m = Machine()
    contents = add_units(bench, m, m.dev("spapr-vscsi"), units)
    return check_units(bench, m, ["%s/disk@%s" % (VSCSI, vscsi_unit(*u[:3])) for u in units], contents)


def test_write(bench, host, path):
    """What is written is in the image when the machine is off, and nothing else changed."""
    m = Machine()
    img, data = image(bench)
    at, size = 8 * MIB + 512, 5 * MIB + 1024
    m.dev("scsi-hd", m.dev(host, None, None if host == "spapr-vscsi" else 3) + ".0", drive=blockdev(m, img), **{"scsi-id": 1})
    want = bytearray(data)
    want[at:at + size] = written_pattern(at, size)
    words, wanted = sums([(0, bytes(want))])
    text = run_client(bench, m, ["open=" + path, "write=%x,%x" % (at, size)] + words + ["close"])
    with open(img, "rb") as f:
        same = f.read() == bytes(want)
    return missing(text, ["write %x,%x: done" % (at, size)] + wanted) + ([] if same else ["the image is something else"])


def test_beyond(bench, host, path, size):
    """A sparse disk beyond 2 TiB is read on both sides of the limit and at its end."""
    m = Machine()
    at = (2 << 40) - 8 * MIB
    img, data = image(bench, size=size, at=at)
    m.dev("scsi-hd", m.dev(host, None, None if host == "spapr-vscsi" else 3) + ".0", drive=blockdev(m, img), **{"scsi-id": 1})
    words, wanted = sums([(at, data), (size - 65536, bytes(65536))])
    return missing(run_client(bench, m, ["open=" + path] + words), wanted)


CLUSTER = 2 * MIB


def sparse_qcow2(path, size, at, data):
    """An image of any size, which no file system here could hold as it is: some clusters of data, the others not there."""
    per_table = CLUSTER // 8
    tables = -(-size // (CLUSTER * per_table))
    first = at // CLUSTER
    assert at % CLUSTER == 0 and len(data) % CLUSTER == 0 and first // per_table == (first + len(data) // CLUSTER - 1) // per_table
    copied = 1 << 63
    l1, l2 = [0] * tables, [0] * per_table
    l1[first // per_table] = 3 * CLUSTER | copied
    for i in range(len(data) // CLUSTER):
        l2[first % per_table + i] = (4 + i) * CLUSTER | copied
    header = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 2, 0, 0, CLUSTER.bit_length() - 1, size, 0, tables, CLUSTER, 2 * CLUSTER,
                         1, 0, 0)
    with open(path, "wb") as f:
        for number, content in enumerate((header, struct.pack(">%dQ" % tables, *l1), b"", struct.pack(">%dQ" % per_table, *l2), data)):
            f.seek(number * CLUSTER)
            f.write(content)
        f.truncate(4 * CLUSTER + len(data))


def test_far(bench, host, path, size):
    """A disk beyond 16 TiB is read beyond that limit and at its end."""
    m = Machine()
    at, data = (16 << 40) + 4 * MIB, noise(7, 4 * MIB)
    name = os.path.join(bench.logs, bench.name + ".far.img")
    sparse_qcow2(name, size, at, data)
    m.args += ["-blockdev", "driver=qcow2,node-name=far,read-only=on,file.driver=file,file.filename=" + name]
    m.dev("scsi-hd", m.dev(host, None, None if host == "spapr-vscsi" else 3) + ".0", drive="far", **{"scsi-id": 1})
    words, wanted = sums([(at, data), (0, bytes(65536)), (size - 65536, bytes(65536))])
    return missing(run_client(bench, m, ["open=" + path] + words), wanted)


def tests():
    one_virtio, one_vscsi = "%s/disk@%s" % (VIRTIO, virtio_unit(1, 0)), "%s/disk@%s" % (VSCSI, vscsi_unit(1, 0))
    platform = {"disable-legacy": "on", "iommu_platform": "on"}
    return [
        disk_row("disk-virtio-scsi-units", "fast", test_virtio),
        disk_row("disk-virtio-scsi-legacy", "long", test_virtio, **{"disable-modern": "on"}),
        disk_row("disk-virtio-scsi-platform", "fast", test_virtio, **platform),
        disk_row("disk-virtio-scsi-bridge", "long", test_virtio, behind_bridge, "/pci@800000020000000/pci@5/scsi@3"),
        disk_row("disk-virtio-scsi-port", "fast", test_virtio, behind_port, "/pci@800000020000000/pci@6/scsi@0"),
        disk_row("disk-virtio-scsi-switch", "long", test_virtio, behind_switch,
                 "/pci@800000020000000/pci@6/pci@0/pci@1/scsi@0"),
        disk_row("disk-virtio-scsi-second-host", "long", test_virtio, second_host, "/pci@800000020000001/scsi@3"),
        disk_row("disk-virtio-scsi-write", "fast", test_write, "virtio-scsi-pci", one_virtio),
        disk_row("disk-virtio-scsi-3t", "fast", test_beyond, "virtio-scsi-pci", one_virtio, 3 << 40),
        disk_row("disk-virtio-scsi-20t", "fast", test_far, "virtio-scsi-pci", one_virtio, 20 << 40),
        disk_row("disk-virtio-scsi-faulty", "long", test_faulty, "scsi-hd", host="virtio-scsi-pci"),
        disk_row("disk-virtio-scsi-empty", "fast", test_alias),
        disk_row("disk-vscsi-units", "fast", test_vscsi),
        disk_row("disk-vscsi-write", "fast", test_write, "spapr-vscsi", one_vscsi),
        disk_row("disk-vscsi-3t", "long", test_beyond, "spapr-vscsi", one_vscsi, 3 << 40),
        disk_row("disk-vscsi-20t", "long", test_far, "spapr-vscsi", one_vscsi, 20 << 40),
        disk_row("disk-vscsi-faulty", "long", test_faulty, "scsi-hd", host="spapr-vscsi"),
        disk_row("disk-vscsi-empty", "fast", test_alias, "spapr-vscsi"),
        media_row("scsi-virtio-gpt", "fast", test_disk, "scsi-hd", label="gpt"),
        media_row("scsi-vscsi-gpt", "fast", test_disk, "scsi-hd", label="gpt", host="spapr-vscsi"),
        media_row("scsi-vscsi-mbr-lun", "long", test_disk, "scsi-hd", host="spapr-vscsi", lun=3, **{"scsi-id": 9, "channel": 2}),
    ]
