# SPDX-License-Identifier: BSD-2-Clause
"""
A Debian system on a disk, made as debootstrap makes one of a foreign architecture.

The packages are fetched with all they depend on and unpacked here into a file system of merged /usr (debootstrap's first
stage); a machine with Debian's own kernel then runs dpkg over them as its second stage does, which also builds the
initial RAM disk with initramfs-tools.  Nobody needs to be root for that.  GRUB is not on that disk yet: each test installs
it at its own controller, by work().
"""
import glob
import lzma
import os
import re
import shutil
import subprocess
import threading

import initrd
import media
from assets import AssetError, HERE, TOP, read, run, write
from bench import END_TIME, PATIENCE

SUITE, ARCH = "bookworm", "ppc64el"
PACKAGES = "linux-image-powerpc64le initramfs-tools systemd-sysv udev usr-is-merged grub-ieee1275 powerpc-ibm-utils".split()
MODULES = "virtio_pci sd_mod virtio_scsi nvme ext4 crc32c_generic".split()
MERGED = ("bin", "sbin", "lib", "lib64")
PREP_AT, ROOT_AT, ROOT_SIZE = 4 * media.MIB, 16 * media.MIB, 2048 * media.MIB
SECOND_STAGE_TIME = 1800 * PATIENCE
WORK_TIME = 300 * PATIENCE
# debootstrap's order: what the scripts of all others use comes first.
FIRST = "base-passwd base-files dpkg libc6 perl-base mawk debconf"
SECOND_STAGE = """set -e
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
cd /var/cache/apt/archives
chown -R 0:0 /etc /usr /var /boot
dpkg="dpkg --force-depends --force-unsafe-io --force-confnew"
for package in %s; do
	$dpkg --install ${package}_*.deb
done
$dpkg --unpack ./*.deb
dpkg --configure --pending --force-configure-any --force-depends --force-unsafe-io
dpkg --audit
rm -f ./*.deb
passwd -d root
ls -l /boot
echo "=== second stage done"
""" % FIRST
FILES = {
    "etc/hostname": "espalier-debian\n",
    "etc/fstab": "LABEL=debian-root / ext4 defaults 0 1\n",
    "etc/kernel-img.conf": "do_symlinks = no\n",
    "etc/initramfs-tools/conf.d/driver-policy": "MODULES=list\n",
    "usr/share/initramfs-tools/modules.d/espalier": "\n".join(MODULES) + "\n",
    "etc/default/grub": "GRUB_DEFAULT=saved\nGRUB_TIMEOUT=0\nGRUB_DISTRIBUTOR=Debian\nGRUB_CMDLINE_LINUX=\"console=hvc0\"\n",
    "var/lib/dpkg/status": "",
    "var/lib/dpkg/available": "",
}
BASE_LOCK = threading.Lock()


def members(deb):
    """The members of an ar archive: {name: bytes}."""
    data, at, found = read(deb), 8, {}
    while at < len(data):
        name, size = data[at:at + 16].decode().rstrip(" /"), int(data[at + 48:at + 58])
        found[name] = data[at + 60:at + 60 + size]
        at += 60 + size + size % 2
    return found


def decompressed(deb):
    """The same package with its files as they are, and these as a tar archive: the emulated machine would spend minutes on xz."""
    whole, files = b"!<arch>\n", None
    for name, data in members(deb).items():
        if name.endswith(".xz"):
            name, data = name[:-3], lzma.decompress(data)
        if name == "data.tar":
            files = data
        whole += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name.encode(), 0, 0, 0, b"100644", len(data)) + data + b"\n" * (len(data) % 2)
    if files is None:
        raise AssetError("%s has no data.tar.xz" % deb)
    return whole, files


