import type { CommandSpec } from '../command-spec.ts'
import { DRY_RUN, JSON_OPTION } from '../common-options.ts'

export const featureCommands: readonly CommandSpec[] = [
  {
    name: 'feature',
    group: 'Fleet:',
    summary: 'one goal split over departments: a session each, that land together or not at all',
    operands: '<text>',
    options: [
      ['-d, --departments <names>', 'the departments, separated by commas; else those of the text or of orch.yaml'],
      ['--name <name>', 'what it is called; else made from the text'],
      ['--without <phases>', 'of foundation, discovery, reviews, integration: those that this one has not'],
      ['--base <rev>', 'start from this commit or branch'],
      ['--land <how>', 'auto: land when it is ready; review: wait for `orch merge`'],
      ['--model <model>', 'the model of its sessions'],
      ['--budget <usd>', 'what all of it may cost'],
      ['--validate <command>', 'check its work with this command'],
      DRY_RUN,
      JSON_OPTION,
    ],
    choices: { '--land': ['auto', 'review'], '--without': ['foundation', 'discovery', 'reviews', 'integration'] },
    names: { '--departments': 'departments' },
    examples: [
      'orch feature "Add payments" -d backend,frontend,security',
      'orch feature "Add payments with departments: backend, frontend" --dry-run',
    ],
    load: async () => (await import('./feature.ts')).feature,
  },
]
