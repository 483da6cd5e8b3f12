/** Objects in the form that JSON-RPC has: numbers that are bigint as hex quantities. */

import { quantity } from './hex/index.js'

/**
 * A copy of a value in which every bigint is a quantity and every Map an object; what has a `toJSON` of
 * its own is what that gives. Members that are undefined are left out.
 */
export function toRpcForm(value: unknown): unknown {
  if (typeof value === 'bigint') return quantity(value)
  if (typeof value !== 'object' || value === null) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON()
  if (Array.isArray(value)) return value.map(toRpcForm)
  return membersInRpcForm(value)
}

function membersInRpcForm(value: object): object {
  const entries = value instanceof Map ? value.entries() : Object.entries(value)
  const form: Record<string, unknown> = {}
  for (const [name, member] of entries) {
    if (member !== undefined) form[name] = toRpcForm(member)
  }
  return form
}

/** Gives a plain object a `toJSON` that does not show: `JSON.stringify` writes its {@link toRpcForm}. */
export function withJson<Plain extends object>(plain: Plain): Plain {
  return Object.defineProperty(plain, 'toJSON', jsonOfMembers)
}

const jsonOfMembers: PropertyDescriptor = {
  value(this: object): object {
    return membersInRpcForm(this)
  },
}
