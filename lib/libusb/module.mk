# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libusb,lib/libusb,libbase libdt libdev libpci,\
	descriptor.c ehci.c enumerate.c hub.c keyboard.c ohci.c storage.c transfer.c xhci.c xhci-dev.c xhci-ring.c))
