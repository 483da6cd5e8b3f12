/** The runs of a block, found by timeline, by time and by transaction. */

import type { PageModel, PageRun, PageTransaction } from './model.js'

/** Why two runs are connected. */
export type LinkKind = 'reads' | 'aborts' | 'waits'

/** Something that went from one run to another. */
export interface Link {
  readonly kind: LinkKind
  readonly from: PageRun
  readonly to: PageRun
}

/** Looks things up in a {@link PageModel}. */
export class Scene {
  readonly model: PageModel
  /** The runs of each worker in the order of time. */
  readonly timelines: readonly (readonly PageRun[])[]
  /** The time at which the last run ends. */
  readonly end: number
  readonly #transactions = new Map<number, PageTransaction>()
  readonly #runs = new Map<number, PageRun[]>()
  readonly #dependents = new Map<number, number[]>()
  /** Runs by the transaction that stood in their way. */
  readonly #hindered = new Map<number, PageRun[]>()
  readonly #critical: ReadonlyMap<number, number>

  constructor(model: PageModel) {
    this.model = model
    const timelines: PageRun[][] = Array.from({ length: model.workers }, () => [])
    for (const transaction of model.transactions) {
      this.#transactions.set(transaction.index, transaction)
    }
    let end = 0
    for (const run of model.runs) {
      timelines[run.worker]?.push(run)
      append(this.#runs, run.transaction, run)
      end = Math.max(end, run.end)
      if (run.dependsOn !== undefined) append(this.#dependents, run.dependsOn, run.transaction)
      for (const writer of hindrances(run)) append(this.#hindered, writer, run)
    }
    for (const timeline of timelines) timeline.sort((a, b) => a.start - b.start)
    this.timelines = timelines
    this.end = end
    this.#critical = new Map(model.criticalPath.map((index, position) => [index, position]))
  }

  /** A transaction by its index. */
  transaction(index: number): PageTransaction | undefined {
    return this.#transactions.get(index)
  }

  /** The runs of a transaction in the order of time. */
  runsOf(index: number): readonly PageRun[] {
    return this.#runs.get(index) ?? []
  }

  /** The run whose outcome is the transaction's. */
  committedRun(index: number): PageRun | undefined {
    return this.runsOf(index).find((run) => run.outcome !== 'discarded')
  }

  /** The transactions for which this one ends the longest chain that they depend on. */
  dependentsOf(index: number): readonly number[] {
    return this.#dependents.get(index) ?? []
  }

  /** The place of a transaction on the critical path, from 0. */
  criticalPosition(index: number): number | undefined {
    return this.#critical.get(index)
  }

  /** The run of a worker at a time, or the nearest one within a tolerance. */
  runAt(worker: number, time: number, tolerance: number): PageRun | undefined {
    const timeline = this.timelines[worker] ?? []
    let low = 0
    let high = timeline.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (timeline[middle].start <= time) low = middle + 1
      else high = middle
    }
    const before = timeline[low - 1]
    const after = timeline[low]
    if (before !== undefined && before.end >= time) return before
    const toBefore = before === undefined ? Number.POSITIVE_INFINITY : time - before.end
    const toAfter = after === undefined ? Number.POSITIVE_INFINITY : after.start - time
    const nearest = toBefore <= toAfter ? before : after
    return Math.min(toBefore, toAfter) <= tolerance ? nearest : undefined
  }

  /** Everything that connects a transaction with others. */
  linksOf(index: number): Link[] {
    const links: Link[] = []
    const connect = (kind: LinkKind, from: number | undefined, to: PageRun | undefined) => {
      const source = from === undefined ? undefined : this.committedRun(from)
      if (source !== undefined && to !== undefined) links.push({ kind, from: source, to })
    }
    const addHindrances = (run: PageRun, by: (writer: number) => boolean) => {
      for (const { writer } of run.conflicts) {
        if (writer !== undefined && by(writer)) connect('aborts', writer, run)
      }
      if (run.waitedFor !== undefined && by(run.waitedFor)) connect('waits', run.waitedFor, run)
    }
    for (const run of this.runsOf(index)) {
      connect('reads', run.dependsOn, run)
      addHindrances(run, () => true)
    }
    for (const dependent of this.dependentsOf(index)) {
      connect('reads', index, this.committedRun(dependent))
    }
    for (const run of this.#hindered.get(index) ?? []) addHindrances(run, (by) => by === index)
    return links
  }

  /** The runs that a transaction aborted or kept waiting. */
  hinderedBy(index: number): readonly PageRun[] {
    return this.#hindered.get(index) ?? []
  }

  /** The transactions that a text names: by index, or by part of a hash, an address or a slot. */
  find(text: string): number[] {
    const wanted = text.trim().toLowerCase().replace(/^#/, '')
    if (wanted === '') return []
    if (/^\d+$/.test(wanted)) return this.transaction(Number(wanted)) ? [Number(wanted)] : []
    const names = (index: number) =>
      this.runsOf(index).flatMap(({ conflicts }) =>
        conflicts.flatMap(({ address, key }) => [address, key ?? '']),
      )
    return this.model.transactions
      .filter(({ index, hash, from, to }) =>
        [hash, from, to, ...names(index)].some((name) => name.includes(wanted)),
      )
      .map(({ index }) => index)
  }
}

function hindrances({ conflicts, waitedFor }: PageRun): Set<number> {
  const writers = conflicts.flatMap(({ writer }) => (writer === undefined ? [] : [writer]))
  return new Set(waitedFor === undefined ? writers : [...writers, waitedFor])
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const others = map.get(key)
  if (others === undefined) map.set(key, [value])
  else others.push(value)
}
