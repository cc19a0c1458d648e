# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests over the network with what data centres run: GRUB with a network stack of its own on our cards, from our TFTP to Linux
on our initial RAM disk; Debian's dnsmasq and nginx as servers, by IPv4 and IPv6, in bad weather, with small and large frames.

GRUB is that of Debian unstable: in Debian 12 and 13 its search for cards lost a line that allocates memory (ofnet.c, repaired in
2.14) and finds none under any firmware, SLOF included.
"""
import functools
import gzip
import os
import random
import re
import tempfile
import time
from dataclasses import replace

from assets import AssetError, read, run, write
from bench import END_TIME, FIRMWARE_TIME, PATIENCE, Skip, row, wait_our_ready
from disk_tests import behind_bridge, behind_port, on_root
from media import tool
from hostile import HostilePeer
from net_tests import check_script, folder, nic, user_net, NAME, SCRIPT
from netlab import IP4, Lab, NoLab, need_dgram
from topologies import Machine
from vm import VmError

LINUX_TIME = 120 * PATIENCE
HOSTILE_TIME = 240 * PATIENCE
BAD = r"Kernel panic - not syncing[^\n]*|Unable to handle kernel[^\n]*|symbol `[^\n]*not found|^E3[04]\d\d[^\n]*"
GRUB_MODULES = "normal ls echo boot linux ofnet net tftp http search configfile cat test halt".split()
GRUB_CONFIG = """
echo grub is at $net_default_ip of $net_default_server
net_ls_cards
linux (tftp,$net_default_server)/vmlinux console=hvc0 test.dump=no
initrd (tftp,$net_default_server)/initrd
boot
"""


PXELINUX = """default debian
label debian
    kernel vmlinux
    initrd initrd
    append console=hvc0 test.dump=no
"""


def grub_core(assets, name, config):
    """A core image with that configuration inside."""
    try:
        modules = os.path.join(assets.package("sid", "ppc64el", "grub-ieee1275-bin"), "usr/lib/grub/powerpc-ieee1275")
    except AssetError as err:
        raise Skip("no GRUB of Debian unstable: %s" % str(err).splitlines()[-1]) from err

    def make(part):
        write(part + ".cfg", config.encode())
        run([tool("grub-mkimage"), "-O", "powerpc-ieee1275", "-d", modules, "-p", "/boot/grub", "-c", part + ".cfg",
             "-o", part] + GRUB_MODULES, 60)
        os.unlink(part + ".cfg")
    return assets._made("grub-net-%s.elf" % name, make)


def with_linux(assets, path):
    """Debian 12's kernel and our initial RAM disk in a server's folder."""
    for name, file in (("vmlinux", assets.installer(12)[0]), ("initrd", assets.initrd())):
        if not os.path.lexists(os.path.join(path, name)):
            os.symlink(file, os.path.join(path, name))
    return path


def test_grub(bench, driver, place=on_root):
    """GRUB takes address and server from our packet, and loads kernel and initrd by frames of its own."""
    m = Machine()
    core = read(grub_core(bench.assets, "linux", GRUB_CONFIG))
    nic(m, driver, place, user_net(m, "n0", with_linux(bench.assets, folder(bench, grub=core)), "grub"))
    with bench.vm(m.args + ["-m", "1G", "-boot", "order=n"], preload=m.express) as vm:
        vm.expect(r"grub is at 10\.0\.2\.15 of 10\.0\.2\.2", FIRMWARE_TIME, bad=BAD)
        vm.expect(r"^ofnet_net 52:54:00:12:34:56", FIRMWARE_TIME, bad=BAD)
        vm.expect(r"^=== init", LINUX_TIME, bad=BAD)
        vm.wait_exit(END_TIME)
    return []


# -- dnsmasq and nginx -------------------------------------------------------------------------------------------------

def in_lab(function):
    @functools.wraps(function)
    def run_it(bench, *args, **options):
        try:
            return function(bench, *args, **options)
        except NoLab as err:
            raise Skip(str(err)) from err
    return run_it


def lab_files(bench):
    """What the servers have: a script, GRUB, Linux."""
    core = read(grub_core(bench.assets, "linux", GRUB_CONFIG))
    return with_linux(bench.assets, folder(bench, grub=core, **{NAME: SCRIPT}))


@in_lab
def test_real_script(bench, driver, boot4=NAME, boot6=None, place=on_root, props=None, **weather):
    m = Machine()
    with Lab(bench, lab_files(bench), boot4, boot6, **weather) as lab:
        nic(m, driver, place, lab.netdev(m), **(props or {}))
        with bench.vm(m.args + ["-m", "512M", "-boot", "order=n"], preload=m.express) as vm:
            return check_script(vm)


@in_lab
def test_real_proxy(bench, by_port, *words):
    """The DHCP server knows no file; a dnsmasq as proxy does: in its offer, or at port 4011."""
    m = Machine()
    with Lab(bench, folder(bench, **{"script.fs": SCRIPT}), proxy=words) as lab:
        nic(m, "virtio-net-pci", on_root, lab.netdev(m))
        with bench.vm(m.args + ["-m", "512M", "-boot", "order=n"]) as vm:
            bad = check_script(vm)
        answers = lab.server_log().count(" PXE(tap0) ")       # an offer, and one more where its port was asked
    return bad + ([] if answers == (2 if by_port else 1) else ["the proxy answered %d times" % answers])


@in_lab
def test_real_params(bench):
    """DHCPv6's option 60: arguments for the boot file, in /chosen when nobody typed any."""
    m = Machine()
    script = "\\ \n.\" args: \" \" /chosen\" find-device \" bootargs\" get-node get-package-property 0= if type then cr\n"
    words = ["--dhcp-option=option6:bootfile-param,console=hvc0,debug"]
    with Lab(bench, folder(bench, script=script), None, "tftp://[fd07::1]/script", options=words) as lab:
        nic(m, "virtio-net-pci", on_root, lab.netdev(m))
        with bench.vm(m.args + ["-m", "512M", "-boot", "order=n"]) as vm:
            vm.expect(r"^args: console=hvc0 debug", FIRMWARE_TIME)
    return []


