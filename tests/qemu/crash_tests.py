# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests with clients that break: clients/crash.c announces where and in which mode it will crash, the firmware's report
is compared with that, with the register patterns of crash-enter.S and with the name of the vector; afterwards a reset must
bring the firmware back.  Also NMIs, calls no client should make, and programs that start one another.
"""
import re
import struct
import time

from bench import END_TIME, FIRMWARE_TIME, PATIENCE, row, wait_our_ready, wait_ready
from bootsel_tests import disk, program, script
from vm import VmError

REPORT_TIME = 20 * PATIENCE
ANNOUNCED = r"^crash \S+: pc ([0-9a-f]{8}) operand ([0-9a-f]{8}) (\d\d-bit) (\w+ endian)$"
HEADLINE = r"^\( ([0-9a-f]+) \) (.+) Exception \[ ([0-9a-f]+) \] in the (client|firmware)$"
STOPPED = r"^(?:Stopped|Ended)\.[^\n]*\n"
LR_CR = 0x12345678
STACK, OPERAND = 1, 4                              # the registers without a pattern
# way to crash -> vectors that may report it, depending on the processor
STORAGE = {0x300: "Data Storage", 0x380: "Data Segment"}
FETCH = {0x400: "Instruction Storage", 0x480: "Instruction Segment"}
PROGRAM = {0x700: "Program"}
WAYS = {
    "illegal": PROGRAM, "trap": PROGRAM, "align": {0x600: "Alignment"}, "data": STORAGE, "store": STORAGE, "fetch": FETCH,
    "nowhere": {**PROGRAM, **FETCH, 0x200: "Machine Check"}, "float": {0x800: "Floating-Point Unavailable"},
    "sc": {0xc00: "System Call"}, "sc2": {0xc00: "System Call"}, "decrement": {0x900: "Decrementer"},
}
MODES = (32, ""), (32, "le"), (64, ""), (64, "le"), (64, "sf0"), (64, "sf0 le")


# -- reading a report --------------------------------------------------------------------------------------------------

def registers(report):
    """The 32 general registers; fewer if the report is not as it should be."""
    return [int(value, 16) for line in re.findall(r"^R\d\d ((?:[0-9a-f]{16} ?){4})$", report, re.M) for value in line.split()]


def field(report, name):
    found = re.search(r"\b%s +([0-9a-f]+)" % name, report)
    return int(found.group(1), 16) if found else None


def check_headline(report, vectors, place, pc):
    found = re.search(HEADLINE, report, re.M)
    if not found:
        return ["no headline"]
    vector, name, where = int(found.group(1), 16), found.group(2), int(found.group(3), 16)
    bad = [] if vectors.get(vector) == name else ["vector %x '%s'" % (vector, name)]
    bad += [] if where == pc and field(report, "SRR0") == pc else ["SRR0 is not %x" % pc]
    return bad + ([] if found.group(4) == place else ["in the %s" % found.group(4)])


def check_registers(report, width, operand):
    gpr = registers(report)
    if len(gpr) != 32:
        return ["%d registers" % len(gpr)]
    bad = []
    for n in range(32):
        wanted = operand if n == OPERAND else (0x5a00c000 + n * 0x10001) * (0x100000001 if width == 64 else 1)
        if n != STACK and gpr[n] != wanted:
            bad.append("r%d is %x, not %x" % (n, gpr[n], wanted))
    for name, wanted in (("LR", LR_CR), ("CR", LR_CR), ("CTR", operand)):
        if field(report, name) != wanted:
            bad.append("%s is not %x" % (name, wanted))
    return bad


def check_mode_and_trace(report, mode):
    bad = [] if "(%s)" % mode in report else ["mode is not '%s'" % mode]
    trace = report.partition("Last calls, youngest first:\n")[2]
    return bad + ([] if re.match(r" *[\d.]+ client write ", trace) else ["the last call was not the client's write"])


def next_crash(vm):
    """(pc, operand, mode, report) of the next crash on this console."""
    match = vm.expect(ANNOUNCED, FIRMWARE_TIME)
    end = vm.expect(STOPPED, REPORT_TIME)
    pc, operand, bits, order = match.groups()
    return int(pc, 16), int(operand, 16), "%s, %s" % (bits, order), vm.text()[match.end():end.end()]


# -- the tests -----------------------------------------------------------------------------------------------------------

def crash_args(bench, width, words):
    return ["-kernel", bench.client("crash", width), "-append", words]


def crash_once(bench, width, words, way, again):
    with bench.vm(crash_args(bench, width, words)) as vm:
        pc, operand, mode, report = next_crash(vm)
        bad = check_headline(report, WAYS[way], "client", pc) + check_registers(report, width, operand)
        bad += check_mode_and_trace(report, mode)
        if again:
            vm.cmd("system_reset")
            vm.expect(bench.banner, FIRMWARE_TIME)
            if next_crash(vm)[0] != pc:
                bad.append("it crashed elsewhere after a reset")
    return ["%s: %s" % (words, text) for text in bad]


def test_crashes(bench, width, mode):
    """All ways to crash in one mode; the first one twice, with a reset between."""
    bad = []
    for number, way in enumerate(WAYS):
        bad += crash_once(bench, width, (way + " " + mode).strip(), way, again=number == 0)
    return bad


def test_overwritten(bench, width):
    """A client destroys the client interface and calls it; reset brings everything back."""
    with bench.vm(crash_args(bench, width, "overwrite")) as vm:
        for _ in range(2):
            pc, _, _, report = next_crash(vm)
            bad = check_headline(report, PROGRAM, "firmware", pc)
            bad += [] if "(slof.elf " in report else ["no address in slof.elf"]
            vm.cmd("system_reset")
        vm.expect(bench.banner, FIRMWARE_TIME)
    return bad


def test_garbage(bench, width):
    with bench.vm(crash_args(bench, width, "garbage")) as vm:
        vm.expect(r"^garbage", FIRMWARE_TIME)
        vm.expect(r"garbage: all refused", REPORT_TIME, bad=HEADLINE + r"|NOT REFUSED|damaged")
        status = vm.wait_exit(END_TIME)
    return [] if status == 0 else ["QEMU's exit status is %d" % status]


RESET = {0x100: "System Reset"}


def wait_spinning(vm, pc):
    """The processor has left the firmware, whose write said where it would go, and is there."""
    deadline = time.monotonic() + REPORT_TIME
    while not re.search(r"\bNIP 0*%s\b" % pc.lstrip("0"), vm.hmp("info registers")):
        if time.monotonic() > deadline:
            raise VmError("the processor is not at %s:\n%s" % (pc, vm.hmp("info registers")))
        time.sleep(0.02)


def test_nmi_client(bench, width, mode):
    with bench.vm(crash_args(bench, width, "spin " + mode)) as vm:
        announced = vm.expect(ANNOUNCED, FIRMWARE_TIME)
        wait_spinning(vm, announced.group(1))
        vm.cmd("inject-nmi")
        end = vm.expect(STOPPED, REPORT_TIME)
        report = vm.text()[announced.end():end.end()]
    return check_headline(report, RESET, "client", int(announced.group(1), 16)) + check_registers(report, width, 0)


def test_nmi_ready(bench):
    with bench.vm([]) as vm:
        ready = wait_our_ready(vm)
        vm.cmd("inject-nmi")
        end = vm.expect(STOPPED, REPORT_TIME)
        report = vm.text()[ready.end():end.end()]
        bad = check_headline(report, RESET, "firmware", field(report, "SRR0"))
        bad += [] if re.search(r"^Back-trace:\n +[0-9a-f]{16} \(slof.elf ", report, re.M) else ["no back-trace"]
        wait_ready(vm)
        bad += check_words(vm, report, ".registers") + check_words(vm, report, "ctrace")
        vm.send("1 2 + .\r")
        vm.expect(r"  3  ok$", REPORT_TIME)
        vm.cmd("system_reset")
        wait_ready(vm)
    return bad


def check_words(vm, report, word):
    """A word's answer at the prompt: each line of it is in the report."""
    start = len(vm.text())
    vm.send(word + "\r")
    vm.expect(r" ok\n\n?[0-9a-f]+ > ?\Z", REPORT_TIME)
    answer = re.findall(r"\b[0-9a-f]{16}\b", vm.text()[start:])
    missing = [value for value in answer if value not in report]
    return ["%s shows %s, which the report does not" % (word, missing)] if missing or len(answer) < 3 else []


