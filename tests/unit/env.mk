# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,test-of-env,of,fakeram.c fakeplatform.c))
