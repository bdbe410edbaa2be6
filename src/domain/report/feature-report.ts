import { blocksSender, HUMAN, ORCH, type BoardMessage } from '../board/message.ts'
import { checklist, type Check } from './checklist.ts'
import { partyName, repliesTo, type FeatureRecord } from './feature-record.ts'
import { markdownCode, markdownLine, markdownQuote, markdownTable, minute } from './markdown.ts'

/** The feature's story, in Markdown that shows what agents wrote and does nothing of it. Pure over what is on record. */
export function featureReport(feature: FeatureRecord): string {
  const sections: readonly (readonly [title: string, body: string])[] = [
    ['Success checklist', checklist(feature).map(checkLine).join('\n')],
    ['What landed as what', landings(feature)],
    ['Decisions', decisions(feature)],
    [
      'Contracts',
      ofKind(feature, 'contract')
        .map((message) => said(feature, message))
        .join('\n\n'),
    ],
    ['Questions and answers', threads(feature, ['question'])],
    ['Needs', threads(feature, ['need'])],
    ['Verdicts', verdicts(feature)],
    ['Conflicts and how they were settled', conflicts(feature)],
    ['Gates and what the person decided', gates(feature)],
    ['Cost', cost(feature)],
  ]
  return `${[head(feature), ...sections.map(([title, body]) => `## ${title}\n\n${body === '' ? 'None.' : body}`)].join('\n\n')}\n`
}

function head({ title, handle, status, reason, createdAt, since, departments }: FeatureRecord): string {
  const facts = [
    `- feature ${markdownCode(handle)}: ${departments.map(({ name }) => markdownLine(name)).join(', ')}`,
    `- ${status}: ${markdownLine(reason)}`,
    `- from ${minute(createdAt)} to ${minute(since)} (UTC)`,
  ]
  return `# ${markdownLine(title)}\n\n${facts.join('\n')}`
}

const MARKS: Readonly<Record<Check['outcome'], string>> = { yes: '[x]', no: '[ ] **no**:', open: '[ ] open:' }

function checkLine({ name, outcome, evidence }: Check): string {
  return [`- ${MARKS[outcome]} ${name}`, ...evidence.map((line) => `  - ${markdownLine(line)}`)].join('\n')
}

function landings({ parts, landedAs, target }: FeatureRecord): string {
  if (parts.length === 0) return ''
  const rows = parts.map(({ department, branch, checkpoint, landedAs: commit, status, reason }) => [
    markdownLine(department),
    markdownCode(branch),
    markdownCode(checkpoint?.commit.slice(0, 10) ?? ''),
    commit === undefined ? markdownLine(`${status}: ${reason}`, 200) : markdownCode(commit.slice(0, 10)),
  ])
  const table = markdownTable(['department', 'branch', 'its commit', 'landed as'], rows)
  return landedAs === undefined ? table : `${table}\n\nThe feature is ${markdownCode(landedAs.slice(0, 10))} on ${markdownCode(target)}.`
}

function decisions(feature: FeatureRecord): string {
  const all = ofKind(feature, 'decision')
  const superseded = new Map(all.flatMap(({ id, supersedes }) => (supersedes === undefined ? [] : [[supersedes, id]])))
  return all
    .map((message) => {
      const later = superseded.get(message.id)
      const because = message.because === undefined ? [] : [`Because: ${markdownLine(message.because, 2000)}`]
      return [said(feature, message), ...because, ...(later === undefined ? [] : [`Superseded by ${later}.`])].join('\n\n')
    })
    .join('\n\n')
}

/** Each with what was said in answer, however deep. */
function threads(feature: FeatureRecord, kinds: readonly BoardMessage['kind'][]): string {
  const begun = feature.messages.filter(
    ({ kind, inReplyTo, gate, to }) => kinds.includes(kind) && inReplyTo === undefined && gate === undefined && !to.includes(HUMAN),
  )
  return begun.map((message) => thread(feature, message)).join('\n\n')
}

/** The one that keeps its work and has come to rest is told by a note, and that it is over is a note to nobody. */
function isAboutConflict({ kind, from, to, about }: BoardMessage): boolean {
  return kind === 'conflict' || (kind === 'note' && from === ORCH && (to.length === 0 || about?.paths !== undefined))
}

/** What orch told the two, what they said, and that it is over. */
function conflicts(feature: FeatureRecord): string {
  return feature.messages
    .filter((message) => message.inReplyTo === undefined && isAboutConflict(message))
    .map((message) => thread(feature, message))
    .join('\n\n')
}

function thread(feature: FeatureRecord, message: BoardMessage): string {
  const replies = repliesTo(message, feature)
  const open = replies.length === 0 && blocksSender(message) ? ['No answer.'] : []
  return [said(feature, message), ...open, ...replies.map((reply) => thread(feature, reply))].join('\n\n')
}

function gates(feature: FeatureRecord): string {
  return feature.messages
    .filter((message) => message.to.includes(HUMAN) && message.inReplyTo === undefined && blocksSender(message))
    .map((message) => thread(feature, message))
    .join('\n\n')
}

function verdicts({ parts }: FeatureRecord): string {
  const rows = parts.flatMap(({ department, verdicts: given }) =>
    given.map(({ by, commit, outcome, summary, findings }) => [
      markdownLine(department),
      markdownCode(commit.slice(0, 10)),
      markdownLine(by),
      outcome,
      [summary, ...findings.map(({ severity, path, line, what }) => `${severity} ${path}${line === undefined ? '' : `:${line}`} ${what}`)]
        .map((text) => markdownLine(text, 300))
        .join('; '),
    ]),
  )
  return rows.length === 0 ? '' : markdownTable(['work of', 'commit', 'judged by', 'outcome', 'what was found'], rows)
}

function cost({ parts, costUsd }: FeatureRecord): string {
  const rows = parts.map((part) => [
    markdownLine(part.department),
    usd(part.costUsd - part.reviewsUsd),
    usd(part.reviewsUsd),
    usd(part.costUsd),
  ])
  return markdownTable(['department', 'its sessions', 'reviews of it', 'together'], [...rows, ['**all**', '', '', usd(costUsd)]])
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`
}

function ofKind({ messages }: FeatureRecord, kind: BoardMessage['kind']): readonly BoardMessage[] {
  return messages.filter((message) => message.kind === kind && message.inReplyTo === undefined)
}

/** `**m3** question, backend to security, 2026-01-31 14:05`, then what was said. */
function said(feature: FeatureRecord, message: BoardMessage): string {
  const { id, kind, from, to, about, decision, options, gate, takenAt, text } = message
  const whom = to.length === 0 ? '' : ` to ${to.map((party) => partyName(party, feature)).join(', ')}`
  const facts = [
    `${kind}${gate === undefined ? '' : ` (gate ${gate})`}${decision === undefined ? '' : `: ${decision}`}`,
    `${partyName(from, feature)}${whom}`,
    minute(takenAt),
  ]
  const paths = [...(about?.commit === undefined ? [] : [about.commit.slice(0, 10)]), ...(about?.paths ?? []).slice(0, 10)]
  return [
    `**${id}** ${facts.map((fact) => markdownLine(fact)).join(', ')}${paths.length === 0 ? '' : `, about ${paths.map(markdownCode).join(', ')}`}`,
    ...(text.trim() === '' ? [] : [markdownQuote(text)]),
    ...(options === undefined ? [] : [options.map((option) => `- ${markdownLine(option)}`).join('\n')]),
  ].join('\n\n')
}
