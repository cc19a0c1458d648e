/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine under test: the fake hierarchy, QEMU's tree of it, the host made from that, the judge. */
#include "fakepci.h"

struct fake_rig fake_rig_new(void)
{
	return (struct fake_rig){.pci = fake_pci_new()};
}

void fake_rig_prepare(struct fake_rig *r, const struct fake_phb *phb)
{
	fake_enumerate(r->pci);
	r->phb = fake_tree(r->pci, &r->tree, phb);
	r->host = pci_host_new(&r->tree, r->phb, &r->pci->bus);
}

const char *fake_rig_boot(struct fake_rig *r, const struct fake_phb *phb)
{
	const char *fault;

	fake_rig_prepare(r, phb);
	if (!r->host)
		return "no host";
	if (pci_host_setup(r->host))
		return "setup failed";
	fault = fake_verify(r->pci, r->phb, NULL);
	return fault ? fault : pci_host_summary(r->host).faults ? "self-check" : NULL;
}

void fake_rig_free(struct fake_rig *r)
{
	pci_host_free(r->host);
	dt_tree_free(&r->tree);
	fake_pci_free(r->pci);
}
