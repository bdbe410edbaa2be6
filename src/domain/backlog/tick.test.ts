import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TaskId } from '../../foundation/brand.ts'
import { parseBacklog } from './backlog.ts'
import { tickTask } from './tick.ts'

const noise = fc.constantFrom(
  '',
  '# Heading',
  'some prose',
  '```\n- [ ] not a task\n```',
  '> - [ ] quoted',
  '- plain',
  '<!--\n- [ ] hidden\n-->',
  '\tcode',
  '\u00e0',
  '---',
)
const line = fc.record({
  marker: fc.constantFrom('-', '*', '+', '1.', '12)'),
  gap: fc.constantFrom(' ', '  ', '\t'),
  box: fc.constantFrom(' ', ' ', '\t', 'x', 'X'),
  title: fc.constantFrom(
    'Café',
    'Überblick schaffen',
    '修正',
    'Add `code` *now*',
    '-rf / && $(x)',
    '\u001b[31mred',
    'a'.repeat(300),
    'Voilà',
  ),
  below: fc.constantFrom('', '\n  body', '\n  - [ ] criterion\n  - [x] other', '\n  - validate: npm test', '\n\n  more à\n'),
})
const file = fc
  .record({
    lines: fc.array(fc.oneof(line, noise), { minLength: 1, maxLength: 12 }),
    end: fc.constantFrom('\n', '\r\n'),
    hasMark: fc.boolean(),
    hasJunk: fc.boolean(),
  })
  .map(({ lines, end, hasMark, hasJunk }) => {
    const text = lines
      .map((item, index) =>
        typeof item === 'string' ? `${item}\n` : `${item.marker}${item.gap}[${item.box}] ${item.title} ${index}${item.below}`,
      )
      .join('\n')
    const junk = hasJunk ? [0xff, 0xc3, 0x0a, 0x80, 0x0a, 0x0a] : []
    return Uint8Array.from([
      ...(hasMark ? [0xef, 0xbb, 0xbf] : []),
      ...junk,
      ...new TextEncoder().encode(text.replaceAll('\n', end)),
      ...junk,
    ])
  })

describe('ticking', () => {
  test('changes exactly one byte, and exactly that task is done afterwards', () => {
    let ticked = 0
    fc.assert(
      fc.property(file, fc.nat(), (bytes, pick) => {
        const { tasks } = parseBacklog(bytes)
        const chosen = tasks[pick % Math.max(1, tasks.length)]
        if (chosen === undefined || tasks.filter((task) => task.id === chosen.id).length > 1) return
        const outcome = tickTask(bytes, chosen.id, chosen.title)
        expect(outcome.kind).toBe(chosen.isDone ? 'already-ticked' : 'ticked')
        if (outcome.kind !== 'ticked') return
        ticked++
        expect(outcome.bytes.length).toBe(bytes.length)
        const changed = [...bytes.keys()].filter((index) => bytes[index] !== outcome.bytes[index])
        expect(changed).toEqual([chosen.boxOffset])
        expect([' ', '\t'].map((blank) => blank.charCodeAt(0))).toContain(bytes[chosen.boxOffset])
        expect(outcome.bytes[chosen.boxOffset]).toBe(0x78)
        expect(parseBacklog(outcome.bytes).tasks).toEqual(tasks.map((task) => (task.id === chosen.id ? { ...task, isDone: true } : task)))
      }),
      { numRuns: 500 },
    )
    expect(ticked).toBeGreaterThan(100)
  })

  test('finds the task after lines were added above and the title of another changed', () => {
    const outcome = tickTask(Buffer.from('# new\n\n- [ ] Other one\n- [ ] Core API\n'), 'core-api' as TaskId, 'Core API')
    expect(outcome.kind === 'ticked' && Buffer.from(outcome.bytes).toString()).toBe('# new\n\n- [ ] Other one\n- [x] Core API\n')
  })

  test('a task that was renamed, removed or doubled is not found', () => {
    expect(tickTask(Buffer.from('- [ ] Core\n'), 'core-api' as TaskId, 'Core API').kind).toBe('not-found')
    expect(tickTask(Buffer.from('- [ ] A\n- [ ] A\n'), 'a' as TaskId, 'A').kind).toBe('not-found')
    expect(tickTask(Buffer.from(''), 'a' as TaskId, 'A').kind).toBe('not-found')
  })

  test('the title decides between two tasks of one id', () => {
    const outcome = tickTask(Buffer.from('- [ ] A!\n- [ ] A\n'), 'a' as TaskId, 'A')
    expect(outcome.kind === 'ticked' && Buffer.from(outcome.bytes).toString()).toBe('- [ ] A!\n- [x] A\n')
  })
})