def test_crash_goes_on(bench, width):
    """A program from a disk breaks: the next candidate follows, and the words tell what was."""
    with open(bench.client("crash", width), "rb") as f:
        args = disk(bench, f.read(), 1) + disk(bench, script("b"), 2)
    with bench.vm(args + ["-prom-env", "boot-file=data"]) as vm:
        report = next_crash(vm)[3]
        vm.expect(r"^E3406: Client application returned an error: stopped by an exception", REPORT_TIME)
        vm.expect(r"^this is b", REPORT_TIME)
        wait_ready(vm)
        return check_words(vm, report, ".registers")


def test_left(bench, width, wanted):
    """What a program that came back by itself had in its registers: our stack pointer, and its own marks."""
    code = struct.pack(">7I", 0x3d205a09, 0x612900c9, 0x3dc05a0e, 0x61ce00ce, 0x7c0802a6, 0x7c0803a6, 0x4e800020)
    with bench.vm(disk(bench, program(width, ">", 2 if width == 64 else 0, code=code.ljust(64, b"\0")), 1)) as vm:
        vm.expect(r"^W3411: ", FIRMWARE_TIME)
        wait_ready(vm)
        vm.send(".registers\r")
        vm.expect(r"^The program returned:\n", REPORT_TIME)
        wait_ready(vm)
        gpr = registers(vm.text())
    return ["r%d is %x" % (n, gpr[n]) for n, value in wanted.items() if gpr[n] & 0xffffffff != value]


