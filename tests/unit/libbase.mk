# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-libbase-text,libbase))
