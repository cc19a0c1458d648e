# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call module,libusb,lib/libusb,libbase libdt libdev libpci,\
	classic.c descriptor.c ehci.c ehci-queue.c enumerate.c hcd.c hub.c keyboard.c ohci.c storage.c \
	transfer.c xhci.c xhci-dev.c xhci-ring.c))
