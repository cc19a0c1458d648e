# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of the prompt: typing at full speed, editing, completion, faults, breaking in, resets and live migration; and
QEMU's own test of -prom-env.
"""
import os
import random
import re
import tempfile
import threading
import time

from bench import END_TIME, FIRMWARE_TIME, PATIENCE, READY, row, wait_our_ready, wait_ready
from vm import VmError

ANSWER_TIME = 10 * PATIENCE
LINES = 2000
SCSI = ["-device", "virtio-scsi-pci,addr=5"]
LOOP = ["-prom-env", "use-nvramrc?=true", "-prom-env", "nvramrc=.( looping) begin again"]
PAUSES_MS = (0, 3, 10, 20, 35, 50, 70, 100, 150, 250)


# -- helpers -----------------------------------------------------------------------------------------------------------

def type_fast(vm, data):
    """Everything at once; the socket holds us up as QEMU takes it."""
    def run():
        try:
            vm.console.sock.sendall(data.encode("latin-1"))
        except OSError:
            pass                                   # QEMU has ended; the test says what it missed
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread




def answers(vm, table):
    """Types each line and looks for its answer, then for the next prompt."""
    for keys, wanted in table:
        type_fast(vm, keys)
        vm.expect(wanted, ANSWER_TIME)
        vm.expect(READY, ANSWER_TIME)
    return []


# -- typing ------------------------------------------------------------------------------------------------------------

def forth_line(rng, number):
    """A line and its answer."""
    a, b = rng.randrange(1 << 40), rng.randrange(1 << 20)
    kind = number % 5
    if kind == 0:
        return "%x %x + ." % (a, b), "%x " % (a + b)
    if kind == 1:
        text = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789 <>()[]{}|~!") for _ in range(rng.randrange(1, 150)))
        return '." %s"' % text, text
    if kind == 2:
        return "%x %x swap u. u." % (a, b), "%x %x " % (a, b)
    if kind == 3:
        return ": w%x %x ; w%x u." % (number, a, number), "%x " % a
    return "%x 0 do i . loop" % (b % 9 + 1), "".join("%x " % i for i in range(b % 9 + 1))


def test_lines(bench):
    """2 000 lines at full speed: what comes back is, byte for byte, what must."""
    rng = random.Random(4)
    lines = [forth_line(rng, number) for number in range(LINES)]
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        start = len(vm.text())
        wanted = "\n0 > ".join("%s  %s ok" % line for line in lines)
        typing = type_fast(vm, "".join(line + "\r" for line, _ in lines) + "cr .( the end)\r")
        vm.expect(r"^the end ok", 60 * PATIENCE)
        typing.join()
        got = vm.text()[start:start + len(wanted)]
    if got == wanted:
        return []
    at = next((i for i, pair in enumerate(zip(got, wanted)) if pair[0] != pair[1]), min(len(got), len(wanted)))
    return ["after %d bytes: %r, not %r" % (at, got[at - 40:at + 40], wanted[at - 40:at + 40])]


def test_editing(bench):
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        answers(vm, [
            ("2 .\x011 . \x05 3 .\r", r" 1 2 3  ok"),
            ("1 2 + xx\x08\x7f.\r", r"  3  ok"),
            ("junk\x15 7 .\r", r" 7  ok"),
            ("5 . junk\x17\r", r"  5  ok"),
            ("12\x1b[D0\x1b[F .\r", r"  102  ok"),
            ("1234\x1b[H\x1b[3~\x1bOF .\r", r"  234  ok"),
            ("junk\x03", r"junk$"),
            ("8 9 .\x02\x02\x02\x0b.\r", r"  8  ok"),
        ])
        return ["an escape sequence was printed"] if "\x1b" in vm.raw_text() else []


def test_history(bench):
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        return answers(vm, [
            ("123 .\r", r"  123  ok"),
            ("456 .\r", r"  456  ok"),
            ("\x1b[A\x1b[A\r", r"  123  ok"),
            ("\x10\x10\x0e\r", r"  123  ok"),
            ("\x10\x10\r", r"  456  ok"),
            ("7\x1b[A\x1b[B .\r", r"  7  ok"),
            ("\x0c", r"123 \.\n456 \.\n123 \.\n456 \.\n7 \.\n"),
        ])


def test_completion(bench):
    """boot /pci<TAB>/sc<TAB>5, as openQA types it, with one controller and with two."""
    bad = []
    for others in ([], ["-device", "virtio-scsi-pci,addr=6"]):
        with bench.vm(SCSI + others) as vm:
            wait_our_ready(vm)
            type_fast(vm, '" boot /pci\t/sc\t5:1" type\r')
            vm.expect(r"  boot /pci@800000020000000/scsi@5:1 ok$", ANSWER_TIME)
            type_fast(vm, "swa\t\x15power-o\t\r")
            try:
                vm.wait_exit(END_TIME)
            except VmError as err:
                bad.append(str(err))
    return bad


FAULTS = [
    ("drop", r"drop: stack underflow"),
    (": f begin 1 again ; f", r"f: stack overflow"),
    ("1 2 3 ffffffffffffffff @", r"@: bad address"),
    ("0 @", r"@: bad address"),
    ("0 300 l!", r"l!: bad address"),
    ('dev / " model" get-property 2drop 8 - 0 swap l!', r"l!: bad address"),
    ('" /" find-device 10 alloc-mem 8 - dup @ swap !', r"!: bad address"),
    ("fffffff0 100 c! 100 0 100 move", r"bad address"),
    ("1 0 /", r"/: division by zero"),
    (": r recurse 1 ; r", r"r: nested too deep"),
    (': e s" e" evaluate ; e', r"e: nested too deep"),
    ("no-such-word", r"no-such-word Undefined word"),
    ("1 abort\" that's it\"", r"that's it"),
    ("-2000 throw", r"throw: thrown"),
    (": half 1 if", r"ok \(compiling\)$"),
    ("nonsense", r"nonsense Undefined word"),
    ("half", r"half Undefined word"),
    ("then", r"then: only in a definition"),
]


def test_faults(bench):
    """A fault is one line, and the prompt is there again and works."""
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        for line, wanted in FAULTS:
            answers(vm, [(line + "\r", wanted)])
        deep = "".join(": d%x " % n + ("d%x " % (n - 1)) * 2 + "; " for n in range(1, 12))
        return answers(vm, [(": d0 1 drop ; " + deep + "db .s\r", r"ok$"), ("1 2 + .\r", r"  3  ok$")])


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_idle(bench):
    """Nobody types: QEMU's process rests."""
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        time.sleep(1)
        before = cpu_seconds(vm.process.pid)
        time.sleep(4)
        used = cpu_seconds(vm.process.pid) - before
    return [] if used < 0.4 else ["%.2f CPU seconds in 4 seconds" % used]


