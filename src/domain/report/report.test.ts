import fc from 'fast-check'
import MarkdownIt from 'markdown-it'
import { describe, expect, test } from 'vitest'
import type { BoardMessage } from '../board/message.ts'
import { checklist } from './checklist.ts'
import type { FeatureRecord, PartRecord } from './feature-record.ts'
import { featureReport } from './feature-report.ts'
import { markdownLine, markdownQuote } from './markdown.ts'
import { trackingTable } from './tracking-table.ts'

const MINUTE = 60_000

describe('text of agents in Markdown', () => {
  const markdown = new MarkdownIt({ html: true, linkify: true })
  const words = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '<script>x</script>',
      '[a](javascript:x)',
      '![i](//x)',
      '# h',
      '- l',
      '1. n',
      '===',
      '---',
      '```',
      '~~~',
      '| a |',
      '&lt;',
      'http://x.y',
      'www.x.y',
      'a@b.cd',
      '<a@b.cd>',
      '    code',
      '> q',
    ),
  )

  test('makes nothing but text', () => {
    fc.assert(
      fc.property(
        fc.array(words).map((lines) => lines.join('\n')),
        (text) => {
          const quoted = markdown.render(`before\n\n${markdownQuote(text)}\n\nafter`)
          expect(quoted.replace(/<\/?(?:p|blockquote)>/g, '')).not.toMatch(/<[a-z/!]/i)
          const line = markdown.renderInline(markdownLine(text))
          expect(line).not.toMatch(/<[a-z/!]/i)
        },
      ),
    )
  })

  test('is shown as it was written', () => {
    const text = 'a_b *c* `d` <e> & #12 @you (http://x.y) [f]: \\g'
    expect(unescaped(markdown.renderInline(markdownLine(text)))).toBe(text)
  })
})

describe('the checklist', () => {
  test('of a feature that was well led', () => {
    expect(outcomes(feature({}))).toEqual(['yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes'])
  })

  test('says what was not well, with the facts', () => {
    const [backend, docs] = feature({}).parts
    const bad = feature({
      departments: [department('backend', ['src/**']), department('docs', ['src/a.ts'])],
      parts: [
        part('backend', {
          ...backend,
          notesAt: MINUTE,
          changedFiles: ['src/a.ts', 'infra/x'],
          commits: [{ at: 20 * MINUTE, subject: 'early' }],
        }),
        part('docs', { ...docs, changedFiles: ['src/a.ts'], unmerged: [{ department: 'backend', files: ['src/a.ts'] }] }),
      ],
      messages: [message('m1', 'context', 'docs', { writtenAt: 1 }), message('m2', 'question', 'docs', { to: ['shop.pay.backend'] })],
    })
    const found = Object.fromEntries(checklist(bad).map(({ name, outcome, evidence }) => [name.split(' ')[0], [outcome, ...evidence]]))
    expect(found).toMatchObject({
      Responsibilities: [
        'no',
        'backend and docs both own src/a.ts',
        'src/a.ts was changed by backend and docs',
        'backend changed what it does not own: infra/x',
      ],
      Discovery: ['no', 'backend committed and wrote nothing to the board before'],
      Scratchpads: ['no', 'the notes of backend are older than its work'],
      Every: ['no', 'question m2 has no answer'],
      No: ['no', 'backend did not merge: src/a.ts'],
    })
  })

  test('of a feature that has just begun leaves open what cannot be known', () => {
    const { landedAs: _no, ...early } = part('backend', { commits: [], verdicts: [] })
    const begun = feature({ parts: [early], messages: [], landedAs: '' })
    const { landedAs: _none, ...rest } = begun
    expect(outcomes(rest)).not.toContain('no')
  })

  test('an objection that stands, and a commit before the plan, are told', () => {
    const must = { path: 'src/a.ts', severity: 'must', what: 'no check', loss: 'money' } as const
    const objected = part('backend', { verdicts: [verdict('security', { outcome: 'findings', must: 1, findings: [must] })] })
    expect(checklist(feature({ parts: [objected] })).find(({ name }) => name.includes('reviewed'))).toMatchObject({
      outcome: 'no',
      evidence: ['security objects to backend', expect.any(String)],
    })
    const late = feature({ messages: [message('m1', 'context', 'backend', { writtenAt: 50 * MINUTE })] })
    expect(checklist(late)[1]).toMatchObject({ outcome: 'no', evidence: ['backend committed before it wrote m1', expect.any(String)] })
  })
})

test('the tracking table says where each department stands and whom it waits for', () => {
  const asks = message('m7', 'need', 'backend', { to: ['shop.pay.docs'] })
  const rows = trackingTable(feature({ messages: [asks], parts: [part('backend', { lastCommit: 'e'.repeat(40) })] }))
  const { landedAs: _landed, ...working } = part('backend', { lastCommit: 'e'.repeat(40) })
  expect(trackingTable(feature({ messages: [asks], parts: [working] }))).toMatchObject([
    {
      department: 'backend',
      checkpoint: 'aaaaaaaaaa (stale)',
      verdicts: ['tests pass', 'docs approves'],
      needs: ['docs (m7)'],
      blockedOn: ['docs (need m7)'],
      owns: ['src/**'],
    },
  ])
  expect(rows[0]?.checkpoint).toBe('landed as bbbbbbbbbb')
  const answered = message('m8', 'offer', 'docs', { inReplyTo: 'm7' })
  expect(trackingTable(feature({ messages: [asks, answered] }))[0]).toMatchObject({ needs: [], blockedOn: [] })
})

