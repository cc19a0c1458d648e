# SPDX-License-Identifier: BSD-2-Clause
# Interfaces of devices: headers, and the little code that belongs to no driver.
$(eval $(call module,libdev,lib/libdev,libbase,blkdev.c condev.c scsihost.c))
