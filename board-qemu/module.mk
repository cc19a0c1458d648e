$(eval $(call module,board-qemu,board-qemu,libbase libdt libdev libpci libnvram of client,))
