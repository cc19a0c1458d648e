# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests over the network with files of a pxelinux.cfg folder and by HTTP: kernels with initial RAM disks and arguments, menus,
scripts and programs, from QEMU's user-mode network as DHCP and TFTP server and a web server in this process.
"""
import http.server
import os
import re
import threading

from assets import PATTERN_BYTES, read
from bench import END_TIME, FIRMWARE_TIME, NO_BOOT, PATIENCE, row, wait_our_ready
from disk_tests import on_root
from net_tests import SCRIPT, check_script, folder, nic, user_net, wait_our_ready_after
from topologies import Machine

LINUX_TIME = 120 * PATIENCE
MAC = "52:54:00:12:34:56"
BY_MAC = "01-" + MAC.replace(":", "-")
BAD = r"Kernel panic - not syncing[^\n]*|Unable to handle kernel[^\n]*|^E3[04]\d\d[^\n]*"
BOTH_SUMS = 2 * sum(i * 7 & 0xff for i in range(PATTERN_BYTES))
BOTH_BYTES = (PATTERN_BYTES + 3) // 4 * 4 + PATTERN_BYTES


class Web:
    """A folder by HTTP on this machine's loop, which guests know as 10.0.2.2; remembers what was asked for."""

    def __init__(self, path, moved=None):
        asked = self.asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=path)

            def do_GET(self):
                asked.append(self.path)
                if moved and self.path.startswith(moved):
                    self.send_response(302)
                    self.send_header("Location", "/" + self.path[len(moved):])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    super().do_GET()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://10.0.2.2:%d/" % self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def link(path, name, file):
    where = os.path.join(path, name)
    os.makedirs(os.path.dirname(where), exist_ok=True)
    if not os.path.lexists(where):
        os.symlink(file, where)


def config(path, name, text):
    where = os.path.join(path, "pxelinux.cfg", name)
    os.makedirs(os.path.dirname(where), exist_ok=True)
    with open(where, "w", encoding="utf-8") as f:
        f.write(text)


def machine(path=None, bootfile=None, driver="virtio-net-pci", **net):
    m = Machine()
    words = ["user", "id=n0"] + (["tftp=" + path] if path else []) + (["bootfile=" + bootfile] if bootfile else [])
    m.args += ["-netdev", ",".join(words + ["%s=%s" % pair for pair in net.items()]), "-boot", "order=n"]
    nic(m, driver, on_root, "n0", mac=MAC)
    return m


# -- pxelinux.cfg ------------------------------------------------------------------------------------------------------

LINUX_CONFIG = """# as installers write it
default linux
label linux
  kernel vmlinux
  append initrd=initrd console=hvc0 test.dump=no
  ipappend 3
"""


def linux_folder(bench):
    path = folder(bench)
    link(path, "vmlinux", bench.assets.installer(12)[0])
    link(path, "initrd", bench.assets.initrd())
    return path


def check_linux(vm, arguments):
    vm.expect(r"Successfully loaded", LINUX_TIME, bad=BAD)
    vm.expect(arguments, LINUX_TIME, bad=BAD)
    vm.expect(r"^=== init", LINUX_TIME, bad=BAD)
    vm.wait_exit(END_TIME)
    return []


def test_linux(bench, by, driver="virtio-net-pci", **net):
    """Kernel, initial RAM disk and arguments by a file of this machine's MAC address."""
    path = linux_folder(bench)
    config(path, BY_MAC, LINUX_CONFIG)
    config(path, "default", "default wrong\nlabel wrong\nkernel wrong\n")
    arguments = r"console=hvc0 test.dump=no .*BOOTIF=" + BY_MAC
    with Web(path) as web:
        m = machine(path, driver=driver, **net) if by == "tftp" else machine(bootfile=web.url, driver=driver, **net)
        with bench.vm(m.args + ["-m", "1G"]) as vm:
            return check_linux(vm, arguments)


def hello_folder(bench, width):
    path = folder(bench, hello=read(bench.client("hello", width)))
    link(path, "a", bench.assets.pattern())
    link(path, "b", bench.assets.pattern())
    return path


def test_hello(bench, width, name, by):
    """Two files become one initial RAM disk; arguments are those of the file, then those typed."""
    path = hello_folder(bench, width)
    config(path, name, "timeout 0\nlabel one\nlinux /hello\ninitrd a,b\nappend of the file\n")
    with Web(path) as web:
        m = machine(path) if by == "tftp" else machine(bootfile=web.url)
        with bench.vm(m.args + ["-m", "512M", "-uuid", "b8945a1f-0102-0304-0506-0708090a0b0c"] + NO_BOOT) as vm:
            wait_our_ready(vm)
            chosen = load(vm, "load net typed by hand\n", r"^  Successfully loaded")
            bad = [] if "linux,initrd-start" in chosen else ["/chosen has no initrd after load"]
            chosen = load(vm, "load net:,absent\n", r"^E3404: ")
            bad += ["/chosen still has an initrd"] if "linux,initrd-start" in chosen else []
            vm.send("boot net typed by hand\n")
            vm.expect(r"^cost walk", FIRMWARE_TIME, bad=r"^E3[04]\d\d[^\n]*")
            text = vm.text()
    wanted = ('bootargs "of the file typed by hand", arguments "of the file typed by hand"',
              "initrd %d bytes at" % BOTH_BYTES, "sum %d" % BOTH_SUMS)
    return bad + ["the client did not say '%s'" % w for w in wanted if w not in text]