@in_lab
def test_real_grub(bench, driver, boot4="grub", place=on_root, **weather):
    """All by real servers: we load GRUB, GRUB the rest by TFTP."""
    m = Machine()
    with Lab(bench, lab_files(bench), boot4, **weather) as lab:
        nic(m, driver, place, lab.netdev(m))
        with bench.vm(m.args + ["-m", "1G", "-boot", "order=n"], preload=m.express) as vm:
            vm.expect(r"grub is at 10\.7\.0\.\d+ of " + re.escape(IP4), FIRMWARE_TIME, bad=BAD)
            vm.expect(r"^=== init", LINUX_TIME, bad=BAD)
            vm.wait_exit(END_TIME)
    return []


@in_lab
def test_real_small(bench, driver, boot4="small", **weather):
    """GRUB's core alone: dnsmasq sends a lost block again after seconds only."""
    m = Machine()
    small = read(grub_core(bench.assets, "halt", "echo grub is whole\nhalt\n"))
    with Lab(bench, folder(bench, small=small), boot4, **weather) as lab:
        nic(m, driver, on_root, lab.netdev(m))
        with bench.vm(m.args + ["-m", "512M", "-boot", "order=n"]) as vm:
            vm.expect(r"^grub is whole", LINUX_TIME, bad=BAD)
            vm.wait_exit(END_TIME)
    return []


@in_lab
def test_real_pxe(bench, driver, boot4=None, boot6=None, place=on_root, packed=False, **weather):
    """Kernel and initrd that a pxelinux file names, all by our own protocols; packed: the kernel by gzip."""
    m = Machine()
    path = lab_files(bench)
    if packed:
        kernel = gzip.compress(read(bench.assets.installer(12)[0]), 1)
        os.unlink(os.path.join(path, "vmlinux"))           # a link
        write(os.path.join(path, "vmlinux"), kernel)
    os.makedirs(os.path.join(path, "pxelinux.cfg"), exist_ok=True)
    write(os.path.join(path, "pxelinux.cfg", "default"), PXELINUX.encode())
    with Lab(bench, path, boot4, boot6, **weather) as lab:
        nic(m, driver, place, lab.netdev(m))
        with bench.vm(m.args + ["-m", "1G", "-boot", "order=n"], preload=m.express) as vm:
            vm.expect(r"^=== init", LINUX_TIME, bad=BAD.replace("|^E3[04]\\d\\d[^\\n]*", ""))
            vm.wait_exit(END_TIME)
            text = vm.text()
    return [] if "/initrd" in text else ["no line says that an initrd came"]


