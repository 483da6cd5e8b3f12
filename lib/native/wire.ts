// Made by scripts/generate-wire.mjs from lib/native/wire.schema.json; do not edit.

/** The version both sides of the packed boundary must agree on. */
export const WIRE_VERSION = 1

/** Byte offsets of the fields of a BlockInput, and the SIZE of one record. */
export const BlockInput = {
  SIZE: 480,
  /** u32 */
  magic: 0,
  /** u32 */
  version: 4,
  /** u32 */
  revision: 8,
  /** u32 */
  flags: 12,
  /** u64 */
  number: 16,
  /** u64 */
  timestamp: 24,
  /** u64 */
  gasLimit: 32,
  /** u64 */
  chainId: 40,
  /** u64 */
  maxBlobGas: 48,
  /** u32 */
  maxBlobsPerTransaction: 56,
  /** u32 */
  workers: 60,
  /** bytes32 */
  prevRandao: 64,
  /** bytes32 */
  baseFee: 96,
  /** bytes32 */
  blobBaseFee: 128,
  /** bytes32 */
  blockReward: 160,
  /** bytes32 */
  parentHash: 192,
  /** bytes20 */
  coinbase: 224,
  /** bytes20 */
  depositContract: 244,
  /** bytes20 */
  drainBeneficiary: 264,
  /** section */
  transactions: 284,
  /** section */
  ommers: 292,
  /** section */
  withdrawals: 300,
  /** section */
  blockHashes: 308,
  /** section */
  systemCalls: 316,
  /** section */
  drains: 324,
  /** section */
  accessEntries: 332,
  /** section */
  storageKeys: 340,
  /** section */
  blobHashes: 348,
  /** section */
  authorizations: 356,
  /** section */
  prefetchKeys: 364,
  /** section */
  pool: 372,
  /** u32 */
  threads: 380,
  /** u32 */
  tracer: 384,
  /** u32 */
  traceFlags: 388,
  /** section */
  traceHashes: 392,
  /** u64 */
  traceLimit: 400,
  /** u64 */
  gasBudget: 408,
  /** bytes32 */
  ignoredOpcodes: 416,
  /** u32 */
  traceStart: 448,
  /** u32 */
  otherRevision: 452,
  /** section */
  gasCosts: 456,
  /** section */
  gasSearches: 464,
  /** u32 */
  firstTransaction: 472,
  /** u32 */
  reserved: 476,
} as const

/** Byte offsets of the fields of a Transaction, and the SIZE of one record. */
export const Transaction = {
  SIZE: 304,
  /** u8 */
  type: 0,
  /** u8 */
  flags: 1,
  /** u8 */
  yParity: 2,
  /** u8 */
  fill: 3,
  /** u32 */
  dataOffset: 4,
  /** u32 */
  dataSize: 8,
  /** u32 */
  payloadOffset: 12,
  /** u32 */
  payloadSize: 16,
  /** u32 */
  accessStart: 20,
  /** u32 */
  accessCount: 24,
  /** u32 */
  blobStart: 28,
  /** u32 */
  blobCount: 32,
  /** u32 */
  authorizationStart: 36,
  /** u32 */
  authorizationCount: 40,
  /** u32 */
  predecessor: 44,
  /** u64 */
  nonce: 48,
  /** u64 */
  gasLimit: 56,
  /** u64 */
  chainId: 64,
  /** bytes32 */
  value: 72,
  /** bytes32 */
  maxFeePerGas: 104,
  /** bytes32 */
  maxPriorityFeePerGas: 136,
  /** bytes32 */
  maxFeePerBlobGas: 168,
  /** bytes32 */
  r: 200,
  /** bytes32 */
  s: 232,
  /** bytes20 */
  to: 264,
  /** bytes20 */
  sender: 284,
} as const

/** Byte offsets of the fields of a AccessEntry, and the SIZE of one record. */
export const AccessEntry = {
  SIZE: 28,
  /** bytes20 */
  address: 0,
  /** u32 */
  keyStart: 20,
  /** u32 */
  keyCount: 24,
} as const

/** Byte offsets of the fields of a Authorization, and the SIZE of one record. */
export const Authorization = {
  SIZE: 128,
  /** bytes32 */
  chainId: 0,
  /** bytes32 */
  r: 32,
  /** bytes32 */
  s: 64,
  /** u64 */
  nonce: 96,
  /** bytes20 */
  address: 104,
  /** u8 */
  yParity: 124,
  /** u8 */
  flags: 125,
  /** u16 */
  reserved: 126,
} as const