def test_early_keys(bench):
    """What is typed before there is a firmware is executed at the prompt."""
    with bench.vm([]) as vm:
        type_fast(vm, " 1 2 + . .( early keys)\r")
        vm.expect(r"  3 early keys ok$", FIRMWARE_TIME)
    return []


def test_nap_then_client(bench):
    """The firmware slept, which lets the terminal's interrupt through; a client starts all the same."""
    args = ["-kernel", bench.client("hello", 64), "-prom-env", "use-nvramrc?=true", "-prom-env", "nvramrc=.( press) key drop"]
    with bench.vm(args) as vm:
        vm.expect(r"press", FIRMWARE_TIME)
        time.sleep(0.5)
        type_fast(vm, "x")
        vm.expect(r"^cost walk", FIRMWARE_TIME)
        status = vm.wait_exit(END_TIME)
    return [] if status == 0 else ["QEMU's exit status is %d" % status]


# -- breaking in -------------------------------------------------------------------------------------------------------

def test_break(bench, args, started):
    """An endless loop, broken by Ctrl-C, and the prompt comes; before that, resets in the loop."""
    with bench.vm(list(args)) as vm:
        for pause in (0.5, 0.02, 0.1, None):
            vm.expect(bench.banner, FIRMWARE_TIME)
            if not args:
                wait_ready(vm)
                type_fast(vm, ".( looping) begin again\r")
            vm.expect(started, FIRMWARE_TIME)
            time.sleep(pause or 0.5)
            if pause:
                vm.cmd("system_reset")
        type_fast(vm, "\x03")
        vm.expect(r"interrupted", ANSWER_TIME)
        vm.expect(READY, FIRMWARE_TIME)
        return answers(vm, [("1 2 + .\r", r"  3  ok$")])


def test_break_ahead(bench):
    """What was typed before Ctrl-C is dropped, what was typed behind it is not."""
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        type_fast(vm, "begin again\r")
        time.sleep(0.3)
        type_fast(vm, "4 .\r5 .\r")
        time.sleep(0.3)
        type_fast(vm, "\x036 7 + .\r")
        vm.expect(r"interrupted", ANSWER_TIME)
        vm.expect(r"  d  ok$", ANSWER_TIME)
        return ["what was typed before was executed"] if re.search(r"^\d > 4 \.", vm.text(), re.M) else []


# -- live migration ----------------------------------------------------------------------------------------------------

