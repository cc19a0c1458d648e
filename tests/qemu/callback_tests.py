# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of programs that wait for the firmware: in the service enter, which go at the prompt ends, and in interpret.  While
they wait their callback is called; clients/callback.c says what it was asked for.  GRUB enters the prompt by its command suspend.
"""
import re

import media
from bench import FIRMWARE_TIME, READY, row, wait_ready
from bootsel_tests import disk
from crash_tests import moved
from media_tests import LINUX_TIME, add, path_of
from prompt_tests import answers, type_fast
from topologies import Machine

WAITS = r"^The program waits; go continues it\."
RETURNED = r"^W3411: Client application returned\."
CALLS = (
    ('5 3 2 " add" $callback .s\r', r"called: add, 2 arguments\nd 1  ok"),
    ("clear callback say  hello  there \r", r'called: say, 1 arguments\nsaid: "hello  there"\n ok'),
    ("sync\r", r"called: sync, 0 arguments\n ok"),
    ("callback again\r", r"called: again, 1 arguments\ncalled: sync, 0 arguments\n ok"),
    ("callback run .( interpreted) sync\r", r"called: run, 1 arguments\ninterpretedcalled: sync, 0 arguments\n ok"),
    ("callback nix\r", r"called: nix, 1 arguments\ncallback: nix: not supported"),
    ('" throw" 0 -rot $callback\r', r"called: throw, 0 arguments\n\$callback: thrown -77"),
    ("callback\r", r"callback: a name is missing"),
    ("21 0 do i loop 21 \" add\" $callback\r", r"\$callback: [^\n]+"),
    (": half-done 1\r", r"ok \(compiling\)"),
    ("nonsense\r", r"nonsense Undefined word"),
    ("1 0 /\r", r"/: division by zero"),
    ("begin again\r\x03", r"again: interrupted"),
    ("1 ' throw catch .\r", r"\n?1  ok"),
)


def machine(bench, width, text):
    return bench.vm(["-kernel", bench.client("callback", width), "-append", text])


def type_when_it_waits(vm, keys):
    """Keys for the prompt a program enters; none: it asks by itself."""
    if keys:
        vm.expect(WAITS, FIRMWARE_TIME)
        vm.expect(READY, FIRMWARE_TIME)
        vm.send(keys)


def test_enter(bench, width):
    """The prompt while a program waits: it is called, faults are told, and go lets it go on."""
    with machine(bench, width, "enter") as vm:
        vm.expect(WAITS, FIRMWARE_TIME)
        vm.expect(READY, FIRMWARE_TIME)
        answers(vm, CALLS)
        vm.send("clear go 7 .\r")
        vm.expect(r"^done: 0, thrown -\d+, top deadbeef", FIRMWARE_TIME)
        vm.expect(RETURNED, FIRMWARE_TIME)
        wait_ready(vm)
        return answers(vm, ((".s sync\r", r"sync: no program waits that has a callback"), ("go\r", r"go: nothing is loaded")))


def test_enter_boot(bench, width):
    """What is booted at the prompt of a program that waits has its own callback, and gives the other one's back."""
    with open(bench.client("callback", 96 - width), "rb") as f:
        inner = disk(bench, moved(f.read(), 0x800000), 1)
    with bench.vm(["-kernel", bench.client("callback", width), "-append", "enter"] + inner) as vm:
        vm.expect(WAITS, FIRMWARE_TIME)
        vm.expect(READY, FIRMWARE_TIME)
        answers(vm, (("sync\r", r"called: sync, 0 arguments\n ok"), ("boot /none\r", r"^E34\d\d: [^\n]*")))
        vm.send('boot disk 2 1 2 " add" $callback\r')
        vm.expect(r"called: add, 2 arguments\ndone: 0, thrown 0, top 1$", FIRMWARE_TIME)
        vm.expect(RETURNED, FIRMWARE_TIME)
        answers(vm, (("sync\r", r"called: sync, 0 arguments\n ok"),))
        vm.send("boot disk enter\r")
        type_when_it_waits(vm, "callback leave\r")
        vm.expect(RETURNED, FIRMWARE_TIME)
        answers(vm, (("sync\r", r"called: sync, 0 arguments\n ok"),))
        vm.send("go\r")
        vm.expect(r"^done: 0, thrown -\d+, top deadbeef", FIRMWARE_TIME)
        wait_ready(vm)
        return []


