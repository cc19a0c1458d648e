# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-forth-words,forth libbase))
$(eval $(call unit-test,test-forth-faults,forth libbase))
$(eval $(call unit-test,test-forth-fcode,forth libbase))
$(eval $(call fuzz-target,fuzz-forth,forth libbase))
$(eval $(call fuzz-target,fuzz-fcode,forth libbase))
