# SPDX-License-Identifier: BSD-2-Clause
"""
A network of its own for boot tests: Debian's dnsmasq (DHCP, DHCPv6, router advertisements, DNS, TFTP) and nginx behind a tap
interface in a network namespace, and a relay that carries frames between it and QEMU's datagram socket and loses, repeats
and reorders some on the way.

    with Lab(bench, loss=0.03) as lab:
        net = lab.netdev(m)          # for device properties: netdev=net

`Lab` is what a test uses.  The program itself (`python3 netlab.py FILE`) is what runs in the namespace; it ends with its standard
input, and everything in there ends with it.
"""
import ctypes
import fcntl
import functools
import glob
import json
import os
import random
import selectors
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from assets import AssetError

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 2, 0x1000
READY_S = 60                                        # servers to listen, on a loaded host
HELD_S = 0.02                                      # a frame out of order waits this long at most for another
PATIENCE_S = 0.1                                   # with a receiver that takes nothing
PR_SET_PDEATHSIG, SIGKILL = 1, 9
IP4, IP6 = "10.7.0.1", "fd07::1"
SERVERS = ("dnsmasq-base nginx libc6 libcap2 libcrypt1 libdbus-1-3 libgcrypt20 libgmp10 libgpg-error0 libhogweed6 libidn2-0 "
           "libjansson4 liblz4-1 liblzma5 libmnl0 libnetfilter-conntrack3 libnettle8 libnfnetlink0 libnftables1 libnftnl11 "
           "libpcre2-8-0 libssl3 libsystemd0 libunistring2 libxtables12 libzstd1 zlib1g").split()
NGINX = """
daemon off; master_process off; pid {tmp}/nginx.pid; error_log stderr notice;
events {{ worker_connections 64; }}
http {{
    access_log {tmp}/access.log;
    client_body_temp_path {tmp}/n1; proxy_temp_path {tmp}/n2; fastcgi_temp_path {tmp}/n3; uwsgi_temp_path {tmp}/n4;
    scgi_temp_path {tmp}/n5;
    server {{
        listen {ip4}:80; listen [{ip6}]:80;
        root {root};
        location /moved/ {{ rewrite ^/moved/(.*)$ /$1 redirect; }}
        {extra}
    }}
}}
"""


# -- what a test uses --------------------------------------------------------------------------------------------------

class NoLab(Exception):
    """This machine cannot have such a network; the text says why."""


