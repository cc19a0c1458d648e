# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of the words over the machine: nvramrc and boot-command, variables typed by hand and kept over a reset, the
tree as ls and lsprop show it, devices a script makes.
"""
from bench import FIRMWARE_TIME, PATIENCE, row, wait_our_ready, wait_ready

ANSWER_TIME = 10 * PATIENCE
OK = r" ok\n\n?[0-9a-f]+ > ?\Z"

LS_VDEVICE = """\
/vdevice/vty@71000000
/vdevice/nvram@71000001
"""
LSPROP_VTY = """\
/vdevice/vty@71000000:
name                        "vty"
interrupts                  00001100 00000000 
compatible                  "hvterm1"
device_type                 "serial"
reg                         71000000
"""


def nvramrc(text):
    return ["-prom-env", "use-nvramrc?=true", "-prom-env", "nvramrc=" + text]


def typed(vm, line):
    """Types a line; what came back, without the line itself."""
    start = len(vm.text())
    vm.send(line + "\n")
    vm.expect(OK, ANSWER_TIME)
    got = vm.text()[start:]
    return got[got.index(line) + len(line):got.rindex(" ok")].strip("\n ")


def compare(got, wanted, what):
    return [] if got.strip() == wanted.strip() else ["%s says\n%s\nnot\n%s" % (what, got, wanted)]


def test_nvramrc_fault(bench):
    """A fault is told with line and word, ends nvramrc, and nothing else."""
    with bench.vm(nvramrc("11 4000 l!\n22 no-such-word\n33 4000 l!")) as vm:
        vm.expect(r"forth: nvramrc: line 2: no-such-word: undefined word$", FIRMWARE_TIME)
        wait_ready(vm)
        return compare(typed(vm, "4000 l@ . depth ."), "11 0", "the machine")


def test_nvramrc_faults(bench):
    """No fault of a script kills the machine."""
    scripts = ["drop", "ffffffffffffffff c@", "1 0 /", ": x recurse ; x", "d# -77 throw", "begin dup again",
               "8000000000000000 c!", "dev /nowhere", "0 close-dev", "boot nowhere", "quit", "abort"]
    bad = []
    for number, script in enumerate(scripts):
        with bench.vm(nvramrc(script)) as vm:
            wait_our_ready(vm)
            bad += compare(typed(vm, "12 ."), "12", script + ", then 12 .")
    return bad


def test_nvramrc_device(bench):
    """A device a script makes is in the tree and works."""
    script = ('dev /vdevice new-device " adder" device-name 5 encode-int " reg" property : open true ; : close ; '
              ": add + ; finish-device device-end")
    with bench.vm(nvramrc(script)) as vm:
        wait_our_ready(vm)
        return compare(typed(vm, '5 6 " /vdevice/adder@5" open-dev " add" rot $call-method .'), "b", "the device")


def test_aix_line(bench):
    """The boot-command of needs.md N14."""
    line = 'boot-command=dev / 0 0 s" ibm,aix-diagnostics" property boot cdrom:\\ppc\\chrp\\bootfile.exe -s verbose'
    with bench.vm(["-prom-env", line]) as vm:
        vm.expect(r"^Trying to load: -s verbose from: .*cdrom:\\ppc\\chrp\\bootfile.exe", FIRMWARE_TIME)
        wait_ready(vm)
        return compare(typed(vm, '" ibm,aix-diagnostics" get-property . . drop'), "0 0", "the property")


def test_variables(bench):
    """setenv by hand, and after a reset it is still so."""
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        bad = compare(typed(vm, "printenv boot-file"), "Current: \nDefault:", "printenv")
        bad += compare(typed(vm, "setenv boot-file some  arguments"), "", "setenv")
        typed(vm, "setenv mine 1 2 3")
        typed(vm, "setenv auto-boot? false")
        vm.send("reset-all\n")
        wait_our_ready(vm)
        bad += compare(typed(vm, "printenv boot-file"), "Current: some  arguments\nDefault:", "printenv after the reset")
        bad += compare(typed(vm, "mine type auto-boot? ."), "1 2 30", "mine after the reset")
        typed(vm, "set-defaults")
        return bad + compare(typed(vm, "auto-boot? ."), "-1", "auto-boot? after set-defaults")


def test_nvalias(bench):
    """An alias for good."""
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        typed(vm, "nvalias term /vdevice/vty")
        vm.send("reset-all\n")
        wait_our_ready(vm)
        return compare(typed(vm, "devalias term"), "term : /vdevice/vty", "devalias after the reset")


def test_tree(bench):
    """The tree of a small machine, byte for byte."""
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        bad = compare(typed(vm, "show-devs /vdevice"), "/vdevice\n" + LS_VDEVICE, "show-devs")
        typed(vm, "dev /vdevice/vty")
        bad += compare(typed(vm, "lsprop"), LSPROP_VTY, "lsprop")
        return bad + compare(typed(vm, "pwd"), "/vdevice/vty@71000000", "pwd")


def test_help(bench):
    with bench.vm([]) as vm:
        wait_our_ready(vm)
        bad = compare(typed(vm, "help pwd"), "pwd ( -- ) Show the active package's path", "help pwd")
        if "boot [DEVICE]" not in typed(vm, "help"):
            bad.append("help does not say how to boot")
        if "nvalias" not in typed(vm, "sifting ALIAS"):
            bad.append("sifting does not find nvalias")
        return bad + ([] if "phase tree" in typed(vm, ".phases") else [".phases knows no phase tree"])


def tests():
    return [
        row("words-nvramrc-fault", "fast", test_nvramrc_fault),
        row("words-nvramrc-faults", "fast", test_nvramrc_faults),
        row("words-nvramrc-device", "fast", test_nvramrc_device),
        row("words-aix-line", "fast", test_aix_line),
        row("words-variables", "fast", test_variables),
        row("words-nvalias", "fast", test_nvalias),
        row("words-tree", "fast", test_tree),
        row("words-help", "fast", test_help),
    ]
