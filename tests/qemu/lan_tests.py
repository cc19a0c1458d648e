# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests on a network that behaves as told (lan.py): every reason a boot can fail for, names, proxies, leases, BOOTP; cards
without a cable or without anybody on it.
"""
import re
import time

import lan
from bench import FIRMWARE_TIME, NO_BOOT, PATIENCE, row, wait_our_ready
from disk_tests import on_root
from lan import Lan
from net_tests import SCRIPT, check_script, folder, nic, user_net, wait_our_ready_after
from topologies import Machine

SILENCE_TIME = 60 * PATIENCE
FILE = SCRIPT.encode()
BAD_FILES = {
    "undefined": (lan.error(0, "disk on fire"), 3003, r"server says: disk on fire \(0\)"),
    "huge": (lan.options("tsize|99999999999|"), 3004, r"more than the \d+ KBytes there is room for"),
    "nowhere": ("icmp", 3005, r"10\.9\.0\.1: ICMP says port unreachable"),
    "absent": (None, 3009, r"server says: No such file \(1\)"),
    "forbidden": (lan.error(2), 3010, r"server says: no \(2\)"),
    "illegal": (lan.error(4), 3011, r"server says: no \(4\)"),
    "unknown-id": (lan.error(5), 3012, r"server says: no \(5\)"),
    "no-user": (lan.error(7), 3013, r"server says: no \(7\)"),
    "noise": (lan.noise, 3014, r"too many bad packets"),
    "silent": (lan.silence, 3015, r"no answer from 10\.9\.0\.1"),
    "short": (lan.options("tsize|5000|", b"x"), 3016, r"1 bytes came of 5000"),
    "wishes": (lan.options("blksize|65000|"), 3017, r"the server agrees to what was not asked for"),
    "long": (lan.options("tsize|5|", b"longer than five"), 3018, r"more data than the server announced"),
}


def machine(segment, driver="virtio-net-pci"):
    m = Machine()
    m.args += ["-netdev", segment.netdev("n0"), "-m", "512M"]
    nic(m, driver, on_root, "n0")
    return m


def fails(vm, device, code, why):
    """The network's line, then at once the loader's, which refers to it."""
    vm.send("boot %s\n" % device)
    vm.expect(r"^E%d: \(net\) [^\n]*%s[^\n]*\nE3404: Not a bootable device! \([^\n]*E%d\)" % (code, why, code), SILENCE_TIME)
    wait_our_ready_after(vm)


def test_reasons(bench):
    """Every number, with what is behind it, in both lines."""
    files = {name: content for name, (content, _, _) in BAD_FILES.items() if content}
    with Lan(files, bootfile="") as segment, bench.vm(machine(segment).args + NO_BOOT) as vm:
        wait_our_ready(vm)
        for name, (_, code, why) in BAD_FILES.items():
            fails(vm, "net:," + name, code, why)
        fails(vm, "net:10.9.0.66,file", 3002, r"nobody answers ARP on the way to 10\.9\.0\.66")
        fails(vm, "net:,,10.9.0.15/24,,,,,", 3003, "the arguments make no sense")
        fails(vm, "net:nobody.lab,file", 3008, "no address for nobody.lab")
        fails(vm, "net", 3009, "there is no pxelinux.cfg")
        fails(vm, "net:ipv6,,file", 3001, "no server answers")
        released = segment.seen["release"]
    return [] if released >= len(BAD_FILES) else ["%d leases came back of %d" % (released, len(BAD_FILES))]


def test_good_files(bench):
    """Names by DNS, BOOTP; who boots keeps the lease, who does not gives it back; options say who we are."""
    bad = []
    with Lan({"script": FILE}, {"files.lab": lan.HOST}, "script", bootp=True) as segment, \
            bench.vm(machine(segment).args + NO_BOOT + ["-uuid", "b8945a1f-0102-0304-0506-0708090a0b0c"]) as vm:
        wait_our_ready(vm)
        for device in ("net", "net:tftp://files.lab/script", "net:files.lab,script", "net:bootp"):
            vm.send("0 7c10 l!\n")
            wait_our_ready_after(vm)
            vm.send("boot %s\n" % device)
            bad += ["%s: %s" % (device, b) for b in check_script(vm)]
        said = segment.seen["options"]
        if segment.seen["release"]:
            bad.append("a lease came back though something was booted")
        vm.send("dns files.lab\n")
        vm.expect(r"^files\.lab is 10\.9\.0\.1", FIRMWARE_TIME)
        wait_our_ready_after(vm)
        vm.send("dns nobody.lab\n")
        vm.expect(r"nobody\.lab: no such name", FIRMWARE_TIME)
        wait_our_ready_after(vm)
        if segment.seen["release"] != 2:
            bad.append("%d leases came back from words, not 2" % segment.seen["release"])
        vm.send(".net\n")
        vm.expect(r"last: 10\.9\.0\.15, DNS 10\.9\.0\.1, server 10\.9\.0\.1", FIRMWARE_TIME)
        wait_our_ready_after(vm)
    return bad + ([] if said.get(53, b"\0") in (b"\0", b"\3") else ["the last message was of type %s" % said.get(53)])


def test_proxy(bench, offered, late):
    """The DHCP server knows no file; another one does, at once or when asked."""
    with Lan({"script": FILE}, proxy=(offered, late)) as segment, \
            bench.vm(machine(segment).args + ["-boot", "order=n"]) as vm:
        bad = check_script(vm)
        if (segment.seen["proxy"] > 0) != (not offered):
            bad.append("port 4011 was asked %d times" % segment.seen["proxy"])
        said = segment.seen["options"]
    if said.get(93) != b"\0\x0c" or not said.get(60, b"").startswith(b"PXEClient:Arch:00012"):
        bad.append("options 93 %r, 60 %r" % (said.get(93), said.get(60)))
    return bad


def test_nobody(bench, driver):
    """An automatic start gives up soon and says so; by name it goes on until ESC."""
    with Lan({}, dhcp=False) as segment, bench.vm(machine(segment, driver).args) as vm:
        start = time.monotonic()
        vm.expect(r"^  No answer yet; asking for an address for up to 12 s \(ESC ends it\)", FIRMWARE_TIME)
        vm.expect(r"^E3001: \(net\) no IP address: no server answers", FIRMWARE_TIME)
        vm.expect(r"^E3404: Not a bootable device! \(E3001\)", FIRMWARE_TIME)
        wait_our_ready_after(vm)
        took = time.monotonic() - start
        vm.send("boot net\n")
        vm.expect(r"^  No answer yet; asking for an address for up to 40 s", FIRMWARE_TIME)
        vm.send("\x1b")
        vm.expect(r"^Aborted", FIRMWARE_TIME)
        wait_our_ready_after(vm)
    return [] if took < 20 * PATIENCE else ["it took %d s" % took]


def test_slow(bench):
    """A server that sends a block of 512 bytes every five seconds is given up after a minute, and the next card is tried."""
    m = Machine()
    with Lan({"slow": lan.trickle(5)}, bootfile="slow") as segment:
        m.args += ["-netdev", segment.netdev("n0")]
        nic(m, "virtio-net-pci", on_root, "n0")
        m.args += ["-netdev", "user,id=n1,tftp=%s,bootfile=script" % folder(bench, script=SCRIPT)]
        m.dev("virtio-net-pci", None, 5, netdev="n1")
        with bench.vm(m.args + ["-m", "512M", "-boot", "order=n"]) as vm:
            vm.expect(r"^E3015: \(net\) tftp://10\.9\.0\.1/slow: too slow: \d{4,5} bytes in 60 s\nE3404: [^\n]*\(E3015\)",
                      FIRMWARE_TIME + 60)
            return check_script(vm)


def test_no_start(bench):
    """A card whose address is no card's does not start, and says so."""
    m = Machine()
    m.args += ["-netdev", "user,id=n0", "-m", "512M"]
    m.dev("virtio-net-pci", None, 3, netdev="n0", romfile="", mac="01:00:5e:00:00:01")
    with bench.vm(m.args + NO_BOOT) as vm:
        wait_our_ready(vm)
        vm.send("boot net\n")
        vm.expect(r"^E3405: No such device \([^\n]*virtio-net does not start: ", FIRMWARE_TIME)
        wait_our_ready_after(vm)
        vm.send("ping net 10.0.2.2\n")
        vm.expect(r"^E3006: \(net\) the interface does not start", FIRMWARE_TIME)
        wait_our_ready_after(vm)
    return []


