/** A worker thread that runs the deepest calls and reports the gas. */

import { parentPort } from 'node:worker_threads'
import { deepCalls } from './deep-calls.js'

parentPort?.postMessage(deepCalls())
