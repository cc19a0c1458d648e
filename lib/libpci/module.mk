$(eval $(call module,libpci,lib/libpci,libbase libdt libdev,))