def test_cut_cable(bench, driver):
    """The first card's cable is pulled: said, and the second card is tried soon."""
    m = Machine()
    user_net(m, "n0", folder(bench, script=SCRIPT))
    nic(m, driver, on_root, "n0")
    m.args += ["-netdev", "user,id=n1,tftp=%s,bootfile=script" % folder(bench, script=SCRIPT)]
    m.dev("virtio-net-pci", None, 5, netdev="n1")
    with bench.vm(m.args + ["-m", "512M", "-boot", "order=n"] + NO_BOOT) as vm:
        wait_our_ready(vm)
        vm.cmd("set_link", name="n0", up=False)
        start = time.monotonic()
        vm.send("boot\n")
        vm.expect(r"^E3001: \(net\) no IP address: no cable", FIRMWARE_TIME)
        bad = check_script(vm)
        took = time.monotonic() - start
        if not re.search(r"last: 10\.0\.2\.15", dot_net(vm)):
            bad.append(".net does not tell the second card's address")
    return bad + ([] if took < 10 * PATIENCE else ["it took %d s" % took])


def dot_net(vm):
    at = len(vm.text())
    vm.send(".net\n")
    wait_our_ready_after(vm)
    return vm.text()[at:]


def test_watch(bench):
    """Frames that pass by are shown until a key is pressed."""
    with Lan({}) as segment, bench.vm(machine(segment).args + NO_BOOT) as vm:
        wait_our_ready(vm)
        vm.send("ping net:10.9.0.1,,10.9.0.15/24 10.9.0.1\n")
        vm.expect(r"no answer", FIRMWARE_TIME)              # it answers ARP, not echoes
        wait_our_ready_after(vm)
        vm.send("watch-net\n")
        vm.expect(r"\n", FIRMWARE_TIME)
        time.sleep(1)
        segment.send(0x806, bytes([0, 1, 8, 0, 6, 4, 0, 1]) + lan.MAC + lan.HOST + bytes(6) + lan.GUEST, lan.BROADCAST)
        vm.expect(r"ARP", FIRMWARE_TIME)
        vm.send(" ")
        wait_our_ready_after(vm)
    return []


