/** Transactions of tools' files: in JSON, signed or to be signed with a key that stands beside them, or in RLP. */

import { RLP } from '@ethereumjs/rlp'
import { isRecord } from '../../arguments.js'
import { keccak256 } from '../../native/load.js'
import {
  bytesOf,
  listOf,
  numberOf,
  objectOf,
  optionalNumber,
  sizedOf,
  wordOf,
  wrongMember,
} from './json-fields.js'
import { secretKeyOf, signDeterministically } from './sign.js'
import { ToolError, ToolExitCode } from './tool-error.js'

/** What RLP is made of. */
type Item = bigint | Uint8Array | string | readonly Item[]

type Fields = Readonly<Record<string, unknown>>

/** The encoding (EIP-2718) of a transaction in JSON. One with a key and without a signature is signed. */
export function encodingOf(value: unknown, index: number, chainId: bigint): Uint8Array {
  const place = `txs[${index}]`
  const tx = objectOf(value, place)
  const number = (name: string) => numberOf(tx[name], `${place}.${name}`)
  const type = Number(optionalNumber(tx.type, `${place}.type`, 8) ?? 0n)
  if (type > 4) throw wrongMember(`${place}.type`, 'a type from 0 to 4', tx.type)
  const items = type === 0 ? legacyItems(tx, place) : typedItems(tx, type, place)
  const own = optionalNumber(tx.chainId, `${place}.chainId`, 64)
  const signature = ['r', 's', 'v'].map((name) => number(name))
  const { secretKey } = tx
  if (secretKey === undefined || signature.some((part) => part !== 0n)) {
    const [r, s, v] = signature
    const parity = optionalNumber(tx.yParity, `${place}.yParity`) ?? v
    return type === 0 ? rlp([...items, v, r, s]) : typed(type, [...items, parity, r, s])
  }
  if (type !== 0 && own !== undefined && own !== chainId) {
    const text = `tx ${index}: failed to sign tx: invalid chain id for signer: have ${own} want ${chainId}`
    throw new ToolError(ToolExitCode.Json, text)
  }
  return signed(
    items,
    type,
    secretKeyOf(secretKey, `${place}.secretKey`),
    tx.protected !== false ? chainId : undefined,
  )
}

/** @param chainId of legacy transactions: undefined where they are of any chain */
function signed(
  items: readonly Item[],
  type: number,
  key: Uint8Array,
  chainId: bigint | undefined,
): Uint8Array {
  const binding = chainId === undefined ? [] : [chainId, 0n, 0n]
  const payload = type === 0 ? rlp([...items, ...binding]) : typed(type, items)
  const { yParity, r, s } = signDeterministically(keccak256(payload), key)
  if (type !== 0) return typed(type, [...items, BigInt(yParity), r, s])
  const base = chainId === undefined ? 27n : 35n + 2n * chainId
  return rlp([...items, base + BigInt(yParity), r, s])
}

function legacyItems(tx: Fields, place: string): Item[] {
  const number = (name: string) => numberOf(tx[name], `${place}.${name}`)
  return [number('nonce'), number('gasPrice'), gasOf(tx, place), ...callItems(tx, place)]
}

function typedItems(tx: Fields, type: number, place: string): Item[] {
  const number = (name: string) => numberOf(tx[name], `${place}.${name}`)
  const fees =
    type === 1 ? [number('gasPrice')] : [number('maxPriorityFeePerGas'), number('maxFeePerGas')]
  return [
    number('chainId'),
    number('nonce'),
    ...fees,
    gasOf(tx, place),
    ...callItems(tx, place),
    listOf(tx.accessList, `${place}.accessList`).map((entry) => accessItems(entry, place)),
    ...(type === 3 ? blobItems(tx, place) : []),
    ...(type === 4 ? [authorizationItems(tx, place)] : []),
  ]
}

function gasOf(tx: Fields, place: string): bigint {
  return numberOf(tx.gas ?? tx.gasLimit, `${place}.gas`, 64)
}

function callItems(tx: Fields, place: string): Item[] {
  const { to, input, data } = tx
  const recipient =
    to === undefined || to === null || to === '' ? '0x' : sizedOf(to, 20, `${place}.to`)
  return [
    recipient,
    numberOf(tx.value ?? 0, `${place}.value`),
    bytesOf(input ?? data, `${place}.input`),
  ]
}

function accessItems(value: unknown, place: string): Item[] {
  const { address, storageKeys } = objectOf(value, `${place}.accessList`)
  const keys = listOf(storageKeys, `${place}.accessList`)
  return [
    sizedOf(address, 20, `${place}.accessList`),
    keys.map((key) => wordOf(key, `${place}.accessList`)),
  ]
}

function blobItems(tx: Fields, place: string): Item[] {
  const hashes = listOf(tx.blobVersionedHashes, `${place}.blobVersionedHashes`)
  return [
    numberOf(tx.maxFeePerBlobGas, `${place}.maxFeePerBlobGas`),
    hashes.map((hash) => sizedOf(hash, 32, `${place}.blobVersionedHashes`)),
  ]
}

function authorizationItems(tx: Fields, place: string): Item[] {
  return listOf(tx.authorizationList, `${place}.authorizationList`).map((value, i) => {
    const name = `${place}.authorizationList[${i}]`
    const given = objectOf(value, name)
    const number = (member: string) => numberOf(given[member], `${name}.${member}`)
    return [
      number('chainId'),
      sizedOf(given.address, 20, `${name}.address`),
      number('nonce'),
      numberOf(given.yParity ?? given.v, `${name}.yParity`),
      number('r'),
      number('s'),
    ]
  })
}

function rlp(items: readonly Item[]): Uint8Array {
  return RLP.encode(items as Parameters<typeof RLP.encode>[0])
}

function typed(type: number, items: readonly Item[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(type), rlp(items)])
}

/** The encodings of the transactions of a list in RLP, which need not be such; as far as they can be told apart. */
export function encodingsIn(body: Uint8Array): Uint8Array[] {
  const list = itemAt(body, 0, body.length)
  if (list === undefined || !list.isList) return []
  const encodings: Uint8Array[] = []
  for (let at = list.start; at < list.end; ) {
    const item = itemAt(body, at, list.end)
    if (item === undefined) {
      encodings.push(body.subarray(at, list.end))
      break
    }
    encodings.push(body.subarray(item.isList ? at : item.start, item.end))
    at = item.end
  }
  return encodings
}

/** Where an item's payload is; undefined where it does not end before the limit. */
function itemAt(
  bytes: Uint8Array,
  at: number,
  limit: number,
): { isList: boolean; start: number; end: number } | undefined {
  if (at >= limit) return undefined
  const prefix = bytes[at]
  if (prefix < 0x80) return { isList: false, start: at, end: at + 1 }
  const isList = prefix >= 0xc0
  const code = prefix & 0x3f
  const sizeBytes = code < 56 ? 0 : code - 55
  const start = at + 1 + sizeBytes
  let size = code < 56 ? code : 0
  for (let i = at + 1; i < start && i < limit; i++) size = size * 256 + bytes[i]
  return start + size <= limit ? { isList, start, end: start + size } : undefined
}

/** The transactions of a file: a list in JSON, or the hex of a list in RLP. */
export function readTransactions(value: unknown, chainId: bigint): Uint8Array[] {
  if (typeof value === 'string')
    return encodingsIn(Buffer.from(bytesOf(value, 'txs').slice(2), 'hex'))
  if (isRecord(value)) throw wrongMember('txs', 'a list', value)
  return listOf(value, 'txs').map((tx, i) => encodingOf(tx, i, chainId))
}
