export const JSON_OPTION = ['--json', 'print JSON (schema 1) on stdout'] as const
export const DRY_RUN = ['--dry-run', 'say what would happen, change nothing'] as const
export const ALL_PROJECTS = ['--all', 'of every repository, not only this one'] as const
