/** Where two runs of a transaction part. */

import { bufferOf, type Hex } from '../hex/index.js'
import { Frame } from '../native/wire.js'
import { type CallFailureName, callFailures, type PackedFrames } from '../trace/index.js'

/** What is different in the first call frame in which two runs are not the same. */
export type DivergenceKind =
  /** One of them has failed here, or for another reason. */
  | 'failure'
  /** They have returned something else. */
  | 'output'
  /** They were called with something else: mostly gas that was measured. */
  | 'input'
  /** They were paid something else. */
  | 'value'
  /** Another contract is called, or in another way. */
  | 'callee'
  /** One of them goes on calling where the other one has come to its end. */
  | 'calls'

/** The first call frame in which two runs of a transaction are not the same, in the order of execution. */
export interface Divergence {
  /** The places among the calls of their callers that lead to it; empty: the transaction's own call. */
  readonly path: readonly number[]
  /** Who calls. */
  readonly from: Hex
  /** Whose code runs. */
  readonly to: Hex
  /** The function that is called; undefined where there is no such thing. */
  readonly selector: Hex | undefined
  /** What is different. */
  readonly kind: DivergenceKind
  /** Why the frame has failed in each run; undefined where it has not, or does not exist. */
  readonly failures: readonly [CallFailureName | undefined, CallFailureName | undefined]
}

/** A frame is entered or left. */
interface Step {
  readonly index: number
  readonly isExit: boolean
}

/** The steps of a run in the order of execution. */
function stepsOf(frames: PackedFrames): Step[] {
  const steps: Step[] = []
  const open: number[] = []
  const leave = (depth: number) => {
    while (open.length > depth) steps.push({ index: open.pop() ?? 0, isExit: true })
  }
  for (let index = 0; index < frames.length; index++) {
    leave(frames.depth(index))
    steps.push({ index, isExit: false })
    open.push(index)
  }
  leave(0)
  return steps
}

/** The first frame that is not the same in both runs; undefined where there is none. */
export function divergenceOf(before: PackedFrames, after: PackedFrames): Divergence | undefined {
  const steps = [stepsOf(before), stepsOf(after)] as const
  const count = Math.max(steps[0].length, steps[1].length)
  for (let i = 0; i < count; i++) {
    const [a, b] = [steps[0][i], steps[1][i]]
    // What went before is the same, so the outermost frame ends last in both: neither list ends first.
    if (a.isExit !== b.isExit) {
      const endsAfter = b.isExit
      const failed = endsAfter ? after.failure(b.index) : before.failure(a.index)
      const kind = failed === 0 ? 'calls' : 'failure'
      return divergence(before, after, endsAfter ? b.index : a.index, kind, endsAfter)
    }
    const kind = a.isExit
      ? differenceAtEnd(before, a.index, after, b.index)
      : differenceAtStart(before, a.index, after, b.index)
    if (kind !== undefined) return divergence(before, after, b.index, kind, true)
  }
  return undefined
}

function differenceAtStart(
  before: PackedFrames,
  i: number,
  after: PackedFrames,
  j: number,
): DivergenceKind | undefined {
  const isSame = (field: number, size: number) =>
    bufferOf(before.bytes(i, field, size)).equals(after.bytes(j, field, size))
  const hasSameCallee = isSame(Frame.from, 20) && isSame(Frame.to, 20)
  if (before.kind(i) !== after.kind(j) || !hasSameCallee) return 'callee'
  if (!isSame(Frame.value, 32)) return 'value'
  return isSame(Frame.inputHash, 32) ? undefined : 'input'
}

function differenceAtEnd(
  before: PackedFrames,
  i: number,
  after: PackedFrames,
  j: number,
): DivergenceKind | undefined {
  if (before.failure(i) !== after.failure(j)) return 'failure'
  const output = (frames: PackedFrames, index: number) => frames.bytes(index, Frame.outputHash, 32)
  return bufferOf(output(before, i)).equals(output(after, j)) ? undefined : 'output'
}

/** What there is to say of a frame of one of the runs, which up to there are the same. */
function divergence(
  before: PackedFrames,
  after: PackedFrames,
  index: number,
  kind: DivergenceKind,
  isOfAfter: boolean,
): Divergence {
  const frames = isOfAfter ? after : before
  const hasSelector = frames.inputSize(index) >= 4 && frames.selector(index) !== 0
  // Up to here frames have the same places in both lists.
  const failureIn = (run: PackedFrames) =>
    index < run.length ? callFailures[run.failure(index)] : undefined
  return {
    path: pathOf(frames, index),
    from: frames.from(index),
    to: frames.to(index),
    selector: hasSelector ? selectorHex(frames.selector(index)) : undefined,
    kind,
    failures: [failureIn(before), failureIn(after)],
  }
}

function selectorHex(selector: number): Hex {
  return `0x${selector.toString(16).padStart(8, '0')}`
}

/** The places among the calls of their callers that lead to a frame. */
function pathOf(frames: PackedFrames, index: number): number[] {
  const counts: number[] = []
  for (let i = 1; i <= index; i++) {
    const level = frames.depth(i) - 1
    counts.length = level + 1
    counts[level] = (counts[level] ?? -1) + 1
  }
  return counts
}
