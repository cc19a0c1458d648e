/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA methods of a PCI bus. All buses below a host bridge share its window, so nothing is forwarded
 * from bridge to bridge; the window itself is the board's.
 */
#define LOG_TAG "of"
#include "class-pci-priv.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/log.h"
#include "of/machine.h"
#include "of/memory.h"

#include <string.h>

#define PAGE 4096u

/* Whole pages, zeroed. A client's are a client's, so that it may name them in the next call. */
int of_pci_dma_alloc(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), addr;
	void *pages;
	int err;

	if (!of_pci_of(in))
		return E_STALE;
	if (size == 0 || !align_up_ok(size, PAGE, &size))
		return E_INVAL;
	if (!mem_is_distrusted()) {
		pages = dma_alloc_pages(size, PAGE);
		if (!pages)
			return E_NOMEM;
		arg_push(st, ram_address(pages));
		return 0;
	}
	err = mem_client_claim(0, size, PAGE, &addr);
	if (err)
		return err;
	memset(ram_at(addr, size), 0, size);
	arg_push(st, addr);
	return 0;
}

int of_pci_dma_free(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), addr = arg_pop(st);
	int err = E_PERM;

	if (!of_pci_of(in))
		return E_STALE;
	if (!align_up_ok(size, PAGE, &size))
		return E_INVAL;
	if (!mem_is_distrusted())
		err = mem_release(addr, size, MEM_FIRMWARE);
	return err == E_PERM ? mem_release(addr, size, MEM_CLIENT) : err;
}

static const struct dma *dma_of(const struct instance *in)
{
	const struct of_pci *pci = of_pci_of(in);

	return pci ? pci->dma : NULL;
}

/* Caches are coherent here, so cacheable? makes no difference. */
int of_pci_dma_map_in(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size, virt, dev;
	const struct dma *dma = dma_of(in);
	void *mem;
	int err;

	(void)arg_pop(st);
	size = arg_pop(st);
	virt = arg_pop(st);
	if (!dma)
		return E_UNSUPP;
	if (size == 0)
		return E_INVAL;
	mem = mem_pointer(virt, size);
	if (!mem)
		return E_RANGE;
	err = dma->ops->map(dma->ctx, mem, size, &dev);
	if (err)
		return err;
	err = of_pci_push(st, dev, size);
	if (err && dma->ops->unmap(dma->ctx, dev, size))
		log_warn("%s: %llx stays mapped", in->node->name, (unsigned long long)dev);
	return err;
}

int of_pci_dma_map_out(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), dev = arg_pop(st);
	const struct dma *dma = dma_of(in);

	(void)arg_pop(st);
	return dma ? dma->ops->unmap(dma->ctx, dev, size) : E_UNSUPP;
}

/* Memory is coherent: all there is to do is to keep accesses in order. */
int of_pci_dma_sync(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	st->depth -= 3;
	__sync_synchronize();
	return of_pci_of(in) ? 0 : E_STALE;
}