class Migration:
    """Two machines; go() moves the first one's life to the second."""

    def __init__(self, bench, args):
        self.folder = tempfile.TemporaryDirectory()
        self.path = "unix:" + os.path.join(self.folder.name, "m")
        args = ["-m", "256"] + list(args)
        self.old, self.new = bench.vm(args), bench.vm(args + ["-incoming", self.path])

    def __enter__(self):
        self.new.start()
        self.old.start()
        return self

    def __exit__(self, *exc):
        self.old.kill()
        self.new.kill()
        self.folder.cleanup()
        return False

    def go(self):
        self.new.cmd("query-status")               # it answers: so it listens
        self.old.cmd("migrate", uri=self.path)
        deadline = time.monotonic() + 60 * PATIENCE
        while (status := self.old.cmd("query-migrate").get("status")) != "completed":
            if status in ("failed", "cancelled") or time.monotonic() > deadline:
                raise VmError("migration: %s" % status)
            time.sleep(0.05)
        while (status := self.new.cmd("query-status")["status"]) == "inmigrate":
            if time.monotonic() > deadline:
                raise VmError("the new machine is still %s" % status)
            time.sleep(0.02)


def test_migrate_prompt(bench):
    """In the middle of a line, with a definition made before; a reset there starts as any."""
    with Migration(bench, []) as m:
        wait_our_ready(m.old)
        answers(m.old, [(": moved .\" moved here\" ;\r", r" ok$")])
        type_fast(m.old, "12 mov")
        m.old.expect(r"12 mov\Z", ANSWER_TIME)
        m.go()
        answers(m.new, [("ed\r", r"moved here ok$"), (".\r", r"  12  ok$")])
        m.new.cmd("system_reset")
        m.new.expect(bench.banner, FIRMWARE_TIME)
        wait_ready(m.new)
        return answers(m.new, [("1 2 + .\r", r"  3  ok$")])


def test_migrate_loop(bench):
    with Migration(bench, LOOP) as m:
        m.old.expect(r"looping", FIRMWARE_TIME)
        m.go()
        time.sleep(0.5)
        type_fast(m.new, "\x03")
        m.new.expect(r"interrupted", ANSWER_TIME)
        m.new.expect(READY, FIRMWARE_TIME)
        return answers(m.new, [("1 2 + .\r", r"  3  ok$")])


def migrate_at(bench, pause_ms):
    """Stopped so long after its first instruction, moved, continued there."""
    with Migration(bench, ["-S"] + SCSI) as m:
        if pause_ms:
            m.old.cmd("cont")
            time.sleep(pause_ms / 1000)
            m.old.cmd("stop")
        m.go()
        m.new.cmd("cont")
        type_fast(m.new, "1 2 + .\r")
        m.new.expect(r"  3  ok$", FIRMWARE_TIME)
        said = m.old.text() + m.new.text()
        starts = len(re.findall(r"Ready!", said))
        return [] if starts == 1 else ["after %d ms: Ready! was said %d times" % (pause_ms, starts)]


def test_migrate_start(bench):
    bad = []
    for pause in PAUSES_MS:
        bad += migrate_at(bench, pause)
    return bad


# -- QEMU's own test of -prom-env ------------------------------------------------------------------------------------

def test_prom_env_protocol(bench, console):
    """The word cafec0de appears at 0x4000."""
    args = ["-prom-env", "use-nvramrc?=true", "-prom-env", "nvramrc=cafec0de 4000 l!"]
    with bench.vm(args, console=console) as vm:
        deadline = time.monotonic() + FIRMWARE_TIME
        while "0xcafec0de" not in vm.hmp("xp /1wx 0x4000"):
            if time.monotonic() > deadline:
                return ["it does not"]
            time.sleep(0.1)
    return []


def tests():
    return [
        row("prompt-lines", "fast", test_lines),
        row("prompt-editing", "fast", test_editing),
        row("prompt-history", "fast", test_history),
        row("prompt-completion", "fast", test_completion),
        row("prompt-faults", "fast", test_faults),
        row("prompt-idle", "fast", test_idle),
        row("prompt-early-keys", "fast", test_early_keys),
        row("nap-then-client", "fast", test_nap_then_client),
        row("break-prompt", "fast", test_break, [], r"  looping"),
        row("break-nvramrc", "fast", test_break, LOOP, r"looping"),
        row("break-boot-command", "fast", test_break, ["-prom-env", "boot-command=.( looping) begin again"], r"looping"),
        row("break-typed-ahead", "fast", test_break_ahead),
        row("migrate-prompt", "fast", test_migrate_prompt),
        row("migrate-loop", "fast", test_migrate_loop),
        row("migrate-start", "fast", test_migrate_start),
        row("prom-env-protocol", "fast", test_prom_env_protocol, True),
        row("prom-env-protocol-no-console", "fast", test_prom_env_protocol, False),
    ]
