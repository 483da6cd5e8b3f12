/** The calls of a block as `@ethereumjs/vm` tells of them: geth's callTracer, made of its events. */

import type { EVMResult, Message } from '@ethereumjs/evm'
import { bytesToHex } from '@ethereumjs/util'
import type { VM } from '@ethereumjs/vm'

/** A call, as far as the events know. */
export interface Frame {
  readonly type: 'CALL' | 'STATICCALL' | 'DELEGATECALL' | 'CREATE' | 'CREATE2'
  readonly from: string
  readonly gas: bigint
  readonly input: string
  readonly value: bigint
  to?: string | undefined
  gasUsed?: bigint
  output?: string
  error?: string
  calls?: Frame[]
}

/** Has the outermost calls of all transactions put into a list, calls below them inside of them. */
export function followCalls({ evm }: VM, calls: Frame[]): void {
  const open: Frame[] = []
  if (evm.events === undefined) throw new Error('an EVM without events')
  // Who does not take the second argument is not waited for.
  evm.events.on('beforeMessage', (message) => open.push(frameOf(message)))
  evm.events.on('afterMessage', ({ createdAddress, execResult }: EVMResult) => {
    const frame = open.pop()
    if (frame === undefined) throw new Error('a message ends that has not begun')
    frame.gasUsed = execResult.executionGasUsed
    frame.to ??= createdAddress?.toString()
    if (execResult.returnValue.length > 0) frame.output = bytesToHex(execResult.returnValue)
    if (execResult.exceptionError !== undefined) frame.error = execResult.exceptionError.error
    const caller = open.at(-1)
    if (caller === undefined) calls.push(frame)
    else if (caller.calls === undefined) caller.calls = [frame]
    else caller.calls.push(frame)
  })
}

function frameOf({ to, caller, gasLimit, data, value, ...message }: Message): Frame {
  return {
    type: typeOf(message, to === undefined),
    from: caller.toString(),
    to: to?.toString(),
    gas: gasLimit,
    input: bytesToHex(data),
    value,
  }
}

function typeOf(
  { delegatecall, isStatic, salt }: Pick<Message, 'delegatecall' | 'isStatic' | 'salt'>,
  isCreation: boolean,
): Frame['type'] {
  if (isCreation) return salt === undefined ? 'CREATE' : 'CREATE2'
  if (delegatecall) return 'DELEGATECALL'
  return isStatic ? 'STATICCALL' : 'CALL'
}

/** The JSON that a server would send of them. */
export function jsonOf(calls: readonly Frame[]): string {
  return JSON.stringify(calls, (_, value: unknown) =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
  )
}
