import { PlainQueue } from './plain-queue.ts'
import type { Policy } from './policy.ts'

/** One branch after the other, each with the whole suite. */
export const runSequential: Policy = async (request) => {
  const queue = await PlainQueue.open(request)
  for (const name of request.key.branches) if ((await queue.attempt([name])) === 'red') queue.evict(name, 'fails')
  return queue.close()
}
