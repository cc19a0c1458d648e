# SPDX-License-Identifier: BSD-2-Clause
"""
A peer for the firmware's network that lies: it answers ARP, DHCP, DNS, TFTP and HTTP, neighbour and router solicitations and
DHCPv6 as a server would, and then changes what it is about to send: bytes, lengths, order, number, with checksums mended or not.

    with HostilePeer(folder, seed) as peer: ... "-netdev", peer.netdev("n0") ...

All it does follows from the seed and from what it is asked.  The files it serves are noise: nothing of it may be run.
"""
import os
import random
import socket
import struct
import threading

OUR_MAC, OUR_IP, GUEST_IP = b"\x52\x54\x00\x00\x99\x01", bytes([10, 9, 0, 1]), bytes([10, 9, 0, 15])
OUR_LOCAL, OUR_IP6 = bytes.fromhex("fe80000000000000505400fffe009901"), bytes.fromhex("fd090000000000000000000000000001")
MANY = 120                                         # frames that one frame may bring
PATIENCE_S = 0.05


# -- packets -----------------------------------------------------------------------------------------------------------

def checksum(data):
    total = sum(struct.unpack("!%dH" % (-(-len(data) // 2)), data + bytes(len(data) & 1)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ether(dst, kind, data):
    return dst + OUR_MAC + struct.pack("!H", kind) + data


def ip4(src, dst, protocol, data):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 1, 0, 64, protocol, 0, src, dst)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + data


def ip6(src, dst, protocol, data, hops=255):
    return struct.pack("!IHBB16s16s", 6 << 28, len(data), protocol, hops, src, dst) + data


def udp(src, dst, data):
    return struct.pack("!HHHH", src, dst, 8 + len(data), 0) + data


def mend(frame):
    """The same frame with the lengths' own idea of where things are and right checksums, as far as it makes sense."""
    f = bytearray(frame)
    kind = f[12:14]
    if kind == b"\x08\x00" and len(f) >= 34:
        head = (f[14] & 15) * 4
        if head < 20 or len(f) < 14 + head:
            return frame
        f[24:26] = b"\0\0"
        f[24:26] = struct.pack("!H", checksum(bytes(f[14:14 + head])))
        pseudo, protocol, at = bytes(f[26:34]), f[23], 14 + head
    elif kind == b"\x86\xdd" and len(f) >= 54:
        pseudo, protocol, at = bytes(f[22:54]), f[20], 54
    else:
        return frame
    where = {17: 6, 6: 16, 58: 2}.get(protocol)
    if protocol == 1:
        where, pseudo = 2, None
    if where is None or len(f) < at + where + 2:
        return bytes(f)
    f[at + where:at + where + 2] = b"\0\0"
    body = bytes(f[at:])
    total = checksum((pseudo + struct.pack("!HH", protocol, len(body)) if pseudo else b"") + body)
    f[at + where:at + where + 2] = struct.pack("!H", total or 0xffff)
    return bytes(f)


# -- an honest server --------------------------------------------------------------------------------------------------

class Server:
    def __init__(self, rnd):
        self.random = rnd
        self.file = rnd.randbytes(3000 + rnd.randrange(60000))
        self.tftp = {}                             # the guest's port -> block size
        self.guest = b"\xff" * 6

    def answer(self, frame):
        self.guest = frame[6:12]
        kind = frame[12:14]
        if kind == b"\x08\x06":
            return self.arp(frame[14:])
        if kind == b"\x08\x00" and len(frame) >= 34:
            return self.on_ip4(frame[14:])
        if kind == b"\x86\xdd" and len(frame) >= 54:
            return self.on_ip6(frame[14:])
        return []

    def arp(self, p):
        if p[6:8] != b"\0\1" or p[24:28] == GUEST_IP or p[14:18] == bytes(4):
            return []
        return [ether(self.guest, 0x806, p[:6] + b"\0\2" + OUR_MAC + p[24:28] + p[8:14] + p[14:18])]

    def on_ip4(self, p):
        head, src, dst, protocol = (p[0] & 15) * 4, p[12:16], p[16:20], p[9]
        body = p[head:struct.unpack("!H", p[2:4])[0]]
        me = OUR_IP if dst[3] == 255 else dst
        if protocol == 17 and len(body) >= 8:
            to = GUEST_IP if src == bytes(4) else src
            return [ether(self.guest, 0x800, ip4(me, to, 17, d)) for d in self.on_udp(body, 0)]
        if protocol == 6 and len(body) >= 20:
            return [ether(self.guest, 0x800, ip4(me, src, 6, d)) for d in self.on_tcp(body)]
        if protocol == 1 and body[:1] == b"\x08":
            return [ether(self.guest, 0x800, ip4(me, src, 1, b"\0\0\0\0" + body[4:]))]
        return []

    def on_ip6(self, p):
        src, dst, protocol, body = p[8:24], p[24:40], p[6], p[40:]
        me = OUR_LOCAL if dst[0] == 0xff or src[0] == 0xfe else dst
        if protocol == 58:
            return self.icmp6(src, dst, body)
        if protocol == 17 and len(body) >= 8:
            return [ether(self.guest, 0x86dd, ip6(me, src, 17, d)) for d in self.on_udp(body, 1)]
        if protocol == 6 and len(body) >= 20:
            return [ether(self.guest, 0x86dd, ip6(me, src, 6, d)) for d in self.on_tcp(body)]
        return []

    def icmp6(self, src, dst, body):
        if body[:1] == b"\x85":
            option = b"\1\1" + OUR_MAC + b"\5\1\0\0" + struct.pack("!I", 1500) + b"\3\4\x40\xc0" + struct.pack("!II", 900, 900)
            text = (b"\x86\0\0\0\x40" + bytes([self.random.choice((0x40, 0x80, 0))]) + struct.pack("!HII", 600, 0, 0) + option +
                    bytes(4) + OUR_IP6[:8] + bytes(8) + b"\x19\3\0\0" + struct.pack("!I", 600) + OUR_IP6)
            return [ether(self.guest, 0x86dd, ip6(OUR_LOCAL, b"\xff\2" + bytes(13) + b"\1", 58, text))]
        if body[:1] == b"\x87" and len(body) >= 24 and src != bytes(16):
            text = b"\x88\0\0\0\x60\0\0\0" + body[8:24] + b"\2\1" + OUR_MAC
            return [ether(self.guest, 0x86dd, ip6(body[8:24], src, 58, text))]
        if body[:1] == b"\x80":
            return [ether(self.guest, 0x86dd, ip6(dst, src, 58, b"\x81\0\0\0" + body[4:]))]
        return []

    # -- UDP --------------------------------------------------------------------------------------------------------

    def on_udp(self, p, v6):
        src, dst = struct.unpack("!HH", p[:4])
        data = p[8:]
        if dst == 67:
            return [udp(67, 68, d) for d in self.dhcp(data)]
        if dst == 547:
            return [udp(547, 546, d) for d in self.dhcp6(data)]
        if dst == 53 and len(data) > 12:
            return [udp(53, src, self.dns(data))]
        if dst == 69 or dst == 1069:
            return [udp(1069, src, d) for d in self.on_tftp(src, data, v6)]
        return []

    def name(self):
        return self.random.choice((b"f", b"tftp://10.9.0.1/f", b"http://10.9.0.1/f", b"http://boot.lab/d/", b"d/", b"", b"x" * 127))

    def dhcp(self, p):
        if len(p) < 240:
            return []
        kind = 2 if b"\x35\1\1" in p[240:] else 5
        file = self.name()
        options = (b"\x63\x82\x53\x63\x35\1" + bytes([kind]) + b"\x36\4" + OUR_IP + b"\x33\4\0\0\x0e\x10\1\4\xff\xff\xff\0\3\4" +
                   OUR_IP + b"\6\4" + OUR_IP + b"\x43" + bytes([len(file)]) + file + b"\x42\x08" + b"boot.lab" + b"\x0c\3abc\xff")
        return [b"\2\1\6\0" + p[4:8] + bytes(8) + GUEST_IP + OUR_IP + bytes(4) + p[28:44] + bytes(64) +
                file[:127].ljust(128, b"\0") + options]

    def dhcp6(self, p):
        if len(p) < 4:
            return []
        ident, at = b"", 4
        while at + 4 <= len(p):
            code, size = struct.unpack("!HH", p[at:at + 4])
            if code == 1:
                ident = p[at:at + 4 + size]
            at += 4 + size
        url = self.random.choice((b"tftp://[fd09::1]/f", b"http://[fd09::1]/f", b"http://boot.lab/f"))
        address = b"\0\5\0\x18" + OUR_IP6[:15] + b"\x15" + struct.pack("!II", 900, 900)
        lease = b"\0\3" + struct.pack("!HIII", 12 + len(address), 1, 300, 600) + address
        return [bytes([2 if p[0] == 1 else 7]) + p[1:4] + ident + b"\0\2\0\x0a\0\3\0\1" + OUR_MAC + lease +
                b"\0\x3b" + struct.pack("!H", len(url)) + url + b"\0\x17\0\x10" + OUR_IP6]

    def dns(self, p):
        kind = p[-3:-2]
        rdata = OUR_IP6 if kind == b"\x1c" else OUR_IP
        return (p[:2] + b"\x81\x80\0\1\0\2\0\0\0\0" + p[12:] + b"\xc0\x0c\0\5\0\1\0\0\0\x3c\0\4\1x\xc0\x0c" +
                b"\xc0" + bytes([len(p) + 12]) + b"\0" + kind + b"\0\1\0\0\0\x3c" + struct.pack("!H", len(rdata)) + rdata)

    def on_tftp(self, port, p, v6):
        if p[:2] == b"\0\1":
            words = p[2:].split(b"\0")
            block = 512
            if b"blksize" not in words or self.random.random() < 0.2:
                self.tftp[port] = 512, 1
                return [b"\0\3\0\1" + self.file[:512]]
            block = int(words[words.index(b"blksize") + 1])
            self.tftp[port] = block, 16
            return [b"\0\6tsize\0%d\0blksize\0%d\0windowsize\x0016\0" % (len(self.file), block)]
        if p[:2] == b"\0\4" and port in self.tftp:
            block, window = self.tftp[port]
            at = struct.unpack("!H", p[2:4])[0]
            return [b"\0\3" + struct.pack("!H", n + 1) + self.file[n * block:(n + 1) * block]
                    for n in range(at, at + window) if n * block <= len(self.file)]
        return []

    # -- TCP, as far as one request goes -----------------------------------------------------------------------------

    def response(self, request):
        r, body = self.random, self.file
        if b"pxelinux.cfg" in request or r.random() < 0.1:
            body = b"default a\nlabel a\n kernel f\n initrd f\n append " + b"x" * 100 + b"\ninclude other\n"
        kind = r.randrange(6)
        if kind == 0:
            return b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % r.randrange(1000)
        if kind == 1:
            pieces = [body[i:i + 1000] for i in range(0, len(body), 1000)]
            return (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                    b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in pieces) + b"0\r\n\r\n")
        if kind == 2:
            return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: \"a\"\r\n\r\n" % len(body) + body

    def on_tcp(self, p):
        src, dst, seq, ack = struct.unpack("!HHII", p[:12])
        data = p[(p[12] >> 4) * 4:]

        def segment(at, flags, text=b""):
            return struct.pack("!HHIIBBHHH", dst, src, at & 0xffffffff, (seq + len(data) + (p[13] & 3 > 0)) & 0xffffffff, 0x50,
                               flags, 60000, 0, 0) + text

        if p[13] & 4:
            return []
        if p[13] & 2:
            return [segment(1000, 0x12)]
        if not data:
            return [segment(ack, 0x10)] if p[13] & 1 else []
        text = self.response(data)
        # all of it, at once: the window is larger than that
        return ([segment(ack + i, 0x18, text[i:i + 1400]) for i in range(0, len(text), 1400)] +
                [segment(ack + len(text), 0x11)])


# -- the liar ----------------------------------------------------------------------------------------------------------

class Liar:
    """Turns what an honest server sends into something else, sometimes."""

    def __init__(self, rnd):
        self.random = rnd
        self.old = []
        self.how_often = rnd.choice((0.02, 0.1, 0.1, 0.3))

    def number(self, f, at):
        r = self.random
        size = r.choice((1, 1, 2, 4))
        value = r.choice((0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0xffffffff, 0x80000000, len(f), r.getrandbits(32)))
        f[at:at + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "big")

    def change(self, frame):
        r, f = self.random, bytearray(frame)
        for _ in range(r.choice((1, 1, 2, 4))):
            low = r.choice((0, 14, 34, 42, 54, 62))
            at = r.randrange(min(low, len(f) - 1), len(f))
            what = r.randrange(8)
            if what == 0:
                f[at] ^= 1 << r.randrange(8)
            elif what == 1:
                f[at] = r.randrange(256)
            elif what in (2, 3):
                self.number(f, at)
            elif what == 4:
                del f[at:]
            elif what == 5:
                f[at:at] = bytes([r.randrange(256)]) * r.randrange(200)
            elif what == 6:
                del f[at:at + r.randrange(1, 40)]
            else:
                to = r.randrange(len(f))
                f[to:to] = f[at:at + r.randrange(100)]
            f = f[:1514] if len(f) >= 14 else f + bytes(14)
        return mend(bytes(f)) if r.random() < 0.8 else bytes(f)

    def lie(self, frames):
        r, out = self.random, []
        for frame in frames:
            whole = mend(frame)
            if r.random() >= self.how_often:
                out.append(whole)
                continue
            kind = r.randrange(10)
            if kind < 6:
                out.append(self.change(frame))
            elif kind == 6:
                out += [whole] * r.randrange(20)
            elif kind == 7 and self.old:
                out.append(r.choice(self.old))
            elif kind == 8:
                out += [whole, self.change(frame)]
            else:
                out.append(r.randbytes(r.randrange(14, 1514)))
            self.old = (self.old + [whole])[-50:]
        if r.random() < self.how_often:
            r.shuffle(out)
        return out[:MANY]


class HostilePeer:
    def __init__(self, folder, seed):
        self.folder = folder
        rnd = random.Random(seed)
        self.server, self.liar = Server(rnd), Liar(rnd)
        self.sock = self.thread = None
        self.over = False
        self.asked = self.told = 0

    def netdev(self, name):
        return "dgram,id=%s,local.type=unix,local.path=%s/qemu,remote.type=unix,remote.path=%s/peer" % (
            name, self.folder, self.folder)

    def _serve(self):
        while not self.over:
            try:
                frame = self.sock.recv(65536)
            except socket.timeout:
                continue
            self.asked += 1
            for answer in self.liar.lie(self.server.answer(frame)) if len(frame) >= 14 else []:
                self.told += 1
                try:
                    self.sock.sendto(answer, self.folder + "/qemu")
                except OSError:
                    pass                           # nobody listens just now

    def __enter__(self):
        for name in ("peer", "qemu"):
            if os.path.exists(os.path.join(self.folder, name)):
                os.unlink(os.path.join(self.folder, name))
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.folder + "/peer")
        self.sock.settimeout(PATIENCE_S)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.over = True
        self.thread.join()
        self.sock.close()
        return False
