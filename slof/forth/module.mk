# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,forth,slof/forth,libbase,arith.c bytes.c compile.c control.c define.c dict.c double.c engine.c extra.c fcode.c fcode-control.c fcode-names.c forth.c host.c inner.c interpret.c keyboard.c kinds.c locals.c memory.c order.c parse.c print.c quote.c rstack.c space.c stack.c string.c tools.c))
