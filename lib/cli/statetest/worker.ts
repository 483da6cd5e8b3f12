/** A worker thread that runs state test files. */

import { serveFiles } from '../run-files.js'
import { StateTestRunner, type StateTestRunnerOptions } from './runner.js'

serveFiles((options: StateTestRunnerOptions) => new StateTestRunner(options))
