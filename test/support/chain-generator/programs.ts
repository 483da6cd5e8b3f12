/** Random programs that do what contracts do, and what they should not. */

import { bytesToHex } from '../../../lib/hex/index.js'
import type { Hex } from '../../../lib/index.js'
import type { Random } from '../../random.js'
import { Assembler, initCodeFor, Op } from './assembler.js'

/** What programs can refer to. */
export interface ProgramContext {
  /** Accounts, contracts and precompiles. */
  readonly addresses: readonly Hex[]
  /** The position of the fork in which the program is mostly run, in `chainForks`. */
  readonly fork: number
  /** Positions of forks by name. */
  forkAt(name: string): number
}

const binary = [
  Op.ADD, Op.MUL, Op.SUB, Op.DIV, Op.SDIV, Op.MOD, Op.SMOD, Op.SIGNEXTEND, Op.LT, Op.GT, Op.SLT,
  Op.SGT, Op.EQ, Op.AND, Op.OR, Op.XOR, Op.BYTE,
] // biome-ignore format: a table
const shifts = [Op.SHL, Op.SHR, Op.SAR]
const environment = [
  Op.ADDRESS, Op.ORIGIN, Op.CALLER, Op.CALLVALUE, Op.CALLDATASIZE, Op.CODESIZE, Op.GASPRICE,
  Op.RETURNDATASIZE, Op.COINBASE, Op.TIMESTAMP, Op.NUMBER, Op.PREVRANDAO, Op.GASLIMIT, Op.MSIZE,
  Op.PC, Op.GAS,
] // biome-ignore format: a table

/** Opcodes and the fork that brought them. */
const younger: readonly (readonly [number, string])[] = [
  [Op.CHAINID, 'istanbul'],
  [Op.SELFBALANCE, 'istanbul'],
  [Op.BASEFEE, 'london'],
  [Op.PUSH0, 'shanghai'],
  [Op.BLOBBASEFEE, 'cancun'],
]

/** Numbers at which something changes. */
const edges = [
  0n, 1n, 2n, 31n, 32n, 255n, 256n, 2n ** 32n, 2n ** 64n - 1n, 2n ** 128n, 2n ** 255n,
  2n ** 256n - 1n,
] // biome-ignore format: a table

/** Slots that programs share: few, so that they meet. */
const slotCount = 6
const deepest = 3

/** Writes random programs. */
export class ProgramWriter {
  readonly #random: Random
  readonly #context: ProgramContext
  #assembler = new Assembler()
  #depth = 0

  constructor(random: Random, context: ProgramContext) {
    this.#random = random
    this.#context = context
  }

  /** A program of some statements. */
  runtime(statements = 2 + this.#random.below(10)): Uint8Array {
    this.#assembler = new Assembler()
    this.#depth = 0
    for (let i = 0; i < statements; i++) this.#statement()
    this.#ending()
    // What is behind it is data, or junk to be jumped over.
    if (this.#random.below(4) === 0)
      this.#assembler.op(...this.#random.bytes(1 + this.#random.below(20)))
    return this.#assembler.bytes()
  }

  /** Init code: some statements, then usually the deployment of a program. */
  initCode(): Uint8Array {
    const random = this.#random
    // EIP-3541 refuses the second.
    const runtime = random.pick([
      () => this.runtime(),
      () => Uint8Array.of(0xef, 0),
      () => random.bytes(random.below(40)),
    ])
    const deployed = random.below(6) === 0 ? runtime() : this.runtime(1 + random.below(4))
    this.#assembler = new Assembler()
    for (let i = random.below(3); i > 0; i--) this.#statement()
    if (random.below(10) === 0) {
      this.#ending()
      return this.#assembler.bytes()
    }
    return initCodeFor(deployed, this.#assembler)
  }

  #statement(): void {
    const random = this.#random
    const a = this.#assembler
    this.#depth++
    const kind = this.#depth > deepest ? random.below(9) : random.below(20)
    if (kind < 3) {
      this.#operand()
      this.#slot()
      a.op(Op.SSTORE)
    } else if (kind < 4) this.#memory()
    else if (kind < 6) this.#log()
    else if (kind < 7) this.#copy()
    else if (kind < 8) this.#transient()
    else if (kind < 9) {
      this.#operand()
      a.op(Op.POP)
    } else if (kind < 14) this.#call()
    else if (kind < 16) this.#create()
    else if (kind < 18) this.#branch()
    else this.#loop()
    this.#depth--
  }

  /** Where a program ends, or a branch of it. */
  #ending(): void {
    const random = this.#random
    const a = this.#assembler
    switch (random.below(12)) {
      case 0:
        a.push(random.below(70)).push(random.below(40)).op(Op.REVERT)
        break
      case 1:
        this.#address()
        a.op(Op.SELFDESTRUCT)
        break
      case 2:
        a.op(Op.INVALID)
        break
      case 3:
      case 4:
      case 5:
        a.push(random.below(70)).push(random.below(40)).op(Op.RETURN)
        break
      default:
        a.op(Op.STOP)
    }
  }