/** Byte offsets of the fields of a PrefetchKey, and the SIZE of one record. */
export const PrefetchKey = {
  SIZE: 56,
  /** bytes20 */
  address: 0,
  /** u32 */
  flags: 20,
  /** bytes32 */
  key: 24,
} as const

/** Byte offsets of the fields of a Ommer, and the SIZE of one record. */
export const Ommer = {
  SIZE: 24,
  /** bytes20 */
  coinbase: 0,
  /** u32 */
  depth: 20,
} as const

/** Byte offsets of the fields of a Withdrawal, and the SIZE of one record. */
export const Withdrawal = {
  SIZE: 32,
  /** u64 */
  amount: 0,
  /** bytes20 */
  address: 8,
  /** u32 */
  reserved: 28,
} as const

/** Byte offsets of the fields of a BlockHash, and the SIZE of one record. */
export const BlockHash = {
  SIZE: 40,
  /** u64 */
  number: 0,
  /** bytes32 */
  hash: 8,
} as const

/** Byte offsets of the fields of a SystemCall, and the SIZE of one record. */
export const SystemCall = {
  SIZE: 36,
  /** u32 */
  phase: 0,
  /** u32 */
  requestType: 4,
  /** u32 */
  inputOffset: 8,
  /** u32 */
  inputSize: 12,
  /** bytes20 */
  address: 16,
} as const

/** Byte offsets of the fields of a BlockOutput, and the SIZE of one record. */
export const BlockOutput = {
  SIZE: 528,
  /** u32 */
  magic: 0,
  /** u32 */
  version: 4,
  /** u32 */
  error: 8,
  /** i32 */
  errorTransaction: 12,
  /** u64 */
  gasUsed: 16,
  /** u64 */
  blobGasUsed: 24,
  /** u64 */
  sendersNanoseconds: 32,
  /** u64 */
  executeNanoseconds: 40,
  /** u64 */
  totalNanoseconds: 48,
  /** bytes32 */
  errorExpected: 56,
  /** bytes32 */
  errorActual: 88,
  /** bytes20 */
  errorAddress: 120,
  /** u32 */
  workers: 140,
  /** section */
  receipts: 144,
  /** section */
  logs: 152,
  /** section */
  topics: 160,
  /** section */
  accounts: 168,
  /** section */
  slots: 176,
  /** section */
  requests: 184,
  /** section */
  runs: 192,
  /** section */
  conflicts: 200,
  /** section */
  hotLocations: 208,
  /** section */
  pool: 216,
  /** bytes256 */
  bloom: 224,
  /** bytes32 */
  receiptsRoot: 480,
  /** section */
  traces: 512,
  /** section */
  traceText: 520,
} as const

/** Byte offsets of the fields of a TraceText, and the SIZE of one record. */
export const TraceText = {
  SIZE: 16,
  /** u64 */
  offset: 0,
  /** u64 */
  size: 8,
} as const

/** Byte offsets of the fields of a GasCostChange, and the SIZE of one record. */
export const GasCostChange = {
  SIZE: 8,
  /** u32 */
  cost: 0,
  /** u32 */
  value: 4,
} as const

/** Byte offsets of the fields of a GasSearch, and the SIZE of one record. */
export const GasSearch = {
  SIZE: 4,
  /** u32 */
  transaction: 0,
} as const

/** Byte offsets of the fields of a RunUnderRules, and the SIZE of one record. */
export const RunUnderRules = {
  SIZE: 80,
  /** u64 */
  gasUsed: 0,
  /** u64 */
  gasBeforeRefund: 8,
  /** u64 */
  neededGas: 16,
  /** u32 */
  error: 24,
  /** i32 */
  evmStatus: 28,
  /** u32 */
  outputSize: 32,
  /** u32 */
  logCount: 36,
  /** u32 */
  frameCount: 40,
  /** u32 */
  reserved: 44,
  /** bytes32 */
  effectsHash: 48,
} as const

