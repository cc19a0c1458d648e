/* SPDX-License-Identifier: BSD-2-Clause */
/* A console device: bytes out, bytes in. */
#ifndef DEV_CONDEV_H
#define DEV_CONDEV_H

#include "base/compiler.h"

struct condev;
struct condev_ops {
	/* Write all of it; returns the bytes that went out (less only when the device failed). */
	size_t (*write)(struct condev *con, const char *text, size_t len);
	/* Read what waits, at most room bytes; 0 when nothing does. Never blocks. */
	size_t (*read)(struct condev *con, char *buf, size_t room);
};
struct condev {
	const struct condev_ops *ops;
};

size_t condev_write(struct condev *con, const char *text, size_t len);
size_t condev_read(struct condev *con, char *buf, size_t room);

#endif
