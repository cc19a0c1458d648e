# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libterm-lineedit,libterm))
$(eval $(call fuzz-target,fuzz-lineedit,libterm))
