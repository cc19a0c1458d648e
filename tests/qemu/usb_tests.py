# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of USB: disks and CD-ROMs at every controller, behind hubs, found by the paths of QEMU's boot list; read, written,
booted from; what happens when one is pulled out. By the client disk and by GRUB, as disk_tests.py and media_tests.py do it.
"""
import os
import time

import media
from bench import END_TIME, FIRMWARE_TIME, NO_BOOT, wait_our_ready
from disk_tests import MIB, behind_bridge, behind_port, behind_switch, blockdev, disk_row, image, missing, on_root, run_client, \
    second_host, sums, written_pattern
from media_tests import BAD, media_row, path_of, reach_linux
from topologies import Machine

ROOT = "/pci@800000020000000"


def unit(port, lun=0):
    return "disk@%X" % ((0x01000000 | port << 16 | lun) << 32)


def controller(m, driver, place):
    """A controller; the name of its bus."""
    bus = place(m)
    return m.dev(driver, bus, None if place in (behind_port, behind_switch) else 3) + ".0"


def stick(m, bus, port, path, **props):
    node = blockdev(m, path, "n%d" % len(m.args))
    return m.dev("usb-storage", bus, None, port=port, drive=node, **props)


def test_read(bench, driver, place=on_root, path=ROOT + "/usb-xhci@3", **props):
    """All of it, the ends, and pieces that respect no block; by path and by alias."""
    m = Machine()
    img, data = image(bench)
    port = 1 if "ohci" in driver else 3
    stick(m, controller(m, driver, place), str(port), img, **props)
    name = "%s/storage@%d/%s" % (path, port, unit(port))
    size = len(data)
    words, wanted = sums([(0, data), (0, data[:512]), (size - 4096, data[-4096:]), (12345, data[12345:112345])])
    text = run_client(bench, m, ["open=" + name, "info"] + words + ["close", "open=disk"])
    return missing(text, ["open %s: yes" % name, "open disk: yes"] + wanted)


def test_write(bench, driver):
    """What is written is in the image when the machine is off, and nothing else changed."""
    m = Machine()
    img, data = image(bench)
    at, size = 8 * MIB + 512, 5 * MIB + 1024
    stick(m, controller(m, driver, on_root), "1", img)
    want = bytearray(data)
    want[at:at + size] = written_pattern(at, size)
    words, wanted = sums([(0, bytes(want))])
    text = run_client(bench, m, ["open=disk", "write=%x,%x" % (at, size)] + words + ["close"])
    with open(img, "rb") as f:
        same = f.read() == bytes(want)
    return missing(text, ["write %x,%x: done" % (at, size)] + wanted) + ([] if same else ["the image is something else"])


def test_hubs(bench, driver, path, depth=1):
    """Disks behind hubs behind hubs, on the first port and the last; each hub counts its own ports."""
    m = Machine()
    bus = controller(m, driver, on_root)
    images = [image(bench, "h%d" % i, 2 * MIB, seed=i) for i in range(3)]
    at, where = "1", path
    for _ in range(depth):
        m.dev("usb-hub", bus, None, port=at)
        at, where = at + ".2", where + "/hub@%s" % at.rsplit(".", maxsplit=1)[-1]
    names = [where + "/storage@2/" + unit(1), where + "/storage@8/" + unit(1), path + "/storage@2/" + unit(2)]
    for (img, _), port in zip(images, (at, at[:-1] + "8", "2")):
        stick(m, bus, port, img)
    bad = []
    for name, (_, data) in zip(names, images):
        words, wanted = sums([(0, data)])
        bad += missing(run_client(bench, m, ["open=" + name] + words), ["open %s: yes" % name] + wanted)
    return bad


def test_units(bench, driver, path):
    """Several units behind one port, a CD-ROM among them."""
    m = Machine()
    m.dev("usb-bot", controller(m, driver, on_root), None, port="2")
    bot = "d%d" % m.count
    images = [image(bench, "l%d" % i, 2 * MIB, seed=i) for i in range(3)]
    for i, kind in enumerate(("scsi-hd", "scsi-cd", "scsi-hd")):
        props = {"read-only": "on"} if kind == "scsi-cd" else {}
        m.dev(kind, bot + ".0", None, lun=i, drive=blockdev(m, images[i][0], "l%d" % i, **props))
    words, wanted = [], []
    for i in range(3):
        one, lines = sums([(0, images[i][1])])
        words += ["open=" + (path + "/storage@2/" + unit(2, i) if i != 1 else "cdrom")] + one + ["close"]
        wanted += lines
    return missing(run_client(bench, m, words), wanted)


def test_many(bench, driver, hubs=5):
    """Five hubs with eight disks each: each one has an alias and is the right one."""
    m = Machine()
    bus = controller(m, driver, on_root)
    images = []
    for hub in range(hubs):
        m.dev("usb-hub", bus, None, port="%d" % (hub + 1))
        for port in range(8):
            img, data = image(bench, "m%d.%d" % (hub, port), MIB, seed=8 * hub + port)
            stick(m, bus, "%d.%d" % (hub + 1, port + 1), img)
            images.append(data)
    words, wanted = [], []
    for i in (0, 7, 23, 8 * hubs - 1):
        one, lines = sums([(0, images[i])])
        words += ["open=disk%s" % (i or "")] + one + ["close"]
        wanted += lines
    return missing(run_client(bench, m, words), wanted)


def test_beyond(bench, driver, size):
    """A sparse disk beyond 2 TiB is read on both sides of the limit and at its end."""
    m = Machine()
    at = (2 << 40) - 8 * MIB
    img, data = image(bench, size=size, at=at)
    stick(m, controller(m, driver, on_root), "1", img)
    words, wanted = sums([(at, data), (size - 65536, bytes(65536))])
    return missing(run_client(bench, m, ["open=disk"] + words), wanted)


def test_faulty(bench, driver):
    """A block that cannot be read is a failed read, of that block only; so is a write to a disk that is read-only."""
    m = Machine()
    img, data = image(bench)
    rules = os.path.join(bench.logs, bench.name + ".rules")
    with open(rules, "w", encoding="utf-8") as f:
        f.write('[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "8192"\n')
    bus = controller(m, driver, on_root)
    m.args += ["-drive", "if=none,id=bad,format=raw,readonly=on,file=blkdebug:%s:%s" % (rules, img)]
    m.dev("usb-storage", bus, None, port="1", drive="bad", rerror="report")
    words, wanted = sums([(0, data[:4 * MIB]), (5 * MIB, data[5 * MIB:])])
    text = run_client(bench, m, ["open=disk", words[0], "sum=%x,200" % (4 * MIB), words[1], "write=10000,2000"])
    return missing(text, wanted + ["sum %x,200: read gave" % (4 * MIB), "write 10000,2000: failed", "not allowed"])


def test_resets(bench, driver, times=5):
    """Reset after reset while the controller runs: it is found as it should be each time."""
    m = Machine()
    img, _ = image(bench, size=2 * MIB)
    stick(m, controller(m, driver, on_root), "1", img)
    with bench.vm(m.args + NO_BOOT) as vm:
        for _ in range(times):
            wait_our_ready(vm)
            vm.send('" disk" open-dev 0<> .  load-base 10 erase\n')
            vm.expect(r"-1 +ok", FIRMWARE_TIME)
            vm.send("reset-all\n")
    return []


def test_pulled_out(bench, driver, hub=False):
    """The disk goes while it is read, slowly: the program gets a failure soon, and the prompt is there."""
    m = Machine()
    bus = controller(m, driver, on_root)
    img, _ = image(bench)
    if hub:
        m.dev("usb-hub", bus, None, port="1")
    m.args += ["-object", "throttle-group,id=slow,x-bps-total=100000"]
    blockdev(m, img, "fast")
    m.args += ["-blockdev", "driver=throttle,node-name=slow,throttle-group=slow,file=fast"]
    name = m.dev("usb-storage", bus, None, port="1.1" if hub else "1", drive="slow")
    with bench.vm(m.args + NO_BOOT) as vm:
        wait_our_ready(vm)
        vm.send('" disk" open-dev value d  d u.\n')
        vm.expect(r"ok", FIRMWARE_TIME)
        vm.send('0 0 " seek" d $call-method .  load-base 200 " read" d $call-method u.\n')
        vm.expect(r"200 +ok", FIRMWARE_TIME)
        vm.send('0 1000 " seek" d $call-method .  load-base 200000 " read" d $call-method u.\n')
        vm.expect(r"call-method u\.", FIRMWARE_TIME)
        time.sleep(0.7)
        vm.cmd("device_del", id=name)
        vm.expect(r"failed: [^\n]*", END_TIME)
        vm.expect(r"0 > *\Z", END_TIME)
        vm.send("1 2 + .\n")
        vm.expect(r"3 +ok", END_TIME)
    return []


def test_keyboard(bench, driver, behind_hub=False):
    """Keys of a USB keyboard arrive at the prompt when it is the input device, and at a program that reads the package."""
    m = Machine()
    bus = controller(m, driver, on_root)
    if behind_hub:
        m.dev("usb-hub", bus, None, port="1")
    m.dev("usb-kbd", bus, None, port="1.4" if behind_hub else "1")
    with bench.vm(m.args + NO_BOOT + ["-prom-env", "input-device=keyboard"]) as vm:
        wait_our_ready(vm)
        for key in ("4", "5", "spc", "1", "shift-equal", "spc", "dot", "ret"):    # hexadecimal
            vm.hmp("sendkey %s 30" % key)
            time.sleep(0.2)
        vm.expect(r"45 1\+ \. *46 +ok", FIRMWARE_TIME)
    return []


def test_grub(bench, driver, place=on_root, hub=False, cdrom=False, label="gpt", **props):
    """GRUB from a stick by its place in the boot list, to Linux; grubenv is written."""
    m = Machine()
    bus = controller(m, driver, place)
    if hub:
        m.dev("usb-hub", bus, None, port="1")
    path = media.disc(bench.assets, path_of(bench)) if cdrom else \
        media.installed_disk(bench.assets, path_of(bench), label)
    other, _ = image(bench, "other", 4 * MIB)
    m.disk(addr=9)
    stick(m, bus, "2", other)
    port = "1.3" if hub else "1"
    if cdrom:
        m.dev("usb-bot", bus, None, port=port)
        m.dev("scsi-cd", "d%d.0" % m.count, None, lun=0, bootindex=0, drive=blockdev(m, path, "cd", **{"read-only": "on"}))
    else:
        stick(m, bus, port, path, bootindex=0, **props)
    text = reach_linux(bench, m, bad=BAD.replace("|^error: [^\\n]*", "") if cdrom else BAD)    # grubenv cannot be written there
    with open(path, "rb") as f:
        tried = cdrom or b"tried=once" in f.read()
    return ([] if tried else ["grubenv was not written"]) + \
        (["%d attempts" % text.count("Trying to load")] if text.count("Trying to load") != 1 else [])


def xhci_tests():
    xhci = ROOT + "/usb-xhci@3"
    return [
        disk_row("usb-xhci-root", "fast", test_read, "qemu-xhci"),
        disk_row("usb-xhci-nec", "fast", test_read, "nec-usb-xhci"),
        disk_row("usb-xhci-bridge", "fast", test_read, "qemu-xhci", behind_bridge, ROOT + "/pci@5/usb-xhci@3"),
        disk_row("usb-xhci-port", "fast", test_read, "qemu-xhci", behind_port, ROOT + "/pci@6/usb-xhci@0"),
        disk_row("usb-xhci-switch", "long", test_read, "nec-usb-xhci", behind_switch, ROOT + "/pci@6/pci@0/pci@1/usb-xhci@0"),
        disk_row("usb-xhci-second-host", "long", test_read, "qemu-xhci", second_host, "/pci@800000020000001/usb-xhci@3"),
        disk_row("usb-xhci-write", "fast", test_write, "qemu-xhci"),
        disk_row("usb-xhci-4096", "long", test_read, "qemu-xhci", logical_block_size=4096, physical_block_size=4096),
        disk_row("usb-xhci-3t", "long", test_beyond, "nec-usb-xhci", 3 << 40),
        disk_row("usb-xhci-faulty", "fast", test_faulty, "qemu-xhci"),
        disk_row("usb-xhci-many", "long", test_many, "nec-usb-xhci,p2=8,p3=8"),
        disk_row("usb-xhci-resets", "fast", test_resets, "qemu-xhci"),
        disk_row("usb-xhci-hub", "fast", test_hubs, "qemu-xhci", xhci),
        disk_row("usb-xhci-hubs", "long", test_hubs, "nec-usb-xhci", xhci, 5),
        disk_row("usb-xhci-units", "fast", test_units, "qemu-xhci", xhci),
        disk_row("usb-xhci-pulled-out", "fast", test_pulled_out, "qemu-xhci"),
        disk_row("usb-xhci-pulled-out-hub", "long", test_pulled_out, "qemu-xhci", hub=True),
        disk_row("usb-xhci-keyboard", "fast", test_keyboard, "qemu-xhci"),
        disk_row("usb-xhci-keyboard-hub", "long", test_keyboard, "nec-usb-xhci", behind_hub=True),
        media_row("usb-xhci", "fast", test_grub, "qemu-xhci"),
        media_row("usb-xhci-nec", "long", test_grub, "nec-usb-xhci", label="mbr"),
        media_row("usb-xhci-hub", "long", test_grub, "qemu-xhci", hub=True),
        media_row("usb-xhci-cdrom", "long", test_grub, "qemu-xhci", cdrom=True),
        media_row("usb-xhci-bridge", "long", test_grub, "qemu-xhci", behind_bridge),
        media_row("usb-xhci-port", "long", test_grub, "qemu-xhci", behind_port),
        media_row("usb-xhci-second-host", "long", test_grub, "qemu-xhci", second_host),
    ]


def classic_tests():
    """Full speed and high speed; QEMU's hub is for full speed alone."""
    ohci, ehci = ROOT + "/usb-ohci@3", ROOT + "/usb-ehci@3"
    return [
        disk_row("usb-ohci-root", "fast", test_read, "pci-ohci", on_root, ohci),
        disk_row("usb-ohci-bridge", "long", test_read, "pci-ohci", behind_bridge, ROOT + "/pci@5/usb-ohci@3"),
        disk_row("usb-ohci-second-host", "long", test_read, "pci-ohci", second_host, "/pci@800000020000001/usb-ohci@3"),
        disk_row("usb-ohci-write", "fast", test_write, "pci-ohci"),
        disk_row("usb-ohci-faulty", "long", test_faulty, "pci-ohci"),
        disk_row("usb-ohci-resets", "long", test_resets, "pci-ohci"),
        disk_row("usb-ohci-hub", "long", test_hubs, "pci-ohci", ohci, 2),
        disk_row("usb-ohci-units", "long", test_units, "pci-ohci", ohci),
        disk_row("usb-ohci-pulled-out", "long", test_pulled_out, "pci-ohci", hub=True),
        disk_row("usb-ohci-keyboard", "fast", test_keyboard, "pci-ohci", behind_hub=True),
        media_row("usb-ohci", "long", test_grub, "pci-ohci"),
        disk_row("usb-ehci-root", "fast", test_read, "usb-ehci", on_root, ehci),
        disk_row("usb-ehci-bridge", "long", test_read, "usb-ehci", behind_bridge, ROOT + "/pci@5/usb-ehci@3"),
        disk_row("usb-ehci-second-host", "long", test_read, "usb-ehci", second_host, "/pci@800000020000001/usb-ehci@3"),
        disk_row("usb-ehci-write", "fast", test_write, "usb-ehci"),
        disk_row("usb-ehci-resets", "long", test_resets, "usb-ehci"),
        disk_row("usb-ehci-units", "long", test_units, "usb-ehci", ehci),
        disk_row("usb-ehci-pulled-out", "long", test_pulled_out, "usb-ehci"),
        disk_row("usb-ehci-keyboard", "fast", test_keyboard, "usb-ehci"),
        media_row("usb-ehci", "long", test_grub, "usb-ehci"),
    ]


def tests():
    return xhci_tests() + classic_tests()
