import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag, type Invocation } from '../invocation.ts'
import { shownSettings } from './doctor-checks.ts'

/** `orch doctor --accept-filter`: what a session may have planted is run from now on because a person says so, and only as they have seen it. */
export async function acceptFilter(context: Context, invocation: Invocation, id: string): Promise<number> {
  if (context.environment['ORCH_SESSION'] !== undefined || context.environment['ORCH_TASK'] !== undefined)
    throw new Failure('only-a-person', 'A session cannot accept a git filter.', {
      safe: 'no filter was accepted',
      next: 'a person types it in a shell of their own',
    })
  const repository = await (await context.services()).git.open(context.cwd)
  const isDryRun = flag(invocation, 'dryRun')
  const filter = await repository.acceptFilter(id, { isDryRun })
  const settings = shownSettings(filter.settings)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, filter: { id, name: filter.name, settings }, isDryRun })
  else {
    const name = plainLine(JSON.stringify(filter.name))
    context.output.answer(
      `${name}: orch ${isDryRun ? 'would run' : 'runs'} it from now on; what was checked out without it is not changed.`,
    )
    for (const setting of settings) context.output.answer(`  ${plainLine(setting, 2000)}`)
  }
  return EXIT.done
}
