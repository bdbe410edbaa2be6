import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { departmentOf, PROMPT_NAMES } from './built-in-departments.ts'
import { departmentBrief } from './department-brief.ts'
import { fillPrompt, PROMPT_VARIABLES, promptProblem, REVIEW_VARIABLES, type PromptVariable } from './prompt-template.ts'

const folder = join(import.meta.dirname, '../../../prompts')
const all = Object.keys(PROMPT_VARIABLES) as PromptVariable[]
const ofWork = all.filter((name) => !REVIEW_VARIABLES.includes(name))

test('every built-in department has a prompt, short and of known variables', () => {
  const files = readdirSync(folder).map((file) => file.replace(/\.md$/, ''))
  expect(files.toSorted()).toEqual([...PROMPT_NAMES, 'feature'].toSorted())
  for (const name of files) {
    const text = readFileSync(join(folder, `${name}.md`), 'utf8')
    expect(promptProblem(text, name === 'reviewer' ? all : ofWork), name).toBeUndefined()
    expect(text, name).toContain('{{task}}')
    expect(text.split(/\s+/).length, name).toBeLessThan(130)
  }
})

test('a variable that is none is named with what was meant', () => {
  expect(promptProblem('Hello {{feture}}', all)).toBe('{{feture}} is no variable; did you mean {{feature}}?')
  expect(promptProblem('Hello {{ whatever }}', all)).toMatch(/^{{whatever}} is no variable; there are feature, task/)
  expect(promptProblem('{{commit}}', ofWork)).toMatch(/no variable/)
  expect(promptProblem('{{ feature }} {one} {{{task}}}', all)).toBeUndefined()
})

test('values are put in as they are', () => {
  expect(fillPrompt('{{feature}}: {{ task }} {{owns}}', { feature: '$& {{task}}', task: '{{feature}}' })).toBe(
    '$& {{task}}: {{feature}} {{owns}}',
  )
})

test('a brief says what is whose', () => {
  const departments = [
    departmentOf('backend', { owns: ['api/**'] }),
    departmentOf('web', { owns: ['web/**', 'x`y'] }),
    departmentOf('docs', {}),
  ]
  const [backend] = departments
  if (backend === undefined) throw new Error('there are three')
  const text = departmentBrief('{{department}}\n{{owns}}\n{{colleagues}}\n{{contracts}}\n{{task}}', {
    feature: 'pay',
    task: 'Pay\u001b[31m now\nby card',
    department: backend,
    departments,
    contracts: [{ files: ['types/**'], owner: 'backend' }],
    branch: 'dept/backend/pay',
    target: 'main',
  })
  expect(text).toBe("backend\n- `api/**`\n- `web`: `web/**`, `x'y`\n- `docs`\n- `types/**`: only `backend` changes them\nPay now\nby card")
})
