# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests over the network with what data centres run: GRUB with a network stack of its own on our cards, from our TFTP to Linux
on our initial RAM disk.

GRUB is that of Debian unstable: in Debian 12 and 13 its search for cards lost a line that allocates memory (ofnet.c, repaired in
2.14) and finds none under any firmware, SLOF included.
"""
import os

from assets import read, run, write
from bench import END_TIME, FIRMWARE_TIME, PATIENCE, row
from disk_tests import behind_bridge, behind_port, on_root
from media import tool
from net_tests import folder, nic, user_net
from topologies import Machine

LINUX_TIME = 120 * PATIENCE
BAD = r"Kernel panic - not syncing[^\n]*|Unable to handle kernel[^\n]*|symbol `[^\n]*not found|^E3[04]\d\d[^\n]*"
GRUB_MODULES = "normal ls echo boot linux ofnet net tftp http search configfile cat test halt".split()
GRUB_CONFIG = """
echo grub is at $net_default_ip of $net_default_server
net_ls_cards
linux (tftp,$net_default_server)/vmlinux console=hvc0 test.dump=no
initrd (tftp,$net_default_server)/initrd
boot
"""


def grub_core(assets, name, config):
    """A core image with that configuration inside."""
    def make(part):
        modules = os.path.join(assets.package("sid", "ppc64el", "grub-ieee1275-bin"), "usr/lib/grub/powerpc-ieee1275")
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


def tests():
    return [
        row("net-grub-virtio", "fast", test_grub, "virtio-net-pci"),
        row("net-grub-vlan", "fast", test_grub, "spapr-vlan"),
        row("net-grub-e1000", "fast", test_grub, "e1000"),
        row("net-grub-e1000e-port", "long", test_grub, "e1000e", behind_port),
        row("net-grub-bridge", "long", test_grub, "virtio-net-pci", behind_bridge),
    ]
