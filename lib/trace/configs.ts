/** The tracers by the names that geth has for them, and what each of them can be asked for. */

import { checkMembers, checkObject, demand } from '../arguments.js'
import { errorFor } from '../errors.js'
import { TraceFlag, Tracer } from '../native/wire.js'
import type { NativeTracer } from './native-tracer.js'
import { type ParityTracerConfig, parityFlags } from './parity-config.js'

/** What `callTracer` can be asked for. */
export interface CallTracerConfig {
  /** Only the transaction's own call, not those that it makes. Default false. */
  readonly onlyTopCall?: boolean | undefined
  /** The logs of each call, too. Default false. */
  readonly withLog?: boolean | undefined
}

/** What `flatCallTracer` can be asked for. */
export interface FlatCallTracerConfig {
  /** Calls of precompiled contracts below the top, too. Default false. */
  readonly includePrecompiles?: boolean | undefined
  /** Failures in the words of OpenEthereum instead of geth's. Default false. */
  readonly convertParityErrors?: boolean | undefined
}

/** What `prestateTracer` can be asked for. */
export interface PrestateTracerConfig {
  /** What was changed, before and after, instead of all that was looked up, before. Default false. */
  readonly diffMode?: boolean | undefined
  /** No code; its hashes stay. Default false. */
  readonly disableCode?: boolean | undefined
  /** No storage. Default false. */
  readonly disableStorage?: boolean | undefined
  /** Accounts that were empty, too; not with `diffMode`. Default false. */
  readonly includeEmpty?: boolean | undefined
}

/** What `structLogs` can be asked for. */
export interface StructLogsConfig {
  /** The memory before each instruction. Default false. */
  readonly enableMemory?: boolean | undefined
  /** No stacks. Default false. */
  readonly disableStack?: boolean | undefined
  /** No storage. Default false. */
  readonly disableStorage?: boolean | undefined
  /** What the latest call has returned. Default false. */
  readonly enableReturnData?: boolean | undefined
  /** After how many bytes of JSON a transaction's instructions end. Default 0: they are all there. */
  readonly limit?: number | undefined
}

/** What `eip3155` can be asked for. */
export interface Eip3155Config {
  /** The memory before each instruction. Default false. */
  readonly enableMemory?: boolean | undefined
  /** No stacks. Default false. */
  readonly disableStack?: boolean | undefined
  /** What the latest call has returned. Default false. */
  readonly enableReturnData?: boolean | undefined
  /** A line for each frame that is entered, too. Default false. */
  readonly callFrames?: boolean | undefined
  /** After how many bytes a transaction's lines end. Default 0: they are all there. */
  readonly limit?: number | undefined
}

/** What `erc7562Tracer` can be asked for. */
export interface Erc7562TracerConfig {
  /** The logs of each call, too. Default false. */
  readonly withLog?: boolean | undefined
  /** The opcodes that are not counted. Default: those that move words on the stack, and plain arithmetic. */
  readonly ignoredOpcodes?: readonly (number | string)[] | undefined
  /** How many items of the stack are kept for a moment: what comes out does not depend on it. */
  readonly stackTopItemsSize?: number | undefined
}

/** What a tracer can be asked for that has no options. */
export type NoTracerConfig = Readonly<Record<string, never>>

/** The tracers that `muxTracer` asks. */
export type MuxedTracerName = Exclude<TracerName, 'muxTracer' | 'structLogs' | 'parity' | 'eip3155'>

/** What `muxTracer` asks, and what each of them is asked for. */
export type MuxTracerConfig = {
  readonly [Name in MuxedTracerName]?: TracerConfigs[Name] | undefined
}

/**
 * What each tracer can be asked for. The names are geth's; what has none there is `structLogs` and `eip3155`, and
 * `parity` is of other clients.
 */
