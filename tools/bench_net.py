# SPDX-License-Identifier: BSD-2-Clause
"""
What loading from the network costs, for bench.py: host CPU seconds of the QEMU process between the line that announces the
attempt and the one that says what came is no program.

100 MiB by TFTP from QEMU's user-mode network, which is part of the QEMU process; by HTTP from a server of this process, through the
same network.  SLOF loads 16 MiB: it takes as long.
"""
import http.server
import os
import tempfile
import threading

MIB = 1 << 20
OUR_MIB, SLOF_MIB = 100, 16
CARDS = {"virtio-net": "virtio-net-pci,netdev=n,romfile=,bootindex=0", "spapr-vlan": "spapr-vlan,netdev=n,bootindex=0",
         "e1000": "e1000,netdev=n,romfile=,bootindex=0"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):          # pylint: disable=redefined-builtin  (the name is the library's)
        pass


def serve(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Quiet(*args, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def table(opts, tools):
    """Rows of MB a host CPU second; tools: base_args, between (args, first pattern, last pattern, runs), table, SLOF."""
    first, last, rows = rb"from: /[^ ]*(ethernet|l-lan)@", rb"(?s)KBytes.*E34\d\d", []
    with tempfile.TemporaryDirectory(dir=os.path.dirname(opts.clients)) as folder:
        for file, mib in (("big", OUR_MIB), ("small", SLOF_MIB)):
            with open(os.path.join(folder, file), "wb") as f:
                for _ in range(mib):
                    f.write(b"\1" * MIB)
        server = serve(folder)
        try:
            for name, device in CARDS.items():
                def rate(firmware, bootfile, mib, runs, device=device):
                    net = ["-netdev", "user,id=n,tftp=%s,bootfile=%s" % (folder, bootfile), "-device", device]
                    return mib / tools["between"](tools["base_args"](firmware) + net, first, last, runs)

                tftp = rate(opts.ours, "big", OUR_MIB, opts.runs)
                web = rate(opts.ours, "http://10.0.2.2:%d/big" % server.server_port, OUR_MIB, opts.runs)
                slof = rate(tools["SLOF"], "small", SLOF_MIB, 1)
                rows.append([name, f"{tftp:.0f}", f"{slof:.1f}", f"{tftp / slof:.1f} x", f"{web:.0f}", f"{web / slof:.1f} x"])
                print(rows[-1], flush=True)
        finally:
            server.shutdown()
    return tools["table"]("Network: MiB a host CPU second",
                          ["card", "TFTP: ours", "SLOF", "ours / SLOF", "HTTP: ours", "ours / SLOF's TFTP"], rows)
