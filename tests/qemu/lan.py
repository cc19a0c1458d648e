# SPDX-License-Identifier: BSD-2-Clause
"""
A network segment in this process with one host on it, for what no real server does on request: QEMU sends its frames as UDP
datagrams (netdev socket), the host answers ARP, DHCP, BOOTP, proxyDHCP, DNS and TFTP, and misbehaves as it is told.  It is
10.9.0.1, and 10.9.0.2 as proxy; its guest is 10.9.0.15.
"""
import socket
import struct
import threading

HOST, GUEST, OTHER = bytes([10, 9, 0, 1]), bytes([10, 9, 0, 15]), bytes([10, 9, 0, 2])
MAC = b"\x52\x54\x00\x00\x99\x01"
BROADCAST = b"\xff" * 6
COOKIE = b"\x63\x82\x53\x63"
OFFER, REQUEST, ACK, RELEASE = 2, 3, 5, 7


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def options_of(packet):
    found, at = {}, 240
    while at + 1 < len(packet) and packet[at] != 255:
        if packet[at] == 0:
            at += 1
            continue
        found[packet[at]] = packet[at + 2:at + 2 + packet[at + 1]]
        at += 2 + packet[at + 1]
    return found


class Lan:
    """files: name -> content, or a function (lan, address, port, block) that answers a request or acknowledgement itself."""

    def __init__(self, files, names=None, bootfile=None, proxy=None, dhcp=True, bootp=False):
        self.files, self.names, self.bootfile, self.proxy = files, names or {}, bootfile, proxy
        self.dhcp, self.bootp = dhcp, bootp
        self.seen = {"release": 0, "discover": 0, "proxy": 0}
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.qemu = free.getsockname()
        self.transfers = {}
        self.guest_mac = BROADCAST
        self.asked = HOST                              # which of our addresses the guest spoke to last

    def netdev(self, name):
        return "socket,id=%s,udp=127.0.0.1:%d,localaddr=127.0.0.1:%d" % (name, self.sock.getsockname()[1], self.qemu[1])

    def __enter__(self):
        self.running = True
        self.sock.settimeout(0.2)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join()
        self.sock.close()

    def serve(self):
        while self.running:
            try:
                self.frame(self.sock.recv(65536))
            except (socket.timeout, ConnectionRefusedError):
                pass

    # -- out -----------------------------------------------------------------------------------------------------------

    def send(self, kind, payload, to=None):
        frame = (to or self.guest_mac) + MAC + struct.pack("!H", kind) + payload
        self.sock.sendto(frame.ljust(60, b"\0"), self.qemu)

    def send_ip(self, protocol, payload, src=HOST, dst=GUEST, to=None):
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, src, dst)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        self.send(0x800, head + payload, to)

    def send_udp(self, src_port, dst_port, payload, src=None, dst=GUEST, to=None):
        self.send_ip(17, struct.pack("!HHHH", src_port, dst_port, 8 + len(payload), 0) + payload, src or self.asked, dst, to)

    # -- in ------------------------------------------------------------------------------------------------------------

    def frame(self, frame):
        kind, payload = struct.unpack("!H", frame[12:14])[0], frame[14:]
        self.guest_mac = frame[6:12]
        if kind == 0x806 and payload[6:8] == b"\0\1" and payload[24:28] in (HOST, OTHER):
            self.send(0x806, payload[:6] + b"\0\2" + MAC + payload[24:28] + payload[8:18])
        if kind == 0x800 and payload[9] == 17:
            self.udp(payload, payload[4 * (payload[0] & 15):])

    def udp(self, ip, udp):
        src_port, dst_port, length = struct.unpack("!HHH", udp[:6])
        self.asked = ip[16:20]
        data = udp[8:length]
        if dst_port in (67, 4011):
            self.boot_server(data, dst_port)
        elif dst_port == 53:
            self.send_udp(53, src_port, self.name(data))
        elif dst_port == 69:
            self.request(ip, udp, src_port, data)
        elif dst_port in self.transfers:
            self.acknowledged(src_port, dst_port, data)

    # -- DHCP ----------------------------------------------------------------------------------------------------------

    def boot_server(self, ask, port):
        options = options_of(ask)
        kind = options.get(53, b"\0")[0]
        self.seen["release"] += kind == RELEASE
        self.seen["discover"] += kind == 1
        self.seen["options"] = options
        if port == 4011:
            self.seen["proxy"] += 1
            self.boot_answer(ask, ACK, bytes(4), self.proxy[1], [(60, b"PXEClient")], 4011)
        elif kind == 0 and self.bootp:
            self.boot_answer(ask, 0, GUEST, self.bootfile, [])
        elif kind in (1, REQUEST) and self.dhcp:
            if self.proxy and kind == 1:
                self.boot_answer(ask, OFFER, bytes(4), self.proxy[0], [(60, b"PXEClient")])
            self.boot_answer(ask, OFFER if kind == 1 else ACK, GUEST, self.bootfile,
                             [(1, b"\xff\xff\xff\0"), (6, HOST), (51, b"\0\0\x0e\x10")])

    def boot_answer(self, ask, kind, address, file, more, port=67):
        server = OTHER if address == bytes(4) else HOST
        head = b"\2\1\6\0" + ask[4:12] + bytes(4) + address + server + bytes(4) + ask[28:44] + bytes(64)
        head += (file or "").encode().ljust(128, b"\0") + COOKIE
        for code, value in ([(53, bytes([kind])), (54, server)] if kind else []) + more:
            head += bytes([code, len(value)]) + value
        self.send_udp(port, 68, (head + b"\xff").ljust(300, b"\0"), server, b"\xff" * 4, BROADCAST)

    # -- DNS -----------------------------------------------------------------------------------------------------------

    def name(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        address = self.names.get(".".join(labels)) if question[at + 2] == 1 else None
        head = question[:2] + (b"\x81\x80" if address else b"\x81\x83") + b"\0\1" + (b"\0\1" if address else b"\0\0") + bytes(4)
        return head + question[12:at + 5] + (b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + address if address else b"")

    # -- TFTP ----------------------------------------------------------------------------------------------------------

    def request(self, ip, udp, port, data):
        words = data[2:].split(b"\0")
        name = words[0].decode("latin-1")
        content = self.files.get(name)
        mine = 2000 + len(self.transfers)
        if content == "icmp":
            self.send_ip(1, self.unreachable(ip, udp))
        elif callable(content):
            self.transfers[mine] = content
            content(self, port, mine, -1)
        elif content is None:
            self.send_udp(mine, port, b"\0\5\0\1No such file\0")
        else:
            self.transfers[mine] = content
            self.block(content, port, mine, 0)

    def unreachable(self, ip, udp):
        message = b"\3\3\0\0\0\0\0\0" + ip[:20] + udp[:8]
        return message[:2] + struct.pack("!H", checksum(message)) + message[4:]

    def block(self, content, port, mine, number):
        part = content[512 * number:512 * number + 512]
        if number * 512 <= len(content):
            self.send_udp(mine, port, struct.pack("!HH", 3, number + 1 & 0xffff) + part)

    def acknowledged(self, port, mine, data):
        code, number = struct.unpack("!HH", data[:4])
        content = self.transfers[mine]
        if code == 4 and callable(content):
            content(self, port, mine, number)
        elif code == 4:
            self.block(content, port, mine, number)


# -- files that are none -----------------------------------------------------------------------------------------------

def error(code, text="no"):
    return lambda lan, port, mine, number: lan.send_udp(mine, port, struct.pack("!HH", 5, code) + text.encode() + b"\0")


def silence(lan, port, mine, number):
    pass


def trickle(seconds):
    """A file without end, a block now and then."""
    def answer(lan, port, mine, number):
        if number < 0:
            lan.send_udp(mine, port, struct.pack("!HH", 3, 1) + b"x" * 512)
        elif number > lan.seen.get("trickled", 0):
            lan.seen["trickled"] = number              # once for every block, however often it is asked for
            threading.Timer(seconds, lan.send_udp, (mine, port, struct.pack("!HH", 3, number + 1) + b"x" * 512)).start()
    return answer


def noise(lan, port, mine, number):
    for _ in range(40):
        lan.send_udp(mine, port, b"\0\x21noise")


def options(text, then=b""):
    """Agrees to these options, then sends one block."""
    def answer(lan, port, mine, number):
        if number < 0:
            lan.send_udp(mine, port, b"\0\6" + text.replace("|", "\0").encode())
        elif number == 0:
            lan.send_udp(mine, port, b"\0\3\0\1" + then)
    return answer
