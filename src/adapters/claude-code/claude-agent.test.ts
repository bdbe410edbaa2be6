import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { ClaudeScene, claudePrograms } from '../../../test/support/claude/claude-scene.ts'
import { livingProcesses, sessionPids } from '../../../test/support/claude/session-pids.ts'
import { agentContract, contractAnswer, type AgentSubject, type Scenario } from '../../ports/agent.contract.ts'
import { ClaudeAgent } from './claude-agent.ts'

const root = resolve(import.meta.dirname, '../../..')

const scripts: Record<Scenario, string> = {
  answers: 'default:\n  - end: "Here is the answer."\n',
  // The scripted model cannot see the decision; what each decision really does is tested in claude-session.test.ts.
  'asks-permission': 'default:\n  - ask: npm --version > asked.txt\n  - end: "It was allowed or denied."\n',
  // The kill may come before the agent wrote anything of the conversation: then "go on" is its first message.
  'runs-long-tool': `sessions:
  - match: { prompt: go on }
    steps:
      - end: "I went on."
  - match: { prompt: work }
    steps:
      - bash: node -e "setTimeout(() => {}, 600000)"
      - end: "The tool ended."
    turns:
      - when: "go on"
        steps:
          - end: "I went on."
`,
  'answers-in-shape': `default:\n  - tool: { name: StructuredOutput, input: ${JSON.stringify(contractAnswer)} }\n  - end: "done"\n`,
  fails: 'default:\n  - fail: { status: 401, times: always }\n    end: "never"\n',
}

for (const [name, program] of Object.entries(claudePrograms)) {
  agentContract(`claude-code, ${name}`, async (): Promise<AgentSubject> => {
    const scene = new ClaudeScene()
    return {
      agent: new ClaudeAgent({ program }),
      newSpec: (scenario) => scene.newSpec(scripts[scenario]),
      resumedSpec: (spec) => scene.resumedSpec(spec),
      openElsewhere: (spec, message) =>
        spawn(
          process.execPath,
          ['--import', 'tsx', 'test/fixtures/agents/opens-claude-agent.ts', program, JSON.stringify(spec), JSON.stringify(message)],
          { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
        ),
      pids: (spec) => sessionPids(spec.folder),
      living: (spec) => livingProcesses(spec.folder),
      close: () => scene.close(),
    }
  })
}
