/**
 * The package for CommonJS. Node.js 20.19 and later can require an ES module, and nothing in this one awaits
 * at its top level; TypeScript allows that with `module` node20 and nodenext, and not with node16 and node18.
 *
 * @ts-ignore */
import braid = require('./index.js')
export = braid
