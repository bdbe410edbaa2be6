import type { UndoRequest } from '../../protocol/requests.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import { wholeEnvironment } from '../context.ts'
import type { Command } from '../command-spec.ts'
import { ask } from '../daemon-client/client.ts'
import { flag } from '../invocation.ts'
import { followMerge } from './merge.ts'

export const undo: Command = async (context, invocation) => {
  const [name] = invocation.words
  const body: UndoRequest = {
    cwd: context.cwd,
    environment: wholeEnvironment(context),
    ...(name !== undefined && { name }),
    ...(flag(invocation, 'all') && { isWhole: true }),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  const first = await ask<MergeResponse>(context, { method: 'POST', path: '/v1/undo', body }, 'looking for the landing')
  return followMerge(context, invocation, first)
}
