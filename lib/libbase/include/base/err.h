/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The closed list of errors. Functions return 0 or one of these; out-parameters are written only
 * on success. Tables at the edges turn them into client results, RTAS status and throw codes.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	E_INVAL = -1,   /* an argument is outside what the function accepts */
	E_NOENT = -2,   /* the thing named does not exist */
	E_EXIST = -3,   /* the thing to be made exists already */
	E_NOMEM = -4,   /* no memory left of the kind asked for */
	E_NOSPC = -5,   /* the buffer or window given is too small */
	E_RANGE = -6,   /* a number or address lies outside its allowed range */
	E_FORMAT = -7,  /* data from outside breaks the rules of its format */
	E_IO = -8,      /* a device or the hypervisor reported a failure */
	E_TIMEOUT = -9, /* a deadline passed */
	E_BUSY = -10,   /* in use by somebody else */
	E_UNSUPP = -11, /* valid, but not supported here */
	E_DEPTH = -12,  /* nested too deep, or a stack has too few or too many cells */
	E_STALE = -13,  /* a handle of something that is gone */
	E_PERM = -14,   /* not allowed for this caller */
	E_ABORT = -15,  /* given up on request */
	E_FAULT = -16,  /* an exception of the processor ended the program */
};

/* One short phrase for an error, for the end of a log line. Never NULL; 0 gives "success". */
const char *err_text(int err);

#endif
