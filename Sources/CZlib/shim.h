// What Swift needs of zlib: whole-buffer compression.
#ifndef EBB_CZLIB_SHIM_H
#define EBB_CZLIB_SHIM_H
#include <zlib.h>
#endif
