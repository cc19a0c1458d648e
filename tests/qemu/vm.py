# SPDX-License-Identifier: BSD-2-Clause
"""
One QEMU, from start to certain death.

A VM object starts QEMU with a serial console (a spapr-vty) and a QMP monitor, both over socket pairs whose far ends QEMU
inherits: no socket files, no races with a QEMU that takes its time or dies at once.  A thread collects the console,
writes it with time stamps into a log file and keeps it raw and as a cleaned copy (no carriage returns, no colour
sequences) in which expect() looks for patterns.  expect() never looks at the same text twice, always has a deadline and, when it fails, names the
pattern and shows the end of the console.  Leaving the `with` block kills QEMU; should Python itself be killed, the
kernel kills QEMU (setpriv --pdeathsig) where setpriv is installed.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time

TAIL_LINES = 25
NOISE = re.compile(r"TCG doesn't support requested feature|nic \S+ has no peer")
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][0-9A-B]|[=>78cDEHM])|[\r\x00]")
UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*|[()])?$")


class VmError(Exception):
    """A test failed: what was expected did not happen."""


class Console:
    """The receiving end of the serial line: a log file, a text and a read position."""

    def __init__(self, sock, log_path):
        self.sock = sock
        self.text = ""
        self.raw = ""
        self.pos = 0
        self.closed = False
        self.born = time.monotonic()
        self._held = ""
        self._fresh = True
        self._log = open(log_path, "w", encoding="utf-8") if log_path else None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()

    def _pump(self):
        while True:
            try:
                data = self.sock.recv(65536)
            except OSError:
                data = b""
            with self._changed:
                if data:
                    self._take(data.decode("latin-1"))
                else:
                    self.closed = True
                self._changed.notify_all()
            if not data:
                return

    def _take(self, raw):
        self.raw += raw
        raw = self._held + raw
        cut = UNFINISHED.search(raw)
        self._held = raw[cut.start():] if cut else ""
        clean = ESCAPES.sub("", raw[:cut.start()] if cut else raw)
        self.text += clean
        self._write_log(clean)

    def _write_log(self, text):
        if not self._log:
            return
        for line in text.splitlines(keepends=True):
            if self._fresh:
                self._log.write("%8.3f " % (time.monotonic() - self.born))
            self._log.write(line)
            self._fresh = line.endswith("\n")
        self._log.flush()

    def note(self, text):
        """A line of ours in the log file, between the guest's."""
        with self._changed:
            self._write_log(("" if self._fresh else "\n") + "--- %s\n" % text)

    def wait(self, find, deadline):
        """Calls find() after each change until it returns something, the line closes or time is over."""
        with self._changed:
            while True:
                found = find()
                left = deadline - time.monotonic()
                if found or self.closed or left <= 0:
                    return found
                self._changed.wait(min(left, 1.0))

    def tail(self):
        return "\n".join(self.text.splitlines()[-TAIL_LINES:])

    def finish(self):
        self._thread.join(timeout=5)
        if self._log:
            self._log.close()
            self._log = None


class Qmp:
    """QEMU's machine protocol: one command at a time, events kept in a list."""

    def __init__(self, sock):
        self.sock = sock
        self.events = []
        self._buffer = b""
        self._ready = False

    def _read(self, deadline):
        while b"\n" not in self._buffer:
            self.sock.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self.sock.recv(1 << 20)
            except OSError as err:
                raise VmError("QMP: no answer from QEMU (%s)" % err) from err
            if not data:
                raise VmError("QMP: QEMU closed the connection")
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return json.loads(line)

    def _call(self, name, args, deadline):
        request = {"execute": name}
        if args:
            request["arguments"] = args
        try:
            self.sock.sendall(json.dumps(request).encode() + b"\n")
        except OSError as err:
            raise VmError("QMP: cannot send %s (%s)" % (name, err)) from err
        while True:
            answer = self._read(deadline)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise VmError("QMP %s: %s" % (name, answer["error"].get("desc")))
            if "event" in answer:
                self.events.append(answer)

    def cmd(self, command, timeout=20, **args):
        deadline = time.monotonic() + timeout
        if not self._ready:
            self._call("qmp_capabilities", None, deadline)
            self._ready = True
        return self._call(command, {k.replace("_", "-"): v for k, v in args.items()}, deadline)

    def hmp(self, line, timeout=20):
        return self.cmd("human-monitor-command", timeout, command_line=line)


