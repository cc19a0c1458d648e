/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration space by name: PCI Local Bus 3.0 chapter 6, PCI-to-PCI Bridge 1.2 chapter 3, PCI
 * Express Base chapter 7. Offsets in bytes; registers are little endian on the bus and integers here.
 */
#ifndef PCI_REGS_H
#define PCI_REGS_H

#define PCI_ID             0x00 /* vendor 15:0, device 31:16 */
#define PCI_COMMAND        0x04
#define PCI_COMMAND_IO     0x1
#define PCI_COMMAND_MEM    0x2
#define PCI_COMMAND_MASTER 0x4
#define PCI_STATUS         0x06
#define PCI_STATUS_CAPS    0x10
#define PCI_CLASS_REV      0x08 /* revision 7:0, class 31:8 */
#define PCI_CACHE_LINE     0x0c
#define PCI_HEADER         0x0e
#define PCI_HEADER_TYPE    0x7f
#define PCI_HEADER_MULTI   0x80
#define PCI_HEADER_DEVICE  0
#define PCI_HEADER_BRIDGE  1
#define PCI_HEADER_CARDBUS 2

#define PCI_BAR0          0x10
#define PCI_BAR_IO        0x1
#define PCI_BAR_MEM_TYPE  0x6
#define PCI_BAR_MEM_32    0x0
#define PCI_BAR_MEM_1M    0x2
#define PCI_BAR_MEM_64    0x4
#define PCI_BAR_PREF      0x8
#define PCI_BAR_IO_MASK   0xfffffffcu
#define PCI_BAR_MEM_MASK  0xfffffff0u
#define PCI_CARDBUS_CAPS  0x14
#define PCI_SUBSYSTEM     0x2c /* subsystem vendor 15:0, subsystem 31:16; header type 0 */
#define PCI_ROM           0x30
#define PCI_ROM_MASK      0xfffff800u
#define PCI_CAPS          0x34
#define PCI_INTERRUPT_PIN 0x3d
#define PCI_MIN_GRANT     0x3e
#define PCI_MAX_LATENCY   0x3f

#define PCI_BUSES          0x18 /* primary 7:0, secondary 15:8, subordinate 23:16, latency timer 31:24 */
#define PCI_IO_WINDOW      0x1c /* base 7:0, limit 15:8; nibbles 3:0 tell the type */
#define PCI_SEC_STATUS     0x1e
#define PCI_MEM_WINDOW     0x20 /* base 15:0, limit 31:16 */
#define PCI_PREF_WINDOW    0x24
#define PCI_PREF_TYPE      0xf
#define PCI_PREF_64        0x1
#define PCI_PREF_BASE_HI   0x28
#define PCI_PREF_LIMIT_HI  0x2c
#define PCI_IO_WINDOW_HI   0x30 /* base 31:16 in 15:0, limit 31:16 in 31:16 */
#define PCI_BRIDGE_ROM     0x38
#define PCI_BRIDGE_CONTROL 0x3e
#define PCI_BRIDGE_ISA     0x04
#define PCI_BRIDGE_VGA     0x08
#define PCI_BRIDGE_VGA16   0x10
#define PCI_BRIDGE_RESET   0x40

#define PCI_CAP_MSI               0x05
#define PCI_CAP_VENDOR            0x09
#define PCI_CAP_SUBSYSTEM         0x0d /* bridges: the two ids at +4 */
#define PCI_CAP_EXPRESS           0x10
#define PCI_EXP_FLAGS             0x02
#define PCI_EXP_FLAGS_TYPE(flags) ((flags) >> 4 & 15)
#define PCI_EXP_ROOT_PORT         4
#define PCI_EXP_UPSTREAM          5
#define PCI_EXP_DOWNSTREAM        6
#define PCI_EXP_TO_PCI            7
#define PCI_EXP_FLAGS_SLOT        0x0100 /* in PCI_EXP_FLAGS: the port has a slot */
#define PCI_EXP_SLOT_CAP          0x14
#define PCI_EXP_SLOT_HOTPLUG      0x40
#define PCI_CAP_MSIX              0x11
#define PCI_EXP_CAP2              0x24
#define PCI_EXP_CAP2_ARI          0x20
#define PCI_EXP_CONTROL2          0x28
#define PCI_EXP_CONTROL2_ARI      0x20

#define PCI_EXT_CAPS        0x100
#define PCI_EXT_CAP_ARI     0x0e
#define PCI_ARI_CAP         0x04 /* next function 15:8 */
#define PCI_EXT_CAP_SRIOV   0x10
#define PCI_EXT_CAP_REBAR   0x15
#define PCI_REBAR_FIRST     0x04 /* per BAR: sizes it can have, bit 4: 1 MiB and so on; then control */
#define PCI_REBAR_STEP      0x08
#define PCI_REBAR_CONTROL   0x04 /* from there: BAR 2:0, how many entries 7:5, present size 13:8 */
#define PCI_SRIOV_TOTAL_VFS 0x0e
#define PCI_SRIOV_PLACE     0x14 /* first VF offset 15:0, stride 31:16 */
#define PCI_SRIOV_BAR0      0x24

/* QEMU's hint on bridges: a vendor capability of length 0x20 whose byte 3 is 1. All ones: not asked. */
#define PCI_RESERVE_LEN    0x20
#define PCI_RESERVE_BUS    0x04
#define PCI_RESERVE_IO     0x08
#define PCI_RESERVE_MEM    0x10
#define PCI_RESERVE_PREF64 0x18

#endif
