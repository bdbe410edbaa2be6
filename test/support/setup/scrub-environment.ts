// Tests see no git or Claude configuration of the person who runs them, and never a real key.
for (const name of Object.keys(process.env)) {
  if (/^(GIT_|CLAUDE|ANTHROPIC_|ORCH_)/.test(name)) delete process.env[name]
}
process.env.GIT_CONFIG_GLOBAL = '/dev/null'
process.env.GIT_CONFIG_SYSTEM = '/dev/null'
process.env.GIT_AUTHOR_NAME = process.env.GIT_COMMITTER_NAME = 'Test Person'
process.env.GIT_AUTHOR_EMAIL = process.env.GIT_COMMITTER_EMAIL = 'test@example.com'
