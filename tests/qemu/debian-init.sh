#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The first process of a machine that works on an installed disk (see debian.py): load the modules in /order, mount the
# second partition of the only disk, run our /job.sh in it, and switch the machine off.

export PATH=/bin
b=/bin/busybox
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
dmesg -n 1
while read -r module; do
	insmod "/modules/$module"
done </order

root='' tries=0
while [ -z "$root" ] && [ $tries -lt 60 ]; do
	for d in /dev/sda2 /dev/nvme0n1p2 /dev/vda2; do
		[ ! -e $d ] || root=$d
	done
	[ -n "$root" ] || sleep 1
	tries=$((tries + 1))
done
echo "=== root is $root"
mkdir -p /root
mount -t ext4 "$root" /root || echo "=== no root"
mount -o bind /dev /root/dev
mount -t proc proc /root/proc
mount -t sysfs sysfs /root/sys
$b cp /job.sh /root/job.sh
disk=${root%2}
$b env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb HOME=/root PREP="${disk}1" DISK="${disk%p}" $b chroot /root /bin/sh /job.sh
echo "=== job ended with $?"
$b rm /root/job.sh
$b umount /root/sys /root/proc /root/dev /root
$b sync
poweroff -f
sleep 60
