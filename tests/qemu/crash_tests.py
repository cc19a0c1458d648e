# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests with clients that break: clients/crash.c announces where and in which mode it will crash, the firmware's report
is compared with that, with the register patterns of crash-enter.S and with the name of the vector; afterwards a reset must
bring the firmware back.  Also NMIs, and calls no client should make.
"""
import re
import time

from bench import END_TIME, FIRMWARE_TIME, PATIENCE, row, wait_our_ready, wait_ready
from vm import VmError

REPORT_TIME = 20 * PATIENCE
ANNOUNCED = r"^crash \S+: pc ([0-9a-f]{8}) operand ([0-9a-f]{8}) (\d\d-bit) (\w+ endian)$"
HEADLINE = r"^\( ([0-9a-f]+) \) (.+) Exception \[ ([0-9a-f]+) \] in the (client|firmware)$"
STOPPED = r"^Stopped\.[^\n]*\n"
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
        vm.cmd("system_reset")
        wait_ready(vm)
    return bad


def tests():
    rows = [row("crash-%d%s" % (width, mode and "-" + mode.replace(" ", "-")), "fast", test_crashes, width, mode)
            for width, mode in MODES]
    for width in (32, 64):
        rows += [row("overwritten-%d" % width, "fast", test_overwritten, width),
                 row("garbage-%d" % width, "fast", test_garbage, width),
                 row("nmi-client-%d" % width, "fast", test_nmi_client, width, "le")]
    return rows + [row("nmi-ready", "fast", test_nmi_ready)]
