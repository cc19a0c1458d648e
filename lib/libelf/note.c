/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notes: each is {name length, description length, type, name, description}, name and description
 * padded to 4 bytes. The head is in the file's byte order, the CHRP description always big endian.
 */
#include "elf-priv.h"

#include <string.h>

#include "base/arith.h"

#define HEAD       12u
#define CHRP_TYPE  0x1275u
#define CHRP_BYTES 24u
#define RPA_TYPE   0x12759999u

static bool is_named(const uint8_t *name, uint64_t len, const char *wanted)
{
	size_t n = strlen(wanted);

	return (len == n || (len == n + 1 && name[n] == 0)) && !memcmp(name, wanted, n);
}

static void take(const uint8_t *name, uint64_t name_len, uint32_t type, const uint8_t *desc,
		 uint64_t len, struct elf_plan *plan)
{
	if (type == RPA_TYPE && is_named(name, name_len, "IBM,RPA-Client-Config"))
		plan->has_rpa = true;
	if (type != CHRP_TYPE || len < CHRP_BYTES || !is_named(name, name_len, "PowerPC"))
		return;
	plan->has_chrp = true;
	plan->chrp = (struct elf_chrp_note){
		get_be32(desc),      get_be32(desc + 4),  get_be32(desc + 8),
		get_be32(desc + 12), get_be32(desc + 16), get_be32(desc + 20),
	};
}

void elf_read_notes(const struct elf_file *f, const struct elf_phdr *ph, struct elf_plan *plan)
{
	const uint8_t *p = f->bytes + ph->offset;
	uint64_t left = ph->filesz;

	while (left >= HEAD) {
		uint64_t name = align_up(elf_word(f, p), 4), desc = align_up(elf_word(f, p + 4), 4);

		if (name > left - HEAD || desc > left - HEAD - name)
			return;
		take(p + HEAD, elf_word(f, p), elf_word(f, p + 8), p + HEAD + name,
		     elf_word(f, p + 4), plan);
		p += HEAD + name + desc;
		left -= HEAD + name + desc;
	}
}