/** Byte offsets of the fields of a Frame, and the SIZE of one record. */
export const Frame = {
  SIZE: 176,
  /** u64 */
  gas: 0,
  /** u64 */
  gasUsed: 8,
  /** u8 */
  kind: 16,
  /** u8 */
  isPrecompile: 17,
  /** u16 */
  depth: 18,
  /** u32 */
  failure: 20,
  /** u32 */
  inputSize: 24,
  /** u32 */
  outputSize: 28,
  /** u32 */
  selector: 32,
  /** bytes20 */
  from: 36,
  /** bytes20 */
  to: 56,
  /** bytes32 */
  value: 76,
  /** bytes32 */
  inputHash: 108,
  /** bytes32 */
  outputHash: 140,
} as const

/** Byte offsets of the fields of a CallsOutput, and the SIZE of one record. */
export const CallsOutput = {
  SIZE: 76,
  /** u32 */
  magic: 0,
  /** u32 */
  version: 4,
  /** u32 */
  error: 8,
  /** u32 */
  reserved: 12,
  /** bytes20 */
  errorAddress: 16,
  /** section */
  outcomes: 36,
  /** section */
  logs: 44,
  /** section */
  topics: 52,
  /** section */
  accessed: 60,
  /** section */
  pool: 68,
} as const

/** Byte offsets of the fields of a CallOutcome, and the SIZE of one record. */
export const CallOutcome = {
  SIZE: 160,
  /** u32 */
  error: 0,
  /** i32 */
  evmStatus: 4,
  /** u32 */
  outputOffset: 8,
  /** u32 */
  outputSize: 12,
  /** u32 */
  textOffset: 16,
  /** u32 */
  textSize: 20,
  /** u32 */
  logStart: 24,
  /** u32 */
  logCount: 28,
  /** u32 */
  accessStart: 32,
  /** u32 */
  accessCount: 36,
  /** u64 */
  gasUsed: 40,
  /** u64 */
  gasBeforeRefund: 48,
  /** bytes32 */
  errorExpected: 56,
  /** bytes32 */
  errorActual: 88,
  /** bytes20 */
  errorAddress: 120,
  /** bytes20 */
  contractAddress: 140,
} as const

/** Byte offsets of the fields of a AdmissionsOutput, and the SIZE of one record. */
export const AdmissionsOutput = {
  SIZE: 32,
  /** u32 */
  magic: 0,
  /** u32 */
  version: 4,
  /** u32 */
  error: 8,
  /** u32 */
  reserved: 12,
  /** section */
  admissions: 16,
  /** section */
  authorities: 24,
} as const

/** Byte offsets of the fields of a Admission, and the SIZE of one record. */
export const Admission = {
  SIZE: 168,
  /** u64 */
  nonce: 0,
  /** u32 */
  error: 8,
  /** u32 */
  flags: 12,
  /** bytes32 */
  balance: 16,
  /** bytes32 */
  cost: 48,
  /** bytes32 */
  errorExpected: 80,
  /** bytes32 */
  errorActual: 112,
  /** bytes20 */
  sender: 144,
} as const

/** Byte offsets of the fields of a Authority, and the SIZE of one record. */
export const Authority = {
  SIZE: 24,
  /** bytes20 */
  address: 0,
  /** u32 */
  flags: 20,
} as const

/** Byte offsets of the fields of a Receipt, and the SIZE of one record. */
export const Receipt = {
  SIZE: 400,
  /** u8 */
  type: 0,
  /** u8 */
  status: 1,
  /** u16 */
  flags: 2,
  /** u32 */
  logStart: 4,
  /** u32 */
  logCount: 8,
  /** u32 */
  outputOffset: 12,
  /** u32 */
  outputSize: 16,
  /** i32 */
  evmStatus: 20,
  /** u64 */
  gasUsed: 24,
  /** u64 */
  cumulativeGasUsed: 32,
  /** u64 */
  blobGasUsed: 40,
  /** u64 */
  gasBeforeRefund: 48,
  /** u64 */
  gasRefund: 56,
  /** u64 */
  authorizationRefund: 64,
  /** bytes32 */
  effectiveGasPrice: 72,
  /** bytes20 */
  sender: 104,
  /** bytes20 */
  contractAddress: 124,
  /** bytes256 */
  bloom: 144,
} as const

/** Byte offsets of the fields of a Log, and the SIZE of one record. */
export const Log = {
  SIZE: 36,
  /** bytes20 */
  address: 0,
  /** u32 */
  topicStart: 20,
  /** u32 */
  topicCount: 24,
  /** u32 */
  dataOffset: 28,
  /** u32 */
  dataSize: 32,
} as const

