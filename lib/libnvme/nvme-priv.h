/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers, commands and the structures the files of this module share. NVM Express Base 1.4. */
#ifndef NVME_PRIV_H
#define NVME_PRIV_H

#include "nvme/nvme.h"

/* Registers in BAR 0 (section 3.1). */
#define REG_CAP        0x00
#define CAP_ENTRIES(c) (((c)&0xffff) + 1)
#define CAP_TIMEOUT(c) ((c) >> 24 & 0xff) /* in units of 500 ms */
#define CAP_STRIDE(c)  ((c) >> 32 & 0xf)
#define CAP_NVM        (1ull << 37) /* the NVM command set */
#define CAP_MPS_MIN(c) ((c) >> 48 & 0xf)
#define REG_MASK_SET   0x0c
#define REG_CC         0x14
#define CC_ENABLE      0x1u
#define CC_SHUTDOWN    0x4000u
#define CC_SIZES       (6u << 16 | 4u << 20) /* entries of 64 and 16 bytes */
#define REG_CSTS       0x1c
#define CSTS_READY     0x1u
#define CSTS_FATAL     0x2u
#define CSTS_SHUT      0xcu
#define CSTS_SHUT_DONE 0x8u
#define REG_AQA        0x24
#define REG_ASQ        0x28
#define REG_ACQ        0x30
#define REG_DOORBELL   0x1000

#define ADMIN_CREATE_SQ    0x01
#define ADMIN_CREATE_CQ    0x05
#define ADMIN_IDENTIFY     0x06
#define ADMIN_SET_FEATURES 0x09
#define FEATURE_QUEUES     0x07
#define IDENTIFY_NAMESPACE 0
#define IDENTIFY_CTRL      1
#define IDENTIFY_ACTIVE    2
#define CMD_FLUSH          0x00
#define CMD_WRITE          0x01
#define CMD_READ           0x02

#define NVME_PAGE 4096u
#define NVME_SQE  64u
#define NVME_CQE  16u
#define NVME_INFLIGHT \
	8u /* commands a queue has under way at most; the entries of a queue are more */
#define NVME_ENTRIES 16u

/* A command as we make it; the queue puts it into the form of section 4.2. */
struct nvme_cmd {
	uint8_t opcode;
	uint32_t nsid;
	uint64_t prp1, prp2;
	uint32_t cdw10, cdw11, cdw12;
};

/* A pair of queues in one page each, and whether each command under way has been answered. */
struct nvme_queue {
	uint16_t id;
	uint16_t entries;
	uint16_t tail, head; /* of submissions, of completions */
	uint8_t phase;       /* what a new completion's phase bit is */
	uint8_t *sq, *cq;
	uint64_t sq_dev, cq_dev;
	unsigned pending; /* bit n: command n is under way */
	int result;       /* the first failure since the queue was last empty, or 0 */
};

struct nvme {
	const struct pci_dev *dev;
	const struct dma *dma;
	struct pci_bar bar;
	unsigned users; /* block devices, and whoever asks something now; 0: not running */
	bool dead; /* it did not answer, or nonsense: nobody talks to it until it is started again */
	uint32_t stride; /* bytes between doorbells */
	uint32_t timeout_ms;
	uint32_t max_bytes; /* of one command */
	bool has_cache;     /* volatile: flush has a meaning */
	char model[41];
	struct nvme_queue admin, io;
	uint8_t *page; /* for what identify gives */
	uint64_t page_dev;
	uint8_t *lists; /* a page of PRP entries for each command under way */
	uint64_t lists_dev;
};

/* Memory for a queue; empty. E_NOMEM. */
int queue_init(struct nvme *c, struct nvme_queue *q, uint16_t id, uint16_t entries) MUST_CHECK;
void queue_free(struct nvme *c, struct nvme_queue *q);
/* A free command number, waiting for one if need be. E_TIMEOUT, E_IO: the controller is dead. */
int queue_slot(struct nvme *c, struct nvme_queue *q, unsigned *slot) MUST_CHECK;
void queue_submit(struct nvme *c, struct nvme_queue *q, unsigned slot, const struct nvme_cmd *cmd);
/* Wait until nothing is under way. 0, or the first failure. */
int queue_drain(struct nvme *c, struct nvme_queue *q) MUST_CHECK;
/* One command, answered. */
int queue_run(struct nvme *c, struct nvme_queue *q, const struct nvme_cmd *cmd) MUST_CHECK;

/* Use a controller, starting it if nobody does; let go of it, stopping it if nobody does any more. */
int controller_get(struct nvme *c) MUST_CHECK;
void controller_put(struct nvme *c);
/* What identify has to say, in c->page. */
int controller_identify(struct nvme *c, uint32_t what, uint32_t nsid) MUST_CHECK;
/* Does not answer any more, or nonsense: switched off, so that it leaves memory alone. */
void controller_kill(struct nvme *c);

#endif
