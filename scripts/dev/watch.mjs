/** Tells of changed files in batches, one batch at a time. */
import { relative, sep } from 'node:path'
import { watch } from 'chokidar'

/** Editors write a file in several steps, and commands several files. In milliseconds. */
const settleTime = 200

/**
 * Calls `handle` with what was changed under some folders and files, again and again; what changes while it
 * is at work is in the next batch.
 *
 * @param {string} root paths are given relative to it
 * @param {readonly string[]} paths what to watch; all of them exist
 * @param {(changed: string[]) => Promise<void>} handle
 * @returns {Promise<() => Promise<void>>} settled once changes are seen; the function ends it
 */
export async function watchBatches(root, paths, handle) {
  let changed = new Set()
  let timer
  let isBusy = false
  const proceed = async () => {
    if (isBusy || changed.size === 0) return
    isBusy = true
    const batch = [...changed].sort()
    changed = new Set()
    await handle(batch)
    isBusy = false
    await proceed()
  }
  const watcher = watch([...paths], {
    cwd: root,
    ignoreInitial: true,
    ignored: (path, stats) => stats?.isFile() === true && !/\.(c?ts|[ch]pp|h|md)$/.test(path),
  })
  watcher.on('all', (event, path) => {
    if (event.endsWith('Dir')) return
    changed.add(path.startsWith(root) ? relative(root, path) : path.replaceAll(sep, '/'))
    clearTimeout(timer)
    timer = setTimeout(proceed, settleTime)
  })
  await new Promise((resolve, reject) => {
    watcher.once('ready', resolve)
    watcher.once('error', reject)
  })
  return async () => {
    clearTimeout(timer)
    await watcher.close()
  }
}
