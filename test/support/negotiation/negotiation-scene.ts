import type { Standing } from '../../../src/domain/attempts/standing.ts'
import type { BoardMessage, NewMessage } from '../../../src/domain/board/message.ts'
import type { PartsOverlap } from '../../../src/domain/radar/parts-overlap.ts'
import { NEWS, type News } from '../../../src/workflows/news.ts'
import { type NegotiationLife, Negotiations, type NegotiationSettings } from '../../../src/workflows/negotiation/negotiations.ts'
import type { TaskInput } from '../../../src/workflows/task-input.ts'
import { until } from '../eventually.ts'
import { MortalEngine } from '../mortal-engine.ts'

const RUN = 'app.pay#1'
const GOING: Standing = { kind: 'working' }

/** The conflicts of one feature's parts on a real engine that can die at any write; the board outlives it. */
export class NegotiationScene {
  /** By their keys, as the board knows them. */
  readonly board = new Map<string, BoardMessage>()
  /** Messages that their receivers' sessions have not heard. */
  readonly unheard = new Set<string>()
  readonly #settings: NegotiationSettings
  #negotiations: Negotiations | undefined
  #heard = 0
  #count = 0
  readonly #mortal = new MortalEngine()

  constructor(settings: Partial<NegotiationSettings> = {}) {
    const departments = ['api', 'docs', 'ui'].map((name) => ({ name, owns: [`src/${name}`], reviews: [], hasVeto: false }))
    this.#settings = { departments, contracts: [], negotiationRounds: 2, ...settings }
  }

  /** Dies at the n-th write to the journal from now on. */
  async launch(dieAtWrite = Infinity): Promise<void> {
    this.#heard = 0
    const engine = await this.#mortal.launch(dieAtWrite, (engine) => {
      engine.workflow('feature', async (run) => {
        const negotiations = new Negotiations({ run, input: INPUT, ownQuestions: new Set(), services: this.#services() }, this.#settings)
        this.#negotiations = negotiations
        for (;;) {
          const news = await run.recv<News & { readonly [key: string]: never }>(NEWS)
          if (news !== null) negotiations.heed(news)
          await negotiations.goOn()
          this.#heard += 1
        }
      })
    })
    await this.#mortal.quietly(engine.start('feature', {}, { id: RUN }))
  }

  get isDead(): boolean {
    return this.#mortal.isDead
  }

  /** kill -9, as far as the journal can tell. */
  die(): Promise<void> {
    return this.#mortal.die()
  }

  get open(): readonly string[] {
    return (this.#negotiations?.open ?? []).map(({ one, other, isWithPerson }) => `${one} ${other}${isWithPerson ? ' person' : ''}`)
  }

  /** What stands on the board, as `kind from>to`, in order. */
  get said(): readonly string[] {
    return this.messages.map(({ kind, from, to }) => `${kind} ${from}>${to.join(',')}`)
  }

  get messages(): readonly BoardMessage[] {
    return [...this.board.values()]
  }

  /** The newest of what was said to this one. */
  lastTo(party: string): BoardMessage | undefined {
    return this.messages.findLast(({ to }) => to.includes(party))
  }

  /** Comes back when the feature has acted on it. The same number is the same news. */
  async tell(news: News, number = (this.#count += 1)): Promise<void> {
    await this.#mortal.engine?.send(RUN, NEWS, news, `news ${number}`)
    await until(() => this.#mortal.isDead || this.#heard >= number, { what: `the feature has heard news ${number}` })
  }

  overlap(...pairs: readonly PartsOverlap[]): Promise<void> {
    return this.tell({ kind: 'overlaps', pairs })
  }

  stands(department: string, commit: string | undefined): Promise<void> {
    return this.tell(standing(department, commit))
  }

  /** The person answers the newest escalation. */
  async answer(text: string, decision?: 'approve' | 'deny'): Promise<void> {
    const asked = this.messages.findLast(({ kind }) => kind === 'escalation')
    await this.tell(this.reply(asked?.id ?? '', text, decision))
  }

  reply(inReplyTo: string, text: string, decision?: 'approve' | 'deny'): News {
    const message = this.#put(
      { kind: 'answer', from: 'human', to: ['app.pay'], text, inReplyTo, feature: 'app.pay' },
      `reply to ${inReplyTo}`,
    )
    const more = decision === undefined ? {} : { decision }
    return {
      kind: 'mail',
      id: `uuid ${message}`,
      message,
      what: 'answer',
      from: 'human',
      inReplyTo,
      text: `(rendered) ${text}`,
      wakes: true,
      ...more,
    }
  }

  #put(message: NewMessage, key: string): string {
    const known = this.board.get(key)
    if (known !== undefined) return known.id
    const id = `m${this.board.size + 1}`
    this.board.set(key, { ...message, id, project: 'app', writtenAt: 1, takenAt: 1, hops: 0, source: key })
    return id
  }

  #services(): NegotiationLife['services'] {
    const services = {
      board: {
        noteDelivered: () => undefined,
        post: async (_project: string, message: NewMessage, key: string) => this.#put(message, key),
        hasHeard: async (_project: string, message: string) => !this.unheard.has(message),
        messagesOf: async () => this.messages,
        unanswered: async () => [],
        decisionsFor: async () => [],
      },
      repository: async () => ({ commitsBetween: async () => [{ subject: 'Add a button' }] }),
    }
    return services as unknown as NegotiationLife['services']
  }
}

const INPUT = {
  handle: 'app.pay',
  project: 'app',
  repository: '/repo',
  task: { id: 'pay', title: 'Add payments', body: '', needs: [], owns: [] },
} as unknown as TaskInput

/** Without a commit it works. */
export function standing(department: string, commit: string | undefined): News {
  const ready = { kind: 'ready', isValidated: true, summary: 'passed', elapsedMs: 1 } as const
  return { kind: 'part', department, standing: commit === undefined ? GOING : { ...ready, commit } }
}

/** Heads by department, in the order of names; a head that ends in `~` has uncommitted work. `lines` of the first and the second. */
export function overlapOf(
  heads: Readonly<Record<string, string>>,
  path = 'src/shared.ts',
  lines: readonly [number, number] = [1, 1],
): PartsOverlap {
  const [one, other] = Object.entries(heads).map(([department, head], index) => ({
    handle: `app.pay.${department}`,
    head: head.replace('~', ''),
    isCommitted: !head.endsWith('~'),
    lines: lines[index] ?? 0,
  }))
  if (one === undefined || other === undefined) throw new Error('an overlap is of two')
  return { one, other, files: [{ path, kind: 'contents', hunks: [{ line: 3, one: 'left\n', other: 'right\n' }] }], fileCount: 1 }
}
