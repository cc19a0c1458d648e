# SPDX-License-Identifier: BSD-2-Clause
USB_FAKES := $(PCI_FAKES) fakemmio.c fakedma.c
XHCI_FAKES := fakexhci.c fakexhci-transfer.c
$(eval $(call unit-test,test-libusb-xhci,libusb libscsi,$(USB_FAKES) fakescsi.c fakeusb.c $(XHCI_FAKES)))
$(eval $(call unit-test,test-libusb-classic,libusb libscsi,$(USB_FAKES) fakescsi.c fakeusb.c fakehci.c fakeohci.c \
	fakeehci.c))
$(eval $(call unit-test,test-of-usb,of libusb,fakeram.c fakeplatform.c $(USB_FAKES) fakescsi.c fakeusb.c $(XHCI_FAKES)))
$(eval $(call fuzz-target,fuzz-usb,libusb libscsi,$(USB_FAKES)))
