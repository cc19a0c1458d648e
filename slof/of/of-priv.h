/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share: classes, and resets for of_init(). */
#ifndef OF_PRIV_H
#define OF_PRIV_H

#include "of/instance.h"
#include "of/machine.h"

extern const struct pkg_class class_serial;
extern const struct pkg_class class_null;
extern const struct pkg_class class_memory;
extern const struct pkg_class class_mmu;
extern const struct pkg_class class_pci;

/* Free what of_bind() and of_add_method() hung on a node. */
void package_free(struct dt_node *node);

/* The support packages of disks, in /packages. */
void block_packages(void);
void block_reset(void);
void boot_reset(void);
void boot_abandon(void); /* no boot is going on: a fault ended it */
void net_reset(void);
/* The support package of network devices, in /packages. */
void net_packages(void);
void drives_reset(void);
void scsi_reset(void);
void usb_reset(void);
void instances_reset(void);
void alias_reset(void);
void console_reset(void);
/* Read what waits at stdin, or at the early console if there is none; never blocks. */
size_t console_read(char *buf, size_t room);
bool console_is_stdin(const struct instance *in);
/* What is in the queue already, without looking at the device. */
size_t keys_take(char *buf, size_t len);
void keys_reset(void);
void quiesce_reset(void);

#endif
