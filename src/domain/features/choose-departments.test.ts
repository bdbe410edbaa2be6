import { describe, expect, test } from 'vitest'
import { chooseDepartments, departmentsInText, reviewersOf, type Wanted } from './choose-departments.ts'
import { departmentOf } from './built-in-departments.ts'

const phases = { foundation: true, discovery: true, reviews: true, integration: true }
const configured = [departmentOf('backend', { owns: ['api/**'] }), departmentOf('web', { owns: ['web/**'], reviews: ['backend'] })]
const choose = (more: Partial<Wanted>) => {
  const chosen = chooseDepartments({ named: [], configured, usual: [], phases, ...more })
  return chosen.kind === 'chosen' ? { names: chosen.departments.map(({ name }) => name), phases: chosen.phases } : chosen
}

describe('the departments of a feature', () => {
  test('are those that are named, else the usual, else all that are configured; side by side they have an integration', () => {
    expect(choose({})).toEqual({ names: ['backend', 'web', 'integration'], phases: { ...phases, foundation: false } })
    expect(choose({ usual: ['web'] })).toMatchObject({ names: ['web'], phases: { integration: false } })
    expect(choose({ named: ['docs', 'foundation', 'web'] })).toMatchObject({ names: ['foundation', 'docs', 'web', 'integration'], phases })
    expect(choose({ named: ['web', 'integration', 'web'] })).toMatchObject({ names: ['web', 'integration'] })
  })

  test('with a phase switched off: no integration, and a foundation like the others', () => {
    const off = { ...phases, foundation: false, integration: false }
    expect(choose({ named: ['web', 'foundation'], phases: off })).toEqual({ names: ['web', 'foundation'], phases: off })
    expect(choose({ named: ['foundation'] })).toMatchObject({ names: ['foundation'], phases: { foundation: false, integration: false } })
  })

  test.each([
    [{ configured: [] }, 'no-departments'],
    [{ named: ['integration'] }, 'no-departments'],
    [{ named: ['backedn'] }, 'unknown-department'],
    [{ configured: [...configured, departmentOf('x', { owns: ['api/v1/*'] })] }, 'overlap'],
  ])('are refused where they cannot work: %j', (wanted, code) => {
    expect(choose(wanted)).toMatchObject({ kind: 'refused', code })
  })

  test('what is claimed before or after is no overlap', () => {
    const named = ['backend', 'web', 'foundation', 'integration']
    const all = [...configured, departmentOf('foundation', { owns: ['**'] }), departmentOf('integration', { owns: ['**'] })]
    expect(choose({ named, configured: all })).toMatchObject({ names: ['foundation', 'backend', 'web', 'integration'] })
  })
})

test.each([
  ['Add payments with departments: backend, frontend', 'Add payments', ['backend', 'frontend']],
  ['Add payments with departments: a, b and c.', 'Add payments', ['a', 'b', 'c']],
  ['Add payments (with departments: a,b)\n\nCards only.', 'Add payments\n\nCards only.', ['a', 'b']],
  ['Add payments with department: security', 'Add payments', ['security']],
  ['Talk with departments about it', 'Talk with departments about it', []],
])('departments may be named in the text: %s', (written, text, names) => {
  expect(departmentsInText(written)).toEqual({ text, names })
})

test('reviewers by name, or by globs that may meet what the department owns', () => {
  const [backend, web] = configured
  if (backend === undefined || web === undefined) throw new Error('two are configured')
  const security = departmentOf('security', {})
  const schema = departmentOf('schema', { reviews: ['api/schema/**'] })
  const all = [backend, web, security, schema]
  expect(reviewersOf(backend, all)).toEqual(['web', 'security', 'schema'])
  expect(reviewersOf(web, all)).toEqual(['security'])
  expect(reviewersOf(security, all)).toEqual(['schema'])
})
