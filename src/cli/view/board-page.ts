import { age, plainBlock, plainLine } from '../../foundation/text.ts'
import { blocksSender, type BoardMessage, type Party, type Receipt } from '../../domain/board/message.ts'
import { nameOf } from '../../domain/board/party.ts'
import { openWaits } from '../../domain/board/waits.ts'
import type { Styles } from '../styles.ts'
import type { ShownMessage } from '../tasks/board-files.ts'
import { fit } from './fit.ts'

export interface BoardView {
  readonly now: number
  readonly styles: Styles
  readonly columns: number
  /** Handles of tasks that have landed or were given up. */
  readonly ended: ReadonlySet<Party>
}

const LINES_SHOWN = 12

/** The answer of `orch board`: what was said, with how far it has come, and at the end who waits for whom. */
export function boardPage(shown: readonly ShownMessage[], view: BoardView): string {
  if (shown.length === 0) return 'Nothing has been said here yet.'
  return [...shown.map((one) => messageLines(one, view).join('\n')), ...waitLines(shown, view)].join('\n')
}

function messageLines({ message, receipts }: ShownMessage, { now, styles, columns }: BoardView): string[] {
  const { id, kind, inReplyTo, decision, supersedes, takenAt } = message
  const what = [
    `${kind}${inReplyTo === undefined ? '' : ` to ${plainLine(inReplyTo, 20)}`}`,
    ...(decision === undefined ? [] : [decision]),
    ...(supersedes === undefined ? [] : [`instead of ${plainLine(supersedes, 20)}`]),
  ].join(', ')
  const text = plainBlock(message.text).trim().split('\n')
  const left = text.length - LINES_SHOWN
  const said = [...text.slice(0, LINES_SHOWN), ...(left > 0 ? [`… ${left} more lines`] : []), ...detailsOf(message)]
  return [
    fit(`${styles.bold(id)}  ${what}  ${namesOf(message)}  ${styles.dim(`${age(now - takenAt)} ago`)}`, columns),
    ...said.map((line) => fit(`    ${line}`, columns)),
    ...receiptLines(message, receipts, now).map((line) => fit(`    ${styles.dim(line)}`, columns)),
  ]
}

function detailsOf({ because, about, options }: BoardMessage): string[] {
  const paths = about?.paths ?? []
  const where = [...(about?.commit === undefined ? [] : [about.commit.slice(0, 12)]), ...paths.slice(0, 5)]
  return [
    ...(because === undefined ? [] : [`because ${plainLine(because, 400)}`]),
    ...(where.length === 0 ? [] : [`about ${plainLine(where.join(', '), 400)}`]),
    ...(options ?? []).slice(0, 10).map((option, at) => `${at + 1}. ${plainLine(option, 200)}`),
  ]
}

function namesOf(message: BoardMessage): string {
  const name = (party: Party): string => plainLine(nameOf(party, message), 60)
  if (message.to.length === 0) return name(message.from)
  const to = message.to.length > 5 ? `${message.to.length} others` : message.to.map(name).join(', ')
  return `${name(message.from)} → ${to}`
}

/** One line for all receivers that have come equally far. */
function receiptLines(message: BoardMessage, receipts: readonly Receipt[], now: number): string[] {
  const named = new Map<string, string[]>()
  for (const receipt of receipts) {
    const stands = standing(receipt, blocksSender(message), now)
    named.set(stands, [...(named.get(stands) ?? []), plainLine(nameOf(receipt.to, message), 60)])
  }
  return [...named].map(([stands, names]) => (receipts.length === 1 ? stands : `${names.join(', ')}: ${stands}`))
}

function standing({ deliveredAt, answeredAt, refused }: Receipt, isWaitedFor: boolean, now: number): string {
  if (answeredAt !== undefined) return `answered ${age(now - answeredAt)} ago`
  if (refused !== undefined) return `not delivered: ${plainLine(refused, 100)}`
  if (deliveredAt === undefined) return 'taken, not delivered yet'
  return `delivered ${age(now - deliveredAt)} ago${isWaitedFor ? ', not answered yet' : ''}`
}

function waitLines(shown: readonly ShownMessage[], { ended, styles }: BoardView): string[] {
  const messages = new Map(shown.map(({ message }) => [message.id, message]))
  const lines = openWaits([...messages.values()], ended).flatMap((wait) => {
    const message = messages.get(wait.message)
    if (message === undefined) return []
    const [who, whom] = [wait.who, wait.for].map((party) => plainLine(nameOf(party, message), 60))
    return [`  ${who} waits for ${whom} (${wait.message})`]
  })
  return lines.length === 0 ? [] : ['', styles.bold('Waiting'), ...lines]
}