/** Byte offsets of the fields of a AccountChange, and the SIZE of one record. */
export const AccountChange = {
  SIZE: 184,
  /** u64 */
  nonceBefore: 0,
  /** u64 */
  nonceAfter: 8,
  /** bytes32 */
  balanceBefore: 16,
  /** bytes32 */
  balanceAfter: 48,
  /** bytes32 */
  codeHashBefore: 80,
  /** bytes32 */
  codeHashAfter: 112,
  /** bytes20 */
  address: 144,
  /** u32 */
  flags: 164,
  /** u32 */
  codeOffset: 168,
  /** u32 */
  codeSize: 172,
  /** u32 */
  slotStart: 176,
  /** u32 */
  slotCount: 180,
} as const

/** Byte offsets of the fields of a SlotChange, and the SIZE of one record. */
export const SlotChange = {
  SIZE: 96,
  /** bytes32 */
  key: 0,
  /** bytes32 */
  before: 32,
  /** bytes32 */
  after: 64,
} as const

/** Byte offsets of the fields of a TransactionRun, and the SIZE of one record. */
export const TransactionRun = {
  SIZE: 40,
  /** u32 */
  transaction: 0,
  /** u16 */
  worker: 4,
  /** u8 */
  incarnation: 6,
  /** u8 */
  flags: 7,
  /** u64 */
  startNanoseconds: 8,
  /** u64 */
  endNanoseconds: 16,
  /** u64 */
  gasUsed: 24,
  /** i32 */
  dependsOn: 32,
  /** i32 */
  waitedFor: 36,
} as const

/** Byte offsets of the fields of a Conflict, and the SIZE of one record. */
export const Conflict = {
  SIZE: 68,
  /** u32 */
  transaction: 0,
  /** u32 */
  incarnation: 4,
  /** i32 */
  writer: 8,
  /** u32 */
  kind: 12,
  /** bytes20 */
  address: 16,
  /** bytes32 */
  key: 36,
} as const

/** Byte offsets of the fields of a HotLocation, and the SIZE of one record. */
export const HotLocation = {
  SIZE: 64,
  /** bytes20 */
  address: 0,
  /** u32 */
  kind: 20,
  /** bytes32 */
  key: 24,
  /** u32 */
  dependents: 56,
  /** u32 */
  conflicts: 60,
} as const

/** Byte offsets of the fields of a Request, and the SIZE of one record. */
export const Request = {
  SIZE: 12,
  /** u32 */
  type: 0,
  /** u32 */
  offset: 4,
  /** u32 */
  size: 8,
} as const

/** Byte offsets of the fields of a StateAccount, and the SIZE of one record. */
export const StateAccount = {
  SIZE: 112,
  /** u64 */
  nonce: 0,
  /** bytes32 */
  balance: 8,
  /** bytes32 */
  codeHash: 40,
  /** bytes20 */
  address: 72,
  /** u32 */
  flags: 92,
  /** u32 */
  codeOffset: 96,
  /** u32 */
  codeSize: 100,
  /** u32 */
  slotStart: 104,
  /** u32 */
  slotCount: 108,
} as const

/** Byte offsets of the fields of a StateSlot, and the SIZE of one record. */
export const StateSlot = {
  SIZE: 64,
  /** bytes32 */
  key: 0,
  /** bytes32 */
  value: 32,
} as const

/** Byte offsets of the fields of a PrecompileMove, and the SIZE of one record. */
export const PrecompileMove = {
  SIZE: 40,
  /** bytes20 */
  from: 0,
  /** bytes20 */
  to: 20,
} as const

/** Byte offsets of the fields of a MissingKey, and the SIZE of one record. */
export const MissingKey = {
  SIZE: 56,
  /** bytes20 */
  address: 0,
  /** u32 */
  kind: 20,
  /** bytes32 */
  key: 24,
} as const

/** Byte offsets of the fields of a StateDump, and the SIZE of one record. */
export const StateDump = {
  SIZE: 40,
  /** u32 */
  magic: 0,
  /** u32 */
  version: 4,
  /** section */
  accounts: 8,
  /** section */
  slots: 16,
  /** section */
  pool: 24,
  /** section */
  moves: 32,
} as const

/** Constants of Magic. */
export const Magic = {
  BlockInput: 1112100425,
  BlockOutput: 1112100431,
  CallsOutput: 1112100419,
  AdmissionsOutput: 1112100417,
  StateDump: 1112100435,
} as const

