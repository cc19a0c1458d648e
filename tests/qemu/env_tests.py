# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of the environment: what -prom-env says, what a client sets in /options, and what is left of it after a reset and,
with a drive, after QEMU's end.  The client env prints and sets what its arguments name.
"""
import os

from bench import END_TIME, FIRMWARE_TIME, row, wait_ready
from linux_tests import CMDLINE, KERNEL_BAD, KERNEL_START, LINUX_TIME

KIB = 1024


def client(bench, words, width=64):
    return ["-kernel", bench.client("env", width), "-append", " ".join(words)]


def run(bench, words, wanted, args=()):
    """Runs the client to its end; complains about what it did not say."""
    with bench.vm(client(bench, words) + list(args)) as vm:
        vm.expect(r"^env done", FIRMWARE_TIME)
        vm.wait_exit(END_TIME)
        return ["no '%s'" % w for w in wanted if w not in vm.text()]


def drive(bench, size, content=b""):
    path = os.path.join(bench.logs, bench.name + ".nvram")
    with open(path, "wb") as f:
        f.write(content.ljust(size, b"\0"))
    return path, ["-drive", "if=pflash,format=raw,file=" + path]


def test_defaults(bench):
    return run(bench, ["auto-boot?", "load-base", "boot-device", "nothing"],
               ['auto-boot? is "true", 5 bytes', 'load-base is "16384"', 'boot-device is "", 1 bytes', "nothing missing"])


def test_prom_env(bench):
    args = ["-prom-env", "auto-boot?=false", "-prom-env", "mine=a b", "-prom-env", "load-base=0x5000",
            "-prom-env", "real-mode?=perhaps"]
    bad = run(bench, ["auto-boot?", "mine", "load-base", "real-mode?"],
              ['auto-boot? is "false"', 'mine is "a b"', 'load-base is "20480"', 'real-mode? is "true"',
               'real-mode?: "perhaps" in NVRAM is not usable'], args)
    return bad


def test_bad_values(bench):
    """A client cannot give a variable a value it cannot have."""
    return run(bench, ["auto-boot?=maybe", "load-base=x", "boot-device=/a/b:1", "auto-boot?", "load-base", "boot-device"],
               ["auto-boot? set: no", "load-base set: no", "boot-device set: yes", 'auto-boot? is "true"',
                'load-base is "16384"', 'boot-device is "/a/b:1"'])


def test_reset(bench, width, args=()):
    """QEMU keeps the contents over a reset that the client asks for; the second start sees them."""
    with bench.vm(client(bench, ["boot-device", "boot-device=/pci/first", "mine=1", "mine", "reset"], width) + list(args)) as vm:
        vm.expect(r'^boot-device is "", 1 bytes', FIRMWARE_TIME)
        vm.expect(r"^resetting", FIRMWARE_TIME)
        vm.expect(r'^boot-device is "/pci/first", 11 bytes', FIRMWARE_TIME)
        vm.cmd("system_reset")
        vm.expect(r'^boot-device is "/pci/first", 11 bytes', FIRMWARE_TIME)
    return []


def test_drive(bench, size):
    """With a drive it outlives QEMU, and the drive has partitions others can read."""
    path, args = drive(bench, size)
    bad = run(bench, ["boot-device=/pci/disk", "mine=yes", "auto-boot?=false"], ["auto-boot? set: yes"], args)
    with open(path, "rb") as f:
        content = f.read()
    bad += ["no %s on the drive" % w for w in (b"ibm,CPU0log", b"ibm,CPU1log", b"common", b"boot-device=/pci/disk\0mine=yes\0")
            if w not in content]
    return bad + run(bench, ["boot-device", "mine", "auto-boot?"],
                     ['boot-device is "/pci/disk"', 'mine is "yes"', 'auto-boot? is "false"'], args)


def test_junk(bench):
    """A drive full of something else: said, formatted, and the machine starts."""
    path, args = drive(bench, 64 * KIB, bytes(i * 7 & 0xff for i in range(64 * KIB)))
    with bench.vm(args) as vm:
        vm.expect(r"env: NVRAM: no usable partition", FIRMWARE_TIME)
        wait_ready(vm)
    with open(path, "rb") as f:
        return [] if b"ibm,CPU0log" in f.read(16) else ["the drive is not formatted"]


LINUX_DEVICES = "/pci@800000020000000/scsi@1e net"


def nvram_tool(vm, words):
    """What Debian's nvram prints in the guest; it must succeed."""
    before = len(vm.text())
    vm.send("nvram %s\n" % words)
    vm.expect(r"^=== nvram done 0$", LINUX_TIME, bad=r"^=== nvram done [1-9]")
    return vm.text()[before:]


def test_linux_nvram(bench):
    """Linux reads our partitions and changes boot-device, by the call that bootlist makes; the next start obeys."""
    _, args = drive(bench, 64 * KIB)
    bad = run(bench, ["mine=by-hand"], ["mine set: yes"], args)
    linux = ["-m", "1G", "-kernel", bench.assets.installer(12)[0], "-initrd", bench.assets.nvram_initrd(),
             "-append", CMDLINE + "test.dump=no test.nvram"]
    with bench.vm(args + linux) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"^=== nvram$", LINUX_TIME, bad=KERNEL_BAD)
        seen = nvram_tool(vm, "--partitions")
        bad += ["no partition %s in '%s'" % (w, seen) for w in ("common", "ibm,CPU0log") if w not in seen]
        seen = nvram_tool(vm, "--print-config=mine -p common")
        bad += [] if "by-hand" in seen else ["Linux does not see mine: '%s'" % seen]
        nvram_tool(vm, "--update-config 'boot-device=%s' -p common" % LINUX_DEVICES)
        seen = nvram_tool(vm, "--print-config=boot-device -p common")
        bad += [] if LINUX_DEVICES in seen else ["Linux did not change boot-device: '%s'" % seen]
        vm.send("enough\n")
        vm.wait_exit(LINUX_TIME)
    with bench.vm(args) as vm:
        vm.expect(r"Trying to load:  from: %s" % LINUX_DEVICES.split()[0], FIRMWARE_TIME, bad=r"W3411|no usable partition")
        wait_ready(vm)
        vm.send("printenv mine\r")
        vm.expect(r"by-hand", FIRMWARE_TIME)
    return bad


def tests():
    return [
        row("env-defaults", "fast", test_defaults),
        row("env-prom-env", "fast", test_prom_env),
        row("env-bad-values", "fast", test_bad_values),
        row("env-reset-32", "fast", test_reset, 32),
        row("env-reset-64", "fast", test_reset, 64),
        row("env-drive-8k", "fast", test_drive, 8 * KIB),
        row("env-drive-64k", "fast", test_drive, 64 * KIB),
        row("env-drive-1m", "fast", test_drive, 1024 * KIB),
        row("env-junk", "fast", test_junk),
        row("env-linux-nvram", "long", test_linux_nvram),
    ]
