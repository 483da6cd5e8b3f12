/** What happens when a signal aborts. */

/** What is to be called when a signal aborts, and the listener that does it. */
interface Watch {
  readonly actions: Set<() => void>
  readonly listener: () => void
}

const watches = new WeakMap<AbortSignal, Watch>()

/**
 * Calls `action` when the signal aborts, until the returned function is called. A signal has one
 * listener however many wait for it: Node warns of a leak where there are more than ten.
 */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const { actions, listener } = watches.get(signal) ?? watch(signal)
  actions.add(action)
  return () => {
    actions.delete(action)
    if (actions.size > 0) return
    watches.delete(signal)
    signal.removeEventListener('abort', listener)
  }
}

function watch(signal: AbortSignal): Watch {
  const actions = new Set<() => void>()
  const listener = () => {
    for (const action of actions) action()
  }
  const made = { actions, listener }
  watches.set(signal, made)
  signal.addEventListener('abort', listener)
  return made
}
