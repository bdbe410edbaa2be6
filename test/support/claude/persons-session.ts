import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { TmuxTerminal } from '../cli/tmux.ts'
import type { FleetScene } from '../fleet/fleet.ts'
import { orchProgram, runToEnd } from '../orch.ts'

const marketplace = resolve(import.meta.dirname, '../../..')
const key = 'sk-ant-fake'

/** A person's home with `orch` on the PATH and its plugin installed, for which Claude Code has no more questions. */
export async function installPlugin({ orch, repository, environment }: FleetScene): Promise<void> {
  symlinkSync(orchProgram, join(orch.home, 'bin', 'orch'))
  mkdirSync(join(orch.home, '.claude'), { recursive: true })
  const known = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
    projects: { [repository]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  }
  writeFileSync(join(orch.home, '.claude.json'), JSON.stringify(known))
  for (const args of [
    ['marketplace', 'add', marketplace],
    ['install', 'orch@orch'],
  ]) {
    const { code, stdout, stderr } = await runToEnd('claude', ['plugin', ...args], { cwd: repository, environment })
    if (code !== 0) throw new Error(`claude plugin ${args.join(' ')}: ${stdout}${stderr}`)
  }
}

/** Claude Code as a person has it in a terminal. */
export function openClaude({ repository, environment }: FleetScene, args: readonly string[] = []): Promise<TmuxTerminal> {
  return TmuxTerminal.open(['claude', '--permission-mode', 'default', ...args], {
    columns: 120,
    rows: 50,
    cwd: repository,
    environment: { ...environment, DISABLE_AUTOUPDATER: '1' },
  })
}
