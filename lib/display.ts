/** What `console.log` shows of objects that are read out of packed bytes. */

import { type InspectOptions, type InspectOptionsStylized, inspect } from 'node:util'

/**
 * Has the objects of a class shown as what they say, by their class and a plain object: Node shows
 * neither getters nor private members, only what the bytes hold.
 */
export function displayAs<Shown extends object>(
  { prototype }: { readonly prototype: Shown },
  describe: (shown: Shown) => object,
): void {
  Object.defineProperty(prototype, inspect.custom, {
    value(this: Shown, depth: number, options: InspectOptions): string {
      const { name } = this.constructor
      return depth < 0 ? `[${name}]` : `${name} ${inspect(describe(this), { ...options, depth })}`
    },
  })
}

/** Something that is shown as a text in brackets. */
export function label(text: string): object {
  return {
    [inspect.custom]: (_depth: number, { stylize }: InspectOptionsStylized) =>
      stylize(`[${text}]`, 'special'),
  }
}
