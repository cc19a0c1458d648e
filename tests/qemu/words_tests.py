# SPDX-License-Identifier: BSD-2-Clause
"""
Boot tests of the words over the machine: nvramrc and boot-command, variables typed by hand and kept over a reset, the
tree as ls and lsprop show it, devices a script makes.
"""
import os
import re
import time

from bench import FIRMWARE_TIME, NO_BOOT, PATIENCE, row, wait_our_ready, wait_ready

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


def test_interpose(bench):
    """A script's device that interposes a package: methods are that one's, the path is the device's."""
    script = ('dev /packages new-device " twice" device-name : open true ; : close ; : say " say" $call-parent 2* ; finish-device device-end\n'
              'dev /vdevice new-device " source" device-name 5 encode-int " reg" property : close ; : say 21 ;\n'
              ': open my-args " /packages/twice" find-package drop interpose true ; finish-device device-end')
    with bench.vm(nvramrc(script)) as vm:
        wait_our_ready(vm)
        bad = compare(typed(vm, '" /vdevice/source@5:x" open-dev value h " say" h $call-method .'), "42", "say")
        bad += compare(typed(vm, "h instance>path type"), "/vdevice/source@5:x", "instance>path")
        return bad + compare(typed(vm, "h ihandle>phandle node>path type h close-dev"), "/vdevice/source@5", "ihandle>phandle")


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


SECOND = "/vdevice/vty@71000010"


def second_terminal(bench):
    """Arguments for another terminal, and the file that gets its text."""
    path = os.path.join(bench.logs, bench.name + ".second")
    return path, ["-chardev", "file,id=second,path=" + path, "-device", "spapr-vty,chardev=second,reg=0x71000010"]


def test_second_terminal(bench):
    """The words output and io move the console there and back; a device that is none is refused."""
    path, args = second_terminal(bench)
    with bench.vm(args) as vm:
        wait_our_ready(vm)
        vm.send('" %s" output .( over there) cr " /vdevice/vty@71000000" io .( back here) cr\n' % SECOND)
        vm.expect(r"cr  back here", ANSWER_TIME)
        vm.expect(OK, ANSWER_TIME)
        bad = ["the second terminal's text came to the first"] if "over there" in vm.text().rpartition("cr  ")[2] else []
        vm.send('" /vdevice/nvram" output\n')
        vm.expect(r"output: /vdevice/nvram is no console", ANSWER_TIME)
    with open(path, encoding="latin-1") as f:
        return bad + ([] if "over there" in f.read() else ["nothing came to the second terminal"])


def test_output_device(bench):
    """The variables are obeyed; what cannot be used is told."""
    path, args = second_terminal(bench)
    with bench.vm(args + ["-prom-env", "output-device=" + SECOND, "-prom-env", "input-device=keyboard"]) as vm:
        vm.expect(r'input-device "keyboard" cannot be used: there is no such device', FIRMWARE_TIME)
        deadline = time.monotonic() + FIRMWARE_TIME
        while True:
            with open(path, encoding="latin-1") as f:
                if f.read().endswith("0 > "):
                    break
            if time.monotonic() > deadline:
                return ["no prompt on the second terminal"]
            time.sleep(0.1)
        vm.send('" /vdevice/vty@71000000" output\n')
        vm.expect(OK, ANSWER_TIME)
    return []


def test_selftests(bench):
    """A disk, a network card, terminal and NVRAM say that they are well; a disk that cannot be read and a link that is down do not."""
    args = ["-blockdev", "driver=null-co,size=1048576,node-name=good,read-zeroes=on", "-device", "virtio-blk-pci,drive=good,addr=2",
            "-blockdev", "driver=blkdebug,node-name=bad,inject-error.0.event=none,inject-error.0.iotype=read,image.driver=null-co,image.size=1048576,image.read-zeroes=on",
            "-device", "virtio-blk-pci,drive=bad,addr=3",
            "-netdev", "hubport,hubid=0,id=n", "-device", "virtio-net-pci,netdev=n,id=nic,addr=4,romfile="]
    with bench.vm(args + NO_BOOT) as vm:
        wait_our_ready(vm)
        got = typed(vm, "test-all")
        wanted = {"scsi@2": "good", "scsi@3": "selftest failed with code 1", "ethernet@4": "good", "vty@71000000": "good", "nvram@71000001": "good"}
        bad = ["no '%s: %s' in\n%s" % (pair + (got,)) for pair in wanted.items() if "%s: %s" % pair not in got]
        vm.cmd("set_link", name="nic", up=False)
        got = typed(vm, "test net")
        return bad + ([] if "selftest failed with code 1" in got else ["without a link test net says %s" % got])


def tests():
    return [
        row("words-second-terminal", "fast", test_second_terminal),
        row("words-output-device", "fast", test_output_device),
        row("words-selftests", "fast", test_selftests),
        row("words-nvramrc-fault", "fast", test_nvramrc_fault),
        row("words-nvramrc-faults", "fast", test_nvramrc_faults),
        row("words-nvramrc-device", "fast", test_nvramrc_device),
        row("words-interpose", "fast", test_interpose),
        row("words-aix-line", "fast", test_aix_line),
        row("words-variables", "fast", test_variables),
        row("words-nvalias", "fast", test_nvalias),
        row("words-tree", "fast", test_tree),
        row("words-help", "fast", test_help),
    ]
