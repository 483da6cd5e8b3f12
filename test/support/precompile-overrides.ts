/** Precompiled contracts under overrides, as they must be on every kind of state and with every EVM. */

import * as assert from 'uvu/assert'
import type { Alloc, ReadableState, StateOverrides } from '../../lib/index.js'
import { Engine, isBraidError } from '../../lib/index.js'

const address = (number: number) => `0x${number.toString(16).padStart(40, '0')}` as const
const word = (number: bigint) => `0x${number.toString(16).padStart(64, '0')}` as const

const sha256 = address(2)
const identity = address(4)
/** A precompiled contract from Prague on (EIP-2537). */
const blsAdd = address(0x0b)
const elsewhere = address(0xaaaa)
const further = address(0xbbbb)
const sender = address(0xcccc)
const coinbase = address(0xdddd)
/** STATICCALLs the address in its data with the second word of them; returns what that returned. */
const caller = address(0xeeee)
/** Returns how much gas asking for the balance of the address in its data takes, and 9 more. */
const meter = address(0xeeef)
/** Returns 7. */
const seven = '0x60075f5260205ff3'

/** Every account that is looked at, so that a witness can be made of them. */
export const precompileAlloc: Alloc = {
  ...Object.fromEntries(
    [sha256, identity, blsAdd, elsewhere, further, coinbase].map((account) => [
      account,
      { balance: 3n },
    ]),
  ),
  [sender]: { balance: 10n ** 18n },
  [caller]: { nonce: 1n, code: '0x602060205f375f5f60205f5f355afa503d5f5f3e3d5ff3' },
  [meter]: { nonce: 1n, code: '0x5a5f3531505a90035f5260205ff3' },
}

const data = word(0x1234n)
const hash = '0x730e03974dc00b82b4d4c914b1c59f088d0a6472e8ed592970d384b8e80eea32'
const nothing = '0x'

/** The EVMs: the built-in one and one behind the ABI. */
const vms = ['builtin', new URL('../../Release/libbraidvm18.so', import.meta.url).pathname]

/** Tries overrides of precompiled contracts on a state of {@link precompileAlloc}. */
export async function checkPrecompileOverrides(state: ReadableState): Promise<void> {
  for (const vm of vms) {
    for (const policy of ['sequential', 'ahead'] as const) {
      await using engine = await Engine.create({ vm, policy, threads: 2 })
      await new Overridden(engine, state).check()
    }
  }
}

/** A state, and what executes on it. */
class Overridden {
  constructor(
    private readonly engine: Engine,
    private readonly state: ReadableState,
  ) {}

  async check(): Promise<void> {
    await this.checkPlaces()
    await this.checkLayers()
    await this.checkErrors()
  }

  private async checkPlaces(): Promise<void> {
    await this.answers({}, { [identity]: data, [sha256]: hash, [elsewhere]: nothing })
    const move = { [identity]: { movePrecompileTo: elsewhere } }
    await this.answers(move, { [identity]: nothing, [sha256]: hash, [elsewhere]: data })
    // As with eth_call of geth: what is warm from the start is what the revision says.
    assert.equal(await this.gasOf(move, [identity, elsewhere]), [109n, 2609n])
    const whatIf = this.state.override(move)
    assert.is((await whatIf.getAccount(identity))?.balance, 3n)
    assert.is((await whatIf.getAccount(elsewhere))?.balance, 3n)
    await this.answers(
      { [identity]: { movePrecompileTo: elsewhere, code: seven } },
      { [identity]: word(7n), [elsewhere]: data },
    )
    // Without the prefix, as accounts may be written.
    await this.answers(
      { [identity.slice(2)]: { movePrecompileTo: elsewhere.toUpperCase().replace('X', 'x') } },
      { [identity]: nothing, [elsewhere]: data },
    )
    // An account that is overridden in whatever is no precompile.
    await this.answers({ [identity]: { code: seven } }, { [identity]: word(7n), [sha256]: hash })
    await this.answers({ [identity]: { balance: 1n } }, { [identity]: nothing })
    await this.answers({ [identity]: {} }, { [identity]: nothing })
    // What was there is lost; of two that go to the same place, the later one in order stays.
    await this.answers(
      { [sha256]: { movePrecompileTo: identity } },
      { [sha256]: nothing, [identity]: hash },
    )
    await this.answers(
      { [identity]: { movePrecompileTo: elsewhere }, [sha256]: { movePrecompileTo: elsewhere } },
      { [identity]: nothing, [sha256]: nothing, [elsewhere]: data },
    )
  }

