/** Generators that are let go of. */

/** A generator that `await using` ends; those of newer versions of Node.js are such already. */
export function disposable<Yielded>(
  generator: AsyncGenerator<Yielded, void, undefined>,
): AsyncGenerator<Yielded, void, undefined> & AsyncDisposable {
  const dispose = async (): Promise<void> => {
    await generator.return()
  }
  return Object.defineProperty(generator, Symbol.asyncDispose, {
    value: dispose,
  }) as AsyncGenerator<Yielded, void, undefined> & AsyncDisposable
}
