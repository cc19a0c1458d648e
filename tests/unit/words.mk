# SPDX-License-Identifier: BSD-2-Clause
$(foreach t,tree instance env client,$(eval $(call unit-test,test-words-$(t),words,fakeram.c fakeplatform.c)))
$(eval $(call fuzz-target,fuzz-words,words,fakeram.c fakeplatform.c))
