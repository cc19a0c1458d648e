/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers as text, and the walk along the stack. Stacks are somebody else's data here: a walk goes only
 * up, only through RAM, and not for ever.
 */
#include "registers.h"

#include "memmap.h"

#include "base/bytes.h"
#include "of/memory.h"

extern char __end[], __data_end[];

const char *registers_vector_name(uint64_t vector)
{
	static const struct {
		uint16_t vector;
		const char *name;
	} names[] = {
		{0x100, "System Reset"},
		{0x200, "Machine Check"},
		{0x300, "Data Storage"},
		{0x380, "Data Segment"},
		{0x400, "Instruction Storage"},
		{0x480, "Instruction Segment"},
		{0x500, "External"},
		{0x600, "Alignment"},
		{0x700, "Program"},
		{0x800, "Floating-Point Unavailable"},
		{0x900, "Decrementer"},
		{0x980, "Hypervisor Decrementer"},
		{0xa00, "Directed Doorbell"},
		{0xc00, "System Call"},
		{0xd00, "Trace"},
		{0xe00, "Hypervisor Data Storage"},
		{0xe20, "Hypervisor Instruction Storage"},
		{0xe40, "Hypervisor Emulation Assistance"},
		{0xe80, "Hypervisor Doorbell"},
		{0xea0, "Hypervisor Virtualization"},
		{0xf00, "Performance Monitor"},
		{0xf20, "Vector Unavailable"},
		{0xf40, "VSX Unavailable"},
		{0xf60, "Facility Unavailable"},
		{0xf80, "Hypervisor Facility Unavailable"},
		{0x1300, "Instruction Address Breakpoint"},
		{0x1500, "Denormalisation Assist"},
		{0x1700, "Thermal or VMX Assist"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].vector == vector)
			return names[i].name;
	return "Unknown";
}

bool registers_in_image(uint64_t addr)
{
	return addr >= board_image_base() && addr < (uintptr_t)__data_end;
}

void registers_address(struct strbuf *sb, uint64_t addr)
{
	strbuf_printf(sb, "%016llx", (unsigned long long)addr);
	if (registers_in_image(addr))
		strbuf_printf(sb, " (slof.elf %llx)",
			      (unsigned long long)(addr - board_image_base()));
}

static void four(struct strbuf *sb, const struct registers *r, unsigned i)
{
	strbuf_printf(sb, "R%02u %016llx %016llx %016llx %016llx", i, (unsigned long long)r->gpr[i],
		      (unsigned long long)r->gpr[i + 1], (unsigned long long)r->gpr[i + 2],
		      (unsigned long long)r->gpr[i + 3]);
}

bool registers_line(const struct registers *r, unsigned i, struct strbuf *sb)
{
	if (i < 8) {
		four(sb, r, 4 * i);
	} else if (i == 8) {
		strbuf_printf(sb, "CR %08llx  XER %016llx  CTR %016llx", (unsigned long long)r->cr,
			      (unsigned long long)r->xer, (unsigned long long)r->ctr);
	} else if (i == 9) {
		strbuf_printf(sb, "DAR %016llx  DSISR %08llx", (unsigned long long)r->dar,
			      (unsigned long long)r->dsisr);
	} else if (i == 10) {
		strbuf_str(sb, "LR   ");
		registers_address(sb, r->lr);
	} else if (i == 11) {
		strbuf_str(sb, "SRR0 ");
		registers_address(sb, r->srr0);
	} else if (i == 12) {
		strbuf_printf(sb, "SRR1 %016llx (%s-bit, %s endian)", (unsigned long long)r->srr1,
			      r->srr1 >> MSR_SF_BIT ? "64" : "32",
			      r->srr1 & MSR_LE ? "little" : "big");
	} else {
		return false;
	}
	return true;
}

/* ---- the stack ----------------------------------------------------------------------------- */

/* Our frames lie in our bss. */
void backtrace_ours(struct backtrace *b, uint64_t sp)
{
	b->n = 0;
	while (b->n < BACKTRACE_MOST) {
		uint64_t next;

		if (sp & 7 || sp < (uintptr_t)__data_end || sp > (uintptr_t)__end - 32)
			return;
		next = *(const uint64_t *)(uintptr_t)sp;
		if (next <= sp || next & 7 || next > (uintptr_t)__end - 32)
			return;
		b->at[b->n++] = ((const uint64_t *)(uintptr_t)next)[2];
		sp = next;
	}
}

static bool client_word(uint64_t addr, uint64_t msr, uint64_t *v)
{
	bool wide = msr >> MSR_SF_BIT, little = msr & MSR_LE;
	const void *p = addr & 3 ? NULL : mem_pointer(addr, wide ? 8 : 4);

	if (!p)
		return false;
	if (wide)
		*v = little ? get_le64(p) : get_be64(p);
	else
		*v = little ? get_le32(p) : get_be32(p);
	return true;
}

/* A frame begins with a pointer to the one above it; the return address is saved in that one. */
void backtrace_client(struct backtrace *b, uint64_t sp, uint64_t msr)
{
	uint64_t saved = msr >> MSR_SF_BIT ? 16 : 4, next;

	b->n = 0;
	if (!(msr >> MSR_SF_BIT))
		sp &= UINT32_MAX;
	while (b->n < BACKTRACE_MOST && client_word(sp, msr, &next) && next > sp &&
	       client_word(next + saved, msr, &b->at[b->n])) {
		b->n++;
		sp = next;
	}
}
