import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { sessionPids } from '../../../test/support/claude/session-pids.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { ensureDetached } from '../../platform/detached-process.ts'
import { claimConversation } from './conversation-claim.ts'

const conversation = '5a0c4d3e-0000-4000-8000-000000000001'

test('a conversation is free when the process that had it was killed together with its wrapper', async () => {
  const home = temporaryFolder()
  const [first, second] = [join(home, '1.1'), join(home, '1.2')]
  await claimConversation(conversation, first)
  const environment = { PATH: process.env['PATH'] ?? '' }
  const detached = await ensureDetached({
    folder: first,
    argv: ['tail', '-f', '/dev/null'],
    cwd: home,
    environment,
    marker: `claim.${process.pid}.${Date.now()}`,
  })
  detached.detach()
  await expect(claimConversation(conversation, second)).rejects.toMatchObject({ code: 'conversation-in-use' })
  const { wrapper, agent } = sessionPids(first)
  process.kill(wrapper, 'SIGKILL')
  process.kill(agent, 'SIGKILL')
  // A killed process takes a moment to be gone, and until then the conversation is not free.
  const claim = await until(() => claimConversation(conversation, second), { what: 'the conversation is free' })
  await claim.recheck()
})
