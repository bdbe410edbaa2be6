import { PlainQueue } from './plain-queue.ts'
import type { Policy } from './policy.ts'

/**
 * As bors-ng (`lib/worker/batcher/divider.ex`): all that waits is one batch; of a red one both halves are tested anew, without any
 * conclusion from the one about the other.
 */
export const runBors: Policy = async (request) => {
  const queue = await PlainQueue.open(request)
  const batches: (readonly string[])[] = [request.key.branches]
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    if ((await queue.attempt(batch)) !== 'red') continue
    const left = batch.filter((name) => !queue.isSettled(name))
    const half = Math.ceil(left.length / 2)
    if (left.length > 1) batches.unshift(left.slice(0, half), left.slice(half))
    else for (const name of left) queue.evict(name, 'fails')
  }
  return queue.close()
}
