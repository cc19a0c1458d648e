# SPDX-License-Identifier: BSD-2-Clause
"""
What the boot tests need besides a firmware: kernels, busybox, GRUB, the chassis preload, small disk images.

Everything is made or fetched on first use into one folder (below build/) and kept; Debian packages come through
tools/fetch-deb.sh, which has its own cache.  A lock makes parallel tests wait for each other.
"""
import os
import re
import shutil
import struct
import subprocess
import threading

import initrd

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LIB_ARCH = "lib/powerpc64le-linux-gnu"
SECTOR = 512
PREP_START = 2048
PATTERN_BYTES = 100001
GRUB_MODULES = "normal ls echo boot linux ofnet net search configfile part_msdos part_gpt ext2 help reboot halt".split()


class AssetError(Exception):
    """Something could not be fetched or built."""


def run(argv, timeout):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired) as err:
        raise AssetError("%s: %s" % (argv[0], err)) from err
    if done.returncode:
        raise AssetError("%s failed:\n%s" % (" ".join(argv), done.stdout.decode("latin-1")[-2000:]))


class Assets:
    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self._lock = threading.RLock()
        os.makedirs(self.folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def _made(self, name, make):
        """The path of an asset, made by make(path) if it is not there yet."""
        with self._lock:
            path = self.path(name)
            if not os.path.exists(path):
                make(path + ".part")
                os.replace(path + ".part", path)
            return path

    def package(self, suite, arch, *names):
        """Folder with the unpacked files of Debian packages."""
        fetch = os.environ.get("FETCH_DEB") or os.path.join(TOP, "tools", "fetch-deb.sh")
        return self._made("deb-%s-%s-%s" % (suite, arch, names[0]),
                          lambda part: run([fetch, part, suite, arch, *names], 900))

    def installer(self, release):
        """(kernel, initrd) of the Debian 12 or 13 installer."""
        suite = {12: "bookworm", 13: "trixie"}[release]
        base = self.package(suite, "ppc64el", "debian-installer-%d-netboot-ppc64el" % release)
        inner = "usr/lib/debian-installer/images/%d/ppc64el/text/debian-installer/ppc64el" % release
        return os.path.join(base, inner, "vmlinux"), os.path.join(base, inner, "initrd.gz")

    def initrd(self):
        """Our own initial RAM disk; rebuilt each run, it costs nothing and guest-init.sh may have changed."""
        with self._lock:
            if not getattr(self, "_initrd", None):
                base = self.package("bookworm", "ppc64el", "busybox-static")
                self._initrd = self.path("initrd.cpio")
                initrd.build(os.path.join(base, "bin", "busybox"), self._initrd)
            return self._initrd

    def hotplug_kernel(self):
        """(kernel, folder of its modules): Debian 12's, of the version the installer has."""
        version = re.search(rb"Linux version (\S+)", read(self.installer(12)[0])).group(1).decode()
        base = self.package("bookworm", "ppc64el", "linux-image-" + version)
        return os.path.join(base, "boot", "vmlinux-" + version), os.path.join(base, "lib", "modules", version, "kernel")

    def hotplug_initrd(self):
        """Our initial RAM disk with powerpc-utils' drmgr, the libraries it is linked to, and the modules it works with."""
        with self._lock:
            if not getattr(self, "_hotplug_initrd", None):
                tools = self.package("bookworm", "ppc64el", "powerpc-ibm-utils", "librtas2", "libnuma1", "libc6")
                files = {"bin/drmgr": read(os.path.join(tools, "usr/sbin/drmgr")),
                         "lib64/ld64.so.2": read(os.path.join(tools, LIB_ARCH, "ld64.so.2")),
                         LIB_ARCH + "/libc.so.6": read(os.path.join(tools, LIB_ARCH, "libc.so.6"))}
                for name in ("librtas.so.2", "libnuma.so.1"):
                    files[LIB_ARCH + "/" + name] = read(os.path.join(tools, "usr", LIB_ARCH, name))
                for name in ("rpaphp.ko", "rpadlpar_io.ko"):
                    files["lib/" + name] = read(os.path.join(self.hotplug_kernel()[1], "drivers/pci/hotplug", name))
                base = self.package("bookworm", "ppc64el", "busybox-static")
                self._hotplug_initrd = self.path("initrd-hotplug.cpio")
                initrd.build(os.path.join(base, "bin", "busybox"), self._hotplug_initrd, files)
            return self._hotplug_initrd

    def nvram_initrd(self):
        """Our initial RAM disk with powerpc-utils' nvram and the libraries it is linked to."""
        with self._lock:
            if not getattr(self, "_nvram_initrd", None):
                tools = self.package("bookworm", "ppc64el", "zlib1g", "powerpc-ibm-utils", "libc6")
                files = {"bin/nvram": read(os.path.join(tools, "usr/sbin/nvram")),
                         "lib64/ld64.so.2": read(os.path.join(tools, LIB_ARCH, "ld64.so.2"))}
                for name in ("libc.so.6", "libz.so.1"):
                    files[LIB_ARCH + "/" + name] = read(os.path.join(tools, LIB_ARCH, name))
                base = self.package("bookworm", "ppc64el", "busybox-static")
                self._nvram_initrd = self.path("initrd-nvram.cpio")
                initrd.build(os.path.join(base, "bin", "busybox"), self._nvram_initrd, files)
            return self._nvram_initrd

    def setpci_initrd(self):
        """Our initial RAM disk with pciutils' setpci and the libraries it is linked to."""
        with self._lock:
            if not getattr(self, "_setpci_initrd", None):
                tools = self.package("bookworm", "ppc64el", "pciutils", "libpci3", "libudev1", "zlib1g", "libc6")
                files = {"bin/setpci": read(os.path.join(tools, "usr/bin/setpci")),
                         "lib64/ld64.so.2": read(os.path.join(tools, LIB_ARCH, "ld64.so.2"))}
                for name in ("libc.so.6", "libz.so.1"):
                    files[LIB_ARCH + "/" + name] = read(os.path.join(tools, LIB_ARCH, name))
                for name in ("libpci.so.3", "libudev.so.1"):
                    files[LIB_ARCH + "/" + name] = read(os.path.join(tools, "usr", LIB_ARCH, name))
                base = self.package("bookworm", "ppc64el", "busybox-static")
                self._setpci_initrd = self.path("initrd-setpci.cpio")
                initrd.build(os.path.join(base, "bin", "busybox"), self._setpci_initrd, files)
            return self._setpci_initrd

    def chassis(self):
        source, out = os.path.join(HERE, "chassis.c"), self.path("chassis.so")
        with self._lock:
            if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(source):
                run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O2", "-Wall", "-o", out, source], 60)
        return out

    def rom(self):
        """An option ROM image with nothing runnable in it."""
        return self._made("dummy.rom", lambda part: write(part, b"\x55\xaa\x80" + bytes(0x10000 - 3)))

    def pattern(self):
        """PATTERN_BYTES bytes to pass as an initial RAM disk that nobody unpacks."""
        return self._made("pattern.bin", lambda part: write(part, bytes(i * 7 & 0xff for i in range(PATTERN_BYTES))))

    def grub(self):
        """A GRUB core image (ELF), as it would be started from a boot partition."""
        return self._made("grub.elf", self._make_grub)

    def _make_grub(self, part):
        modules = os.path.join(self.package("bookworm", "ppc64el", "grub-ieee1275-bin"), "usr/lib/grub/powerpc-ieee1275")
        tool = shutil.which("grub-mkimage") or shutil.which("grub2-mkimage")
        if not tool:
            raise AssetError("no grub-mkimage; tools/install-deps.sh check installs it")
        run([tool, "-O", "powerpc-ieee1275", "-d", modules, "-p", "/boot/grub", "-o", part] + GRUB_MODULES, 60)

    def grub_disk(self):
        """A disk with an MBR and GRUB in a PReP boot partition."""
        return self._made("grub-prep.img", lambda part: write(part, prep_disk(read(self.grub()))))


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def prep_disk(content):
    sectors = -(-len(content) // SECTOR)
    entry = struct.pack("<B3sB3sII", 0x80, b"\x01\x01\x00", 0x41, b"\xfe\xff\xff", PREP_START, sectors)
    mbr = bytes(446) + entry + bytes(48) + b"\x55\xaa"
    return mbr + bytes((PREP_START - 1) * SECTOR) + content + bytes(-len(content) % SECTOR) + bytes(1 << 20)
