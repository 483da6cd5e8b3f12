/** What snapshots are made of: docs/snapshot-format.md. */

export const snapshotMagic: Buffer = Buffer.from('BRAIDSNP')
export const snapshotVersion = 1

/** The magic and the version. */
export const preambleSize = 12

export const FrameType = { Head: 1, Accounts: 2, End: 3 } as const
export const Packing = { None: 0, Deflate: 1 } as const

export const frameHeaderSize = 16
/** Where the checksum is in a frame's header: it covers what lies before. */
export const checksumAt = 12
export const headSize = 80
export const endSize = 56
/** Most bytes of a payload, packed and unpacked. */
export const maxFrameSize = 1 << 26
/** Flag of a record: more of the account follows. */
export const moreFlag = 1
