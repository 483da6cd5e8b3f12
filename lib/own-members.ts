/**
 * Members that objects have themselves and that are read when somebody looks at them: spread,
 * `structuredClone`, `postMessage` and `Object.keys` know nothing of a class's getters.
 */

/** How members are read, by their names. */
export type Readers<Owner> = {
  readonly [Name in keyof Owner]?: (owner: Owner) => Owner[Name]
}

/**
 * Gives what gives an object of a class those members. Each takes about 0.2 µs: for objects of which a
 * block has few, or for what is dear to make. Whoever reads them twice reads them twice.
 */
export function ownMembers<Owner extends object>(readers: Readers<Owner>): (owner: Owner) => void {
  const members = Object.entries<((owner: Owner) => unknown) | undefined>(readers).map(
    ([name, read]) => [name, descriptorOf(read as (owner: Owner) => unknown)] as const,
  )
  return (owner) => {
    for (const [name, descriptor] of members) Object.defineProperty(owner, name, descriptor)
  }
}

/**
 * Gives an object a member that is made when somebody looks, once. What is large is made in this way, so
 * that nobody pays who does not look.
 */
export function lazyMember<Value>(owner: object, name: string, read: () => Value): void {
  let value: Value | undefined
  const get = (): Value => {
    value ??= read()
    return value
  }
  Object.defineProperty(owner, name, { configurable: true, enumerable: true, get })
}

/** Shared by all objects of a class: V8 then gives them one shape. */
function descriptorOf<Owner>(read: (owner: Owner) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: true,
    get(this: Owner): unknown {
      return read(this)
    },
  }
}