@in_lab
def test_real_kernel(bench, driver, boot4=None, boot6=None, place=on_root, props=None, **weather):
    """A kernel of 30 MB by our own protocols, whole enough to look for its root."""
    m = Machine()
    with Lab(bench, lab_files(bench), boot4, boot6, **weather) as lab:
        nic(m, driver, place, lab.netdev(m), **(props or {}))
        with bench.vm(m.args + ["-m", "1G", "-prom-env", "auto-boot?=false"], preload=m.express) as vm:
            wait_our_ready(vm)
            vm.send("boot net console=hvc0 panic=-1\n")
            vm.expect(r"Successfully loaded", LINUX_TIME, bad=BAD)
            vm.expect(r"Linux version [^\n]*", LINUX_TIME)
            vm.expect(r"Kernel panic - not syncing: VFS", LINUX_TIME)
    return []


# -- a hostile peer ----------------------------------------------------------------------------------------------------

HOSTILE_WORDS = ("boot net", "boot net", "boot net:dhcp,10.9.0.1,f", "boot net:10.9.0.1,f,10.9.0.15", "boot net:ipv6",
                 "boot net:http://10.9.0.1/f", "boot net:tftp://boot.lab/f", "boot net:bootp", "dns net boot.lab",
                 "ping net 10.9.0.1", "ping net:ipv6 fd09::1", "boot net:10.9.0.1,http://10.9.0.1/f,10.9.0.15",
                 "boot net:ipv6,,http://[fd09::1]/f")
CRASHED = r"Exception \[[^\n]*|panic[^\n]*|assert[^\n]*"


def test_hostile_hour(bench):
    """All cards in turn, a new liar and a new machine each time."""
    bad, end, seed = [], time.monotonic() + 3600, 100
    while time.monotonic() < end and len(bad) < 10:
        driver = ("virtio-net-pci", "spapr-vlan", "e1000")[seed % 3]
        own = replace(bench, name="%s-%d" % (bench.name, seed), vms=[])
        try:
            bad += ["seed %d, %s: %s" % (seed, driver, b) for b in test_hostile(own, driver, seed, 12)]
        except VmError as err:
            bad.append("seed %d, %s: %s" % (seed, driver, err))
        else:
            os.unlink(os.path.join(bench.logs, own.name + ".log"))
        seed += 1
    print("# %s: %d liars" % (bench.name, seed - 100), flush=True)
    return bad


@in_lab
def test_hostile(bench, driver, seed, rounds):
    """Whatever it is told, the firmware comes back to its prompt, and can still count."""
    need_dgram()
    rnd, m = random.Random(seed), Machine()
    with tempfile.TemporaryDirectory(prefix="liar.") as tmp, HostilePeer(tmp, seed) as peer:
        m.args += ["-netdev", peer.netdev("n0")]
        nic(m, driver, on_root, "n0")
        with bench.vm(m.args + ["-m", "512M", "-prom-env", "auto-boot?=false"]) as vm:
            wait_our_ready(vm)
            for i in range(rounds):
                vm.send(rnd.choice(HOSTILE_WORDS) + "\n")
                vm.expect(r"> ?\Z", HOSTILE_TIME, bad=CRASHED)
                vm.send("%x 1+ .d\n" % i)
                vm.expect(r"\.d +%d\s" % (i + 1), FIRMWARE_TIME, bad=CRASHED)
                vm.expect(r"> ?\Z", FIRMWARE_TIME, bad=CRASHED)
        return [] if peer.told > rounds else ["it was asked %d times and told %d frames" % (peer.asked, peer.told)]


