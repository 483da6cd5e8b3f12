/** A small EVM assembler: opcodes by name, labels as jump targets. */

const opcodes: Readonly<Record<string, number>> = {
  STOP: 0x00,
  ADD: 0x01,
  MUL: 0x02,
  SUB: 0x03,
  LT: 0x10,
  EQ: 0x14,
  ISZERO: 0x15,
  XOR: 0x18,
  SHR: 0x1c,
  KECCAK256: 0x20,
  CALLER: 0x33,
  CALLVALUE: 0x34,
  CALLDATALOAD: 0x35,
  CODECOPY: 0x39,
  POP: 0x50,
  MLOAD: 0x51,
  MSTORE: 0x52,
  SLOAD: 0x54,
  SSTORE: 0x55,
  JUMP: 0x56,
  JUMPI: 0x57,
  DUP1: 0x80,
  DUP2: 0x81,
  DUP3: 0x82,
  SWAP1: 0x90,
  SWAP2: 0x91,
  LOG1: 0xa1,
  LOG3: 0xa3,
  RETURN: 0xf3,
  REVERT: 0xfd,
}

const JUMPDEST = 0x5b
const PUSH1 = 0x60
const PUSH2 = 0x61

/**
 * Assembles words separated by white space: opcode names; `0x…` pushes those bytes; `@name` pushes
 * the position of a label as two bytes; `name:` is a label (a JUMPDEST). `;` starts a comment that
 * reaches to the end of the line.
 */
export function assemble(source: string): Uint8Array {
  const words = source.replace(/;.*$/gm, '').split(/\s+/).filter(Boolean)
  const code: number[] = []
  const labels = new Map<string, number>()
  const references: { at: number; label: string }[] = []
  for (const word of words) {
    if (word.startsWith('0x')) {
      const bytes = Buffer.from(word.slice(2), 'hex')
      code.push(PUSH1 + bytes.length - 1, ...bytes)
    } else if (word.startsWith('@')) {
      references.push({ at: code.length + 1, label: word.slice(1) })
      code.push(PUSH2, 0, 0)
    } else if (word.endsWith(':')) {
      labels.set(word.slice(0, -1), code.length)
      code.push(JUMPDEST)
    } else {
      const opcode = opcodes[word]
      if (opcode === undefined) throw new Error(`unknown opcode: ${word}`)
      code.push(opcode)
    }
  }
  for (const { at, label } of references) {
    const position = labels.get(label)
    if (position === undefined) throw new Error(`unknown label: ${label}`)
    code[at] = position >> 8
    code[at + 1] = position & 0xff
  }
  return Uint8Array.from(code)
}
