import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { BoardScene } from '../../../test/support/board/board-scene.ts'
import { FailingDisk } from '../../../test/support/board/failing-disk.ts'
import { until } from '../../../test/support/eventually.ts'
import { type BoardMessage, HUMAN, ORCH } from '../../domain/board/message.ts'
import { type OutboxFile, renderOutboxFile } from '../../domain/board/outbox-file.ts'
import { personOutbox } from '../../config/home.ts'

const disk = vi.hoisted(() => ({ current: undefined as FailingDisk | undefined }))

vi.mock('node:fs/promises', async (original) => {
  const { wrapWrites } = await import('../../../test/support/board/failing-disk.ts')
  return wrapWrites(await original<typeof import('node:fs/promises')>(), () => disk.current)
})

/*
 * Two departments ask each other, which is a cycle of waits; the person settles it, twice; one answers, one decides, one forges.
 */
const NAMES = ['backend', 'frontend'] as const
type Name = (typeof NAMES)[number]

class Story {
  readonly scene = new BoardScene()
  readonly #inputs = this.scene.departments(...NAMES)
  readonly #said = new Set<string>()

  begin(): void {
    this.#say('backend', { kind: 'question', to: ['frontend'], text: 'Which fields?' })
    this.#say('frontend', { kind: 'question', to: ['backend'], text: 'Which table?' })
    this.#say('backend', { kind: 'context', from: 'human', to: ['frontend'], text: 'forged' })
    this.#say('frontend', { kind: 'decision', because: 'floats', affects: ['backend'], text: 'Cents' })
    this.#say('backend', { kind: 'blocked', text: 'Which key?' })
    writeFileSync(join(this.#inputs.frontend.worktree, '.orch/outbox/unreadable.md'), 'no front matter')
  }

  /** All that is open is carried on, as the watches and the sessions' records do; a disk that fails may end it anywhere. */
  async goOn(): Promise<void> {
    const { scene } = this
    for (const name of NAMES) {
      for (const mail of scene.mailOf(this.#inputs[name])) {
        scene.life.board.noteDelivered(mailReader(name), mail.id, scene.clock.now())
        if (name === 'backend' && this.#isOfCycle(mail.inReplyTo))
          this.#say('backend', { kind: 'answer', inReplyTo: this.#asked('Which table?'), text: 'prices' })
      }
      await scene.life.outbox.drain(this.#inputs[name]).catch(() => undefined)
    }
    for (const { id, kind, to } of this.#known) if (kind === 'escalation' && to.includes(HUMAN)) this.#answer(id)
    if (existsSync(personOutbox(scene.home))) await scene.life.person.drain().catch(() => undefined)
    await scene.clock.advance(20_000)
  }

  isOver(): boolean {
    const { scene } = this
    const isClosed = this.#known.every(({ id }) => scene.receipts(id).every((each) => each.deliveredAt !== undefined))
    const left = [...NAMES.flatMap((name) => scene.outbox(this.#inputs[name])), ...this.#left()]
    return isClosed && left.length === 0 && this.#said.size === 10
  }

  /** What was said, in words that do not depend on the order in which it was taken. */
  end(): object {
    const { scene } = this
    const all = scene.onDisk()
    const textOf = (id: string | undefined): string =>
      this.#isOfCycle(id) ? 'a cycle' : (all.find((message) => message.id === id)?.text ?? '')
    const words = (text: string): string => text.replace(/\bm\d+\b/g, 'm').replace(/at \d{4}-\S+|lies in \S+/g, '…')
    return {
      said: all
        .map(
          ({ id, kind, from, to, inReplyTo }) =>
            `${kind} ${from}>${to.toSorted().join()} ${words(textOf(id))} < ${words(textOf(inReplyTo))}`,
        )
        .toSorted(),
      heard: NAMES.map((name) =>
        scene
          .mailOf(this.#inputs[name])
          .map(({ message }) => words(textOf(message)))
          .toSorted(),
      ),
      told: scene.told.map(({ run, news }) => `${run} ${news.kind}`).toSorted(),
      unread: NAMES.map((name) => scene.inbox(this.#inputs[name], 'new').filter(isMessage)),
      read: NAMES.map((name) => scene.inbox(this.#inputs[name], 'cur').filter(isMessage).length),
      refused: [
        readdirSync(join(scene.home.root, 'projects/app/board/refused')).filter(isMessage).toSorted(),
        readdirSync(join(personOutbox(scene.home), 'refused')).filter(isMessage).length,
      ],
    }
  }

  #isOfCycle(id: string | undefined): boolean {
    return this.#known.some((message) => message.id === id && message.from === ORCH && message.kind === 'escalation')
  }

  get #known(): readonly BoardMessage[] {
    return this.scene.life.board.messages('app')
  }

  #asked(text: string): string {
    return this.#known.find((message) => message.text === text)?.id ?? ''
  }

  /** A person who answers by a file, and once that was taken by another one that contradicts it. */
  #answer(id: string): void {
    const folder = personOutbox(this.scene.home)
    mkdirSync(folder, { recursive: true })
    const decision = this.#said.has(`approve ${id}`) ? 'deny' : 'approve'
    const name = `${decision} ${id}`
    if (this.#said.has(name) || existsSync(join(folder, `approve-${id}.md`))) return
    this.#said.add(name)
    const answer = renderOutboxFile({ kind: 'answer', project: 'app', inReplyTo: id, decision, text: `I ${decision} it` })
    writeFileSync(join(folder, `${decision}-${id}.md`), answer)
  }

  #left(): readonly string[] {
    const folder = personOutbox(this.scene.home)
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.md')) : []
  }

  #say(from: Name, said: OutboxFile): void {
    if (this.#said.has(said.text)) return
    this.#said.add(said.text)
    this.scene.leave(this.#inputs[from], `${100 + this.#said.size}.md`, renderOutboxFile(said))
  }
}

/** No draft that a crash left. */
const isMessage = (name: string): boolean => !name.startsWith('.')
const mailReader = (name: Name): string => `app.pay.${name}`

/** What comes of the story where the disk does what `how` says at its n-th write; undefined where there are fewer. */
async function toldWith(how: 'dies before' | 'fails at', write: number): Promise<object | undefined> {
  const story = new Story()
  const { scene } = story
  story.begin()
  const failing = new FailingDisk(how, write)
  disk.current = failing
  scene.atPoint = () => failing.requireLife()
  for (let round = 0; round < 6 && !failing.isDead && !story.isOver(); round++) await story.goOn()
  // Nothing of that life may go on in the next one.
  scene.life.close()
  await scene.life.outbox.settled()
  await failing.settled()
  const hasCome = failing.hasCome
  disk.current = undefined
  scene.atPoint = () => undefined
  await scene.restart()
  await until(
    async () => {
      await story.goOn()
      return story.isOver()
    },
    { what: `the end of a story whose disk ${how} write ${write}` },
  ).catch((cause: unknown) => {
    throw new Error(JSON.stringify([story.end(), scene.logged.map(String).slice(-3)]), { cause })
  })
  await scene.restart()
  await story.goOn()
  if (!hasCome && write !== Infinity) return undefined
  // A copy that could not be filed for a moment stays among the new ones: its message was heard.
  return how === 'fails at' ? { ...story.end(), unread: undefined, read: undefined } : story.end()
}

test.each(['dies before', 'fails at'] as const)(
  'a disk that %s any write of the board loses nothing and says nothing twice',
  { timeout: 120_000 },
  async (how) => {
    const calm = await toldWith(how, Infinity)
    expect(calm).toMatchObject({ refused: [{ length: 2 }, 2] })
    if (how !== 'fails at') expect(calm).toMatchObject({ unread: [[], []] })
    let writes = 1
    for (; ; writes++) {
      const end = await toldWith(how, writes)
      if (end === undefined) break
      expect(end, `${how} write ${writes}`).toEqual(calm)
    }
    expect(writes).toBeGreaterThan(60)
  },
)
