# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-words-prompt,words,fakeram.c fakeplatform.c))