def load(vm, line, wanted, keys=None):
    """What /chosen says after a line at the prompt."""
    vm.send(line)
    if keys is not None:
        vm.expect(r"^boot: ", FIRMWARE_TIME)
        vm.send(keys)
    vm.expect(wanted, FIRMWARE_TIME)
    wait_our_ready_after(vm)
    at = len(vm.text())
    vm.send("dev /chosen .properties\n")
    wait_our_ready_after(vm)
    return vm.text()[at:]


MENU = """ui menu.c32
menu title What will it be
include common
label first
menu label ^First thing
kernel absent
label second
menu label Second thing
menu default
kernel hello
append from the menu
label third
menu label Third thing
localboot 0
"""


def test_menu(bench):
    """A list of titles: by number with arguments, by Enter, by time, by ESC; a common file is included."""
    path = hello_folder(bench, 64)
    config(path, "default", MENU)
    with open(os.path.join(path, "common"), "w", encoding="utf-8") as f:
        f.write("timeout 100\nontimeout second by time\n")
    m = machine(path)
    bad = []
    with bench.vm(m.args + ["-m", "512M"] + NO_BOOT) as vm:
        wait_our_ready(vm)
        for keys, arguments in (("2 and more\n", "from the menu and more"), ("\n", "from the menu"), ("", "from the menu by time"),
                                ("sex\x7fcond z\n", "from the menu z"),
                                ("hello by name\n", "by name")):
            chosen = load(vm, "load net\n", r"^  Successfully loaded", keys)
            bad += [] if re.search(r'bootargs +"%s"' % arguments, chosen, re.M) else ["keys %r: %s" % (keys, chosen)]
        load(vm, "load net\n", r"E3404: Not a bootable device! \(the configuration leaves it", "third\n")
        load(vm, "load net\n", r"^E3009: \(net\) tftp:\S+/absent: ", "1\n")
        load(vm, "load net\n", r"^Aborted", "\x1b")
        if not re.search(r"What will it be\s+1\) First thing\s+2\) Second thing \*\s+3\) Third thing\s+A number", vm.text()):
            bad.append("no list of the titles")
    return bad


def test_bad_configs(bench):
    """What is wrong is told, and it ends."""
    path = folder(bench, loop="include loop\n", huge="#" * 300000, **{"chain.cfg": "label a\nconfig chain.cfg\n"})
    m = machine(path)
    with bench.vm(m.args + ["-m", "512M"] + NO_BOOT) as vm:
        wait_our_ready(vm)
        for text, wanted in (("include loop\n", r"^E3003: \(net\) [^\n]*default: too deep|^E30\d\d: \(net\)[^\n]*(deep|nested)"),
                             ("include huge\nlabel a\nkernel x\n", r"^E3004: \(net\)"),
                             ("menu title nothing\n", r"^E3009: \(net\) the configuration has nothing to boot"),
                             ("label a\nkernel https://10.0.2.2/x\n", r"^E3003: \(net\) https://10\.0\.2\.2/x: "),
                             ("label a\nconfig chain.cfg\n", r"^E3\d\d\d: ")):
            config(path, "default", text)
            vm.send("boot net\n")
            vm.expect(wanted, FIRMWARE_TIME)
            wait_our_ready_after(vm)
    return []


# -- HTTP --------------------------------------------------------------------------------------------------------------

def test_http_script(bench, driver, **net):
    """DHCP names a URL."""
    path = folder(bench, script=SCRIPT)
    with Web(path, "/moved/") as web:
        m = machine(bootfile=web.url + "moved/script", driver=driver, **net)
        with bench.vm(m.args + ["-m", "512M"]) as vm:
            bad = check_script(vm)
        return bad + ([] if web.asked == ["/moved/script", "/script"] else ["asked for %s" % web.asked])


def test_http_programs(bench):
    """Programs of both widths by URLs typed, one of them after a redirection."""
    path = folder(bench, hello32=read(bench.client("hello", 32)), hello64=read(bench.client("hello", 64)))
    m = machine()
    with Web(path, "/old/") as web, bench.vm(m.args + ["-m", "512M"] + NO_BOOT) as vm:
        wait_our_ready(vm)
        chosen = load(vm, "load net:%shello32 some words\n" % web.url, r"^  Successfully loaded")
        bad = [] if re.search(r'bootargs +"some words"', chosen) else ["/chosen: " + chosen]
        vm.send("boot net:%sabsent\n" % web.url)
        vm.expect(r"^E3009: \(net\) http:\S+absent: HTTP 404", FIRMWARE_TIME)
        vm.expect(r"^E3404: Not a bootable device! \(E3009\)", FIRMWARE_TIME)
        wait_our_ready_after(vm)
        vm.send("boot net:%sold/hello64 some words\n" % web.url)
        vm.expect(r'arguments "some words"', FIRMWARE_TIME, bad=r"^E3[04]\d\d[^\n]*")
    return bad


def tests():
    return [
        row("pxe-linux-tftp", "fast", test_linux, "tftp"),
        row("pxe-linux-http", "fast", test_linux, "http"),
        row("pxe-linux-vlan", "long", test_linux, "http", "spapr-vlan"),
        row("pxe-linux-e1000", "long", test_linux, "tftp", "e1000"),
        row("pxe-hello-uuid", "fast", test_hello, 64, "b8945a1f-0102-0304-0506-0708090a0b0c", "tftp"),
        row("pxe-hello-ip", "fast", test_hello, 32, "0A00020", "http"),
        row("pxe-menu", "fast", test_menu),
        row("pxe-bad-configs", "fast", test_bad_configs),
        row("http-script-virtio", "fast", test_http_script, "virtio-net-pci"),
        row("http-script-vlan", "long", test_http_script, "spapr-vlan"),
        row("http-script-e1000", "long", test_http_script, "e1000"),
        row("http-programs", "fast", test_http_programs),
    ]
