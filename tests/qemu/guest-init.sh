#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The first process of the Linux guest in the boot tests (busybox sh, see initrd.py). It prints what Linux made of the
# machine, in sections that begin with "=== name" lines, and then does what the kernel command line asks:
#
#     test.dump=no                          no sections
#     test.do=poweroff|reboot|panic|shell   how it ends (poweroff if not given)
#     test.wait                             before ending, wait for a line on the console
#     test.plug                             before the sections, obey "plug INDEX" lines from the console: bring what QEMU
#                                           plugged in at that connector to life; "unplug INDEX": let go of it; any
#                                           other line ends this
#     test.nvram                            before the sections, obey "nvram ..." lines from the console: run Debian's nvram
#                                           over /dev/nvram; any other line ends this
#
# Everything is printed as found; whether it is right is judged on the host (judge.py).

export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
dmesg -n 1
echo
echo "=== init"

hex() {
	hexdump -v -e '1/1 "%02x"' "$1"
	echo
}

print_devices() {
	for dev in /sys/bus/pci/devices/*; do
		[ -e "$dev" ] || continue
		echo "=== pci ${dev##*/}"
		for name in vendor device class irq enable numa_node; do
			read -r value <"$dev/$name"
			echo "$name $value"
		done
		while read -r line; do
			echo "resource $line"
		done <"$dev/resource"
		printf 'config '
		hex "$dev/config"
	done
}

print_tree() {
	cd /sys/firmware/devicetree/base || return
	find pci@* -type d 2>/dev/null | while read -r node; do
		echo "=== node /$node"
		for name in reg assigned-addresses ranges bus-range interrupt-map interrupt-map-mask interrupts phandle \
			device_type compatible class-code vendor-id device-id ibm,pci-config-space-type; do
			[ -e "$node/$name" ] || continue
			printf 'prop %s ' "$name"
			hex "$node/$name"
		done
	done
	cd /
}

# Turn address decoding on, so that QEMU's monitor shows where it thinks each register points to.
enable_devices() {
	for dev in /sys/bus/pci/devices/*; do
		[ ! -e "$dev" ] || echo 1 2>/dev/null >"$dev/enable" || echo "not enabled: ${dev##*/}"
	done
}

dump() {
	echo "=== iomem"
	cat /proc/iomem
	echo "=== ioports"
	cat /proc/ioports
	echo "=== dmesg"
	dmesg
	print_devices
	print_tree
	echo "=== enable"
	enable_devices
	echo "=== cpus"
	nproc
	grep -E '^(cpu|clock|revision|machine|MMU)' /proc/cpuinfo
	echo "=== memory"
	grep -E '^Mem(Total|Free)' /proc/meminfo
	for node in /sys/devices/system/node/node*; do
		[ ! -e "$node" ] || echo "${node##*/}"
	done
	echo "=== interrupts"
	cat /proc/interrupts
}

# Needs the initial RAM disk with powerpc-utils (assets.py).
plug() {
	mkdir -p /var/lock /var/log
	insmod /lib/rpaphp.ko && insmod /lib/rpadlpar_io.ko
	echo "=== plug"
	while read -r word index; do
		case $word in
		plug)
			drmgr -c pci -s "$index" -n -a
			echo "=== plugged $index $?"
			;;
		unplug)
			drmgr -c pci -s "$index" -n -r
			echo "=== unplugged $index $?"
			;;
		*) break ;;
		esac
	done
}

# Needs the initial RAM disk with powerpc-utils (assets.py), too.
nvram_tool() {
	echo "=== nvram"
	while read -r line; do
		case $line in
		nvram*)
			eval "$line"
			echo "=== nvram done $?"
			;;
		*) break ;;
		esac
	done
}

read -r cmdline </proc/cmdline
action=poweroff wait=
case " $cmdline " in *" test.plug "*) plug ;; esac
case " $cmdline " in *" test.nvram "*) nvram_tool ;; esac
case " $cmdline " in *" test.dump=no "*) ;; *) dump ;; esac
case " $cmdline " in *" test.wait "*) wait=yes ;; esac
for word in $cmdline; do
	case $word in test.do=*) action=${word#test.do=} ;; esac
done
echo "=== end"
[ -z "$wait" ] || read -r line
echo "=== $action"
case $action in
reboot) reboot -f ;;
panic) echo c >/proc/sysrq-trigger ;;
shell) exec sh ;;
*) poweroff -f ;;
esac
sleep 60
