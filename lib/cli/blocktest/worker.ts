/** A worker thread that runs block test files. */

import { serveFiles } from '../run-files.js'
import { BlockTestRunner, type BlockTestRunnerOptions } from './runner.js'

serveFiles((options: BlockTestRunnerOptions) => new BlockTestRunner(options))
