import { homeOf } from '../config/home.ts'
import { Failure } from '../foundation/failure.ts'
import { composeFleet } from '../compose.ts'
import { ownVersion } from '../config/version.ts'
import { renderStartFailure } from '../protocol/start-failure.ts'
import { runDaemon } from './daemon.ts'
import { logError } from './services/error-log.ts'

process.on('uncaughtException', (error) => {
  logError(error)
  process.exit(70)
})
process.on('unhandledRejection', logError)

const home = homeOf(process.env)
try {
  await runDaemon(home, ownVersion(), () => composeFleet(home))
  process.exit(0)
} catch (error) {
  if (error instanceof Failure && error.code === 'already-running') process.exit(0)
  logError(error)
  process.stderr.write(`${renderStartFailure(error)}\n`)
  process.exit(1)
}
