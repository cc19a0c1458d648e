# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libbase,lib/libbase,,err.c heap.c log.c random.c stack.c strbuf.c trace.c))
