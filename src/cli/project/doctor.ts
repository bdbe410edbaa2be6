import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { narrated } from '../output.ts'
import { pluginCheck } from '../claude/plugin-check.ts'
import { noticeChecks } from '../notify/notice-checks.ts'
import { acceptFilter } from './accept-filter.ts'
import { agentChecks, gitChecks, machineChecks } from './doctor-checks.ts'
import type { Check } from './doctor-checks.ts'

const MARKS = { good: 'ok  ', warning: 'warn', bad: 'BAD ' } as const

export async function doctor(context: Context, invocation: Invocation): Promise<number> {
  const filter = text(invocation, 'acceptFilter')
  if (filter !== undefined) return acceptFilter(context, invocation, filter)
  const checks = await narrated(context.output, 'checking git, agent and machine', allChecks(context))
  if (flag(invocation, 'json')) context.output.json({ schema: 1, checks })
  else for (const check of checks) context.output.answer(checkLine(check))
  return checks.some((check) => check.state === 'bad') ? EXIT.failed : EXIT.done
}

export function checkLine({ name, state, found, details = [], mend }: Check): string {
  return [
    `${MARKS[state]}  ${name.padEnd(18)} ${plainLine(found)}`,
    ...details.map((detail) => `      ${plainLine(detail, LONGEST_DETAIL)}`),
    ...(mend === undefined ? [] : [`      mend: ${plainLine(mend)}`]),
  ].join('\n')
}

const LONGEST_DETAIL = 2000

async function allChecks(context: Context): Promise<readonly Check[]> {
  const [git, agent, notices] = await Promise.all([gitChecks(context), agentChecks(context), noticeChecks(context)])
  return [...machineChecks(context), ...git, ...agent, pluginCheck(context), ...notices]
}