def in_namespace():
    """Words that run a program in a network and process namespace of its own."""
    tool = shutil.which("unshare")
    if not tool:
        raise NoLab("no unshare (util-linux)")
    if not shutil.which("ip"):
        raise NoLab("no ip (iproute2)")
    words = [tool] + ([] if os.geteuid() == 0 else ["--map-root-user"]) + ["--net", "--pid", "--fork", "--kill-child=KILL"]
    tried = subprocess.run(words + ["true"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20, check=False)
    if tried.returncode:
        raise NoLab("no network namespace: " + tried.stdout.decode("latin-1").strip())
    if not os.path.exists("/dev/net/tun"):
        raise NoLab("no /dev/net/tun")
    return words


@functools.lru_cache(None)
def need_dgram():
    qemu = os.environ.get("QEMU") or "qemu-system-ppc64"
    said = subprocess.run([qemu, "-M", "none", "-netdev", "help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=60, check=True).stdout
    if b"dgram" not in said:
        raise NoLab("this QEMU has no datagram network (7.2 is the first)")


def server_words(assets, name):
    """Words that start a server of Debian's from its own folder, with libraries of its own."""
    arch = subprocess.run(["dpkg", "--print-architecture"], stdout=subprocess.PIPE, timeout=20, check=True).stdout.decode().strip()
    try:
        base = assets.package("bookworm", arch, *SERVERS)
    except AssetError as err:
        raise NoLab("no servers of Debian's: %s" % str(err).splitlines()[-1]) from err
    loader = glob.glob(base + "/lib/*/ld-linux*.so.*") + glob.glob(base + "/lib/*/ld64.so.*")
    folders = glob.glob(base + "/lib/*-linux-gnu*") + glob.glob(base + "/usr/lib/*-linux-gnu*")
    return [loader[0], "--library-path", ":".join(folders), os.path.join(base, "usr/sbin", name)]


class Lab:
    """
    DHCP names `boot4` (a file or URL), DHCPv6 the URL `boot6`; files come from the folder `root`.  proxy: options of a second
    dnsmasq, which gives no addresses but knows what to boot, while the first one does not.
    """

    def __init__(self, bench, root, boot4=None, boot6=None, mtu=1500, loss=0, repeat=0, reorder=0, extra="", options=(), proxy=()):
        self.bench = bench
        self.root = os.path.abspath(root)
        self.boot = boot4, boot6
        self.options = list(options)
        self.proxy = list(proxy)
        self.extra = extra
        self.settings = {"mtu": mtu, "loss": loss, "repeat": repeat, "reorder": reorder, "ip4": IP4, "ip6": IP6,
                         "seed": bench.name}
        self.tmp = self.process = None

    def _dnsmasq_words(self):
        return server_words(self.bench.assets, "dnsmasq") + [
            "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--group=root", "--pid-file=", "--no-resolv",
            "--no-hosts", "--log-facility=-", "--log-dhcp", "--interface=tap0"] + (
            ["--bind-dynamic"] if self.proxy else [])          # then two of them may have the port

    def _proxy(self):
        return self._dnsmasq_words() + ["--port=0", "--dhcp-range=10.7.0.0,proxy,255.255.255.0"] + self.proxy

    def _dnsmasq(self):
        words = self._dnsmasq_words() + [
            "--dhcp-leasefile=" + self.tmp + "/leases", "--enable-tftp", "--tftp-root=" + self.root, "--dhcp-authoritative", "--no-ping",
            "--address=/server.lab/" + IP4,
            "--address=/server6.lab/" + IP6]
        if self.boot[0] or self.proxy:
            words += ["--dhcp-range=10.7.0.50,10.7.0.99,255.255.255.0,10m"]
        if self.boot[0]:
            words += ["--dhcp-boot=" + self.boot[0]]
        if self.boot[1]:
            words += ["--dhcp-range=fd07::100,fd07::1ff,64,10m", "--enable-ra", "--dhcp-option=option6:bootfile-url," + self.boot[1]]
        return words + self.options

    def _nginx(self):
        with open(self.tmp + "/nginx.conf", "w", encoding="utf-8") as f:
            f.write(NGINX.format(tmp=self.tmp, root=self.root, ip4=IP4, ip6=IP6, extra=self.extra))
        return server_words(self.bench.assets, "nginx") + ["-e", "stderr", "-p", self.tmp, "-c", self.tmp + "/nginx.conf"]

    def __enter__(self):
        words = in_namespace()
        need_dgram()
        self.tmp = tempfile.mkdtemp(prefix="lab.")
        try:
            self._start(words)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self, words):
        settings = dict(self.settings, qemu=self.tmp + "/qemu", lab=self.tmp + "/lab", servers=[self._dnsmasq(), self._nginx()])
        if self.proxy:
            settings["servers"].append(self._proxy())
        with open(self.tmp + "/settings", "w", encoding="utf-8") as f:
            json.dump(settings, f)
        log = open(os.path.join(self.bench.logs, self.bench.name + ".servers"), "w", encoding="utf-8")
        with log:
            self.process = subprocess.Popen(words + [sys.executable, os.path.abspath(__file__), self.tmp + "/settings"],
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        said = self.process.stdout.readline().decode().strip()
        if said != "ready":
            raise NoLab("no network: " + (said or "the helper ended"))

    def netdev(self, m, name="n0"):
        m.args += ["-netdev", "dgram,id=%s,local.type=unix,local.path=%s/qemu,remote.type=unix,remote.path=%s/lab" %
                   (name, self.tmp, self.tmp)]
        return name

    def server_log(self):
        with open(os.path.join(self.bench.logs, self.bench.name + ".servers"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def access_log(self):
        with open(self.tmp + "/access.log", encoding="utf-8", errors="replace") as f:
            return f.read()

    def __exit__(self, *exc):
        if self.process:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
        shutil.rmtree(self.tmp, ignore_errors=True)
        return False


# -- what runs in the namespace ----------------------------------------------------------------------------------------

class Capture:
    """Frames in a file that wireshark reads, if somebody names one in the environment."""

    def __init__(self):
        path = os.environ.get("NETLAB_PCAP")
        self.file = open(path, "wb") if path else None
        if self.file:
            self.file.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    def take(self, frame):
        if self.file:
            now = time.time()
            self.file.write(struct.pack("=IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame)) + frame)
            self.file.flush()


class Way:
    """One direction; what `send` gets went through the weather."""

    def __init__(self, settings, send, salt):
        self.loss, self.repeat, self.reorder = (settings[k] for k in ("loss", "repeat", "reorder"))
        self.random = random.Random(settings["seed"] + salt)
        self.send = send
        self.held, self.held_at = None, 0

    def take(self, frame):
        if self.random.random() < self.loss:
            return
        if self.held is None and self.random.random() < self.reorder:
            self.held, self.held_at = frame, time.monotonic()
            return
        self.send(frame)
        if self.random.random() < self.repeat:
            self.send(frame)
        self.release()

    def release(self):
        if self.held is not None:
            frame, self.held = self.held, None
            self.send(frame)

    def tick(self):
        if self.held is not None and time.monotonic() - self.held_at > HELD_S:
            self.release()


def ip(*words):
    subprocess.run(["ip", *words], check=True, timeout=20, stdin=subprocess.DEVNULL)


def open_tap(settings):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"tap0", IFF_TAP | IFF_NO_PI))
    with open("/proc/sys/net/ipv6/conf/tap0/accept_dad", "w", encoding="ascii") as f:
        f.write("0")
    ip("link", "set", "lo", "up")
    ip("link", "set", "tap0", "mtu", str(settings["mtu"]), "up")
    ip("addr", "add", settings["ip4"] + "/24", "dev", "tap0")
    ip("-6", "addr", "add", settings["ip6"] + "/64", "dev", "tap0", "nodad")
    return tap


def open_socket(settings):
    """What QEMU sends to; its own end appears when QEMU starts."""
    with open("/proc/sys/net/unix/max_dgram_qlen", "w", encoding="ascii") as f:
        f.write("1000")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(settings["lab"])
    sock.settimeout(PATIENCE_S)
    return sock


def start_servers(settings):
    def end_with_us():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)

    return [subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=2, preexec_fn=end_with_us)
            for words in settings["servers"]]


def listening():
    """The (protocol, port) pairs somebody of this namespace listens at."""
    found = set()
    for table, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        with open("/proc/self/net/" + table, encoding="ascii") as f:
            rows = [line.split() for line in f.readlines()[1:]]
        found |= {(table[:3], int(row[1].rpartition(":")[2], 16)) for row in rows if row[3] == state}
    return found


def why_not_ready(servers):
    """Waits for the web server, TFTP, and the proxy if there is one, which come last; None, or what is wrong."""
    end = time.monotonic() + READY_S
    ports = {("tcp", 80), ("udp", 69)} | ({("udp", 4011)} if len(servers) > 2 else set())
    while not ports <= listening():
        dead = [s.args[3] for s in servers if s.poll() is not None]
        if dead:
            return "%s ended at once" % dead[0]
        if time.monotonic() > end:
            return "after %d s the servers listen at %s only" % (READY_S, sorted(listening()))
        time.sleep(0.02)
    return None


def relay(settings, tap, sock):
    capture = Capture()

    def to_guest(frame):
        capture.take(frame)
        try:
            sock.sendto(frame, settings["qemu"])
        except OSError:
            pass                                   # no QEMU, or none that listens: a cable that leads nowhere

    def to_host(frame):
        capture.take(frame)
        try:
            os.write(tap, frame)
        except OSError:
            pass                                   # what is no frame

    ways = {tap: Way(settings, to_guest, "to guest"), sock.fileno(): Way(settings, to_host, "to host")}
    with selectors.DefaultSelector() as selector:
        for fd in (tap, sock.fileno(), 0):
            selector.register(fd, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select(HELD_S):
                if key.fd == 0:
                    return
                ways[key.fd].take(os.read(tap, 65536) if key.fd == tap else sock.recv(65536))
            for way in ways.values():
                way.tick()


def serve(path):
    with open(path, encoding="utf-8") as f:
        settings = json.load(f)
    try:
        tap = open_tap(settings)
    except OSError as err:
        print("tap: %s" % err, flush=True)
        return
    sock = open_socket(settings)
    print(why_not_ready(start_servers(settings)) or "ready", flush=True)
    relay(settings, tap, sock)


if __name__ == "__main__":
    serve(sys.argv[1])
