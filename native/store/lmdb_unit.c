/* LMDB, with two hooks of the store around what it asks of the system: the limit on the size of the
 * file, and in builds for tests the failpoints. It must not write to the process's stderr. */
#define _GNU_SOURCE 1
#define MDB_USE_PWRITEV 1
#define MDB_FDATASYNC_WORKS 1

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif
#include <sys/uio.h>
#include <unistd.h>

#include "store/lmdb_hooks.h"

static ssize_t braid_lmdb_pwrite(int file, const void* data, size_t size, off_t position) {
    const int refused = braid_lmdb_before_write((uint64_t)position + size);
    if (refused != 0) {
        errno = refused;
        return -1;
    }
    return pwrite(file, data, size, position);
}

static ssize_t braid_lmdb_pwritev(int file, const struct iovec* parts, int count, off_t position) {
    uint64_t end = (uint64_t)position;
    for (int i = 0; i < count; ++i)
        end += parts[i].iov_len;
    const int refused = braid_lmdb_before_write(end);
    if (refused != 0) {
        errno = refused;
        return -1;
    }
    return pwritev(file, parts, count, position);
}

static int braid_lmdb_sync(int file) {
    const int refused = braid_lmdb_before_sync();
    if (refused != 0) {
        errno = refused;
        return -1;
    }
#ifdef __APPLE__
    return fcntl(file, F_FULLFSYNC) != 0 && fsync(file) != 0 ? -1 : 0;
#else
    return fdatasync(file);
#endif
}

#define pwrite braid_lmdb_pwrite
#define pwritev braid_lmdb_pwritev
#define MDB_FDATASYNC braid_lmdb_sync
#define fprintf(...) ((void)0)

#include "mdb.c"
