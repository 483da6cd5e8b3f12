/**
 * A process that runs a course, to be killed: `victim WORLD COURSE FOLDER`. It ends with exit code 3 where a store
 * fails with an error that has a code.
 */

import { isBraidError } from '../../lib/index.js'
import { type CourseName, runCourse } from './course.js'
import { World } from './world.js'

const [world, name, folder] = process.argv.slice(2)
try {
  await runCourse(World.read(world), name as CourseName, folder)
} catch (error) {
  if (!isBraidError(error) || !error.code.startsWith('STORE_')) throw error
  process.exit(3)
}
