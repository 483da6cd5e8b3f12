/** A module hook: whoever imports `uvu` gets `uvu.mjs` beside this file. */

const standIn = new URL('./uvu.mjs', import.meta.url).href

export async function resolve(specifier, context, next) {
  return specifier === 'uvu' ? { url: standIn, shortCircuit: true } : next(specifier, context)
}