export interface TracerConfigs {
  /** The tree of calls. */
  readonly callTracer: CallTracerConfig
  /** The calls one after another, as Parity's `trace_block` had them. */
  readonly flatCallTracer: FlatCallTracerConfig
  /** The accounts and slots that were looked up, before the transaction; or changed, before and after. */
  readonly prestateTracer: PrestateTracerConfig
  /** Which functions were called, by selector and size of the arguments. */
  readonly '4byteTracer': NoTracerConfig
  /** Every instruction. */
  readonly structLogs: StructLogsConfig
  /** Every instruction as a line of JSON (EIP-3155), as geth's `evm` prints them. */
  readonly eip3155: Eip3155Config
  /** Nothing: what is measured is the rest. */
  readonly noopTracer: NoTracerConfig
  /** What KECCAK256 has hashed, by the hash. */
  readonly keccak256PreimageTracer: NoTracerConfig
  /** The tree of calls, with what bundlers of user operations have to check (ERC-7562). */
  readonly erc7562Tracer: Erc7562TracerConfig
  /** What `trace_replayBlockTransactions` tells: calls, what was changed, every instruction. */
  readonly parity: ParityTracerConfig
  /** Several of the others. */
  readonly muxTracer: MuxTracerConfig
}

/** The name of a tracer. */
export type TracerName = keyof TracerConfigs

/** What a tracer is asked for where nothing is said. */
export type DefaultConfig<Name extends TracerName> = TracerConfigs[Name] & WithoutDiffMode

/** A configuration without `diffMode`, as most are. */
export interface WithoutDiffMode {
  /** Of `prestateTracer`: not set. */
  readonly diffMode?: false | undefined
}

/** A configuration with `diffMode`. */
export interface WithDiffMode {
  /** Of `prestateTracer`: set. */
  readonly diffMode: true
}

/** The flags that stand for the options of a tracer; one that is a number has none. */
type FlagsOf<Config> = { readonly [Option in keyof Required<Config>]: number | undefined }

const tracers: {
  readonly [Name in Exclude<TracerName, 'muxTracer' | 'parity'>]: {
    readonly tracer: Tracer
    readonly options: FlagsOf<TracerConfigs[Name]>
  }
} = {
  callTracer: {
    tracer: Tracer.Call,
    options: { onlyTopCall: TraceFlag.OnlyTopCall, withLog: TraceFlag.WithLog },
  },
  flatCallTracer: {
    tracer: Tracer.FlatCall,
    options: {
      includePrecompiles: TraceFlag.IncludePrecompiles,
      convertParityErrors: TraceFlag.ConvertParityErrors,
    },
  },
  prestateTracer: {
    tracer: Tracer.Prestate,
    options: {
      diffMode: TraceFlag.DiffMode,
      disableCode: TraceFlag.DisableCode,
      disableStorage: TraceFlag.DisableStorage,
      includeEmpty: TraceFlag.IncludeEmpty,
    },
  },
  '4byteTracer': { tracer: Tracer.FourByte, options: {} },
  structLogs: {
    tracer: Tracer.StructLog,
    options: {
      enableMemory: TraceFlag.EnableMemory,
      disableStack: TraceFlag.DisableStack,
      disableStorage: TraceFlag.DisableStorage,
      enableReturnData: TraceFlag.EnableReturnData,
      limit: undefined,
    },
  },
  eip3155: {
    tracer: Tracer.Lines,
    options: {
      enableMemory: TraceFlag.EnableMemory,
      disableStack: TraceFlag.DisableStack,
      enableReturnData: TraceFlag.EnableReturnData,
      callFrames: TraceFlag.CallFrames,
      limit: undefined,
    },
  },
  noopTracer: { tracer: Tracer.Noop, options: {} },
  keccak256PreimageTracer: { tracer: Tracer.Preimage, options: {} },
  erc7562Tracer: {
    tracer: Tracer.Erc7562,
    options: {
      withLog: TraceFlag.WithLog,
      ignoredOpcodes: undefined,
      stackTopItemsSize: undefined,
    },
  },
}

/** The names of all tracers. */
export const tracerNames = [...Object.keys(tracers), 'parity', 'muxTracer'] as readonly TracerName[]

/** The tracer of a name with its options. Throws `OPTION_INVALID` where there is none, or no such option. */
export function nativeTracer(name: unknown, config: object = {}): NativeTracer {
  demand(tracerNames.includes(name as TracerName), 'tracer', tracerNames.join(', '), name)
  checkObject(config, 'config')
  if (name === 'muxTracer') return muxTracer(config)
  if (name === 'parity') return parityTracer(config)
  return plainTracer(name as PlainName, config, 'config.')
}

