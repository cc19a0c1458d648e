/* SPDX-License-Identifier: BSD-2-Clause */
/* Views: the bounds are checked here, so that formats may hand on any offset they find. */
#include "blk/view.h"

#include "base/err.h"

int blk_view_read(const struct blk_view *v, uint64_t offset, void *buf, uint64_t len)
{
	if (offset > v->size || len > v->size - offset)
		return E_RANGE;
	return len > 0 ? v->read(v->ctx, v->start + offset, buf, len) : 0;
}

struct blk_view blk_view_part(const struct blk_view *v, uint64_t start, uint64_t size)
{
	struct blk_view part = *v;

	if (start > v->size)
		start = v->size;
	part.start = v->start + start;
	part.size = size < v->size - start ? size : v->size - start;
	return part;
}
