/** Checks that an index is one of a list: what is behind it is read without looking twice. */
export function checkIndex(index: number, length: number, name: string): void {
  // Fractions, negative numbers and NaN are not what they are as unsigned integers.
  if (index >>> 0 !== index || index >= length) throw new RangeError(`no ${name} ${index}`)
}
