// What Swift needs of libssh2, and of the C library beside it.
#ifndef EBB_CLIBSSH2_SHIM_H
#define EBB_CLIBSSH2_SHIM_H
#include <libssh2.h>
#include <sys/eventfd.h>
#endif
