#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
Builds the initial RAM disk of the Linux guests: busybox for ppc64el and our guest-init.sh, nothing else unless asked for.

The archive is a plain (uncompressed: the emulated machine would spend seconds on unpacking) newc cpio written here, so
that no cpio program is needed.  By hand: initrd.py BUSYBOX OUT
"""
import os
import stat
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CONSOLE = (5, 1)
FOLDERS = ("bin", "dev", "proc", "sys")
APPLETS = "sh mount dmesg hexdump cat grep find ls nproc sleep reboot poweroff insmod mkdir".split()


def newc_entry(number, name, mode, data=b"", rdev=(0, 0)):
    """One member: a header of 13 eight-digit numbers, the name, the data, each padded to four bytes."""
    path = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(path), 0)
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + path
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def newc(members):
    """members: (name, mode, data, rdev) tuples, folders before their content."""
    entries = [newc_entry(i + 1, *member) for i, member in enumerate(members)]
    archive = b"".join(entries) + newc_entry(0, "TRAILER!!!", 0)
    return archive + bytes(-len(archive) % 512)


def folder(name):
    return (name, stat.S_IFDIR | 0o755, b"", (0, 0))


def program(name, data):
    return (name, stat.S_IFREG | 0o755, data, (0, 0))


def link(name, target):
    return (name, stat.S_IFLNK | 0o777, target.encode(), (0, 0))


def with_folders(files):
    """Members for {name: data}, with the folders they lie in that the basic archive lacks."""
    needed = {os.path.join(*parts[:i]) for parts in (name.split("/") for name in files) for i in range(1, len(parts))}
    return [folder(name) for name in sorted(needed - set(FOLDERS))] + [program(name, data) for name, data in files.items()]


def build(busybox, out, files=None):
    """busybox: path of a static ppc64el busybox.  Writes the archive to out.  files: {name: data} to put in as well."""
    with open(busybox, "rb") as f:
        busybox_data = f.read()
    with open(os.path.join(HERE, "guest-init.sh"), "rb") as f:
        init = f.read()
    members = [folder(d) for d in FOLDERS]
    members += [("dev/console", stat.S_IFCHR | 0o600, b"", CONSOLE)]
    members += [program("bin/busybox", busybox_data), program("init", init)]
    members += [link("bin/" + applet, "busybox") for applet in APPLETS]
    members += with_folders(files or {})
    partial = "%s.%d" % (out, os.getpid())
    with open(partial, "wb") as f:
        f.write(newc(members))
    os.replace(partial, out)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: initrd.py BUSYBOX OUT")
    build(sys.argv[1], sys.argv[2])
