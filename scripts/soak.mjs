/**
 * `npm run soak -- [--minutes N] [--seed N]`: builds, then executes random blocks in random ways for
 * so long (default 10 minutes) and watches the memory.
 */
import { join } from 'node:path'
import { attempt, prepare, root } from './steps.mjs'

/**
 * What glibc's allocator keeps of freed memory grows with luck and threads, for hours: resident memory
 * would tell of that and not of leaks. So it has one arena, and gives blocks of a page
 * and more back at once.
 */
const allocator = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '4096',
  MALLOC_TRIM_THRESHOLD_: '4096',
}

prepare()
const args = ['--expose-gc', join(root, 'build/test/soak/main.js'), ...process.argv.slice(2)]
process.exitCode = attempt(process.execPath, args, { env: { ...allocator, ...process.env } })
