import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What Claude Code asks a person once, answered: its looks, whether the repository (and with it its worktrees) is trusted, and whether the key may be used. */
export function settlePerson(home: string, repository: string, key = 'sk-ant-fake'): void {
  const answers = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
    projects: { [repository]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  }
  writeFileSync(join(home, '.claude.json'), JSON.stringify(answers))
}
