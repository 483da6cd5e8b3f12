/* LMDB, with two hooks of the store around what it asks of the system: the limit on the size of the
 * file, and in builds for tests the failpoints; and a way to let go of its map. It must not write to the process's stderr. */
#define _GNU_SOURCE 1
#define MDB_USE_PWRITEV 1
#define MDB_FDATASYNC_WORKS 1

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Writes all of it or says why not: LMDB takes a short write, as a full disk gives it, for EIO. */
static ssize_t braid_lmdb_pwritev(int file, const struct iovec* parts, int count, off_t position) {
    size_t size = 0;
    for (int i = 0; i < count; ++i)
        size += parts[i].iov_len;
    const int refused = braid_lmdb_before_write((uint64_t)position + size);
    if (refused != 0) {
        errno = refused;
        return -1;
    }
    ssize_t written = pwritev(file, parts, count, position);
    if (written < 0 || (size_t)written == size)
        return written;
    size_t done = (size_t)written;
    size_t begin = 0;
    for (int i = 0; i < count; begin += parts[i++].iov_len)
        while (done < begin + parts[i].iov_len) {
            const size_t skip = done - begin;
            written = pwrite(file, (const char*)parts[i].iov_base + skip, parts[i].iov_len - skip,
                             position + (off_t)done);
            if (written == 0)
                errno = ENOSPC;
            if (written < 0 && errno == EINTR)
                continue;
            if (written <= 0)
                return -1;
            done += (size_t)written;
        }
    return (ssize_t)size;
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

/* LMDB writes copies alone with it. */
static ssize_t braid_lmdb_write(int file, const void* data, size_t size) {
    const int refused = braid_lmdb_before_copy_write();
    if (refused != 0) {
        errno = refused;
        return -1;
    }
    return write(file, data, size);
}

#define write braid_lmdb_write
#define pwrite braid_lmdb_pwrite
#define pwritev braid_lmdb_pwritev
#define MDB_FDATASYNC braid_lmdb_sync
#define fprintf(...) ((void)0)
/* What it says of errors, which nobody asks it for, it writes into 100 bytes that nobody frees; of a
 * write that fails, as on a full disk, that is more than 100. Here all of them are the same bytes. No
 * structure is as large: sizes are multiples of a pointer's. */
static _Thread_local char braid_lmdb_words[100];
#define malloc(size)                                                                               \
    (__builtin_constant_p(size) && (size) == sizeof(braid_lmdb_words) ? (void*)braid_lmdb_words    \
                                                                      : malloc(size))
#define sprintf(target, ...) snprintf(target, 64, __VA_ARGS__)

#include "mdb.c"

int braid_lmdb_holds(const struct MDB_txn* transaction, const void* data, size_t size) {
    const char* const map = transaction->mt_env->me_map;
    const size_t used = transaction->mt_next_pgno * transaction->mt_env->me_psize;
    const size_t place = (size_t)((const char*)data - map);
    return place <= used && size <= used - place;
}

void braid_lmdb_close(struct MDB_env* environment) {
    mdb_midl_free(environment->me_pghead);
    environment->me_pghead = NULL;
    mdb_env_close(environment);
}

void braid_lmdb_let_go(struct MDB_env* env, uint64_t bytes) {
#ifdef __linux__
    if (bytes > env->me_mapsize)
        bytes = env->me_mapsize;
    (void)madvise(env->me_map, bytes, MADV_DONTNEED);
#else
    (void)env;
    (void)bytes;
#endif
}
