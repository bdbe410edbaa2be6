import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isApproved, objections, type ReviewFacts } from './readiness.ts'
import type { Finding, ReviewVerdict } from './verdict.ts'

const commits = ['c1', 'c2', 'c3'] as const
const names = ['backend', 'security', 'docs'] as const
const severity = fc.constantFrom('must', 'should', 'note')
const finding: fc.Arbitrary<Finding> = fc.record({ path: fc.constant('a'), severity, what: fc.constant('w'), loss: fc.constant('l') })
const verdict: fc.Arbitrary<ReviewVerdict> = fc.record({
  by: fc.constantFrom(...names),
  of: fc.constantFrom('frontend', ...names),
  commit: fc.constantFrom(...commits),
  outcome: fc.constantFrom('approve', 'findings'),
  summary: fc.string(),
  findings: fc.array(finding, { maxLength: 2 }),
  at: fc.nat(),
})
const facts: fc.Arbitrary<ReviewFacts> = fc.record({
  required: fc.uniqueArray(fc.constantFrom(...names)),
  verdicts: fc.array(verdict, { maxLength: 8 }),
  passedOver: fc.array(fc.record({ by: fc.constantFrom(...names), commit: fc.constantFrom(...commits) }), { maxLength: 2 }),
})

test('only what speaks of the current commit approves it or not', () => {
  fc.assert(
    fc.property(facts, fc.array(verdict), fc.constantFrom(...commits), (known, others, commit) => {
      const elsewhere = others.filter((each) => each.commit !== commit)
      const ofThis = known.verdicts.filter((each) => each.commit === commit)
      const answer = isApproved(commit, known)
      expect(isApproved(commit, { ...known, verdicts: [...elsewhere, ...known.verdicts] })).toBe(answer)
      expect(isApproved(commit, { ...known, verdicts: ofThis })).toBe(answer)
    }),
  )
})

test('what is approved stays approved, whatever verdicts, and whatever leave of the person, come after it', () => {
  fc.assert(
    fc.property(facts, fc.array(verdict), fc.constantFrom(...commits), (known, more, commit) => {
      fc.pre(isApproved(commit, known))
      const passedOver = [...known.passedOver, { by: 'security', commit }]
      expect(isApproved(commit, { ...known, verdicts: [...known.verdicts, ...more], passedOver })).toBe(true)
    }),
  )
})

test('it is approved exactly when each that must judge it was heard or passed over', () => {
  fc.assert(
    fc.property(facts, fc.constantFrom(...commits), (known, commit) => {
      const settled = known.required.every((name) => {
        const first = known.verdicts.find((each) => each.by === name && each.of !== name && each.commit === commit)
        const isPassedOver = known.passedOver.some((each) => each.by === name && each.commit === commit)
        return isPassedOver || (first !== undefined && first.findings.every((each) => each.severity !== 'must'))
      })
      expect(isApproved(commit, known)).toBe(settled)
    }),
  )
})

test('nobody approves their own work', () => {
  const own: ReviewVerdict = { by: 'backend', of: 'backend', commit: 'c1', outcome: 'approve', summary: '', findings: [], at: 1 }
  const known = { required: ['backend'], verdicts: [own], passedOver: [] }
  expect(isApproved('c1', known)).toBe(false)
  expect(isApproved('c1', { ...known, verdicts: [own, { ...own, of: 'frontend' }] })).toBe(true)
})

test('an objection is what must not land, of those that the person has not passed over', () => {
  const must: Finding = { path: 'a', severity: 'must', what: 'w', loss: 'l' }
  const found = (by: string, ...findings: Finding[]): ReviewVerdict => ({
    by,
    of: 'frontend',
    commit: 'c1',
    outcome: 'findings',
    summary: by,
    findings,
    at: 1,
  })
  const verdicts = [
    found('backend', must, { ...must, severity: 'note' }),
    found('docs', { ...must, severity: 'should' }),
    found('security', must),
  ]
  const known = { required: ['backend', 'docs', 'security'], verdicts, passedOver: [{ by: 'security', commit: 'c1' }] }
  expect(objections('c1', known)).toEqual([{ by: 'backend', summary: 'backend', findings: [must] }])
  expect(objections('c2', known)).toEqual([])
})