def unpack(debs, folder):
    """debootstrap's first stage."""
    for name in MERGED:
        os.makedirs(os.path.join(folder, "usr", name))
        os.symlink("usr/" + name, os.path.join(folder, name))
    archives = os.path.join(folder, "var/cache/apt/archives")
    os.makedirs(archives)
    for deb in debs:
        whole, files = decompressed(deb)
        write(os.path.join(archives, os.path.basename(deb)), whole)
        done = subprocess.run(["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", folder], input=files,
                              stderr=subprocess.PIPE, check=False, timeout=300)
        if done.returncode:
            raise AssetError("cannot unpack %s: %s" % (deb, done.stderr.decode()))
    for name in ("dev", "proc", "sys", "run", "tmp", "var/lib/dpkg/info", "var/lib/dpkg/updates"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    os.symlink("mawk", os.path.join(folder, "usr/bin/awk"))
    for name, text in FILES.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        write(os.path.join(folder, name), text.encode())


def first_stage(assets, part):
    """A disk with an empty PReP partition and the unpacked packages on ext4."""
    debs = part + ".debs"
    folder = part + ".tree"
    shutil.rmtree(folder, ignore_errors=True)
    fetch = os.environ.get("FETCH_DEBS") or os.path.join(TOP, "tools", "fetch-debs.sh")
    run([fetch, debs, SUITE, ARCH] + PACKAGES, 1200)
    unpack(sorted(glob.glob(os.path.join(debs, "*.deb"))), folder)
    size = ROOT_AT + ROOT_SIZE + 4 * media.MIB
    media.put(part, size, media.gpt(size, 512, {1: (media.PREP, PREP_AT // 512, 8 * media.MIB // 512),
                                                2: (media.LINUX, ROOT_AT // 512, ROOT_SIZE // 512)}))
    run([media.tool("mkfs.ext4"), "-q", "-F", "-L", "debian-root", "-E", "root_owner=0:0,offset=%d" % ROOT_AT, "-d", folder, part,
         "%dk" % (ROOT_SIZE >> 10)], 600)
    shutil.rmtree(folder)
    shutil.rmtree(debs)


def with_needed(modules, name, done):
    """The module's file after those of all it depends on, by what it says itself."""
    data = read(modules[name])
    for other in re.search(rb"\0depends=([^\0]*)\0", data).group(1).decode().replace("-", "_").split(","):
        if other and other not in done:
            with_needed(modules, other, done)
    done[name] = data
    return done


def job_initrd(bench, job):
    """Our initial RAM disk, with the modules that lead to a root file system, debian-init.sh and what it is to do."""
    assets = bench.assets
    modules = {os.path.basename(path)[:-3].replace("-", "_"): path
               for path in glob.glob(assets.hotplug_kernel()[1] + "/**/*.ko", recursive=True)}
    done = {}
    for name in MODULES:
        with_needed(modules, name, done)
    files = {"modules/%s.ko" % name: data for name, data in done.items()}
    files["order"] = "".join("%s.ko\n" % name for name in done).encode()
    files["job.sh"] = job.encode()
    files["debian-init.sh"] = read(os.path.join(HERE, "debian-init.sh"))
    out = os.path.join(bench.logs, bench.name + ".initrd")
    initrd.build(os.path.join(assets.package("bookworm", "ppc64el", "busybox-static"), "bin", "busybox"), out, files)
    return out


def work(bench, args, job, wanted, timeout=WORK_TIME):
    """Runs a shell script in the system on the disk in args, on Debian's kernel started by -kernel; wanted: what it must say."""
    kernel = bench.assets.hotplug_kernel()[0]
    with bench.vm(["-m", "1G", "-kernel", kernel, "-initrd", job_initrd(bench, job), "-append",
                   "console=hvc0 panic=-1 rdinit=/debian-init.sh"] + args) as vm:
        match = vm.expect(wanted, timeout, bad=r"^=== (job ended|no root)[^\n]*|Kernel panic - [^\n]*")
        vm.expect(r"^=== job ended with 0", WORK_TIME)
        vm.wait_exit(END_TIME)
        return match


def base_disk(bench):
    """The disk behind both stages; made once, it takes a while."""
    def make(part):
        first_stage(bench.assets, part)
        args = ["-device", "virtio-scsi-pci,id=host", "-drive", "if=none,id=d,format=raw,cache=unsafe,file=" + part,
                "-device", "scsi-hd,drive=d,bus=host.0"]
        work(bench, args, SECOND_STAGE, r"^=== second stage done", SECOND_STAGE_TIME)
    path = bench.assets.path("debian-%s.img" % SUITE)
    with BASE_LOCK:  # not the assets' own: the others need not wait so long
        if not os.path.exists(path):
            make(path + ".part")
            os.replace(path + ".part", path)
    return path