/** Constants of BlockFlag. */
export const BlockFlag = {
  HasDepositContract: 1,
  ForgiveMissingSystemContracts: 2,
  NoRewards: 4,
  AlwaysRunAhead: 8,
  RecordAccesses: 16,
  ExplainFailures: 32,
} as const

/** Values of Tracer. */
export const Tracer = {
  None: 0,
  Call: 1,
  FlatCall: 2,
  Prestate: 3,
  FourByte: 4,
  Noop: 5,
  StructLog: 6,
  Preimage: 7,
  Parity: 8,
  Lines: 9,
  Simulation: 10,
  Erc7562: 11,
  Frames: 12,
  OtherRules: 13,
} as const

/** A value of Tracer. */
export type Tracer = (typeof Tracer)[keyof typeof Tracer]

/** Constants of TraceFlag. */
export const TraceFlag = {
  OnlyTopCall: 1,
  WithLog: 2,
  IncludePrecompiles: 4,
  ConvertParityErrors: 8,
  DiffMode: 16,
  DisableCode: 32,
  DisableStorage: 64,
  IncludeEmpty: 128,
  EnableMemory: 256,
  DisableStack: 512,
  EnableReturnData: 1024,
  ParityTrace: 2048,
  ParityStateDiff: 4096,
  ParityVmTrace: 8192,
  ParityForm: 16384,
  ErigonForm: 32768,
  HideCreationMethod: 65536,
  CallFrames: 131072,
  WithTransfers: 262144,
  BesuForm: 524288,
} as const

/** Values of GasCost. */
export const GasCost = {
  WarmAccess: 256,
  ColdAccountAccess: 257,
  ColdSload: 258,
  StorageSet: 259,
  StorageReset: 260,
  StorageClearRefund: 261,
  Keccak256Word: 262,
  CopyWord: 263,
  MemoryWord: 264,
  ExpByte: 265,
  Log: 266,
  LogTopic: 267,
  LogByte: 268,
  CallValue: 269,
  NewAccount: 270,
  Create: 271,
  InitcodeWord: 272,
  CodeDepositByte: 273,
  Transaction: 288,
  TransactionCreate: 289,
  CalldataZero: 290,
  CalldataNonzero: 291,
  CalldataFloorToken: 292,
  AccessListAddress: 293,
  AccessListKey: 294,
  Authorization: 295,
  Ecrecover: 512,
  Sha256: 514,
  Sha256Word: 515,
  Ripemd160: 516,
  Ripemd160Word: 517,
  Identity: 518,
  IdentityWord: 519,
  ModexpMinimum: 520,
  ModexpDivisor: 521,
  Bn254Add: 522,
  Bn254Mul: 524,
  Bn254Pairing: 526,
  Bn254PairingPair: 527,
  Blake2fRound: 529,
  PointEvaluation: 530,
  Bls12G1Add: 532,
  Bls12G2Add: 536,
  Bls12Pairing: 540,
  Bls12PairingPair: 541,
  Bls12MapG1: 542,
  Bls12MapG2: 544,
  P256Verify: 546,
} as const

/** A value of GasCost. */
export type GasCost = (typeof GasCost)[keyof typeof GasCost]

/** Values of CallFailure. */
export const CallFailure = {
  None: 0,
  Reverted: 1,
  OutOfGas: 2,
  StackUnderflow: 3,
  StackOverflow: 4,
  WriteProtection: 5,
  InvalidOpcode: 6,
  InvalidJump: 7,
  ReturnDataBounds: 8,
  InitcodeSize: 9,
  CallDepth: 10,
  InsufficientBalance: 11,
  NonceOverflow: 12,
  AddressCollision: 13,
  CodeSize: 14,
  CodeStart: 15,
  CodeDeposit: 16,
  Precompile: 17,
} as const

/** A value of CallFailure. */
export type CallFailure = (typeof CallFailure)[keyof typeof CallFailure]

/** Constants of TransactionFlag. */
export const TransactionFlag = {
  HasTo: 1,
  HasSender: 2,
  HasChainId: 4,
  SkipNonceCheck: 8,
  SkipBalanceCheck: 16,
  KeepLoan: 32,
  Simulated: 64,
  FreeWithoutFees: 128,
} as const

/** Constants of FillFlag. */
export const FillFlag = {
  Gas: 1,
  Nonce: 2,
} as const

