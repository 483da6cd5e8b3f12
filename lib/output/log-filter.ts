/** Filters of logs, as `eth_getLogs` of geth has them, on logs in packed form. */

import { checkMembers, checkObject, demand, type MembersOf } from '../arguments.js'
import { bufferOf, type Hex } from '../hex/index.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, Log, Receipt } from '../native/wire.js'

/** What a topic may be: this one, one of these, or null for any. */
export type TopicFilter = Hex | null | readonly (Hex | null)[]

/** Which logs are wanted: with geth's names, and as geth understands them. */
export interface LogFilter {
  /** The contract that emits them, or one of several. Default, null and an empty list: any. */
  readonly address?: Hex | readonly Hex[] | null | undefined
  /**
   * Their topics by position: a topic, a list of which one matches, or null (or an empty list, or one with null in
   * it) for any. A log with fewer topics than there are positions does not match, even where those are null.
   */
  readonly topics?: readonly TopicFilter[] | null | undefined
}

const members: MembersOf<LogFilter> = { address: true, topics: true }

/** A log as it lies in an output. */
export interface FoundLog {
  /** Its position in the block. */
  readonly logIndex: number
  /** The position of its transaction. */
  readonly transactionIndex: number
}

const addressSize = 20
const topicSize = 32

/** The most topics that a log has. */
export const mostTopics = 4

/**
 * The logs of an output that a filter wants, in their order. No text is made of any of them.
 *
 * @throws OptionsError `OPTION_INVALID` where the filter is malformed
 */
export function filteredLogs(output: PackedReader, filter: LogFilter): FoundLog[] {
  checkObject(filter, 'filter')
  checkMembers(filter, members)
  const { address, topics } = filter
  const addresses = address === null || address === undefined ? [] : listOf(address)
  const wantsAddress = matcherOf(addresses, addressSize, 'address', address)
  demand(topics == null || Array.isArray(topics), 'topics', 'an array', topics)
  const positions = topics ?? []
  demand(positions.length <= mostTopics, 'topics', `at most ${mostTopics} positions`, positions)
  const wantsTopics = positions.map((topic, i) => topicMatcher(topic, `topics[${i}]`))
  const found: FoundLog[] = []
  const topicsStart = output.sectionOffset(BlockOutput.topics)
  for (const log of everyLog(output)) {
    const at = logAt(output, log.logIndex)
    if (output.u32(at + Log.topicCount) < wantsTopics.length) continue
    if (wantsAddress !== undefined && !wantsAddress(output.bytes, at + Log.address)) continue
    const first = topicsStart + topicSize * output.u32(at + Log.topicStart)
    const matches = wantsTopics.every(
      (wants, i) => wants === undefined || wants(output.bytes, first + topicSize * i),
    )
    if (matches) found.push(log)
  }
  return found
}

/** All logs of an output. */
export function* everyLog(output: PackedReader): Generator<FoundLog> {
  const receipts = output.sectionOffset(BlockOutput.receipts)
  const count = output.sectionCount(BlockOutput.receipts)
  for (let transactionIndex = 0; transactionIndex < count; transactionIndex++) {
    const at = receipts + transactionIndex * Receipt.SIZE
    const first = output.u32(at + Receipt.logStart)
    const end = first + output.u32(at + Receipt.logCount)
    for (let logIndex = first; logIndex < end; logIndex++) yield { logIndex, transactionIndex }
  }
}

/** Where the record of a log lies. */
export function logAt(output: PackedReader, logIndex: number): number {
  return output.sectionOffset(BlockOutput.logs) + logIndex * Log.SIZE
}

/** Whether the bytes at a place are wanted. */
type Matcher = (bytes: Buffer, at: number) => boolean

const listOf = <Item>(given: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(given) ? given : [given as Item]

function topicMatcher(topic: TopicFilter, field: string): Matcher | undefined {
  if (topic === null) return undefined
  const list = listOf(topic)
  // As in geth, one null among several stands for any.
  const ends = list.indexOf(null)
  const some = ends < 0 ? list : list.slice(0, ends)
  const matcher = matcherOf(some as readonly Hex[], topicSize, field, topic)
  return ends < 0 ? matcher : undefined
}

/** What matches one of some values of a size; undefined where any does. */
function matcherOf(
  values: readonly Hex[],
  size: number,
  field: string,
  given: unknown,
): Matcher | undefined {
  const wanted = values.map((value) => bytesOf(value, size, field, given))
  if (wanted.length === 0) return undefined
  // Four bytes tell most apart; the last ones, as addresses may begin with zeros.
  const tails = new Set(wanted.map((value) => value.readUInt32BE(size - 4)))
  return (bytes, at) =>
    tails.has(bytes.readUInt32BE(at + size - 4)) &&
    wanted.some((value) => value.compare(bytes, at, at + size) === 0)
}

function bytesOf(value: unknown, size: number, field: string, given: unknown): Buffer {
  const isHex =
    typeof value === 'string' && value.length === 2 + 2 * size && /^0x[0-9a-f]*$/i.test(value)
  demand(isHex, field, `0x and ${2 * size} hex digits, or a list of such`, given)
  return bufferOf(Buffer.from((value as string).slice(2), 'hex'))
}
