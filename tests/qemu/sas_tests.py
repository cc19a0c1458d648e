# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of disks and CD-ROMs behind SAS controllers, by the client disk and by GRUB, as scsi_tests.py does it for virtio-scsi:
units are found by the paths of QEMU's boot list, channel@0/disk@<target>,<lun> below the controller.
"""
from bench import END_TIME, NO_BOOT, wait_our_ready
from disk_tests import behind_bridge, behind_port, behind_switch, blockdev, disk_row, image, missing, on_root, run_client, \
    second_host, sums, test_faulty
from media_tests import media_row, test_disk
from scsi_tests import add_units, check_units, test_beyond, test_write
from topologies import Machine

ROOT = "/pci@800000020000000"
RAID = ROOT + "/raid@3"
SCSI = ROOT + "/scsi@3"


def unit(path, target, lun):
    return "%s/channel@0/disk@%X,%X" % (path, target, lun)


def test_units(bench, driver, units, place=on_root, path=RAID, **props):
    """Targets and LUNs up to the last, disks and CD-ROMs."""
    m = Machine()
    bus = place(m)
    host = m.dev(driver, bus, None if place in (behind_port, behind_switch) else 3, **props)
    contents = add_units(bench, m, host, units)
    return check_units(bench, m, [unit(path, u[0], u[1]) for u in units], contents)


def test_alias(bench, driver, path):
    """Who looks at the aliases finds disks and CD-ROMs there, but no empty drive opens."""
    m = Machine()
    bus = m.dev(driver, None, 3)
    contents = add_units(bench, m, bus, [(1, 0, 0, "scsi-hd"), (2, 0, 0, "scsi-cd")])
    m.dev("scsi-cd", bus + ".0", **{"scsi-id": 4})
    empty = unit(path, 4, 0)
    words, wanted = sums([(0, contents[0])])
    one, lines = sums([(0, contents[1])])
    text = run_client(bench, m, ["open=" + empty, "open=disk"] + words + ["close", "open=cdrom"] + one)
    return missing(text, ["open %s: no" % empty, "open disk: yes"] + wanted + ["open cdrom: yes"] + lines)


def test_pieces(bench, driver, path):
    """The ends of a disk, and pieces that respect no block."""
    m = Machine()
    img, data = image(bench)
    m.dev("scsi-hd", m.dev(driver, None, 3) + ".0", drive=blockdev(m, img), **{"scsi-id": 1})
    words, wanted = sums([(0, data), (0, data[:512]), (len(data) - 4096, data[-4096:]), (12345, data[12345:112345])])
    name = unit(path, 1, 0)
    return missing(run_client(bench, m, ["open=" + name, "info"] + words), ["open %s: yes" % name] + wanted)


def test_unplugged(bench, driver):
    """A disk goes while a program has it open: its read fails with one line, the disk beside it works, and so does all else."""
    m = Machine()
    bus = m.dev(driver, None, 3) + ".0"
    img, _ = image(bench)
    names = [m.dev("scsi-hd", bus, drive=blockdev(m, img, "d%d" % i, **{"read-only": "on"}), **{"scsi-id": i}) for i in (1, 2)]
    with bench.vm(m.args + NO_BOOT) as vm:
        def typed(line, answer):
            vm.send(line + "\n")
            vm.expect(answer, END_TIME)
            vm.expect(r"^0 > *\Z", END_TIME)

        wait_our_ready(vm)
        typed('" disk" open-dev value a  " disk1" open-dev value b  load-base 200 " read" a $call-method u.', r"200 +ok")
        vm.cmd("device_del", id=names[0])
        typed('load-base 100000 " read" a $call-method .',
              r"disk: [^\n]*: read of 100000 bytes at 200 failed: [^\n]+\n-1 +ok")
        typed('load-base 100000 " read" b $call-method u.  a close-dev b close-dev', r"100000 +ok")
        typed("boot disk:,\\x", r"E34\d\d: [^\n]*\n")
        typed("dir disk1:", r"disk1:")
    told = vm.text().count("] disk: ")
    return [] if told == 1 else ["it is told %d times" % told]


def same_rows(name, driver, path):
    """What is asked of either."""
    one = unit(path, 1, 0)
    return [
        disk_row("disk-%s-pieces" % name, "long", test_pieces, driver, path),
        disk_row("disk-%s-write" % name, "fast", test_write, driver, one),
        disk_row("disk-%s-3t" % name, "long", test_beyond, driver, one, 3 << 40),
        disk_row("disk-%s-faulty" % name, "long", test_faulty, "scsi-hd", host=driver),
        disk_row("disk-%s-empty" % name, "long", test_alias, driver, path),
        disk_row("disk-%s-unplugged" % name, "long", test_unplugged, driver),
        media_row("%s-gpt" % name, "fast", test_disk, "scsi-hd", label="gpt", host=driver),
    ]


def megasas_tests():
    units = [(0, 0, 0, "scsi-hd"), (3, 255, 0, "scsi-hd"), (3, 5, 0, "scsi-cd"), (63, 0, 0, "scsi-hd")]

    def found(name, speed, *args, **props):
        return disk_row("disk-megasas-" + name, speed, test_units, props.pop("driver", "megasas"), units, *args, **props)

    return same_rows("megasas", "megasas", RAID) + [
        found("units", "fast"),
        found("gen2", "fast", driver="megasas-gen2"),
        found("jbod", "long", use_jbod="on"),
        found("bridge", "long", behind_bridge, ROOT + "/pci@5/raid@3"),
        found("port", "long", behind_port, ROOT + "/pci@6/raid@0", driver="megasas-gen2"),
        found("switch", "long", behind_switch, ROOT + "/pci@6/pci@0/pci@1/raid@0"),
        found("second-host", "long", second_host, "/pci@800000020000001/raid@3"),
        media_row("megasas-gen2-port", "long", test_disk, "scsi-hd", behind_port, host="megasas-gen2", **{"scsi-id": 9}),
    ]


def mptsas_tests():
    units = [(0, 0, 0, "scsi-hd"), (3, 1, 0, "scsi-cd"), (3, 0, 0, "scsi-hd"), (7, 1, 0, "scsi-hd")]

    def found(name, speed, *args):
        return disk_row("disk-mptsas-" + name, speed, test_units, "mptsas1068", units, *args)

    return same_rows("mptsas", "mptsas1068", SCSI) + [
        found("units", "fast", on_root, SCSI),
        found("bridge", "long", behind_bridge, ROOT + "/pci@5/scsi@3"),
        found("port", "long", behind_port, ROOT + "/pci@6/scsi@0"),
        found("second-host", "long", second_host, "/pci@800000020000001/scsi@3"),
        media_row("mptsas-mbr-port", "long", test_disk, "scsi-hd", behind_port, host="mptsas1068", **{"scsi-id": 5}),
    ]


def tests():
    return megasas_tests() + mptsas_tests() + [disk_row("disk-virtio-scsi-unplugged", "fast", test_unplugged, "virtio-scsi-pci")]