def real_tests():
    bad_weather = {"loss": 0.03, "repeat": 0.02, "reorder": 0.05}
    jumbo = {"props": {"host_mtu": 9000}, "mtu": 9000}
    v6 = "tftp://[fd07::1]/", "http://[fd07::1]/"
    return [
        row("net-real-script-v4", "fast", test_real_script, "virtio-net-pci"),
        row("net-real-script-v6", "fast", test_real_script, "virtio-net-pci", None, v6[0] + NAME),
        row("net-real-script-http", "fast", test_real_script, "virtio-net-pci", "http://10.7.0.1/" + NAME),
        row("net-real-script-http6", "fast", test_real_script, "virtio-net-pci", None, v6[1] + NAME),
        row("net-real-script-name", "fast", test_real_script, "virtio-net-pci", "http://server.lab/" + NAME),
        row("net-real-script-name6", "long", test_real_script, "virtio-net-pci", None, "http://server6.lab/" + NAME),
        row("net-real-script-moved", "long", test_real_script, "virtio-net-pci", "http://10.7.0.1/moved/" + NAME),
        row("net-real-script-weather", "fast", test_real_script, "virtio-net-pci", **bad_weather),
        row("net-real-proxy", "long", test_real_proxy, False, "--pxe-prompt=boot,0", "--dhcp-boot=script.fs,,10.7.0.1"),
        row("net-real-proxy-4011", "long", test_real_proxy, True, "--pxe-service=12,boot,script.fs,10.7.0.1"),
        row("net-real-params", "long", test_real_params),
        row("net-real-grub-virtio", "long", test_real_grub, "virtio-net-pci"),
        row("net-real-grub-vlan", "long", test_real_grub, "spapr-vlan"),
        row("net-real-grub-e1000-bridge", "long", test_real_grub, "e1000", place=behind_bridge),
        row("net-real-grub-e1000e-port", "long", test_real_grub, "e1000e", place=behind_port),
        row("net-real-grub-http", "long", test_real_grub, "virtio-net-pci", "http://10.7.0.1/grub"),
        row("net-real-pxe-tftp", "long", test_real_pxe, "virtio-net-pci", "/"),
        row("net-real-pxe-http", "fast", test_real_pxe, "virtio-net-pci", "http://10.7.0.1/"),
        row("net-real-pxe-gzip", "long", test_real_pxe, "virtio-net-pci", "http://10.7.0.1/", packed=True),
        row("net-real-pxe-http6", "long", test_real_pxe, "spapr-vlan", None, v6[1]),
        row("net-real-pxe-http-weather", "long", test_real_pxe, "e1000", "http://10.7.0.1/", place=behind_bridge, **bad_weather),
        row("net-real-tftp", "long", test_real_kernel, "virtio-net-pci", "vmlinux"),
        row("net-real-tftp6", "long", test_real_kernel, "virtio-net-pci", None, v6[0] + "vmlinux"),
        row("net-real-http", "long", test_real_kernel, "virtio-net-pci", "http://10.7.0.1/vmlinux"),
        row("net-real-http6", "long", test_real_kernel, "virtio-net-pci", None, v6[1] + "vmlinux"),
        row("net-real-http-vlan", "long", test_real_kernel, "spapr-vlan", "http://10.7.0.1/vmlinux"),
        row("net-real-http-bridge", "long", test_real_kernel, "e1000", "http://10.7.0.1/vmlinux", place=behind_bridge),
        row("net-real-http-port", "long", test_real_kernel, "e1000e", "http://10.7.0.1/vmlinux", place=behind_port),
        row("net-real-tftp-weather", "long", test_real_small, "virtio-net-pci", **bad_weather),
        row("net-real-tftp-weather-vlan", "long", test_real_small, "spapr-vlan", **bad_weather),
        row("net-real-http-weather", "long", test_real_kernel, "virtio-net-pci", "http://10.7.0.1/vmlinux", **bad_weather),
        row("net-real-http6-weather", "long", test_real_kernel, "e1000", None, v6[1] + "vmlinux", **bad_weather),
        row("net-real-tftp-1400", "long", test_real_kernel, "virtio-net-pci", "vmlinux", mtu=1400),
        row("net-real-http-1400", "long", test_real_kernel, "virtio-net-pci", "http://10.7.0.1/vmlinux", mtu=1400),
        row("net-real-http6-1400", "long", test_real_kernel, "virtio-net-pci", None, v6[1] + "vmlinux", mtu=1400),
        row("net-real-tftp-9000", "long", test_real_kernel, "virtio-net-pci", "vmlinux", **jumbo),
        row("net-real-http-9000", "long", test_real_kernel, "virtio-net-pci", "http://10.7.0.1/vmlinux", **jumbo),
        row("net-real-http6-9000", "long", test_real_kernel, "virtio-net-pci", None, v6[1] + "vmlinux", **jumbo),
    ]


def tests():
    return real_tests() + [
        row("net-hostile", "fast", test_hostile, "virtio-net-pci", 1, 4),
        row("net-hostile-hour", "named", test_hostile_hour),
        row("net-hostile-vlan", "long", test_hostile, "spapr-vlan", 2, 12),
        row("net-hostile-e1000", "long", test_hostile, "e1000", 3, 12),
        row("net-grub-virtio", "fast", test_grub, "virtio-net-pci"),
        row("net-grub-vlan", "fast", test_grub, "spapr-vlan"),
        row("net-grub-e1000", "fast", test_grub, "e1000"),
        row("net-grub-e1000e-port", "long", test_grub, "e1000e", behind_port),
        row("net-grub-bridge", "long", test_grub, "virtio-net-pci", behind_bridge),
    ]
