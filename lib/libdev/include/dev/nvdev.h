/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that keeps its contents without power: a flat array of bytes, read and written in pieces. */
#ifndef DEV_NVDEV_H
#define DEV_NVDEV_H

#include "base/compiler.h"

struct nvdev;
struct nvdev_ops {
	/* All of [offset, offset+len), which lies inside: 0, or an E_ error and nothing is certain. */
	int (*read)(struct nvdev *nv, uint32_t offset, void *buf, uint32_t len);
	int (*write)(struct nvdev *nv, uint32_t offset, const void *buf, uint32_t len);
};
struct nvdev {
	const struct nvdev_ops *ops;
	uint32_t size; /* bytes */
};

#endif
