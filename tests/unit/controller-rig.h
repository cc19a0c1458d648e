/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of PCI disk controllers have in common: a machine of one function, and what must be true when all is over. */
#ifndef CONTROLLER_RIG_H
#define CONTROLLER_RIG_H

#include "check.h"
#include "fakedma.h"
#include "fakemmio.h"

#include "base/bytes.h"
#include "pci/regs.h"

static struct fakemmio_rig rig;

/* A machine whose only function is what add() makes of the model. */
static inline void rig_begin(struct fake_fn *(*add)(void *model, struct fake_pci *), void *model)
{
	struct fake_pci *pci = fake_pci_new();

	fakemmio_reset();
	fakemmio_rig_start(&rig, pci, add(model, pci), &fakedma, NULL);
}

/* The driver is gone: no memory is mapped any more, no register was missed. */
static inline void rig_end(void)
{
	CHECK_EQ(fakedma_mappings(), 0);
	CHECK_EQ(fakemmio_lost, 0);
	fakemmio_rig_stop(&rig);
}

static inline bool is_master(void)
{
	return get_le16(rig.fn->cfg + PCI_COMMAND) & PCI_COMMAND_MASTER;
}

#endif
