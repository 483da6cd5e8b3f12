/** Measuring: clocks, repetition, and how numbers are written. */

/** The middle value; the mean of the two middle ones where their number is even. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How often to repeat something. */
export interface Repetition {
  /** Repeat at least this often. */
  readonly least: number
  /** Repeat at most this often. */
  readonly most: number
  /** Stop, once `least` is reached, after this many milliseconds. */
  readonly milliseconds: number
}

/** Calls `body` again and again and gives what it returned each time. */
export function repeat<Value>(limits: Repetition, body: () => Value): Value[] {
  const values: Value[] = []
  const start = performance.now()
  while (
    values.length < limits.least ||
    (values.length < limits.most && performance.now() - start < limits.milliseconds)
  ) {
    values.push(body())
  }
  return values
}

/** The sum of a number of each item. */
export function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

/** Millions of gas per second. */
export function megagasPerSecond(gas: number, milliseconds: number): number {
  return gas / 1000 / milliseconds
}

/** A number with about three significant digits, and spaces between thousands. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4
  return grouped(value.toFixed(digits))
}

/** An integer with spaces between thousands. */
export function grouped(value: number | bigint | string): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ' ')
}