def test_enter_within(bench, width):
    """A routine enters the prompt, too; what is booted there ends by itself, and each go ends one prompt."""
    with open(bench.client("callback", width), "rb") as f:
        inner = disk(bench, moved(f.read(), 0x800000), 1)
    with bench.vm(["-kernel", bench.client("callback", width), "-append", "enter"] + inner) as vm:
        type_when_it_waits(vm, "callback enter\r")
        type_when_it_waits(vm, "boot disk sync\r")
        vm.expect(r"called: sync, 0 arguments\ndone: 0, thrown 0", FIRMWARE_TIME)
        vm.expect(RETURNED, FIRMWARE_TIME)
        vm.expect(READY, FIRMWARE_TIME)
        answers(vm, (("go\r", r"\n"), ("1 2 + .\r", r"3  ok"), ("sync\r", r"called: sync, 0 arguments\n ok")))
        depth = 0
        while "no prompt" not in vm.text():
            type_fast(vm, "callback enter\r")
            vm.expect(r"(called: enter, 1 arguments\n[^\n]*\n?(?:[^\n]*\n)?)", FIRMWARE_TIME)
            vm.expect(READY, FIRMWARE_TIME)
            depth += 1
        answers(vm, (("1 2 + .\r", r"3  ok"),))
        for _ in range(depth):
            type_fast(vm, "go\r")
        vm.expect(r"^done: 0, thrown -\d+, top deadbeef", FIRMWARE_TIME)
        wait_ready(vm)
        return [] if 3 < depth < 12 else ["%d prompts" % depth]


def test_gone_and_booting(bench, width):
    """A line that goes on behind the end of the program it was typed for boots nothing."""
    with machine(bench, width, "enter") as vm:
        type_when_it_waits(vm, '0 " leave" \' $callback catch drop boot disk\r')
        vm.expect(r"^W3411: ", FIRMWARE_TIME)
        wait_ready(vm)
        return answers(vm, (("sync\r", r"sync: no program waits that has a callback"), ("go\r", r"go: nothing is loaded")))


def test_interpret(bench, width, kind=""):
    """A program calls itself by interpret."""
    with machine(bench, width, kind + 'sync 4 3 2 " add" $callback drop') as vm:
        vm.expect(r"^called: sync, 0 arguments\ncalled: add, 2 arguments\ndone: 0, thrown 0, top b$", FIRMWARE_TIME)
        vm.expect(RETURNED, FIRMWARE_TIME)
        wait_ready(vm)
        return []


def test_leaves(bench, width, text, keys):
    """A program that leaves while it is called has left what it waited for."""
    with machine(bench, width, text) as vm:
        type_when_it_waits(vm, keys)
        vm.expect(r"called: leave, 1 arguments", FIRMWARE_TIME)
        vm.expect(RETURNED, FIRMWARE_TIME)
        wait_ready(vm)
        answers(vm, (("1 2 + .\r", r"3  ok"), ("sync\r", r"sync: no program waits that has a callback")))
        return ["it went on"] if re.search(r"^done", vm.text(), re.M) else []


def test_breaks(bench, width, text, keys):
    """A program that breaks while it is called has ended, with a report."""
    with machine(bench, width, text) as vm:
        type_when_it_waits(vm, keys)
        vm.expect(r"^\( 700 \) Program Exception \[ [0-9a-f]+ \] in the client", FIRMWARE_TIME)
        vm.expect(r"^E3406: Client application returned an error: stopped by an exception", FIRMWARE_TIME)
        wait_ready(vm)
        answers(vm, ((".registers\r", r"Program Exception[^\n]+in the client"), ("1 2 + .\r", r"3  ok")))
        return ["it went on"] if re.search(r"^done", vm.text(), re.M) else []


def test_grub_suspends(bench):
    """GRUB's suspend: the prompt, whose go brings GRUB back to boot Linux."""
    m = Machine()
    config = media.CONFIG.replace("linux /boot", "suspend\necho grub-is-back\nlinux /boot", 1) % ""
    add(m, media.installed_disk(bench.assets, path_of(bench), config=config), addr=3)
    with bench.vm(["-m", "1G"] + m.args) as vm:
        vm.expect(r"grub-found-its-config", FIRMWARE_TIME)
        vm.expect(r"Run .go' to resume GRUB", FIRMWARE_TIME)
        vm.expect(WAITS, FIRMWARE_TIME)
        vm.expect(READY, FIRMWARE_TIME)
        answers(vm, (("1 2 + .\r", r"3  ok"), ("dir disk:2,\\boot\r", r"vmlinux"), ("boot /none\r", r"^E34\d\d: [^\n]*")))
        vm.send("go\r")
        vm.expect(r"grub-is-back", FIRMWARE_TIME)
        vm.expect(r"^=== init", LINUX_TIME)
        return []


def tests():
    rows = []
    for width in (32, 64):
        rows += [row("callback-enter-%d" % width, "fast", test_enter, width),
                 row("callback-enter-boot-%d" % width, "fast", test_enter_boot, width),
                 row("callback-enter-within-%d" % width, "fast", test_enter_within, width),
                 row("callback-gone-%d" % width, "fast", test_gone_and_booting, width),
                 row("callback-interpret-%d" % width, "fast", test_interpret, width)]
        for way, check in (("leave", test_leaves), ("break", test_breaks)):
            rows += [row("callback-%s-%d" % (way, width), "fast", check, width, "callback " + way, ""),
                     row("callback-enter-%s-%d" % (way, width), "fast", check, width, "enter", "callback %s\r" % way)]
    rows += [row("callback-descriptor", "fast", test_interpret, 64, "v1 ")]
    return rows + [row("callback-grub-suspend", "fast", test_grub_suspends)]