  #slot(): void {
    if (this.#random.below(8) === 0) this.#operand()
    else this.#assembler.push(this.#random.below(slotCount))
  }

  #address(): void {
    const random = this.#random
    switch (random.below(8)) {
      case 0:
        this.#assembler.op(random.pick([Op.ADDRESS, Op.CALLER, Op.ORIGIN, Op.COINBASE]))
        break
      case 1:
        // What a creation may have left there.
        this.#assembler.push(random.below(slotCount)).op(Op.SLOAD)
        break
      default:
        this.#assembler.pushHex(random.pick(this.#context.addresses))
    }
  }

  /** Pushes one value. */
  #operand(): void {
    const random = this.#random
    const a = this.#assembler
    this.#depth++
    const kind = this.#depth > deepest + 2 ? random.below(5) : random.below(20)
    if (kind < 2) a.push(random.below(1000))
    else if (kind < 3) a.push(random.pick(edges))
    else if (kind < 5) this.#environment()
    else if (kind < 8) {
      this.#operand()
      this.#operand()
      a.op(random.pick(this.#has('constantinople') && random.below(4) === 0 ? shifts : binary))
    } else if (kind < 9) {
      this.#operand()
      a.op(random.pick(this.#has('osaka') ? [Op.ISZERO, Op.NOT, Op.CLZ] : [Op.ISZERO, Op.NOT]))
    } else if (kind < 10) {
      for (let i = 0; i < 3; i++) this.#operand()
      a.op(random.pick([Op.ADDMOD, Op.MULMOD]))
    } else if (kind < 11) {
      a.push(random.below(300)).push(random.below(1000)).op(Op.EXP)
    } else if (kind < 14) {
      this.#slot()
      a.op(Op.SLOAD)
    } else if (kind < 16) {
      this.#address()
      const hash = this.#has('constantinople') ? Op.EXTCODEHASH : Op.EXTCODESIZE
      a.op(random.pick([Op.BALANCE, Op.EXTCODESIZE, hash]))
    } else if (kind < 17) {
      a.push(random.below(100)).op(random.pick([Op.MLOAD, Op.CALLDATALOAD]))
    } else if (kind < 18) {
      a.push(random.below(80)).push(random.below(80)).op(Op.KECCAK256)
    } else if (kind < 19) {
      a.push(random.below(300)).op(Op.NUMBER, Op.SUB, Op.BLOCKHASH)
    } else if (this.#has('cancun')) {
      a.push(random.below(4)).op(random.pick([Op.TLOAD, Op.BLOBHASH]))
    } else a.op(Op.GAS)
    this.#depth--
  }

  #environment(): void {
    const random = this.#random
    const [op, since] = random.pick(younger)
    const early = random.below(200) === 0
    if (random.below(4) === 0 && (early || this.#has(since))) this.#assembler.op(op)
    else this.#assembler.op(random.pick(environment))
  }

  #memory(): void {
    this.#operand()
    this.#assembler.push(this.#random.below(128)).op(this.#random.pick([Op.MSTORE, Op.MSTORE8]))
  }

  #copy(): void {
    const random = this.#random
    const a = this.#assembler
    switch (random.below(this.#has('cancun') ? 5 : 4)) {
      case 0:
        a.push(random.below(100)).push(random.below(50)).push(random.below(100)).op(Op.CALLDATACOPY)
        break
      case 1:
        a.push(random.below(100)).push(random.below(50)).push(random.below(100)).op(Op.CODECOPY)
        break
      case 2:
        a.push(random.below(100)).push(random.below(50)).push(random.below(100))
        this.#address()
        a.op(Op.EXTCODECOPY)
        break
      case 3:
        // Past the end of what was returned, it fails.
        if (random.below(6) === 0) a.push(random.below(40))
        else a.op(Op.RETURNDATASIZE)
        a.push(0).push(random.below(100)).op(Op.RETURNDATACOPY)
        break
      default:
        a.push(random.below(100)).push(random.below(100)).push(random.below(100)).op(Op.MCOPY)
    }
  }

  #transient(): void {
    this.#operand()
    if (this.#has('cancun')) this.#assembler.push(this.#random.below(4)).op(Op.TSTORE)
    else this.#assembler.op(Op.POP)
  }

  #log(): void {
    const topics = this.#random.below(5)
    for (let i = 0; i < topics; i++) this.#operand()
    this.#assembler
      .push(this.#random.below(90))
      .push(this.#random.below(40))
      .op(Op.LOG0 + topics)
  }

  #call(): void {
    const random = this.#random
    const a = this.#assembler
    const op = random.pick([Op.CALL, Op.CALL, Op.CALL, Op.CALLCODE, Op.DELEGATECALL, Op.STATICCALL])
    a.push(random.below(70)).push(random.below(100)).push(random.below(200)).push(random.below(40))
    if (op === Op.CALL || op === Op.CALLCODE) a.push(random.below(3) === 0 ? random.below(1000) : 0)
    this.#address()
    if (random.below(3) === 0) a.push(random.pick([0, 700, 2300, 30_000, 100_000]))
    else a.op(Op.GAS)
    a.op(op)
    this.#consume()
  }

  #create(): void {
    const random = this.#random
    const a = this.#assembler
    // The program is built aside, so that it can be put into this one's memory word by word.
    const outer = this.#assembler
    const depth = this.#depth
    this.#depth = deepest
    const code =
      random.below(3) === 0 ? random.bytes(random.below(30)) : this.initCode().subarray(0, 400)
    this.#assembler = outer
    this.#depth = depth
    for (let at = 0; at < code.length; at += 32) {
      const word = Buffer.alloc(32)
      word.set(code.subarray(at, at + 32))
      a.pushBytes(word).push(at).op(Op.MSTORE)
    }
    const withSalt = this.#has('constantinople') && random.below(2) === 0
    if (withSalt) a.push(random.below(3))
    a.push(code.length)
      .push(0)
      .push(random.below(3) === 0 ? random.below(100) : 0)
    a.op(withSalt ? Op.CREATE2 : Op.CREATE)
    this.#consume()
  }

  /** Does something with the value on the stack. */
  #consume(): void {
    const a = this.#assembler
    if (this.#random.below(2) === 0) a.op(Op.POP)
    else a.push(this.#random.below(slotCount)).op(Op.SSTORE)
  }

  #branch(): void {
    const a = this.#assembler
    this.#operand()
    const end = a.pushLater()
    a.op(Op.JUMPI)
    if (this.#random.below(3) === 0) this.#ending()
    else this.#statement()
    a.fill(end, a.label())
  }

  #loop(): void {
    const a = this.#assembler
    a.push(1 + this.#random.below(8))
    const start = a.label()
    this.#statement()
    a.push(1).op(Op.SWAP1, Op.SUB, Op.DUP1)
    const again = a.pushLater()
    a.fill(again, start)
    a.op(Op.JUMPI, Op.POP)
  }

  #has(fork: string): boolean {
    return this.#context.fork >= this.#context.forkAt(fork)
  }
}

/** The code of contracts that every chain has. */
export const fixedPrograms = {
  /** Calls itself until the gas is used up or the stack of calls is full, and logs on the way back. */
  deepCalls(): Hex {
    const a = new Assembler()
    a.push(0).push(0).push(0).push(0).push(0).op(Op.ADDRESS, Op.GAS, Op.CALL)
    a.push(0).op(Op.SSTORE)
    a.push(0).push(0).op(Op.LOG0, Op.STOP)
    return bytesToHex(a.bytes())
  },
  /**
   * Writes as many slots as the first word of its input says, from the one that the second names: each
   * its counter times the third word. Zero there clears them.
   */
  storageHeavy(): Hex {
    const a = new Assembler()
    a.push(0).op(Op.CALLDATALOAD)
    const start = a.label()
    a.op(Op.DUP1).push(64).op(Op.CALLDATALOAD, Op.MUL)
    a.op(Op.DUP2).push(32).op(Op.CALLDATALOAD, Op.ADD, Op.SSTORE)
    a.push(1).op(Op.SWAP1, Op.SUB, Op.DUP1)
    const again = a.pushLater()
    a.fill(again, start)
    a.op(Op.JUMPI, Op.STOP)
    return bytesToHex(a.bytes())
  },
  /** Sends everything to whom the input names, and destroys itself. */
  selfDestruct(): Hex {
    return bytesToHex(new Assembler().push(0).op(Op.CALLDATALOAD, Op.SELFDESTRUCT).bytes())
  },
  /** Creates what the input is, sends it what it got, and destroys it if it can. */
  factory(): Hex {
    const a = new Assembler()
    a.op(Op.CALLDATASIZE).push(0).push(0).op(Op.CALLDATACOPY)
    a.op(Op.CALLDATASIZE).push(0).op(Op.CALLVALUE, Op.CREATE)
    a.op(Op.DUP1).push(0).op(Op.SSTORE)
    for (let i = 0; i < 5; i++) a.push(0)
    a.op(0x85, Op.GAS, Op.CALL, Op.STOP)
    return bytesToHex(a.bytes())
  },
} as const

/** An input of words. */
export function words(...values: readonly (bigint | number)[]): Hex {
  return `0x${values.map((value) => BigInt(value).toString(16).padStart(64, '0')).join('')}`
}
