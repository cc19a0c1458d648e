/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls through a console device; no device swallows output and has no input. */
#include "dev/condev.h"

size_t condev_write(struct condev *con, const char *text, size_t len)
{
	return con ? con->ops->write(con, text, len) : len;
}

size_t condev_read(struct condev *con, char *buf, size_t room)
{
	return con ? con->ops->read(con, buf, room) : 0;
}
