# SPDX-License-Identifier: BSD-2-Clause
"""
Plugging while Linux runs: QEMU's device_add and device_del, then Debian's powerpc-utils (drmgr) in the guest, as an administrator would.
The room and the interrupt routing for it are what the firmware left at boot; the usual judge looks at the whole machine
afterwards.  Interrupts are checked by sharing: a host bridge has four lines, and a device that was there at boot on
the line the new one must end up at has the same number.
"""
import re
import time
from dataclasses import dataclass

import judge
from bench import END_TIME, FIRMWARE_TIME, PATIENCE, row
from linux_tests import CMDLINE, KERNEL_BAD, KERNEL_START, LINUX_TIME
from vm import VmError

PLUG_TIME = 60 * PATIENCE
START = ["-device", "pci-bridge,id=b1,chassis_nr=1,addr=2", "-device", "virtio-rng-pci,bus=b1,addr=1",
         "-device", "pcie-root-port,id=rp,chassis=2,chassis_nr=2,addr=3",  # newer QEMU plugs nothing in with hotplug=off
         "-device", "virtio-rng-pci,addr=5", "-device", "virtio-rng-pci,addr=7"]
# What Linux says of every device that comes without assigned-addresses, and while it looks at buses it knows.
USUAL = re.compile(r"can't claim; no address assigned|busn_res: can not insert")


@dataclass
class Plug:
    where: str                      # the bus, for QEMU
    slot: int
    chassis: int                    # chassis_nr of the bridge, 0: root bus
    driver: str
    name: str                       # for Linux
    like: str = None                # the device it shares its interrupt with

    def id(self):
        return "late-%s-%d" % (self.where.replace(".", "-"), self.slot)

    def connector(self):
        """Index as in pci.md 0, 7: type, host bridge, chassis, slot."""
        return 0x40000000 | self.chassis << 8 | self.slot << 3


ROOT = Plug("pci.0", 9, 0, "e1000e,romfile=", "0000:00:09.0", "0000:00:05.0")
BEHIND = Plug("b1", 5, 1, "virtio-net-pci,romfile=", "0000:01:05.0", "0000:00:07.0")
LARGE = Plug("b1", 6, 1, "pci-testdev,membar=16M", "0000:01:06.0")
PORT = Plug("rp", 0, 2, "e1000e,romfile=", "0000:02:00.0", "0000:00:07.0")


def plug_in(vm, plug):
    said = vm.hmp("device_add %s,id=%s,bus=%s,addr=%x" % (plug.driver, plug.id(), plug.where, plug.slot))
    if said.strip():
        raise VmError("device_add %s: %s" % (plug.driver, said.strip()))
    vm.send("plug 0x%x\n" % plug.connector())
    vm.expect(r"^=== plugged 0x%x 0$" % plug.connector(), PLUG_TIME, bad=r"^=== plugged \S+ [1-9]\d*$")


def pull_out(vm, plug):
    """QEMU asks, the guest lets go, QEMU takes it away: the connector is empty afterwards."""
    vm.hmp("device_del " + plug.id())
    vm.send("unplug 0x%x\n" % plug.connector())
    vm.expect(r"^=== unplugged 0x%x 0$" % plug.connector(), PLUG_TIME, bad=r"^=== unplugged \S+ [1-9]\d*$")
    end = time.monotonic() + PLUG_TIME
    while plug.id() in vm.hmp("info qtree"):
        if time.monotonic() > end:
            raise VmError("QEMU keeps %s" % plug.id())
        time.sleep(0.2)


def report_after(bench, plugs, out=(), again=()):
    """(the guest's report, QEMU's query-pci) after plugging in, pulling out, and plugging in again."""
    args = ["-m", "1G", "-kernel", bench.assets.hotplug_kernel()[0], "-initrd", bench.assets.hotplug_initrd(),
            "-append", CMDLINE + "test.plug test.wait"]
    with bench.vm(args + START, preload=True) as vm:
        vm.expect(KERNEL_START, FIRMWARE_TIME)
        vm.expect(r"^=== plug$", LINUX_TIME, bad=KERNEL_BAD)
        for plug in plugs:
            plug_in(vm, plug)
        for plug in out:
            pull_out(vm, plug)
        for plug in again:
            plug_in(vm, plug)
        vm.send("enough\n")
        vm.expect(r"^=== end", LINUX_TIME, bad=KERNEL_BAD)
        buses = vm.cmd("query-pci")
        vm.send("\n")
        vm.wait_exit(END_TIME)
        return vm.text(), buses


def check_plugged(guest, plug):
    """It is there, all its BARs have addresses, and its interrupt is the right one."""
    dev, like = guest.devices.get(plug.name), guest.devices.get(plug.like)
    if not dev:
        return ["%s did not come up" % plug.name]
    bad = ["%s BAR %d has no address" % (dev.name, index) for index, res in judge.bar_resources(dev)
           if res[2] & judge.UNSET or not res[0]]
    if not any(True for _ in judge.bar_resources(dev)):
        bad.append("%s has no BARs" % dev.name)
    if like and dev.facts["irq"] != like.facts["irq"]:
        bad.append("%s has interrupt %d, not %d like %s" % (dev.name, dev.facts["irq"], like.facts["irq"], like.name))
    return bad


def test_plugged(bench, plugs):
    text, buses = report_after(bench, plugs)
    everything = {plug.name: set(range(judge.ROM_INDEX + 1)) for plug in plugs}      # QEMU's nodes have no assigned-addresses
    bad = [c for c in judge.judge(text, buses, cold=False, left_out=everything) if not USUAL.search(c)]
    guest = judge.parse(text)
    return bad + [c for plug in plugs for c in check_plugged(guest, plug)]


# Linux takes what else is behind the bridge along, here the device in slot 1.  To Linux every connector of a bus is a slot that
# is the whole bus (/sys/bus/pci/slots/*/address), and switching a slot off removes all devices of its bus; under SLOF, too.
TAKEN_ALONG = re.compile(r"0000:01:01\.0|legacy-device@1:|QEMU has \d+ functions, Linux \d+")


def test_pulled(bench, plugs, again=(), along=None):
    """Plugged in, pulled out, perhaps plugged in again: what is gone is gone, its room can be used again."""
    text, buses = report_after(bench, plugs, plugs, again)
    everything = {plug.name: set(range(judge.ROM_INDEX + 1)) for plug in again}
    bad = [c for c in judge.judge(text, buses, cold=False, left_out=everything) if not USUAL.search(c)]
    bad = [c for c in bad if not (along and along.search(c))]
    guest = judge.parse(text)
    bad += ["%s is still there" % plug.name for plug in plugs if plug not in again and plug.name in guest.devices]
    return bad + [c for plug in again for c in check_plugged(guest, plug)]


def tests():
    return [
        row("pulled-root", "fast", test_pulled, [ROOT], [ROOT]),
        row("pulled-bridge", "long", test_pulled, [BEHIND, LARGE], along=TAKEN_ALONG),
        row("plugged-root", "long", test_plugged, [ROOT]),
        row("plugged-bridge", "long", test_plugged, [BEHIND, LARGE]),
        row("plugged-port", "long", test_plugged, [PORT]),
        row("plugged-all", "fast", test_plugged, [LARGE, PORT, BEHIND, ROOT]),
    ]
