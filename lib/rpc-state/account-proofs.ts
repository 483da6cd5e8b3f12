/** Accounts and slots with their proofs (EIP-1186), one call for all of an account that is asked for at a time. */

import { type Hex, quantity } from '../hex/index.js'
import type { SourceRequest } from '../state/state-source.js'
import { type ProofLike, verifyProof } from '../trie/verify-proof.js'
import {
  addressIn,
  bytesIn,
  listIn,
  nonceIn,
  numberIn,
  recordIn,
  wordIn,
  wrong,
} from './answers.js'
import type { NodeState } from './node-state.js'

const method = 'eth_getProof'

/** geth answers for no more slots at a time. */
const mostSlots = 1024

/** What was asked of an account in one turn. */
interface Gathered {
  readonly slots: Set<Hex>
  readonly answer: Promise<ReadonlyMap<Hex, bigint>>
  readonly account: Promise<ProofLike>
}

/** Gathers what is asked for in one turn by account. */
export class AccountProofs {
  readonly #node: NodeState
  #gathered = new Map<Hex, Gathered>()

  constructor(node: NodeState) {
    this.#node = node
  }

  /** What is proved of an account. */
  account(address: Hex, request: SourceRequest): Promise<ProofLike> {
    return this.#gather(address, request).account
  }

  /** The value of a slot, as it is proved. */
  async slot(address: Hex, slot: Hex, request: SourceRequest): Promise<bigint> {
    const gathered = this.#gather(address, request)
    gathered.slots.add(slot)
    // Asked for, and so in the answer.
    return (await gathered.answer).get(slot) as bigint
  }

  #gather(address: Hex, request: SourceRequest): Gathered {
    const known = this.#gathered.get(address)
    if (known !== undefined) return known
    const slots = new Set<Hex>()
    // The turn that asks has ended by then.
    const proofs = Promise.resolve().then(() => {
      this.#gathered.delete(address)
      return this.#prove(address, [...slots], request)
    })
    const account = proofs.then(([first]) => first)
    const answer = proofs.then(
      (parts) =>
        new Map(
          parts
            .flatMap(({ storageProof }) => storageProof)
            .map(({ key, value }) => [key as Hex, value as bigint]),
        ),
    )
    // Whoever asks for the one may not ask for the other.
    account.catch(() => {})
    answer.catch(() => {})
    const gathered = { slots, account, answer }
    this.#gathered.set(address, gathered)
    return gathered
  }

  async #prove(address: Hex, slots: readonly Hex[], request: SourceRequest): Promise<ProofLike[]> {
    const parts = Array.from({ length: Math.max(1, Math.ceil(slots.length / mostSlots)) }, (_, i) =>
      slots.slice(i * mostSlots, (i + 1) * mostSlots),
    )
    const { stateRoot } = this.#node.settings
    const [root, ...answers] = await Promise.all([
      stateRoot ?? this.#node.header(request).then((header) => header.stateRoot),
      ...parts.map((part) => this.#node.ask(method, [address, part, this.#node.block], request)),
    ])
    return answers.map((answer, i) => {
      const proof = proofIn(answer, address, parts[i])
      verifyProof(root, proof)
      return proof
    })
  }
}

/** A proof that proves what was asked for, in its order. */
function proofIn(answer: unknown, address: Hex, slots: readonly Hex[]): ProofLike {
  const { storageProof, ...fields } = recordIn(method, answer)
  const proved = addressIn(method, fields.address)
  if (proved !== address) throw wrong(method, address, proved)
  const proofs = listIn(method, storageProof)
  if (proofs.length !== slots.length) throw wrong(method, `${slots.length} slots`, proofs.length)
  return {
    address,
    accountProof: nodesIn(fields.accountProof),
    balance: numberIn(method, fields.balance),
    nonce: nonceIn(method, fields.nonce),
    codeHash: wordIn(method, fields.codeHash),
    storageHash: wordIn(method, fields.storageHash),
    storageProof: proofs.map((item, i) => {
      const { key, value, proof } = recordIn(method, item)
      const number = numberIn(method, key)
      if (number !== BigInt(slots[i])) throw wrong(method, slots[i], quantity(number))
      return { key: slots[i], value: numberIn(method, value), proof: nodesIn(proof) }
    }),
  }
}

function nodesIn(proof: unknown): Hex[] {
  return listIn(method, proof).map((node) => {
    bytesIn(method, node)
    return node as Hex
  })
}
