/** Simulated time: processes side by side, of which the one that is furthest back makes its step. */

/**
 * Something that takes time. It yields how long each of its steps takes, none of them negative; what
 * it does between two of them happens at one moment.
 */
export type Process = Generator<number, void, void>

/**
 * Runs processes until all have ended. Of several at the same moment the first in the list comes
 * first, so that the same processes always give the same.
 *
 * @param starts when each of them begins
 * @returns when the last step that took any time ended; a process that comes too late to do anything
 *   keeps nobody waiting
 */
export function runProcesses(processes: readonly Process[], starts: readonly number[]): number {
  const times = [...starts]
  const running = new Set(processes.keys())
  let end = 0
  while (running.size > 0) {
    const next = earliest(running, times)
    const { done, value } = processes[next]!.next()
    if (done === true) {
      running.delete(next)
    } else if (value > 0) {
      times[next]! += value
      end = Math.max(end, times[next]!)
    }
  }
  return end
}

function earliest(running: Iterable<number>, times: readonly number[]): number {
  let first = -1
  for (const index of running) {
    if (first === -1 || times[index]! < times[first]!) first = index
  }
  return first
}
