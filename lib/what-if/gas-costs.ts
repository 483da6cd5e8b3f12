/** The gas costs that can be changed, by the field's terms, and what the protocol says they are. */

import { Revision } from '../chain/hardforks.js'
import { GasCost } from '../native/wire.js'
import type {
  GasCostName,
  GasParameterName,
  InstructionName,
  PrecompileCostName,
} from './gas-cost-names.js'

/** A cost from a revision on. */
type Step = readonly [since: number, gas: number]

/** One gas cost. */
export interface KnownGasCost {
  /** What the native engine calls it: an opcode, or a value of GasCost. */
  readonly id: number
  /** What the protocol says, from which revision on; there is no such cost before the first one. */
  readonly steps: readonly Step[]
}

const { Frontier, Homestead, TangerineWhistle, SpuriousDragon, Byzantium } = Revision
const { Constantinople, Istanbul, Berlin, London, Shanghai, Cancun, Prague, Osaka } = Revision

/** A cost that has been the same since a revision. */
const fixed = (id: number, gas: number, since: number = Frontier): KnownGasCost => ({
  id,
  steps: [[since, gas]],
})

const changing = (id: number, ...steps: readonly Step[]): KnownGasCost => ({ id, steps })

/** Instructions whose cost is a number, or a number beside what their operands cost, by mnemonic. */
const instructions: Readonly<Record<InstructionName, KnownGasCost>> = {
  ADD: fixed(0x01, 3),
  MUL: fixed(0x02, 5),
  SUB: fixed(0x03, 3),
  DIV: fixed(0x04, 5),
  SDIV: fixed(0x05, 5),
  MOD: fixed(0x06, 5),
  SMOD: fixed(0x07, 5),
  ADDMOD: fixed(0x08, 8),
  MULMOD: fixed(0x09, 8),
  EXP: fixed(0x0a, 10),
  SIGNEXTEND: fixed(0x0b, 5),
  LT: fixed(0x10, 3),
  GT: fixed(0x11, 3),
  SLT: fixed(0x12, 3),
  SGT: fixed(0x13, 3),
  EQ: fixed(0x14, 3),
  ISZERO: fixed(0x15, 3),
  AND: fixed(0x16, 3),
  OR: fixed(0x17, 3),
  XOR: fixed(0x18, 3),
  NOT: fixed(0x19, 3),
  BYTE: fixed(0x1a, 3),
  SHL: fixed(0x1b, 3, Constantinople),
  SHR: fixed(0x1c, 3, Constantinople),
  SAR: fixed(0x1d, 3, Constantinople),
  CLZ: fixed(0x1e, 5, Osaka),
  KECCAK256: fixed(0x20, 30),
  ADDRESS: fixed(0x30, 2),
  ORIGIN: fixed(0x32, 2),
  CALLER: fixed(0x33, 2),
  CALLVALUE: fixed(0x34, 2),
  CALLDATALOAD: fixed(0x35, 3),
  CALLDATASIZE: fixed(0x36, 2),
  CALLDATACOPY: fixed(0x37, 3),
  CODESIZE: fixed(0x38, 2),
  CODECOPY: fixed(0x39, 3),
  GASPRICE: fixed(0x3a, 2),
  RETURNDATASIZE: fixed(0x3d, 2, Byzantium),
  RETURNDATACOPY: fixed(0x3e, 3, Byzantium),
  BLOCKHASH: fixed(0x40, 20),
  COINBASE: fixed(0x41, 2),
  TIMESTAMP: fixed(0x42, 2),
  NUMBER: fixed(0x43, 2),
  PREVRANDAO: fixed(0x44, 2),
  GASLIMIT: fixed(0x45, 2),
  CHAINID: fixed(0x46, 2, Istanbul),
  SELFBALANCE: fixed(0x47, 5, Istanbul),
  BASEFEE: fixed(0x48, 2, London),
  BLOBHASH: fixed(0x49, 3, Cancun),
  BLOBBASEFEE: fixed(0x4a, 2, Cancun),
  POP: fixed(0x50, 2),
  MLOAD: fixed(0x51, 3),
  MSTORE: fixed(0x52, 3),
  MSTORE8: fixed(0x53, 3),
  JUMP: fixed(0x56, 8),
  JUMPI: fixed(0x57, 10),
  PC: fixed(0x58, 2),
  MSIZE: fixed(0x59, 2),
  GAS: fixed(0x5a, 2),
  JUMPDEST: fixed(0x5b, 1),
  TLOAD: fixed(0x5c, 100, Cancun),
  TSTORE: fixed(0x5d, 100, Cancun),
  MCOPY: fixed(0x5e, 3, Cancun),
  PUSH0: fixed(0x5f, 2, Shanghai),
  PUSH: fixed(0x60, 3),
  DUP: fixed(0x80, 3),
  SWAP: fixed(0x90, 3),
  SELFDESTRUCT: changing(0xff, [Frontier, 0], [TangerineWhistle, 5000]),
}

