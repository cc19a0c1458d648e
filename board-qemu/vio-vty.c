/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual terminal (LoPAPR 16.6): 16 bytes a hypercall each way. What H_GET_TERM_CHAR brought and
 * the reader did not take waits in the terminal's own buffer. A machine without a vty refuses every
 * call; output then vanishes and input is silent.
 */
#define LOG_TAG "vty"
#include "board.h"

#include <string.h>

#include "hv.h"

#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"

struct vty {
	struct condev con;
	uint32_t unit;
	char in[16];
	size_t in_at, in_len;
};

static size_t vty_write(struct condev *con, const char *text, size_t len)
{
	struct vty *v = container_of(con, struct vty, con);
	size_t done = 0;

	while (done < len) {
		size_t n = len - done < 16 ? len - done : 16;

		if (hv_put_term_char(v->unit, text + done, n) != H_SUCCESS)
			return done;
		done += n;
	}
	return done;
}

static size_t vty_read(struct condev *con, char *buf, size_t room)
{
	struct vty *v = container_of(con, struct vty, con);
	size_t n;

	if (v->in_at == v->in_len) {
		v->in_at = 0;
		v->in_len = 0;
		if (hv_get_term_char(v->unit, v->in, &v->in_len) != H_SUCCESS)
			return 0;
	}
	n = v->in_len - v->in_at < room ? v->in_len - v->in_at : room;
	memcpy(buf, v->in + v->in_at, n);
	v->in_at += n;
	return n;
}

static const struct condev_ops vty_ops = {vty_write, vty_read};

struct condev *vty_early(void)
{
	static struct vty first = {{&vty_ops}, 0, {0}, 0, 0};

	return &first.con;
}

void vty_bind_all(void)
{
	const struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");

	for (struct dt_node *n = vdevice ? vdevice->child : NULL; n; n = n->next) {
		struct vty *v;
		char path[64];

		if (!dt_prop_lists(n, "compatible", "hvterm1"))
			continue;
		v = xalloc(sizeof(*v));
		v->con.ops = &vty_ops;
		if (dt_prop_get_u32(n, "reg", &v->unit)) {
			log_warn("%s: no reg, left out", n->name);
			heap_free(v);
			continue;
		}
		of_bind_console(n, &v->con);
		if (dt_path_of(n, path, sizeof(path)) < sizeof(path))
			of_alias("hvterm", path);
	}
}
