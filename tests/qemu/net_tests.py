# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests over the network, with QEMU's user-mode network as DHCP, DHCPv6 and TFTP server: the protocol of QEMU's own pxe test (a
Forth script by TFTP that leaves two bytes in memory) on every kind of NIC in every kind of place, and the words for people.
"""
import os

from assets import write
from bench import FIRMWARE_TIME, PATIENCE, row, wait_our_ready
from disk_tests import behind_bridge, behind_port, behind_switch, on_root, second_host
from topologies import Machine

NAME = "script"
SCRIPT = """\\ Bootscript
hex
: boot-code
  de 7c10 c!  ad 7c11 c!
;
boot-code
.( the script ran) cr
"""
WRITTEN = "0xde 0xad"


# -- servers and devices -----------------------------------------------------------------------------------------------

def folder(bench, **files):
    path = os.path.join(bench.logs, bench.name + ".tftp")
    os.makedirs(path, exist_ok=True)
    for name, content in files.items():
        write(os.path.join(path, name), content.encode() if isinstance(content, str) else content)
    return path


def user_net(m, name, path=None, bootfile=NAME, **props):
    words = ["user", "id=" + name] + (["tftp=" + path, "bootfile=" + bootfile] if path else [])
    m.args += ["-netdev", ",".join(words + ["%s=%s" % pair for pair in props.items()])]
    return name


def nic(m, driver, place, net, **props):
    if driver == "spapr-vlan":
        return m.dev(driver, netdev=net, **props)
    at = 3 if place in (on_root, behind_bridge, second_host) else None
    if driver == "e1000e":
        props.setdefault("romfile", "")
    return m.dev(driver, place(m), at, netdev=net, **props)


def memory(vm):
    return vm.hmp("xp /2xb 0x7c10")


def check_script(vm):
    vm.expect(r"^the script ran", FIRMWARE_TIME)
    wait_our_ready_after(vm)
    return [] if WRITTEN in memory(vm) else ["the script left %s" % memory(vm).strip()]


def wait_our_ready_after(vm):
    vm.expect(r"> ?\Z", FIRMWARE_TIME)


# -- QEMU's protocol ---------------------------------------------------------------------------------------------------

def test_script(bench, driver, place=on_root, net=None, **props):
    m = Machine()
    path = folder(bench, **{NAME: SCRIPT})
    nic(m, driver, place, user_net(m, "n0", path, **(net or {})), **props)
    with bench.vm(m.args + ["-m", "512M", "-boot", "order=n"], preload=m.express) as vm:
        bad = check_script(vm)
        text = vm.text()
    if "Successfully loaded" not in text:
        bad.append("no 'Successfully loaded'")
    return bad


def test_second_nic(bench):
    """The first server has no such file; the second NIC is tried after that."""
    m = Machine()
    nic(m, "virtio-net-pci", on_root, user_net(m, "n0", folder(bench, other="no script"), NAME))
    m.args += ["-netdev", "user,id=n1,tftp=%s,bootfile=other2" % folder(bench, other2=SCRIPT)]
    m.dev("e1000", None, 5, netdev="n1")
    with bench.vm(m.args + ["-m", "512M", "-boot", "order=n"]) as vm:
        vm.expect(r"^E3009: \(net\)", FIRMWARE_TIME)
        return check_script(vm)


def test_arguments(bench):
    """Nobody names a file but the person; then address, server and file are all given."""
    m = Machine()
    path = folder(bench, typed=SCRIPT)
    nic(m, "virtio-net-pci", on_root, user_net(m, "n0", path, "absent"))
    args = m.args + ["-m", "512M", "-prom-env", "auto-boot?=false"]
    bad = []
    with bench.vm(args) as vm:
        wait_our_ready(vm)
        for words in ("net:,typed", "net:dhcp,10.0.2.2,\\typed", "net:10.0.2.2,typed,10.0.2.15", "net:tftp://10.0.2.2/typed"):
            vm.send("0 7c10 l!\n")
            wait_our_ready_after(vm)
            vm.send("boot %s\n" % words)
            bad += ["%s: %s" % (words, b) for b in check_script(vm)]
    return bad


# -- words -------------------------------------------------------------------------------------------------------------

def test_words(bench):
    """Four NICs, all kinds: addresses, echoes by IPv4 and IPv6."""
    m = Machine()
    for i, driver in enumerate(("spapr-vlan", "virtio-net-pci", "e1000", "e1000e")):
        props = {} if driver == "spapr-vlan" else {"romfile": ""}
        m.dev(driver, None, None if driver == "spapr-vlan" else i + 2, netdev=user_net(m, "n%d" % i), **props)
    with bench.vm(m.args + ["-m", "512M", "-prom-env", "auto-boot?=false"]) as vm:
        wait_our_ready(vm)
        for line, wanted in (("ping 10.0.2.2", r"10\.0\.2\.2: answered"), ("ping net1 10.0.2.2", r"10\.0\.2\.2: answered"),
                             ("ping net2 10.0.2.2", r"10\.0\.2\.2: answered"), ("ping net3 10.0.2.2", r"10\.0\.2\.2: answered"),
                             ("ping net1:ipv6 fec0::2", r"(?i)fec0::2: answered"),
                             ("ping6 net2 fec0::2", r"(?i)fec0::2: answered"),
                             ("ping net1:10.0.2.2,,10.0.2.15", r"10\.0\.2\.2: answered"),
                             ("dns net2 10.0.2.9", r"^10\.0\.2\.9 is 10\.0\.2\.9"),
                             (".net", r"ethernet@5: e1000, (?:[0-9a-f]{2}:){5}[0-9a-f]{2}\s+last: 10\.0\.2\.15")):
            vm.send(line + "\n")
            vm.expect(wanted, 40 * PATIENCE)
            wait_our_ready_after(vm)
    return []


def tests():
    platform = {"disable-legacy": "on", "iommu_platform": "on"}
    only_v6 = {"ipv4": "off", "ipv6": "on"}
    return [
        row("net-script-virtio", "fast", test_script, "virtio-net-pci"),
        row("net-script-vlan", "fast", test_script, "spapr-vlan"),
        row("net-script-e1000", "fast", test_script, "e1000"),
        row("net-script-e1000e", "long", test_script, "e1000e"),
        row("net-script-legacy", "long", test_script, "virtio-net-pci", **{"disable-modern": "on"}),
        row("net-script-platform", "fast", test_script, "virtio-net-pci", **platform),
        row("net-script-bridge", "long", test_script, "e1000", behind_bridge),
        row("net-script-port", "long", test_script, "virtio-net-pci", behind_port),
        row("net-script-switch", "long", test_script, "e1000e", behind_switch),
        row("net-script-second-host", "long", test_script, "virtio-net-pci", second_host),
        row("net-script-v6-virtio", "fast", test_script, "virtio-net-pci", net=only_v6),
        row("net-script-v6-vlan", "long", test_script, "spapr-vlan", net=only_v6),
        row("net-script-v6-e1000", "long", test_script, "e1000", net=only_v6),
        row("net-second-nic", "fast", test_second_nic),
        row("net-arguments", "fast", test_arguments),
        row("net-words", "fast", test_words),
    ]
