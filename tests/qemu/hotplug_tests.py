# SPDX-License-Identifier: BSD-2-Clause
"""
Plugging between the firmware's walk of the buses and client-architecture-support. The client cas-wait prints the PCI
nodes, waits while QEMU plugs in and out, makes the call and prints them again: the tree must follow, and the bus numbers
must stay the firmware's, in the tree and in the bridges, although QEMU numbers all buses anew while it answers.
"""
import re

from bench import END_TIME, FIRMWARE_TIME, row
from vm import VmError

PHB = "/pci@800000020000000"
KEY = r"^=== press a key"
NODE = re.compile(r"^(/pci@\S+) reg ([0-9a-f]{8})(?: buses (\d+)-(\d+))? assigned (\d+)$", re.M)
NIC = "virtio-net-pci"
START = ["-device", "pci-bridge,id=b1,chassis_nr=1,addr=4", "-device", NIC + ",id=n1,bus=b1,addr=2,romfile=",
         "-device", NIC + ",id=n2,addr=7,romfile="]


def nodes(text):
    """{path: (first cell of reg, bus range or None)}"""
    return {path: (int(reg, 16), (int(first), int(last)) if first else None)
            for path, reg, first, last, _assigned in NODE.findall(text)}


def add(vm, driver, **props):
    said = vm.hmp("device_add " + ",".join([driver] + ["%s=%s" % prop for prop in props.items()]))
    if said.strip():
        raise VmError("device_add %s: %s" % (driver, said.strip()))


def after_plugging(bench, plug, args=()):
    """Run cas-wait, plug while it waits; (nodes before, nodes after, QEMU's query-pci at the end)."""
    with bench.vm(["-kernel", bench.client("cas-wait", 32)] + START + list(args)) as vm:
        vm.expect(KEY, FIRMWARE_TIME)
        plug(vm)
        vm.send("k")
        vm.expect(r"^cas: 0 0", FIRMWARE_TIME)
        vm.expect(KEY, FIRMWARE_TIME)
        buses = vm.cmd("query-pci")
        vm.send("k")
        vm.wait_exit(END_TIME)
        before, after = vm.text().split("=== after")
        return nodes(before), nodes(after), buses


def bridge_numbers(buses):
    """{(bus, slot): secondary bus} as QEMU's registers say."""
    found, todo = {}, [d for bus in buses for d in bus["devices"]]
    while todo:
        device = todo.pop()
        bridge = device.get("pci_bridge")
        if bridge:
            found[device["bus"], device["slot"]] = bridge["bus"]["secondary"]
            todo += bridge.get("devices", [])
    return found


def complaints(after, wanted, gone=()):
    bad = ["%s: is %s, not %s" % (path, after.get(path), want) for path, want in wanted.items() if after.get(path) != want]
    return bad + ["%s is still there" % path for path in gone if path in after]


def test_nothing(bench):
    before, after, _buses = after_plugging(bench, lambda vm: None)
    return [] if before == after else ["the call alone changed the nodes: %s, then %s" % (before, after)]


def test_devices(bench):
    """A device on the root bus and one behind the bridge."""
    def plug(vm):
        add(vm, NIC, id="h1", bus="pci.0", addr="9", romfile="")
        add(vm, NIC, id="h2", bus="b1", addr="3", romfile="")
    _before, after, buses = after_plugging(bench, plug)
    bad = complaints(after, {PHB + "/ethernet@9": (0x4800, None), PHB + "/pci@4/ethernet@3": (0x11800, None),
                             PHB + "/pci@4": (0x2000, (1, 1))})
    return bad + ([] if bridge_numbers(buses) == {(0, 4): 1} else ["QEMU's buses: %s" % bridge_numbers(buses)])


def test_bridge_before(bench):
    """A bridge with a device in a slot before the old bridge: QEMU would give it bus 1."""
    def plug(vm):
        add(vm, "pci-bridge", id="b0", bus="pci.0", addr="2", chassis_nr=9)
        add(vm, NIC, id="h1", bus="b0", addr="1", romfile="")
    _before, after, buses = after_plugging(bench, plug)
    bad = complaints(after, {PHB + "/pci@4": (0x2000, (1, 1)), PHB + "/pci@4/ethernet@2": (0x11000, None),
                             PHB + "/pci@2": (0x1000, (2, 2)), PHB + "/pci@2/ethernet@1": (0x20800, None)})
    numbers = bridge_numbers(buses)
    return bad + ([] if numbers == {(0, 4): 1, (0, 2): 2} else ["QEMU's buses: %s" % numbers])


def test_unplug(bench):
    """A device asked to go; its unplug is pending and ends with the call."""
    _before, after, _buses = after_plugging(bench, lambda vm: vm.cmd("device_del", id="n2"))
    return complaints(after, {PHB + "/pci@4/ethernet@2": (0x11000, None)}, gone=[PHB + "/ethernet@7"])


def test_host_bridge(bench):
    """A host bridge with a device."""
    def plug(vm):
        add(vm, "spapr-pci-host-bridge", id="p3", index=3)
        add(vm, NIC, id="h1", bus="p3.0", addr="1", romfile="")
    _before, after, _buses = after_plugging(bench, plug)
    return complaints(after, {"/pci@800000020000003/ethernet@1": (0x800, None), PHB + "/pci@4": (0x2000, (1, 1))})


def test_host_bridge_leaves(bench):
    """A host bridge asked to go, with a device; the ones before and after stay.  (With a bridge on it QEMU itself crashes.)"""
    args = []
    for index in (2, 4):
        args += ["-device", "spapr-pci-host-bridge,index=%d,id=p%d" % (index, index),
                 "-device", NIC + ",bus=p%d.0,addr=1,romfile=" % index]
    before, after, _buses = after_plugging(bench, lambda vm: vm.cmd("device_del", id="p2"), args)
    gone = [path for path in before if path.startswith("/pci@800000020000002")]
    bad = [] if len(gone) == 2 else ["before the call its nodes were %s" % gone]
    return bad + complaints(after, {path: what for path, what in before.items() if path not in gone}, gone)


def tests():
    return [
        row("cas-nothing", "fast", test_nothing),
        row("cas-plug-devices", "fast", test_devices),
        row("cas-plug-bridge", "fast", test_bridge_before),
        row("cas-unplug", "fast", test_unplug),
        row("cas-plug-phb", "fast", test_host_bridge),
        row("cas-unplug-phb", "fast", test_host_bridge_leaves),
    ]