test('the report tells the story, and nothing of what agents wrote acts in it', () => {
  const told = featureReport(
    feature({
      messages: [
        message('m1', 'decision', 'backend', { text: 'Amounts are cents', because: 'floats lie' }),
        message('m2', 'decision', 'docs', { text: 'Amounts are strings', supersedes: 'm1' }),
        message('m3', 'contract', 'backend', { text: '<img src=x onerror=alert(1)>', about: { paths: ['src/api.ts'] } }),
        message('m4', 'question', 'docs', { to: ['shop.pay.backend'], text: 'Which unit?' }),
        message('m5', 'answer', 'backend', { to: ['shop.pay.docs'], text: 'Cents.', inReplyTo: 'm4' }),
        message('m6', 'escalation', 'orch', { to: ['human'], gate: 'migrations', text: 'May it?', from: 'orch' }),
        message('m7', 'answer', 'human', { from: 'human', decision: 'approve', text: '', inReplyTo: 'm6' }),
      ],
    }),
  )
  const lines = told.split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      '# Pay \\<b\\>',
      '- [x] All tests pass after integration',
      '| backend | `dept/backend/pay` | `aaaaaaaaaa` | `bbbbbbbbbb` |',
      '**m1** decision, backend, 1970-01-01 00:03',
      '> Amounts are cents',
      'Because: floats lie',
      'Superseded by m2.',
      '**m3** contract, backend, 1970-01-01 00:03, about `src/api.ts`',
      '**m4** question, docs to backend, 1970-01-01 00:03',
      '**m5** answer, backend to docs, 1970-01-01 00:03',
      '**m6** escalation \\(gate migrations\\), orch to human, 1970-01-01 00:03',
      '**m7** answer: approve, human, 1970-01-01 00:03',
      '| backend | `aaaaaaaaaa` | docs | approve | fine |',
      '| backend | $0.40 | $0.10 | $0.50 |',
      '| **all** |  |  | $1.00 |',
    ]),
  )
  expect(told).not.toMatch(/(?<!\\)</)
  expect(lines).not.toContain('No answer.')
  expect(told.indexOf('## Questions')).toBeGreaterThan(told.indexOf('## Contracts'))
})

function feature(more: Partial<FeatureRecord>): FeatureRecord {
  return {
    handle: 'shop.pay',
    title: 'Pay <b>',
    target: 'main',
    status: 'Merged',
    reason: 'landed',
    createdAt: 0,
    since: 9 * MINUTE,
    landedAs: 'b'.repeat(40),
    costUsd: 1,
    phases: { foundation: false, discovery: true, reviews: true, integration: false },
    departments: [department('backend', ['src/**']), department('docs', ['docs/**'])],
    contracts: [],
    parts: [part('backend', { changedFiles: ['src/a.ts'] }), part('docs', { changedFiles: ['docs/a.md'] })],
    messages: [message('m1', 'context', 'backend', {}), message('m2', 'contract', 'docs', {})],
    ...more,
  }
}

function department(name: string, owns: readonly string[]): FeatureRecord['departments'][number] {
  return { name, owns, reviews: [], hasVeto: false }
}

function part(name: string, more: Partial<PartRecord>): PartRecord {
  return {
    department: name,
    handle: `shop.pay.${name}`,
    phase: 'departments',
    branch: `dept/${name}/pay`,
    status: 'Merged',
    reason: 'landed',
    checkpoint: { commit: 'a'.repeat(40), at: 5 * MINUTE, isInferred: false },
    lastCommit: 'a'.repeat(40),
    validation: { commit: 'a'.repeat(40), isPassed: true, summary: '', at: 6 * MINUTE },
    verdicts: [verdict(name === 'docs' ? 'backend' : 'docs', {})],
    commits: [{ at: 4 * MINUTE, subject: 'Work' }],
    notesAt: 5 * MINUTE,
    overlaps: [],
    unmerged: [],
    landedAs: 'b'.repeat(40),
    costUsd: 0.5,
    reviewsUsd: 0.1,
    ...more,
  }
}

function verdict(by: string, more: Partial<PartRecord['verdicts'][number]>): PartRecord['verdicts'][number] {
  return { by, commit: 'a'.repeat(40), outcome: 'approve', must: 0, summary: 'fine', findings: [], at: 6 * MINUTE, ...more }
}

function message(id: string, kind: BoardMessage['kind'], by: string, more: Partial<BoardMessage>): BoardMessage {
  const times = { writtenAt: 3 * MINUTE, takenAt: 3 * MINUTE }
  return {
    id,
    kind,
    from: `shop.pay.${by}`,
    to: [],
    feature: 'shop.pay',
    text: 'words',
    project: 'shop',
    hops: 0,
    source: id,
    ...times,
    ...more,
  }
}

function outcomes(record: FeatureRecord): readonly string[] {
  return checklist(record).map(({ outcome }) => outcome)
}

function unescaped(html: string): string {
  return html.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&')
}