/** Costs that follow from operands or from the state, and what a transaction pays before it runs. */
const parameters: Readonly<Record<GasParameterName, KnownGasCost>> = {
  // EIP-2929 and, for what SSTORE costs, EIP-2200 and EIP-3529.
  warmAccess: fixed(GasCost.WarmAccess, 100, Berlin),
  coldAccountAccess: fixed(GasCost.ColdAccountAccess, 2600, Berlin),
  coldSload: fixed(GasCost.ColdSload, 2100, Berlin),
  storageSet: fixed(GasCost.StorageSet, 20_000, Berlin),
  storageReset: fixed(GasCost.StorageReset, 2900, Berlin),
  storageClearRefund: changing(GasCost.StorageClearRefund, [Berlin, 15_000], [London, 4800]),
  // Yellow Paper, appendix G; EIP-160, EIP-3860.
  keccak256Word: fixed(GasCost.Keccak256Word, 6),
  copyWord: fixed(GasCost.CopyWord, 3),
  memoryWord: fixed(GasCost.MemoryWord, 3),
  expByte: changing(GasCost.ExpByte, [Frontier, 10], [SpuriousDragon, 50]),
  log: fixed(GasCost.Log, 375),
  logTopic: fixed(GasCost.LogTopic, 375),
  logByte: fixed(GasCost.LogByte, 8),
  callValue: fixed(GasCost.CallValue, 9000),
  newAccount: fixed(GasCost.NewAccount, 25_000),
  create: fixed(GasCost.Create, 32_000),
  initcodeWord: fixed(GasCost.InitcodeWord, 2, Shanghai),
  codeDepositByte: fixed(GasCost.CodeDepositByte, 200),
  // EIP-2, EIP-2028, EIP-2930, EIP-7623, EIP-7702.
  transaction: fixed(GasCost.Transaction, 21_000),
  transactionCreate: fixed(GasCost.TransactionCreate, 32_000, Homestead),
  calldataZero: fixed(GasCost.CalldataZero, 4),
  calldataNonzero: changing(GasCost.CalldataNonzero, [Frontier, 68], [Istanbul, 16]),
  calldataFloorToken: fixed(GasCost.CalldataFloorToken, 10, Prague),
  accessListAddress: fixed(GasCost.AccessListAddress, 2400, Berlin),
  accessListKey: fixed(GasCost.AccessListKey, 1900, Berlin),
  authorization: fixed(GasCost.Authorization, 25_000, Prague),
}

/** What calls of precompiled contracts cost. */
const precompiles: Readonly<Record<PrecompileCostName, KnownGasCost>> = {
  ecrecover: fixed(GasCost.Ecrecover, 3000),
  sha256: fixed(GasCost.Sha256, 60),
  sha256Word: fixed(GasCost.Sha256Word, 12),
  ripemd160: fixed(GasCost.Ripemd160, 600),
  ripemd160Word: fixed(GasCost.Ripemd160Word, 120),
  identity: fixed(GasCost.Identity, 15),
  identityWord: fixed(GasCost.IdentityWord, 3),
  // EIP-198, EIP-2565, EIP-7883.
  modexpMinimum: changing(GasCost.ModexpMinimum, [Byzantium, 0], [Berlin, 200], [Osaka, 500]),
  modexpDivisor: changing(GasCost.ModexpDivisor, [Byzantium, 20], [Berlin, 3], [Osaka, 1]),
  // EIP-196, EIP-197, EIP-1108.
  bn254Add: changing(GasCost.Bn254Add, [Byzantium, 500], [Istanbul, 150]),
  bn254Mul: changing(GasCost.Bn254Mul, [Byzantium, 40_000], [Istanbul, 6000]),
  bn254Pairing: changing(GasCost.Bn254Pairing, [Byzantium, 100_000], [Istanbul, 45_000]),
  bn254PairingPair: changing(GasCost.Bn254PairingPair, [Byzantium, 80_000], [Istanbul, 34_000]),
  // EIP-152, EIP-4844, EIP-2537, EIP-7951.
  blake2fRound: fixed(GasCost.Blake2fRound, 1, Istanbul),
  pointEvaluation: fixed(GasCost.PointEvaluation, 50_000, Cancun),
  bls12G1Add: fixed(GasCost.Bls12G1Add, 375, Prague),
  bls12G2Add: fixed(GasCost.Bls12G2Add, 600, Prague),
  bls12Pairing: fixed(GasCost.Bls12Pairing, 37_700, Prague),
  bls12PairingPair: fixed(GasCost.Bls12PairingPair, 32_600, Prague),
  bls12MapG1: fixed(GasCost.Bls12MapG1, 5500, Prague),
  bls12MapG2: fixed(GasCost.Bls12MapG2, 23_800, Prague),
  p256Verify: fixed(GasCost.P256Verify, 6900, Osaka),
}

/** Gas costs by name. */
export type GasCosts = Readonly<Partial<Record<GasCostName, number | bigint>>>

/** All of them by name. */
export const knownGasCosts: Readonly<Record<GasCostName, KnownGasCost>> = {
  ...instructions,
  ...parameters,
  ...precompiles,
}

/** The names of all gas costs that can be changed. */
export const gasCostNames = Object.keys(knownGasCosts) as readonly GasCostName[]

/** What the protocol says a cost is under a revision; undefined where there is no such cost yet. */
export function protocolCost(name: GasCostName, revision: number): number | undefined {
  return knownGasCosts[name].steps.findLast(([since]) => since <= revision)?.[1]
}
