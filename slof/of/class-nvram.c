/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The NVRAM as a package: its bytes, as partitions and all else lie there. Nothing is remembered here, so the
 * environment sees what is written.
 */
#define LOG_TAG "nvram"
#include "of/env.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "nvram/nvram.h"
#include "of/memory.h"

#include "of-priv.h"

struct position {
	uint32_t at;
};

/* How many of len bytes from here on there are. */
static uint32_t within(const struct instance *in, uint64_t len)
{
	const struct position *p = in->state;
	const struct nvdev *nv = in->data;
	uint32_t left = nv->size - p->at;

	return len < left ? (uint32_t)len : left;
}

/* As much as there is of [addr, addr+len) and of the device, by the device's read or write. */
static int transfer(struct instance *in, struct stack *st,
		    int (*move)(struct nvdev *nv, uint32_t at, void *buf, uint32_t len))
{
	uint64_t len = arg_pop(st), addr = arg_pop(st);
	void *buf = mem_pointer(addr, len);
	struct position *p = in ? in->state : NULL;
	uint32_t n;
	int err;

	if (!p)
		return E_INVAL;
	if (!buf)
		return E_RANGE;
	n = within(in, len);
	err = n ? move(in->data, p->at, buf, n) : 0;
	if (err)
		return err;
	p->at += n;
	arg_push(st, n);
	return 0;
}

static int get(struct nvdev *nv, uint32_t at, void *buf, uint32_t len)
{
	return nv->ops->read(nv, at, buf, len);
}

static int put(struct nvdev *nv, uint32_t at, void *buf, uint32_t len)
{
	return nv->ops->write(nv, at, buf, len);
}

static int m_read(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	return transfer(in, st, get);
}

static int m_write(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	return transfer(in, st, put);
}

static int m_seek(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t high = arg_pop(st), low = arg_pop(st);
	const struct nvdev *nv = in ? in->data : NULL;
	struct position *p = in ? in->state : NULL;
	bool inside = p && (uint32_t)high == 0 && low <= nv->size;

	if (inside)
		p->at = (uint32_t)low;
	arg_push(st, inside ? 0 : ~(cell_t)0);
	return 0;
}

static int m_size(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	const struct nvdev *nv = in ? in->data : NULL;

	if (!nv)
		return E_INVAL;
	arg_push(st, nv->size);
	return 0;
}

/* All headers are sound and there is a place for variables. */
static int check(const uint8_t *image, uint32_t size)
{
	struct nvram_part part;
	uint32_t at = 0;
	int err;

	do {
		err = nvram_next(image, size, &at, &part);
	} while (!err);
	return err == E_NOENT ? nvram_find(image, size, &part) : err;
}

static int m_selftest(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	struct nvdev *nv = in ? in->data : NULL;
	uint8_t *image = nv ? try_alloc(nv->size) : NULL;
	int err;

	if (!image)
		return nv ? E_NOMEM : E_INVAL;
	err = nv->ops->read(nv, 0, image, nv->size);
	if (!err)
		err = check(image, nv->size);
	if (err)
		log_warn("selftest: %s", err == E_FORMAT  ? "a partition's header is damaged"
					 : err == E_NOENT ? "no partition for variables"
							  : err_text(err));
	heap_free(image);
	arg_push(st, err ? 1 : 0);
	return 0;
}

static const struct method methods[] = {
	{"read", "( addr len -- actual )", m_read},
	{"write", "( addr len -- actual )", m_write},
	{"seek", "( pos.lo pos.hi -- status )", m_seek},
	{"size", "( -- size )", m_size},
	{"selftest", "( -- 0|code )", m_selftest},
	{NULL, NULL, NULL},
};

static const struct pkg_class class_nvram = {
	.device_type = "nvram",
	.state_size = sizeof(struct position),
	.methods = methods,
};

void of_bind_nvram(struct dt_node *node, struct nvdev *nv)
{
	of_bind(node, &class_nvram, nv);
}
