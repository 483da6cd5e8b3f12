/**
 * `braid-evm/pool` for CommonJS; lib/index.cts says why the directive.
 *
 * @ts-ignore */
import braid = require('./index.js')
export = braid
