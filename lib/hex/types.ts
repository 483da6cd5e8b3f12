/** Bytes or a number as a string of hex digits after `0x`. */
export type Hex = `0x${string}`

/** A number in one of the spellings that JSON-RPC and its libraries use. */
export type Quantity = bigint | number | string
