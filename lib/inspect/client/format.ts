/** Numbers and hashes as people read them. */

const narrowSpace = '\u202f'

/** An integer with its thousands set apart. */
export function formatCount(value: number | bigint): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, narrowSpace)
}

/** A time given in milliseconds, in the unit that suits it. */
export function formatTime(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)}${narrowSpace}s`
  if (milliseconds >= 100) return `${milliseconds.toFixed(0)}${narrowSpace}ms`
  if (milliseconds >= 1) return `${milliseconds.toFixed(2)}${narrowSpace}ms`
  return `${(1000 * milliseconds).toFixed(milliseconds >= 0.01 ? 0 : 1)}${narrowSpace}µs`
}

/** Gas in three or four significant digits. */
export function formatGas(gas: number): string {
  if (gas >= 1e6) return `${(gas / 1e6).toFixed(2)}${narrowSpace}M`
  return formatCount(gas)
}

/** Gas per time, in millions per second. */
export function formatSpeed(gas: number, milliseconds: number): string {
  if (milliseconds <= 0) return '–'
  return `${formatCount(Math.round(gas / 1000 / milliseconds))}${narrowSpace}Mgas/s`
}

/** A share between 0 and 1. */
export function formatPercent(share: number): string {
  const percent = 100 * share
  return `${percent.toFixed(percent > 0 && percent < 9.95 ? 1 : 0)}${narrowSpace}%`
}

/** The beginning and the end of a hash, an address or a slot; small slots as a number. */
export function shortHex(hex: string): string {
  if (hex.length <= 14) return hex
  const number = hex.replace(/^0x0{40,}/, '0x')
  if (number.length < hex.length) return number === '0x' ? '0x0' : number
  return `${hex.slice(0, 8)}…${hex.slice(-6)}`
}

const kindNames: Readonly<Record<string, string>> = { hasStorage: 'storage’s presence' }

/** What of an account a location is. */
export function formatKind(kind: string): string {
  return kindNames[kind] ?? kind
}
