import { assert, asyncProperty, array, constantFrom } from 'fast-check'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { MailScene } from '../../../test/support/mail/mail-scene.ts'

const ACTIONS = [
  'mail',
  'waking mail',
  'ask',
  'answer',
  'turn',
  'done',
  'blocked',
  'pause',
  'stop',
  'resume',
  'word',
  'attach',
  'give back',
  'kill',
] as const

test('whatever happens in between, and whenever the daemon dies, each letter is heard once, in order', { timeout: 120_000 }, async () => {
  await assert(asyncProperty(array(constantFrom(...ACTIONS), { maxLength: 20 }), heardOnce), { numRuns: 40 })
})

async function heardOnce(actions: readonly (typeof ACTIONS)[number][]): Promise<void> {
  const scene = await MailScene.begin()
  scene.uncommitted = []
  const told: string[] = []
  const open: string[] = []
  let attachments = 0
  const write = async (more: Parameters<MailScene['mail']>[1]): Promise<void> => {
    const message = `m${told.length + open.length + 1}.${told.length}`
    told.push(`uuid ${message}`)
    await scene.mail(message, more)
  }
  await scene.untilHeard('Read TASK.md')
  for (const action of actions) {
    if (action === 'mail') await write({ what: 'context', wakes: false })
    else if (action === 'waking mail') await write({ what: 'question' })
    else if (action === 'ask') await scene.asks(open[open.push(`q${told.length}.${open.length}`) - 1] ?? '')
    else if (action === 'answer') await write({ inReplyTo: open.pop() ?? 'none' })
    else if (action === 'turn') await scene.endTurn()
    else if (action === 'done' || action === 'blocked') await scene.declare(action)
    else if (action === 'word') await scene.tell({ kind: 'message', id: `word ${told.length}`, text: 'A word.', when: 'steer' })
    else if (action === 'attach') await scene.attach(`attachment ${(attachments += 1)}`, attachments % 2 === 0)
    else if (action === 'give back') await scene.giveBack({ isTouched: attachments % 3 === 0, isTorn: false })
    else if (action === 'kill') await scene.die().then(() => scene.launch())
    else await scene.tell({ kind: action })
  }
  await endAttachments(scene, attachments)
  await scene.tell({ kind: 'resume' })
  await write({ what: 'question' })
  const heard = (): readonly string[] => scene.heard.map(({ id }) => id).filter((id) => id.startsWith('uuid'))
  await until(() => heard().length >= told.length, { what: 'all letters', deadlineMs: 20_000 }).catch((cause: unknown) => {
    throw new Error(`told ${told.join()}; heard ${heard().join()}; ${JSON.stringify(scene.stages)}`, { cause })
  })
  await scene.die()
  expect(heard()).toEqual(told)
}

/** Whoever still waits for it goes, and nobody has it. */
async function endAttachments(scene: MailScene, count: number): Promise<void> {
  for (let number = 1; number <= count; number++) scene.gone.add(`attachment ${number}`)
  await scene.giveBack()
}
