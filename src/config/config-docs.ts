import { RUNNERS, type Step } from '../domain/queue/step.ts'
import type { OptionName } from './options.ts'
import { optionNames, optionOf } from './options.ts'

/** The guide's page; a test keeps docs/guide/configuration.md equal to it. */
export function renderConfigGuide(): string {
  const rows = optionNames.map((name) => {
    const { path, env, flag, kind, doc, scope } = optionOf(name)
    const flagCell = flag === undefined ? '' : `\`${flag}\``
    return `| \`${path}\` | ${defaultText(name)} | ${cell(doc)} Takes ${cell(kind.says)}.${scope === 'user' ? ' Only in your own `config.yaml`.' : ''} | \`${env}\` | ${flagCell} |`
  })
  return `# Configuration

orch works without any. What you set is taken, the first that says it, from: a flag, an environment variable, \`orch.yaml\` in the
repository, \`config.yaml\` in \`$ORCH_HOME\` (\`~/.orchestration\`), the default.

\`orch config list\` shows every value and where it comes from; \`orch config set max 8\` changes \`orch.yaml\` and keeps its comments;
\`orch config schema\` prints a JSON schema for your editor. Unknown keys are refused with their line.

A dot in an option's name goes one level down in the file (\`warn.idle\` is \`idle:\` under \`warn:\`). Lists in a variable or a flag are
parted by commas, or written as a JSON list.

A validation of several steps is a list: each is known by its name, and the first that fails ends it. Of a step that runs tests orch
reads which of them failed; the runner is recognised from the command, or named by \`report\` (${RUNNERS.map((name) => `\`${name}\``).join(', ')},
\`tap\`, \`none\`, or a JUnit file that the command writes).

\`\`\`yaml
validate:
  - build: npm run build
  - lint: npm run lint
    timeout: 5m
  - test: npx vitest run
    report: vitest
  - e2e: make e2e
    report: { junit: out/e2e.xml }
\`\`\`

A department of a feature ([features](features.md)) is added by a few lines; what it does not say is as the built-in one of its name has it:

\`\`\`yaml
departments:
  backend:
    owns: [src/api/**, migrations/**]
    reviews: frontend
  legal:
    prompt: prompts/legal.md
    reviews: ['**/LICEN[CS]E*', package.json]
    veto: true
    model: haiku
    budget: $2
contracts:
  - files: src/types/**
    owner: backend
\`\`\`

| option | default | what it does | variable | flag |
|---|---|---|---|---|
${rows.join('\n')}
`
}

/** For editors: `# yaml-language-server: $schema=…`. */
export function configJsonSchema(): Record<string, unknown> {
  const properties: Record<string, Record<string, unknown>> = {}
  for (const name of optionNames) {
    const { path, kind, doc } = optionOf(name)
    const [first = '', second] = path.split('.')
    const leaf = { ...kind.jsonSchema, description: doc, ...defaultOf(name) }
    if (second === undefined) properties[first] = leaf
    else {
      const group = (properties[first] ??= { type: 'object', additionalProperties: false, properties: {} })
      Object.assign(group.properties as object, { [second]: leaf })
    }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'orch.yaml',
    type: 'object',
    additionalProperties: false,
    properties,
  }
}

/** What `orch init` writes: every option as a comment with its default, those that were found out set. */
export function renderConfigTemplate(found: { readonly validate?: readonly Step[]; readonly setup?: string } = {}): string {
  const blocks: string[] = [
    '# orch.yaml: how orch works in this repository. Everything is optional; what is commented out shows the default.',
  ]
  let group = ''
  for (const name of optionNames) {
    const { path, doc, kind, scope, default: value } = optionOf(name)
    if (scope === 'user') continue
    const [first = '', second] = path.split('.')
    const set = name === 'validate' ? found.validate : name === 'setup' ? found.setup : undefined
    const plain = set ?? value
    const written = yamlValue(plain === undefined || plain === null ? '' : kind.write(plain), set !== undefined)
    if (second === undefined) blocks.push(`# ${doc}\n${set === undefined ? '# ' : ''}${first}:${written}`.trimEnd())
    else blocks.push(`${group === first ? '' : `# ${first}:\n`}#   # ${doc}\n#   ${second}:${written}`)
    group = first
  }
  return `${blocks.join('\n\n').replace(/\n\n(?=# {3})/g, '\n')}\n`
}

/** What follows a key and its colon. A list of steps stands below it, one a line. */
function yamlValue(value: unknown, isSet: boolean): string {
  if (!isSet || !Array.isArray(value)) return ` ${yamlInline(value)}`
  return value
    .map((step: object) =>
      Object.entries(step).map(([key, inner], index) => `\n${index === 0 ? '  - ' : '    '}${key}: ${yamlInline(inner)}`),
    )
    .flat()
    .join('')
}

/** JSON is YAML; plain words stay plain. */
function yamlInline(value: unknown): string {
  return typeof value === 'number' ||
    (typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9 ./_-]*$|^$/.test(value) && !/^(?:true|false|null|yes|no|on|off)$/i.test(value))
    ? String(value)
    : JSON.stringify(value)
}

function defaultOf(name: OptionName): { default?: unknown } {
  const { default: value, kind } = optionOf(name)
  return value === undefined || value === null ? {} : { default: kind.write(value) }
}

function defaultText(name: OptionName): string {
  const { default: value } = defaultOf(name)
  if (value === undefined) return 'unset'
  return Array.isArray(value)
    ? value.length === 0
      ? 'none'
      : value.map((item) => `\`${String(item)}\``).join(' ')
    : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
