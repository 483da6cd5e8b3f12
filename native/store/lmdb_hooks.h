/// What LMDB asks the store before it changes its file, and is told beside its own functions
/// (lmdb_unit.c).
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Before bytes up to a position are written: 0, or the errno that the write is to fail with. EFBIG
/// where the position is beyond the limit of the thread's transaction.
int braid_lmdb_before_write(uint64_t end);

/// Before a sync: 0, or the errno that it is to fail with.
int braid_lmdb_before_sync(void);

struct MDB_env;

/// Takes the first so many bytes of the map out of the process's memory. They stay in the system's
/// cache of the file, and come back page by page when somebody reads: any thread may at any time.
void braid_lmdb_let_go(struct MDB_env* env, uint64_t bytes);

#ifdef __cplusplus
}
#endif
