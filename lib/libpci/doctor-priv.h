/* SPDX-License-Identifier: BSD-2-Clause */
/* How the doctor talks, and who looks for what. */
#ifndef DOCTOR_PRIV_H
#define DOCTOR_PRIV_H

#include "pci-priv.h"

#include "base/strbuf.h"

#define ANOTHER_BRIDGE                                    \
	"put some of it below a host bridge of its own: " \
	"-device spapr-pci-host-bridge,index=1,id=phb1, and bus=phb1.0 for the device"

struct doctor {
	const struct pci_host *host;
	void (*emit)(void *ctx, const char *line);
	void *ctx;
	enum pci_pool pool; /* the one looked at */
	unsigned problems, notes;
	char text[1600]; /* of the paragraph */
	struct strbuf sb;
};

/* doctor-text.c: a paragraph is begun, said bit by bit, and ended, which prints it. */
void doctor_begin(struct doctor *d, bool problem);
void doctor_say(struct doctor *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
void doctor_end(struct doctor *d);
/* "01:02.0 ethernet@2 (virtio-net-pci)"; "64K". */
void doctor_name(struct doctor *d, const struct pci_fn *fn);
void doctor_size(struct doctor *d, uint64_t size);

/* What is looked for. */
typedef bool fn_test(const struct doctor *d, const struct pci_fn *fn);
unsigned doctor_count(const struct doctor *d, fn_test *is);
/* Their names, separated by commas. */
void doctor_names(struct doctor *d, fn_test *is);
/* A paragraph about all functions of a kind: "lead NAMES: rest". False: there are none. */
bool doctor_about(struct doctor *d, bool problem, fn_test *is, const char *lead, const char *rest);

/* doctor-space.c: what has no addresses, and why; what was left out to make room; room for more. */
void doctor_no_room(struct doctor *d);
void doctor_no_window(struct doctor *d);
void doctor_extras(struct doctor *d);
void doctor_headroom(struct doctor *d);

#endif