def in_own_grave(argv):
    """Makes QEMU die with us, if the system has the tool for it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] + argv if setpriv else argv


class VM:
    """with VM(firmware, args, log="boot.log") as vm: vm.expect(...)"""

    def __init__(self, firmware, args, machine="pseries", log=None, preload=None, qemu=None, console=True):
        self.firmware = firmware
        self.args = list(args)
        self.machine = machine
        self.log = log
        self.preload = preload
        self.qemu = qemu or os.environ.get("QEMU") or "qemu-system-ppc64"
        self.with_console = console
        self.process = None
        self.console = None
        self.qmp = None
        self.complaints = ""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.kill()
        return False

    def command(self, console_fd, qmp_fd):
        argv = [self.qemu, "-M", self.machine, "-nodefaults", "-display", "none"]
        if self.firmware:
            argv += ["-bios", os.path.abspath(self.firmware)]
        if self.with_console:
            argv += ["-chardev", "socket,id=con,fd=%d" % console_fd, "-serial", "chardev:con"]
        argv += ["-chardev", "socket,id=qmp,fd=%d" % qmp_fd, "-mon", "chardev=qmp,mode=control"]
        return argv + self.args

    def start(self):
        con_ours, con_theirs = socket.socketpair()
        qmp_ours, qmp_theirs = socket.socketpair()
        env = dict(os.environ)
        if self.preload:
            env["LD_PRELOAD"] = os.path.abspath(self.preload)
        fds = (con_theirs.fileno(), qmp_theirs.fileno())
        argv = self.command(*fds)
        self.console = Console(con_ours, self.log)
        self.console.note("run: " + " ".join(argv))
        try:
            self.process = subprocess.Popen(in_own_grave(argv), env=env, pass_fds=fds, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        finally:
            con_theirs.close()
            qmp_theirs.close()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.qmp = Qmp(qmp_ours)

    def _listen(self):
        """QEMU's own words (errors, "OS terminated: ...") go to the log and into failure messages."""
        for line in self.process.stdout:
            text = line.decode("latin-1").rstrip("\n")
            if not NOISE.search(text):
                self.complaints = (self.complaints + text + "\n")[-4000:]
            self.console.note("qemu: " + text)

    # -- talking to the guest ------------------------------------------------------------------------------------

    def expect(self, pattern, timeout, bad=None):
        """The next match of pattern in the console, which is then behind us.  A match of `bad` before it fails at once."""
        good_re = re.compile(pattern, re.M)
        bad_re = re.compile(bad, re.M) if bad else None
        con = self.console
        scan_from = con.pos

        def find():
            nonlocal scan_from
            hits = [m for m in (r.search(con.text, scan_from) for r in (good_re, bad_re) if r) if m]
            scan_from = max(scan_from, con.text.rfind("\n", 0, max(0, len(con.text) - 4000)) + 1) if not hits else scan_from
            return min(hits, key=lambda m: m.start()) if hits else None

        match = con.wait(find, time.monotonic() + timeout)
        if not match:
            self._fail(pattern, "QEMU ended" if con.closed else "nothing like it in %g s" % timeout)
        if match.re is bad_re:
            self._fail(pattern, "the guest said '%s' instead" % match.group(0))
        con.pos = match.end()
        return match

    def _fail(self, pattern, why):
        said = "\nQEMU said:\n" + self.complaints if self.complaints else ""
        raise VmError("expected /%s/: %s; the console's end:\n%s%s" % (pattern, why, self.console.tail(), said))

    def send(self, text, chunk=12, pause=0.02):
        """Types slowly (QEMU's console queue holds 16 bytes), with the carriage return a terminal sends for Enter."""
        data = text.replace("\n", "\r").encode("latin-1")
        for i in range(0, len(data), chunk):
            try:
                self.console.sock.sendall(data[i:i + chunk])
            except OSError as err:
                raise VmError("cannot type: %s" % err) from err
            if len(data) > chunk:
                time.sleep(pause)

    def text(self):
        return self.console.text

    def raw_text(self):
        """With carriage returns and colours, as other people's programs see it."""
        return self.console.raw

    def elapsed(self):
        return time.monotonic() - self.console.born

    # -- talking to QEMU -----------------------------------------------------------------------------------------

    def cmd(self, command, timeout=20, **args):
        return self.qmp.cmd(command, timeout, **args)

    def hmp(self, line):
        return self.qmp.hmp(line)

    def wait_exit(self, timeout):
        """QEMU must end by itself; its exit status."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            pass
        raise VmError("QEMU still runs after %g s; the console's end:\n%s" % (timeout, self.console.tail()))

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self._listener.join(timeout=5)
            self.process.stdout.close()
            self.process = None
        self.qmp.sock.close()
        self.console.finish()
        self.console.sock.close()
