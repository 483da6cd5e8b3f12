/** Writing of packed buffers: where sections may lie, and where they do. */

/** The next multiple of 8: where a section may start. */
export function align(offset: number): number {
  return (offset + 7) & ~7
}

/** Writes a section's place and number of records. */
export function putSection(view: DataView, field: number, offset: number, count: number): void {
  view.setUint32(field, offset, true)
  view.setUint32(field + 4, count, true)
}