function parityTracer(config: ParityTracerConfig): NativeTracer {
  const flags = parityFlags(config, 'config.')
  const isLarge = (flags & TraceFlag.ParityVmTrace) !== 0
  return { name: 'parity', tracer: Tracer.Parity, flags, limit: 0, parts: [], isLarge }
}

type PlainName = keyof typeof tracers

/** geth's default tracer, and that of its `evm`, are not among those that have names there; nor is that of other clients. */
const muxedNames = Object.keys(tracers).filter(
  (name) => name !== 'structLogs' && name !== 'eip3155',
)

function muxTracer(config: object): NativeTracer {
  const known = Object.fromEntries(muxedNames.map((name) => [name, true as const]))
  checkMembers(config, known, { prefix: 'config.' })
  const parts = Object.entries(config).map(([name, given = {}]) => {
    checkObject(given, `config.${name}`)
    return plainTracer(name as PlainName, given, `config.${name}.`)
  })
  parts.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { name: 'muxTracer', tracer: Tracer.None, flags: 0, limit: 0, parts }
}

/** POP, ADD, MUL, SUB, DIV, LT to ISZERO, AND, OR, NOT, SHL, SHR, PUSH0 to SWAP16. */
const usuallyIgnored: readonly number[] = [
  0x50,
  0x01,
  0x02,
  0x03,
  0x04,
  0x10,
  0x11,
  0x12,
  0x13,
  0x14,
  0x15,
  0x16,
  0x17,
  0x19,
  0x1b,
  0x1c,
  ...Array.from({ length: 0x9f - 0x5f + 1 }, (_, i) => 0x5f + i),
]

/** A bit for each opcode of a list. */
function opcodeSet(opcodes: unknown = usuallyIgnored, field: string): Uint8Array {
  demand(Array.isArray(opcodes), field, 'an array of opcodes', opcodes)
  const set = new Uint8Array(32)
  for (const [i, opcode] of opcodes.entries()) {
    const isHex = typeof opcode === 'string' && /^0x[0-9a-f]{1,2}$/i.test(opcode)
    const number = isHex ? Number(opcode) : opcode
    const isOpcode = Number.isInteger(number) && number >= 0 && number <= 0xff
    demand(isOpcode, `${field}[${i}]`, 'an opcode: 0 to 255, or 0x hex', opcode)
    set[number >> 3] |= 1 << (number & 7)
  }
  return set
}

/** A tracer of its own. `prefix` stands before its options in errors. */
function plainTracer(name: PlainName, config: object, prefix: string): NativeTracer {
  const { tracer, options } = tracers[name]
  const flagOf: Readonly<Record<string, number | undefined>> = options
  const members = Object.keys(options)
  const known = Object.fromEntries(members.map((option) => [option, true as const]))
  checkMembers(config, known, { prefix })
  const given = config as Readonly<Record<string, unknown>>
  let flags = 0
  for (const option of members) {
    const flag = flagOf[option]
    if (flag === undefined) continue
    const value = given[option]
    const isFlag = value === undefined || typeof value === 'boolean'
    demand(isFlag, `${prefix}${option}`, 'true or false', value)
    if (value === true) flags |= flag
  }
  const both = TraceFlag.DiffMode | TraceFlag.IncludeEmpty
  if ((flags & both) === both) {
    const field = `${prefix}includeEmpty`
    const details = { field, expected: 'false with diffMode', actual: 'true' }
    throw errorFor('OPTION_INVALID', details, { message: 'cannot use diffMode with includeEmpty' })
  }
  const { limit = 0 } = given
  const isSize = typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0
  demand(isSize, `${prefix}limit`, 'a number of bytes, 0 or more', limit)
  const { ignoredOpcodes, stackTopItemsSize = 0 } = given
  const isCount = Number.isSafeInteger(stackTopItemsSize) && Number(stackTopItemsSize) >= 0
  demand(isCount, `${prefix}stackTopItemsSize`, 'a number, 0 or more', stackTopItemsSize)
  const ignored =
    name === 'erc7562Tracer' ? opcodeSet(ignoredOpcodes, `${prefix}ignoredOpcodes`) : undefined
  const isLarge = name === 'structLogs'
  return { name, tracer, flags, limit, ignoredOpcodes: ignored, parts: [], isLarge }
}
