/// What LMDB asks the store before it changes its file, and is told beside its own functions
/// (lmdb_unit.c).
#pragma once

#include <stddef.h>
#include <stdint.h>

struct MDB_env;
struct MDB_txn;

#ifdef __cplusplus
extern "C" {
#endif

/// Before bytes up to a position are written: 0, or the errno that the write is to fail with. EFBIG
/// where the position is beyond the limit of the thread's transaction.
int braid_lmdb_before_write(uint64_t end);

/// Before a sync: 0, or the errno that it is to fail with.
int braid_lmdb_before_sync(void);

/// Before bytes of a copy are written: 0, or the errno that the write is to fail with.
int braid_lmdb_before_copy_write(void);

/// Whether bytes that a read transaction gave lie within the pages of its state.
int braid_lmdb_holds(const struct MDB_txn* transaction, const void* data, size_t size);

/// Closes an environment, and frees its list of free pages, which LMDB forgets.
void braid_lmdb_close(struct MDB_env* environment);

/// Takes the first so many bytes of the map out of the process's memory. They stay in the system's
/// cache of the file, and come back page by page when somebody reads: any thread may at any time.
void braid_lmdb_let_go(struct MDB_env* env, uint64_t bytes);

#ifdef __cplusplus
}
#endif