def moved(elf, by):
    """A client's file for other addresses: it relocates itself, only its headers say where it goes."""
    wide = elf[4] == 2
    word, (entry, heads, first, step) = (">Q", (24, 54, 64, 56)) if wide else (">I", (24, 42, 52, 32))
    out = bytearray(elf)
    places = [entry]
    for n in range(struct.unpack_from(">H", elf, heads + 2)[0]):
        places += [first + n * step + at for at in ((16, 24) if wide else (8, 12))]
    for at in places:
        struct.pack_into(word, out, at, struct.unpack_from(word, out, at)[0] + by)
    return bytes(out)


def nested(bench, kernel, inner, text, disks=1):
    """A machine whose -kernel interprets the text; the disks of a boot there have the inner program, each elsewhere."""
    args = ["-kernel", bench.client("interpret", kernel), "-append", text]
    with open(bench.client(*inner), "rb") as f:
        elf = f.read()
    for n in range(disks):
        args += disk(bench, moved(elf, n * 0x100000 + (0x800000 if n > 2 else 0)), 1 + n)
    return bench.vm(args)


def returned(text):
    return r"^interpreted \"%s\": 0, thrown " % re.escape(text)


def test_nested(bench, width, inner):
    """Programs that boot one another by interpret: each ends, and the one before it goes on."""
    texts = ["boot disk boot disk1 1 2 +", "boot disk1 1 2 +", "1 2 +"]
    with nested(bench, width, ("interpret", inner), texts[0], 2) as vm:
        for text in texts:
            vm.expect(r"^interpreting \"%s\"$" % re.escape(text), FIRMWARE_TIME)
        vm.expect(returned("1 2 +") + "0$", FIRMWARE_TIME)
        for text in texts[1::-1]:
            vm.expect(r"^W3411: ", FIRMWARE_TIME)
            vm.expect(returned(text) + r"-\d+$", FIRMWARE_TIME)
        wait_ready(vm)
        return ["it broke"] if "Exception" in vm.text() else []


def test_nested_crash(bench, width):
    """The program that was booted so breaks: the one before it goes on."""
    with nested(bench, width, ("crash", width), "boot disk illegal") as vm:
        next_crash(vm)
        vm.expect(r"^E3406: Client application returned an error: stopped by an exception", REPORT_TIME)
        vm.expect(returned("boot disk illegal") + r"-\d+$", REPORT_TIME)
        wait_ready(vm)
        return []


def test_nested_deep(bench, width):
    """Many of them: Forth's return stack has no room for the last one's text, and all end in their order."""
    texts = ["%s1 2 +" % "".join("boot disk%s " % (n or "") for n in range(first, 8)) for first in range(9)]
    with nested(bench, width, ("interpret", width), texts[0], 8) as vm:  # which then boots each disk, without arguments
        vm.expect(returned(texts[8]) + "-5$", REPORT_TIME)
        vm.expect(returned(texts[0]) + r"-\d+$", REPORT_TIME)
        begun, ended = (re.findall(r'^%s "([^"]+)"' % word, vm.text(), re.M) for word in ("interpreting", "interpreted"))
        wait_ready(vm)
    return [] if begun == texts and ended == texts[::-1] else ["%s began, %s ended" % (begun, ended)]


def tests():
    rows = [row("crash-%d%s" % (width, mode and "-" + mode.replace(" ", "-")), "fast", test_crashes, width, mode)
            for width, mode in MODES]
    for width in (32, 64):
        rows += [row("overwritten-%d" % width, "fast", test_overwritten, width),
                 row("garbage-%d" % width, "fast", test_garbage, width),
                 row("nmi-client-%d" % width, "fast", test_nmi_client, width, "le")]
        rows += [row("crash-goes-on-%d" % width, "fast", test_crash_goes_on, width),
                 row("left-%d" % width, "fast", test_left, width, {9: 0x5a0900c9, 14: 0x5a0e00ce}),
                 row("nested-%d" % width, "fast", test_nested, width, 96 - width),
                 row("nested-crash-%d" % width, "fast", test_nested_crash, width)]
    rows += [row("nested-deep", "fast", test_nested_deep, 64)]
    return rows + [row("nmi-ready", "fast", test_nmi_ready)]
