/** Buffers of the kinds that TypeScript's ES2023 library does not know yet. */

type ResizableConstructor = new (
  size: number,
  options: { readonly maxByteLength: number },
) => ArrayBuffer & { resize(size: number): void }

/** An array of a buffer that can grow to twice its size. */
export function resizable(bytes: Uint8Array): {
  readonly array: Uint8Array
  resize(size: number): void
} {
  const Resizable = ArrayBuffer as unknown as ResizableConstructor
  const buffer = new Resizable(bytes.length, { maxByteLength: 2 * bytes.length })
  const array = new Uint8Array(buffer)
  array.set(bytes)
  return { array, resize: (size) => buffer.resize(size) }
}

/** An array whose buffer has shrunk below its start. */
export function outOfBounds(): Uint8Array {
  const { array, resize } = resizable(new Uint8Array(64))
  const beyond = new Uint8Array(array.buffer, 32, 32)
  resize(8)
  return beyond
}

/** An array whose buffer was given away. */
export function detached(bytes: Uint8Array): Uint8Array {
  const array = Uint8Array.from(bytes)
  structuredClone(array.buffer, { transfer: [array.buffer] })
  return array
}

/** The bytes in shared memory. */
export function shared(bytes: Uint8Array): Uint8Array {
  const array = new Uint8Array(new SharedArrayBuffer(bytes.length))
  array.set(bytes)
  return array
}

/** The bytes at an address that is `shift` beyond a multiple of 8. */
export function shifted(bytes: Uint8Array, shift: number): Uint8Array {
  const array = new Uint8Array(bytes.length + shift)
  array.set(bytes, shift)
  return array.subarray(shift)
}
