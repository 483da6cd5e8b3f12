/**
 * How often a test repeats something: `all` times, or `few` where mutants are tested
 * (docs/mutation.md): each of thousands of mutants pays for it there, and most fail in the first round.
 */
export function rounds(all: number, few: number): number {
  return process.env.BRAID_MUTATION === undefined ? all : few
}
