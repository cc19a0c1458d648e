# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,forth,slof/forth,libbase,arith.c bytes.c compile.c control.c define.c dict.c double.c engine.c extra.c fcode.c fcode-control.c fcode-names.c forth.c host.c inner.c interpret.c keyboard.c kinds.c locals.c memory.c order.c parse.c print.c quote.c rstack.c space.c stack.c string.c tools.c))
# QEMU looks up the target of an indirect jump in a table with 64 places for each page of code: labels 64 bytes apart in a
# function that begins a page never share one. Where the linker puts it by chance, recursion takes 10 to 60 % more time.
$(O)/fw/slof/forth/inner.c.o: private CFLAGS_fw += -falign-labels=64
