import { departmentOf } from '../../../src/domain/features/built-in-departments.ts'
import type { FeatureSettings } from '../../../src/domain/features/department.ts'
import type { TaskInput } from '../../../src/workflows/task-input.ts'

/** What the run of a feature of these departments is started with. */
export function featureInput(names: readonly string[], more: Partial<TaskInput['settings']>): TaskInput {
  const departments = names.map((name) => departmentOf(name, {}))
  const feature: FeatureSettings = {
    departments,
    phases: {
      foundation: names.includes('foundation'),
      discovery: true,
      reviews: false,
      integration: names.includes('integration'),
    },
    contracts: [],
    ownership: 'deny',
    reviewRounds: 3,
    negotiationRounds: 3,
    names: Object.fromEntries(names.map((name) => [name, { branch: `dept/${name}/pay`, worktree: `/wt/${name}` }])),
    briefs: Object.fromEntries(names.map((name) => [name, `Be ${name}.`])),
    reviewerPrompt: '',
  }
  const settings = { retries: 1, tick: 'never', land: 'review', max: 9, validate: 'check', nudgeAfterMs: 60_000, ...more }
  return {
    handle: 'app.pay',
    project: 'app',
    repository: '/repo',
    kind: 'feature',
    task: { id: 'pay', title: 'Add payments', body: '', needs: [], owns: [] },
    branch: 'feature/pay',
    worktree: '/wt/feature-pay',
    target: 'main',
    priority: 0,
    environment: 'e',
    settings,
    feature,
    createdAt: 1,
  } as unknown as TaskInput
}
