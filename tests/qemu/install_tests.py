# SPDX-License-Identifier: BSD-2-Clause
"""
An installed Debian: GRUB put on the disk by Debian's own grub-install, NVRAM's boot-device written as grub-install does
elsewhere (Debian's, patched, leaves it alone on machines emulated by QEMU), and the machine started from it, by bootindex,
by that boot-device, and by an entry that grub-reboot chose for one time.  One function a row; the disk is debian.py's.
"""
import os
import re

import debian
from assets import run, write
from bench import FIRMWARE_TIME, PATIENCE, row
from media_tests import BAD, tidy

INIT_TIME = 300 * PATIENCE
# Debian's grub.cfg asks for graphics, and there is no display.
GRUB_BAD = BAD.replace(r"^error: [^\n]*", r"^error: (?!no suitable video mode found)[^\n]*\n")
NVRAM_BYTES = 65536
LOADED = r"Trying to load: *from: (\S+) \.\.\. +Successfully loaded"
INSTALL = """set -e
grub-install "$PREP"
update-grub
nvsetenv boot-device "$(ofpathname "$DISK"):1"
echo "=== boot-device is $(nvram --print-config=boot-device)"
echo "=== installed"
"""
# Debian's menu: entry 0, and a submenu 1 with entry 0 once more and its recovery mode.
CHOOSE = """set -e
grub-reboot "1>1"
grub-editenv /boot/grub/grubenv list
echo "=== chosen"
"""


def boot(bench, args, only_nvram=False):
    """From the firmware through GRUB to Debian's login on the installed root; the kernel's command line."""
    with bench.vm(["-m", "1G"] + args) as vm:
        tried = vm.expect(LOADED, FIRMWARE_TIME, bad=GRUB_BAD).group(1)
        line = vm.expect(r"^command line: [^\n]+\n", INIT_TIME, bad=GRUB_BAD).group(0).strip()
        vm.expect(r"^espalier-debian login:|You are in rescue mode", INIT_TIME, bad=GRUB_BAD)
    if only_nvram and not tried.endswith(":1"):
        line += " (but from %s)" % tried
    return line


def complaints(line, single):
    """Debian's entry has root=, by UUID once udev runs; its recovery mode says single."""
    bad = [] if re.search(r"root=(UUID=|/dev/)", line) and "/boot/vmlinux-" in line and "(but" not in line else ["booted '%s'" % line]
    return bad + ([] if bool(re.search(r"\bsingle\b", line)) == single else ["the wrong entry: '%s'" % line])


def test_installed(bench, *device):
    disk = os.path.join(bench.logs, bench.name + ".disk.img")
    nvram = os.path.join(bench.logs, bench.name + ".nvram.img")
    run(["cp", "--sparse=always", debian.base_disk(bench), disk], 600)
    write(nvram, bytes(NVRAM_BYTES))
    drive = ["-drive", "if=none,id=d,format=raw,cache=unsafe,file=" + disk]
    plain = drive + list(device)
    first = drive + list(device[:-1]) + [device[-1] + ",bootindex=0"]
    kept = ["-drive", "if=pflash,format=raw,file=" + nvram]
    entry = debian.work(bench, plain + kept, INSTALL, r"^=== boot-device is ([^\n]*)\n").group(1).strip()
    bad = [] if re.fullmatch(r"/\S+:1", entry) else ["boot-device is '%s'" % entry]
    bad += complaints(boot(bench, first), False)
    bad += complaints(boot(bench, plain + kept, only_nvram=True), False)
    debian.work(bench, plain + kept, CHOOSE, r"^=== chosen")
    bad += complaints(boot(bench, plain + kept, only_nvram=True), True)
    return bad + complaints(boot(bench, plain + kept, only_nvram=True), False)


def tests():
    scsi = ("-device", "virtio-scsi-pci,id=host,addr=3", "-device", "scsi-hd,drive=d,bus=host.0")
    return [row("install-virtio-scsi", "long", tidy, test_installed, *scsi),
            row("install-nvme", "long", tidy, test_installed, "-device", "nvme,drive=d,serial=installed,addr=3")]