/** Constants of AuthorizationFlag. */
export const AuthorizationFlag = {
  Malformed: 1,
  HasAuthority: 2,
} as const

/** Constants of AdmissionFlag. */
export const AdmissionFlag = {
  HasCode: 1,
  Delegated: 2,
  AccountUnknown: 4,
} as const

/** Constants of AuthorityFlag. */
export const AuthorityFlag = {
  Recovered: 1,
} as const

/** Values of SystemCallPhase. */
export const SystemCallPhase = {
  BeforeTransactions: 0,
  AfterTransactions: 1,
} as const

/** A value of SystemCallPhase. */
export type SystemCallPhase = (typeof SystemCallPhase)[keyof typeof SystemCallPhase]

/** Constants of PrefetchFlag. */
export const PrefetchFlag = {
  HasKey: 1,
} as const

/** Constants of RunFlag. */
export const RunFlag = {
  Committed: 1,
  AtHead: 2,
} as const

/** Values of LocationKind. */
export const LocationKind = {
  Account: 0,
  Existence: 1,
  Nonce: 2,
  Balance: 3,
  Code: 4,
  HasStorage: 5,
  Storage: 6,
} as const

/** A value of LocationKind. */
export type LocationKind = (typeof LocationKind)[keyof typeof LocationKind]

/** Constants of ReceiptFlag. */
export const ReceiptFlag = {
  HasContractAddress: 1,
} as const

/** Constants of AccountFlag. */
export const AccountFlag = {
  ExistedBefore: 1,
  ExistsAfter: 2,
  CodeChanged: 4,
  StorageCleared: 8,
} as const

/** Constants of StateAccountFlag. */
export const StateAccountFlag = {
  CodeMissing: 1,
  Absent: 2,
  SlotsOnly: 4,
  StorageEmpty: 8,
  StorageSet: 16,
  NonceSaid: 32,
  BalanceSaid: 64,
  CodeSaid: 128,
  StorageReplaced: 256,
} as const

/** Values of MissingKind. */
export const MissingKind = {
  Account: 0,
  Slot: 1,
  Code: 2,
} as const

/** A value of MissingKind. */
export type MissingKind = (typeof MissingKind)[keyof typeof MissingKind]

/** Values of ErrorCode. */
export const ErrorCode = {
  OK: 0,
  INPUT_MALFORMED: 1,
  UNSUPPORTED_REVISION: 2,
  VM_INTERNAL_ERROR: 3,
  CANCELLED: 4,
  OUT_OF_MEMORY: 5,
  THREAD_UNAVAILABLE: 6,
  STATE_MISSING_CODE: 10,
  STATE_MISSING_BLOCK_HASH: 11,
  STATE_UNAVAILABLE: 12,
  STATE_NOT_PRECOMPILE: 13,
  TX_TYPE_NOT_SUPPORTED: 20,
  TX_SIGNATURE_INVALID: 21,
  TX_WRONG_CHAIN_ID: 22,
  TX_NONCE_TOO_LOW: 23,
  TX_NONCE_TOO_HIGH: 24,
  TX_NONCE_OVERFLOW: 25,
  TX_SENDER_NOT_EOA: 26,
  TX_INSUFFICIENT_FUNDS: 27,
  TX_INTRINSIC_GAS_TOO_LOW: 28,
  TX_FLOOR_GAS_TOO_LOW: 29,
  TX_GAS_LIMIT_EXCEEDS_BLOCK: 30,
  TX_GAS_LIMIT_EXCEEDS_CAP: 31,
  TX_MAX_FEE_BELOW_BASE_FEE: 32,
  TX_PRIORITY_FEE_ABOVE_MAX_FEE: 33,
  TX_INITCODE_TOO_LARGE: 34,
  TX_BLOB_FEE_TOO_LOW: 35,
  TX_BLOB_MISSING: 36,
  TX_BLOB_TOO_MANY: 37,
  TX_BLOB_VERSION_INVALID: 38,
  TX_BLOB_CREATE: 39,
  TX_BLOB_GAS_EXCEEDS_BLOCK: 40,
  TX_SET_CODE_EMPTY: 41,
  TX_SET_CODE_CREATE: 42,
  BLOCK_SYSTEM_CONTRACT_MISSING: 50,
  BLOCK_SYSTEM_CALL_FAILED: 51,
  BLOCK_DEPOSIT_INVALID: 52,
} as const

/** A value of ErrorCode. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode]