def test_static_ipv6(bench):
    """Address, server and file by IPv6, all typed."""
    m = Machine()
    path = folder(bench, script=SCRIPT)
    nic(m, "virtio-net-pci", on_root, user_net(m, "n0", path, ipv4="off", ipv6="on"))
    with bench.vm(m.args + ["-m", "512M"] + NO_BOOT) as vm:
        wait_our_ready(vm)
        vm.send("boot net:fec0::2,script,fec0::77/64\n")
        return check_script(vm)


def tests():
    return [
        row("lan-reasons", "fast", test_reasons),
        row("lan-good-files", "fast", test_good_files),
        row("lan-proxy", "fast", test_proxy, "script", ""),
        row("lan-proxy-4011", "fast", test_proxy, "", "script"),
        row("lan-nobody", "fast", test_nobody, "virtio-net-pci"),
        row("lan-nobody-e1000", "long", test_nobody, "e1000"),
        row("lan-slow", "long", test_slow),
        row("lan-no-start", "fast", test_no_start),
        row("lan-cut-cable-virtio", "fast", test_cut_cable, "virtio-net-pci"),
        row("lan-cut-cable-e1000", "long", test_cut_cable, "e1000"),
        row("lan-watch", "fast", test_watch),
        row("net-static-ipv6", "fast", test_static_ipv6),
    ]
