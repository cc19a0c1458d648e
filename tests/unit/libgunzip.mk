# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libgunzip,libgunzip,fakegzip.c))
$(eval $(call fuzz-target,fuzz-gunzip,libgunzip,fakegzip.c))
