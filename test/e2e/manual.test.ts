import { expect } from 'vitest'
import type { MergeResponse, SpawnResponse } from '../../src/protocol/responses.ts'
import { plainLine } from '../../src/foundation/text.ts'
import { until } from '../support/eventually.ts'
import { fleetTest } from '../support/fleet/fleet.ts'
import { runToEnd } from '../support/orch.ts'

fleetTest(
  'a session in a terminal of its own is followed by its hooks, also by the next daemon, and merged when it is done',
  async ({ fleet }) => {
    const scene = await fleet.begin({})
    await scene.startDaemon()
    const { command = '' } = await scene.call<SpawnResponse>('POST', '/v1/spawn', {
      cwd: scene.repository,
      kind: 'manual',
      name: 'by-hand',
      environment: scene.environment,
    })
    expect(scene.status('by-hand')).toMatchObject({ status: 'Idle', source: 'hook', next: plainLine(command, 4000) })

    // Print mode in place of a person's terminal; hooks, worktree and conversation are those of the printed command.
    const typed = `${command} --permission-mode=bypassPermissions -p 'Do what TASK.md asks.'`
    const ended = await runToEnd('/bin/sh', ['-c', typed], { cwd: scene.repository, environment: scene.environment })
    expect(ended).toMatchObject({ code: 0 })
    await until(() => scene.status('by-hand')?.reason === 'the session in the terminal ended', { what: 'the end of the session is seen' })

    const countReplies = (): number =>
      scene.model.requests.filter((request) => request.role === 'session' && request.outcome === 'reply').length
    expect(countReplies()).toBeGreaterThan(0)
    await scene.killDaemon()
    await scene.startDaemon()
    await until(() => scene.status('by-hand')?.reason === 'the session in the terminal ended', {
      what: 'the next daemon has read the hooks',
    })

    // The command that goes on with it, and its session is followed too.
    const { next = '', seenAt: before = '' } = scene.status('by-hand') ?? {}
    expect(next).toBe(plainLine(command.replace('--session-id=', '--resume='), 4000))
    const again = await runToEnd('/bin/sh', ['-c', `${next} --permission-mode=bypassPermissions -p 'Anything else?'`], {
      cwd: scene.repository,
      environment: scene.environment,
    })
    expect(again).toMatchObject({ code: 0 })
    await until(
      () => {
        const now = scene.status('by-hand')
        return now?.reason === 'the session in the terminal ended' && now.seenAt > before
      },
      { what: 'the second session is seen, and its end' },
    )
    const replies = countReplies()
    const { id } = await scene.call<MergeResponse>('POST', '/v1/merge', {
      cwd: scene.repository,
      names: ['by-hand'],
      environment: scene.environment,
    })
    const merge = await scene.call<MergeResponse>('GET', `/v1/merge/${id}?wait=1`)
    expect(merge.entries).toMatchObject([{ outcome: 'landed' }])
    await scene.untilStatus(['by-hand'], 'Merged')
    expect((await scene.git('log', '--format=%s', 'main')).split('\n').length).toBeGreaterThan(1)
    // Landing ended nothing and started nothing: the terminal was the person's.
    expect(countReplies()).toBe(replies)
  },
)