  private async checkLayers(): Promise<void> {
    const once = this.state.override({ [identity]: { movePrecompileTo: elsewhere } })
    const twice = once.override({ [elsewhere]: { movePrecompileTo: further } })
    const other = { [sender]: { nonce: 0n } }
    const over = (state: ReadableState) => new Overridden(this.engine, state)
    await over(twice).answers(other, { [elsewhere]: nothing, [further]: data })
    const gone = { [elsewhere]: { balance: 1n } }
    await over(once).answers(gone, { [identity]: nothing, [elsewhere]: nothing })
    // To where it came from.
    const back = { [elsewhere]: { movePrecompileTo: identity } }
    await over(once).answers(back, { [identity]: data, [elsewhere]: nothing })
    await over(once).answers(other, { [identity]: nothing, [elsewhere]: data })
  }

  private async checkErrors(): Promise<void> {
    const failing = async (overrides: StateOverrides, hardfork: string) => {
      try {
        await this.call(this.state.override(overrides), [elsewhere], hardfork)
      } catch (error) {
        if (!isBraidError(error)) throw error
        return [error.code, error.details.address, error.details.field]
      }
      return undefined
    }
    const unknown = { [further]: { movePrecompileTo: elsewhere } }
    const wrong = ['STATE_NOT_PRECOMPILE', further, undefined]
    assert.equal(await failing(unknown, 'prague'), wrong)
    const prague = { [blsAdd]: { movePrecompileTo: elsewhere } }
    assert.is(await failing(prague, 'prague'), undefined)
    assert.equal(await failing(prague, 'cancun'), ['STATE_NOT_PRECOMPILE', blsAdd, undefined])
    for (const target of [further, identity, further.toUpperCase().replace('X', 'x')]) {
      const twice = { [identity]: { movePrecompileTo: target }, [further]: { balance: 1n } }
      const expected = ['STATE_MALFORMED', identity, 'movePrecompileTo']
      assert.equal(await failing(twice, 'prague'), expected)
    }
    for (const target of [null, 4, '0x04', '', `${identity}00`]) {
      const malformed = { [identity]: { movePrecompileTo: target } } as unknown as StateOverrides
      const expected = ['STATE_MALFORMED', identity, 'movePrecompileTo']
      assert.equal(await failing(malformed, 'prague'), expected)
    }
  }

  /** Checks what addresses answer: called by transactions, and by a contract. */
  private async answers(overrides: StateOverrides, expected: Record<string, string>) {
    const addresses = Object.keys(expected)
    assert.equal(
      await this.call(this.state.override(overrides), addresses),
      Object.values(expected).flatMap((answer) => [answer, answer]),
    )
  }

  /** What addresses answer to {@link data}: to a transaction, and to a contract. */
  private async call(state: ReadableState, addresses: readonly string[], hardfork = 'prague') {
    const calls = addresses.flatMap((called) => [
      [called, data],
      [caller, `0x${called.slice(2).padStart(64, '0')}${data.slice(2)}`],
    ])
    return this.outputs(state, calls, hardfork)
  }

  private async gasOf(overrides: StateOverrides, addresses: readonly string[]) {
    const calls = addresses.map((looked) => [meter, `0x${looked.slice(2).padStart(64, '0')}`])
    return (await this.outputs(this.state.override(overrides), calls, 'prague')).map(BigInt)
  }

  private async outputs(
    state: ReadableState,
    calls: readonly (readonly string[])[],
    hardfork: string,
  ): Promise<string[]> {
    const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase }
    const transactions = calls.map(([to, input], i) => {
      const nonce = BigInt(i)
      return { sender, to, data: input, nonce, gasLimit: 200_000n, gasPrice: 0n }
    })
    const { receipts } = await this.engine.executeTransactions(environment, transactions, {
      state,
      hardfork,
    })
    return receipts.map(({ output }) => output)
  }
}
